// Package sim is a public exchange in memory, and the people on it: callers who ring the box's lines, numbers that the box
// can dial, and phones that register with the box over real SIP. It is what `boxd --board sim` runs on, for demonstrations,
// for technicians and for tests. The lines ring, feed and clear as a Chinese exchange does (GB/T 3380, YDN 069), with
// faults on request. All time is package time; speech moves only when the box's media loop pulls it, so the exchange stays
// in step with the box whatever the clock does.
//
// Each line has one goroutine that owns its call; the media loop owns the speech path (wire); the two meet in atomics.
package sim

import (
	"errors"
	"fmt"
	"sync"

	"callbox/hal"
	"callbox/telephony/dsp"
)

// Options is what a board's profile says about the exchange.
type Options struct {
	Lines []Service     `json:"lines"` // one per FXO line, in order; empty: eight ordinary lines
	Spans []SpanService `json:"spans"` // one per E1, in order; empty: two
	// Telephones is how many ordinary telephones are plugged into the box's FXS ports; empty: none.
	Telephones int `json:"telephones"`
}

// The exchange of a board that says nothing about it.
const (
	defaultLines = 8
	defaultSpans = 2
)

const mostTelephones = 256

// An Exchange is the public network that the box's lines belong to. Any goroutine may call its verbs.
type Exchange struct {
	lines   []*line
	spans   []hal.Span
	offices []*office // of the spans that belong to the exchange
	wired   []*wiredSpan
	phones  []*Telephone
	stop    chan struct{}
	closing sync.Once
}

// New starts an exchange. Close stops it.
func New(o Options) (*Exchange, error) {
	if len(o.Lines) == 0 {
		o.Lines = make([]Service, defaultLines)
	}
	if len(o.Spans) == 0 {
		o.Spans = make([]SpanService, defaultSpans)
	}
	x := &Exchange{stop: make(chan struct{})}
	for i, s := range o.Lines {
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		x.lines = append(x.lines, newLine(fmt.Sprintf("fxo/%d", i+1), s, dsp.PlanOf("cn"), x.stop))
	}
	for i, s := range o.Spans {
		if err := x.addSpan(i+1, s); err != nil {
			x.Close()
			return nil, err
		}
	}
	if o.Telephones < 0 || o.Telephones > mostTelephones {
		x.Close()
		return nil, fmt.Errorf("%d telephones: give 0 to %d", o.Telephones, mostTelephones)
	}
	for i := range o.Telephones {
		x.phones = append(x.phones, newTelephone(fmt.Sprintf("fxs/%d", i+1)))
	}
	for _, l := range x.lines {
		go l.run()
	}
	for _, o := range x.offices {
		go o.run()
	}
	return x, nil
}

// addSpan makes the nth span, with an office of the exchange or another process at its far end.
func (x *Exchange) addSpan(n int, s SpanService) error {
	name := fmt.Sprintf("e1/%d", n)
	if s.Wire == "" {
		o := newOffice(name, s, dsp.PlanOf("cn"), x.stop)
		x.offices, x.spans = append(x.offices, o), append(x.spans, o)
		return nil
	}
	wire, err := ParseSpanWire(s.Wire)
	if err != nil {
		return err
	}
	w, err := newWiredSpan(name, n, wire)
	if err != nil {
		return err
	}
	x.wired, x.spans = append(x.wired, w), append(x.spans, w)
	return nil
}

// Close ends every call without a word and stops the exchange. It may be called twice.
func (x *Exchange) Close() {
	x.closing.Do(func() {
		close(x.stop)
		for _, w := range x.wired {
			w.close()
		}
	})
}

// Lines are the wires that the box is plugged into: "fxo/1" and so on.
func (x *Exchange) Lines() []hal.FXO {
	lines := make([]hal.FXO, len(x.lines))
	for i, l := range x.lines {
		lines[i] = l
	}
	return lines
}

// Ports are the box's sockets for telephones: "fxs/1" and so on.
func (x *Exchange) Ports() []hal.FXS {
	ports := make([]hal.FXS, len(x.phones))
	for i, t := range x.phones {
		ports[i] = t
	}
	return ports
}

// Telephone is what is plugged into a port, or nil.
func (x *Exchange) Telephone(port string) *Telephone {
	for _, t := range x.phones {
		if t.name == port {
			return t
		}
	}
	return nil
}

// Spans are the E1 ports, "e1/1" and so on.
func (x *Exchange) Spans() []hal.Span { return x.spans }

// Serve changes how the exchange serves a line, from its next call on.
func (x *Exchange) Serve(line string, s Service) error {
	if err := s.check(); err != nil {
		return err
	}
	l, err := x.line(line)
	if err != nil {
		return err
	}
	return l.post(event{kind: served, service: s})
}

// Ring places a call into the box. An empty Line takes the first analogue line that is free, as a hunt group does. It fails when the
// line is in use or the call cannot be.
func (x *Exchange) Ring(c Call) (*Party, error) {
	p, err := newCaller(c)
	if err != nil {
		return nil, err
	}
	if o := x.office(c.Line); o != nil {
		return p, o.offer(p)
	}
	if c.Line != "" {
		l, err := x.line(c.Line)
		if err != nil {
			return nil, err
		}
		return p, l.offer(p)
	}
	for _, l := range x.lines {
		if err = l.offer(p); !errors.Is(err, ErrLineInUse) {
			return p, err
		}
	}
	return nil, fmt.Errorf("no line is free: %w", ErrLineInUse)
}

// Cut cuts the cable of a span, or mends it.
func (x *Exchange) Cut(span string, cut bool) error {
	o := x.office(span)
	if o == nil {
		return fmt.Errorf("the exchange has no span %q", span)
	}
	return o.post(func() { o.cable(cut) })
}

// Called is whom the box dialled last on a line or span, or nil. It is known from the last digit of the number on.
func (x *Exchange) Called(line string) *Party {
	if o := x.office(line); o != nil {
		return o.called.Load()
	}
	l, err := x.line(line)
	if err != nil {
		return nil
	}
	return l.called.Load()
}

// Calls are the far ends of the calls that the lines and spans have now, in their order.
func (x *Exchange) Calls() []*Party {
	var calls []*Party
	for _, l := range x.lines {
		if p := l.current.Load(); p != nil {
			calls = append(calls, p)
		}
	}
	for _, o := range x.offices {
		calls = append(calls, *o.current.Load()...)
	}
	return calls
}

// office is the office of a span, or nil.
func (x *Exchange) office(name string) *office {
	for _, o := range x.offices {
		if o.name == name {
			return o
		}
	}
	return nil
}

func (x *Exchange) line(name string) (*line, error) {
	for _, l := range x.lines {
		if l.name == name {
			return l, nil
		}
	}
	return nil, fmt.Errorf("the exchange has no line %q: it has fxo/1 to fxo/%d", name, len(x.lines))
}
