// Package board knows the computers that the box runs on. A board is data: profile/NAME.json says which driver its lines have,
// which ports, and which front panel, and profile/NAME.config.json what a new box of that kind starts with. The lines of the
// board "sim" belong to a simulated exchange: each has another service (sim.Service), as the lines of one town do.
package board

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"callbox/hal"
	"callbox/hal/sim"
	"callbox/telephony"
)

//go:embed profile/*.json
var profiles embed.FS

// A Profile is profile/NAME.json.
type Profile struct {
	Driver   string       `json:"driver"`   // of the lines: "sim", or "none" where all of them are SIP
	Sim      *sim.Options `json:"sim"`      // for the driver sim: its lines and spans
	Panels   []Panel      `json:"panels"`   // the first that is there is the front
	Watchdog bool         `json:"watchdog"` // the computer has one
}

// A Board is the hardware of one box, opened.
type Board struct {
	Name  string
	FXO   []hal.FXO
	Spans []hal.Span
	Panel hal.Panel
	Clock hal.Clock
	Sim   *sim.Exchange // the world behind the lines; nil on real boards

	Missing error // why panels that the profile prefers are not the front
	closers []io.Closer
}

// Names are the boards that there are.
func Names() []string {
	var names []string
	files, _ := profiles.ReadDir("profile") // embedded: cannot fail
	for _, f := range files {
		if name := strings.TrimSuffix(f.Name(), ".json"); !strings.HasSuffix(name, ".config") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Open opens the hardware of the named board. Close gives it back.
func Open(name string) (*Board, error) {
	p, err := profile(name)
	if err != nil {
		return nil, err
	}
	b := &Board{Name: name, Clock: hal.SystemClock{}}
	switch p.Driver {
	case "sim":
		if p.Sim == nil {
			p.Sim = &sim.Options{}
		}
		if b.Sim, err = sim.New(*p.Sim); err != nil {
			return nil, fmt.Errorf("board %s: %w", name, err)
		}
		b.FXO, b.Spans = b.Sim.Lines(), b.Sim.Spans()
	case "none":
	default:
		return nil, fmt.Errorf("board %s: its profile names the driver %q, which this program does not have", name, p.Driver)
	}
	b.openPanel(p.Panels)
	return b, nil
}

// Close gives the hardware back.
func (b *Board) Close() {
	if b.Sim != nil {
		b.Sim.Close()
	}
	for _, c := range b.closers {
		c.Close()
	}
}

// profile reads what is known of a board.
func profile(name string) (p Profile, err error) {
	if !slices.Contains(Names(), name) {
		return p, fmt.Errorf("there is no board %q: choose one of %s", name, strings.Join(Names(), ", "))
	}
	text, err := profiles.ReadFile("profile/" + name + ".json")
	if err != nil {
		return p, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("board %s: %w", name, err)
	}
	return p, nil
}

// Config is what a new box of this kind starts with. Its secrets are empty: no password ships with a box, so whoever
// starts one fills them in. A board that brings no configuration starts with telephony's default.
func (b *Board) Config() (*telephony.Config, error) {
	text, err := profiles.ReadFile("profile/" + b.Name + ".config.json")
	if err != nil {
		return telephony.DefaultConfig(), nil
	}
	return telephony.ParseConfig(bytes.NewReader(text))
}
