package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"callbox/telephony/exchange"
	"callbox/webui"
)

// TestClimb: what a rating finds of boxes whose load grows with their calls.
func TestClimb(t *testing.T) {
	p := pace{first: 50, most: 1000, tries: 4}
	for _, c := range []struct {
		title         string
		perCall       float64 // load
		lateFrom      int     // calls with which the media loop is late
		holds         int     // calls of which none is lost
		atLeast, most int
		bound         bool
	}{
		{"a load that grows evenly", 0.001, 9999, 9999, 540, 600, false},
		{"more than the box takes", 0.0001, 9999, 9999, 1000, 1000, true},
		{"a computer that is too small for the first try", 0.02, 9999, 9999, 25, 30, false},
		{"late before it is full", 0.001, 500, 9999, 400, 499, false},
		{"late by the doing of others", 0.001, 0, 9999, 300, 399, false},
		{"calls that are lost", 0.001, 9999, 400, 200, 400, false},
		{"a computer that carries nothing", 1, 0, 9999, 0, 0, false},
	} {
		found, err := p.climb(t.Context(), func(n int) (probe, error) {
			saw := probe{load: exchange.Load{Loop: c.perCall * float64(n)}, held: n <= c.holds}
			if n >= c.lateFrom {
				saw.late = 2 * unpunctual
			}
			return saw, nil
		})
		if err != nil || found.Rated < c.atLeast || found.Rated > c.most || found.Bound != c.bound {
			t.Errorf("%s: %+v, %v; want %d to %d", c.title, found, err, c.atLeast, c.most)
		}
	}
}

// TestRate: a rating in a hurry measures everything with real sockets, and leaves nothing behind, also when it is broken off.
// How fast this computer is, it does not say.
func TestRate(t *testing.T) {
	if testing.Short() {
		t.Skip("this makes real calls")
	}
	hurry := pace{settle: 20 * time.Millisecond, window: 200 * time.Millisecond, bring: 100, first: 2, most: 4, tries: 1}
	data := t.TempDir()
	var out bytes.Buffer
	began := time.Now()
	if err := rate(t.Context(), data, hurry, &out); err != nil {
		t.Fatal(err)
	}
	var c webui.Capacity
	if err := json.Unmarshal(out.Bytes(), &c); err != nil || c.Measured.Before(began) || c.Processors < 1 {
		t.Errorf("the rating says %s (%v)", out.Bytes(), err)
	}
	nothingLeft(t, data)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := rate(ctx, data, hurry, &out); !errors.Is(err, context.Canceled) {
		t.Errorf("a rating that was broken off: %v", err)
	}
	nothingLeft(t, data)
}

// nothingLeft demands that nothing of a rating is in a data directory.
func nothingLeft(t *testing.T, data string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(data, ratingFolder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the rating is left: %v", err)
	}
}
