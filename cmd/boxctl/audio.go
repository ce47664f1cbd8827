package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/wav"
)

// ears are the box's own detectors, by the word that asks for them.
var ears = map[string]func(plan dsp.Plan) ear{
	"dtmf":     func(dsp.Plan) ear { return &dtmfEar{receiver: dsp.NewDTMFReceiver()} },
	"progress": func(plan dsp.Plan) ear { return &progressEar{receiver: dsp.NewProgress(plan)} },
	"callerid": func(dsp.Plan) ear { return &callerEar{receiver: dsp.NewCallerIDReceiver()} },
	"mfr2": func(dsp.Plan) ear {
		return chorus{newR2Ear(dsp.R2Forward), newR2Ear(dsp.R2Backward)}
	},
}

// An ear hears a file frame by frame and tells in the end what was in it.
type ear interface {
	hear(f *telephony.Frame)
	heard() []heard
}

// A heard is one event in a file, as --json prints it.
type heard struct {
	AtMS       int64    `json:"at_ms"` // of its beginning
	What       string   `json:"what"`
	Value      string   `json:"value"`
	DurationMS int64    `json:"duration_ms,omitempty"`
	LevelDBm0  *float64 `json:"level_dbm0,omitempty"`
	TwistDB    *float64 `json:"twist_db,omitempty"`
	Direction  string   `json:"direction,omitempty"`
	Name       string   `json:"name,omitempty"`
	Time       string   `json:"time,omitempty"` // MMDDHHMM by the exchange's clock
	Withheld   bool     `json:"withheld,omitempty"`
}

func detectFlags(f *flag.FlagSet, c *ctl) {
	f.StringVar(&c.what, "what", "dtmf,progress,callerid,mfr2", "`detectors`, separated by commas: "+strings.Join(known(ears), ", "))
	tonesFlag(f, c)
}

func tonesFlag(f *flag.FlagSet, c *ctl) {
	f.StringVar(&c.tones, "tones", "cn", "`country` whose tones are meant: "+strings.Join(dsp.Plans(), " "))
}

// plan is the tones that --tones names.
func (c *ctl) plan() (dsp.Plan, error) {
	if p := dsp.PlanOf(c.tones); p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("the tones of %q are not known; --tones takes one of: %s", c.tones, strings.Join(dsp.Plans(), " "))
}

func known[V any](m map[string]V) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// audioDetect reads a WAV file with the detectors that a line has.
func (c *ctl) audioDetect() error {
	plan, err := c.plan()
	if err != nil {
		return err
	}
	var all chorus
	for what := range strings.SplitSeq(c.what, ",") {
		open := ears[what]
		if open == nil {
			return fmt.Errorf("there is no detector %q; --what takes: %s", what, strings.Join(known(ears), ", "))
		}
		all = append(all, open(plan))
	}
	samples, err := soundOf(c.args[0])
	if err != nil {
		return err
	}
	for frame := range slices.Chunk(samples, telephony.FrameSamples) {
		var f telephony.Frame
		copy(f[:], frame)
		all.hear(&f)
	}
	events := all.heard()
	slices.SortStableFunc(events, func(a, b heard) int { return int(a.AtMS - b.AtMS) })
	return c.tellHeard(events)
}

// soundOf reads a WAV file and a second of silence after it, in which a signal that its end cuts off is told.
func soundOf(file string) ([]int16, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	samples, err := wav.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return append(samples, make([]int16, telephony.SampleRate)...), nil
}

// tellHeard prints an object a line, or a table.
func (c *ctl) tellHeard(events []heard) error {
	if c.json {
		e := json.NewEncoder(c.out)
		e.SetEscapeHTML(false)
		for _, h := range events {
			if err := e.Encode(h); err != nil {
				return err
			}
		}
		return nil
	}
	c.table("SECONDS\tWHAT\tVALUE\tLASTS\tDETAIL", func(w io.Writer) {
		for _, h := range events {
			fmt.Fprintf(w, "%.3f\t%s\t%s\t%d ms\t%s\n", float64(h.AtMS)/1000, h.What, h.Value, h.DurationMS, h.detail())
		}
	})
	return nil
}

// detail is the rest of an event in words.
func (h heard) detail() string {
	var parts []string
	if h.LevelDBm0 != nil {
		parts = append(parts, fmt.Sprintf("%.1f dBm0", *h.LevelDBm0))
	}
	if h.TwistDB != nil {
		parts = append(parts, fmt.Sprintf("twist %+.1f dB", *h.TwistDB))
	}
	if h.Withheld {
		parts = append(parts, "withheld")
	}
	return strings.Join(slices.DeleteFunc(append(parts, h.Direction, h.Name, h.Time), func(s string) bool { return s == "" }), ", ")
}

// of fills in when and how a signal sounded.
func (h heard) of(s dsp.Spell) heard {
	h.AtMS, h.DurationMS = max(0, s.Began.Milliseconds()), s.Lasted.Milliseconds()
	h.LevelDBm0 = tenths(s.LevelDBm0)
	return h
}

func tenths(v float64) *float64 {
	v = math.Round(v*10)/10 + 0 // not minus nought
	return &v
}

// A chorus is several ears at once.
type chorus []ear

func (all chorus) hear(f *telephony.Frame) {
	for _, e := range all {
		e.hear(f)
	}
}

func (all chorus) heard() (events []heard) {
	for _, e := range all {
		events = append(events, e.heard()...)
	}
	return events
}

// last keeps the details of the newest event, which grow while it sounds.
func last(events []heard, s dsp.Spell) *heard {
	h := &events[len(events)-1]
	*h = h.of(s)
	return h
}

type dtmfEar struct {
	receiver *dsp.DTMFReceiver
	events   []heard
}

func (e *dtmfEar) hear(f *telephony.Frame) {
	if digit, ok := e.receiver.Frame(f); ok {
		e.events = append(e.events, heard{What: "dtmf", Value: string(digit)})
	}
	if len(e.events) > 0 {
		s := e.receiver.Spell()
		last(e.events, s).TwistDB = tenths(s.TwistDB)
	}
}

func (e *dtmfEar) heard() []heard { return e.events }

type progressEar struct {
	receiver *dsp.Progress
	events   []heard
}

func (e *progressEar) hear(f *telephony.Frame) {
	if signal, ok := e.receiver.Frame(f); ok {
		e.events = append(e.events, heard{What: "progress", Value: string(signal)})
	}
	if len(e.events) > 0 {
		last(e.events, e.receiver.Spell())
	}
}

func (e *progressEar) heard() []heard { return e.events }

type r2Ear struct {
	receiver  *dsp.R2Receiver
	direction dsp.R2Direction
	events    []heard
}

func newR2Ear(d dsp.R2Direction) *r2Ear { return &r2Ear{receiver: dsp.NewR2Receiver(d), direction: d} }

func (e *r2Ear) hear(f *telephony.Frame) {
	if code, changed := e.receiver.Frame(f); changed && code != 0 {
		e.events = append(e.events, heard{What: "mfr2", Value: strconv.Itoa(code), Direction: e.direction.String()})
	}
	if len(e.events) > 0 {
		s := e.receiver.Spell()
		last(e.events, s).TwistDB = tenths(s.TwistDB)
	}
}

func (e *r2Ear) heard() []heard { return e.events }

// callerEar takes the beginning of what sounds when an identity is whole for the beginning of the identity.
type callerEar struct {
	receiver *dsp.CallerIDReceiver
	at       time.Duration
	began    time.Duration // of what sounds
	quiet    time.Duration // since it sounded
	events   []heard
}

// The digits of an identity are up to 100 ms apart, and all of it is far above the noise of a line.
const (
	callerGap  = 200 * time.Millisecond
	callerDBm0 = -45
)

func (e *callerEar) hear(f *telephony.Frame) {
	if dsp.Level(f) > callerDBm0 {
		if e.quiet >= callerGap || e.at == 0 {
			e.began = e.at
		}
		e.quiet = 0
	} else {
		e.quiet += telephony.Tick
	}
	e.at += telephony.Tick
	if id, ok := e.receiver.Frame(f); ok {
		e.events = append(e.events, heard{
			AtMS: e.began.Milliseconds(), What: "callerid", Value: id.Number, Name: id.Name, Time: id.Date, Withheld: id.Withheld,
			DurationMS: (e.at - e.quiet - e.began).Milliseconds(),
		})
	}
}

func (e *callerEar) heard() []heard { return e.events }
