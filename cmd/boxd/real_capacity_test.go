package main

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"callbox/telephony"
	"callbox/webui"
)

// realSelfTest: a box that runs calls one of its own in another process, over sockets and on the disk.
func realSelfTest(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	var found webui.SelfTest
	for tries := 0; tries < 3 && !found.Passed; tries++ { // on a computer that others use speech comes late
		if err := b.try(http.MethodPost, "/api/selftest", nil, &found); err != nil {
			t.Fatal(err)
		}
	}
	if !found.Passed || len(found.Checks) != 3 {
		t.Errorf("found %+v", found)
	}
	if _, err := os.Stat(filepath.Join(b.seen, selfTestFolder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder is left: %v", err)
	}
}

// realMeasured: a call that comes ends a measurement, and none begins while there is one. Nothing of it is left.
func realMeasured(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	ended := make(chan error, 1)
	go func() { ended <- b.try(http.MethodPost, "/api/capacity", nil, nil) }()
	b.until("the measurement has begun", func() bool {
		_, err := os.Stat(filepath.Join(b.seen, ratingFolder, "config.db"))
		return err == nil
	})
	caller := b.caller(1, "caller", "62340001")
	first := b.play(caller)
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "a call came") {
		t.Errorf("the measurement ended with %v", err)
	}
	nothingLeft(t, b.seen)
	first.succeeds()
	b.quiet(caller.Caller, 1)

	b.play(b.caller(2, "stays", "62340002"))
	b.until("a call is in progress", func() bool {
		var h webui.Health
		b.get("/api/health", &h)
		return h.Calls == 1
	})
	if err := b.try(http.MethodPost, "/api/capacity", nil, nil); err == nil || !strings.Contains(err.Error(), "1 calls are in progress") {
		t.Errorf("a measurement beside a call: %v", err)
	}
	var live telephony.Live
	b.get("/api/live", &live)
	for _, call := range live.Calls {
		b.send(http.MethodPost, "/api/calls/"+string(call.ID)+"/hangup", nil)
	}
}
