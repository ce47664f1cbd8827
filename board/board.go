// Package board knows the computers that the box runs on. A board is data: profile/NAME.json says which driver its lines have,
// which ports, and which front panel, and profile/NAME.config.json what a new box of that kind starts with. The lines of the
// board "sim" belong to a simulated exchange: each has another service (sim.Service), as the lines of one town do.
package board

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"callbox/hal"
	"callbox/hal/dahdi"
	"callbox/hal/sim"
	"callbox/telephony"
)

//go:embed profile/*.json
var profiles embed.FS

// A Profile is profile/NAME.json.
type Profile struct {
	Driver   string         `json:"driver"`   // of the lines: "sim", "dahdi", or "none" where all of them are SIP
	Sim      *sim.Options   `json:"sim"`      // for the driver sim: its lines and spans
	DAHDI    *dahdi.Options `json:"dahdi"`    // for the driver dahdi: where its ports are; without it, whatever its cards have
	Panels   []Panel        `json:"panels"`   // the first that is there is the front
	Watchdog bool           `json:"watchdog"` // the computer has one
}

// A Board is the hardware of one box, opened.
type Board struct {
	Name  string
	FXO   []hal.FXO
	FXS   []hal.FXS
	Spans []hal.Span
	// Sides are the end of the interface that the box is, "user" or "network", on spans by their name where it is not as the
	// configuration says.
	Sides map[string]string
	Panel hal.Panel
	Clock hal.Clock
	Sim   *sim.Exchange // the world behind the lines; nil on real boards

	Missing error // why panels that the profile prefers are not the front
	Cards   error // why there are no lines of cards, where there are cards
	closers []func()
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

// Wires say which spans of a simulated board have another process at their far end, whatever the profile says.
type Wires struct {
	Spans map[int]string // by the number of the span, 1 to 16: sim.ParseSpanWire
	Side  string         // of the box there, "user" or "network"; empty: as the configuration says
}

// Open opens the hardware of the named board. Close gives it back.
func Open(name string, wires Wires) (*Board, error) {
	p, err := profile(name)
	if err != nil {
		return nil, err
	}
	b := &Board{Name: name, Clock: hal.SystemClock{}, Sides: map[string]string{}}
	switch p.Driver {
	case "sim":
		err = b.openSim(p, wires)
	case "dahdi":
		err = b.openDAHDI(p)
	case "none":
	default:
		err = fmt.Errorf("its profile names the driver %q, which this program does not have", p.Driver)
	}
	if err != nil {
		return nil, fmt.Errorf("board %s: %w", name, err)
	}
	b.openPanel(p.Panels)
	return b, nil
}

func (b *Board) openSim(p Profile, wires Wires) (err error) {
	if p.Sim == nil {
		p.Sim = &sim.Options{}
	}
	b.wire(p.Sim, wires)
	if b.Sim, err = sim.New(*p.Sim); err != nil {
		return err
	}
	b.FXO, b.FXS, b.Spans = b.Sim.Lines(), b.Sim.Ports(), b.Sim.Spans()
	b.closers = append(b.closers, b.Sim.Close)
	return nil
}

// openDAHDI opens real cards. Their clock paces the box, so that it cannot slip against the network. A card that the profile does not
// name and that cannot be used is no reason for the box not to start.
func (b *Board) openDAHDI(p Profile) error {
	if p.DAHDI != nil {
		return b.openCards(*p.DAHDI)
	}
	found, err := dahdi.Find()
	if err == nil && len(found.Spans)+len(found.FXO)+len(found.FXS) > 0 {
		err = b.openCards(found)
	}
	b.Cards = err
	return nil
}

func (b *Board) openCards(o dahdi.Options) error {
	d, err := dahdi.Open(o)
	if err != nil {
		return err
	}
	b.FXO, b.FXS, b.Spans, b.Clock = d.FXO(), d.FXS(), d.Spans(), d.Clock()
	b.closers = append(b.closers, d.Close)
	return nil
}

// wire puts other processes at the far end of spans.
func (b *Board) wire(o *sim.Options, wires Wires) {
	for n, wire := range wires.Spans {
		for len(o.Spans) < n {
			o.Spans = append(o.Spans, sim.SpanService{})
		}
		o.Spans[n-1].Wire = wire
		if wires.Side != "" {
			b.Sides[fmt.Sprintf("e1/%d", n)] = wires.Side
		}
	}
}

// Close gives the hardware back.
func (b *Board) Close() {
	for _, shut := range b.closers {
		shut()
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
	return parse(name, text)
}

// lampForm is the names of lamps that the panel sets: the box's, and each line's for its calls and for its fault.
var lampForm = regexp.MustCompile(`^(power|ready|alarm|(fxo|e1|trunk)/[^/]+(/fault)?)$`)

// parse reads a profile.
func parse(name string, text []byte) (p Profile, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("board %s: %w", name, err)
	}
	for _, panel := range p.Panels {
		for lamp := range panel.GPIO.Lamps {
			if !lampForm.MatchString(lamp) {
				return p, fmt.Errorf("board %s: nothing lights a lamp %q: choose power, ready, alarm, a line as fxo/1 or e1/1, or its fault as e1/1/fault", name, lamp)
			}
		}
	}
	return p, nil
}

// Config is what a new box of this kind starts with. Its secrets are empty: no password ships with a box, so whoever
// starts one fills them in. A board that brings no configuration starts with telephony's default and the lines that are there.
func (b *Board) Config() (*telephony.Config, error) {
	text, err := profiles.ReadFile("profile/" + b.Name + ".config.json")
	if err == nil {
		return telephony.ParseConfig(bytes.NewReader(text))
	}
	c := telephony.DefaultConfig()
	for i, p := range b.FXO {
		c.Lines = append(c.Lines, telephony.LineConfig{
			ID: p.Name(), Name: fmt.Sprintf("外线%d", i+1), Way: telephony.BothWays, Numbers: []string{},
		})
	}
	for i, p := range b.Spans {
		c.Spans = append(c.Spans, telephony.SpanConfig{
			ID: p.Name(), Name: fmt.Sprintf("中继%d", i+1), Way: telephony.BothWays, Side: "user", Numbers: []string{}, Blocked: []int{},
			Select: "descending", CalledType: "unknown", CallingType: "unknown",
		})
	}
	return c, nil
}
