package hwtest

import (
	"slices"
	"sync"
	"testing"
	"time"

	"callbox/hal"
	"callbox/hal/dahdi"
	"callbox/hal/haltest"
)

// The kernel's dahdi_dynamic_loc is a wire between two spans. An FXO port at one end and an FXS port at the other are each
// other's far end, so that both are tested, by the other's suite too.
const (
	lineEnd  = "0:0"
	phoneEnd = "0:1"
)

var wires = sync.OnceValue(func() error {
	for _, end := range []string{lineEnd, phoneEnd} {
		if err := createSpan("loc", end, 2, 0); err != nil {
			return err
		}
	}
	return nil
})

// openWires opens both ends.
func openWires(t *testing.T) *dahdi.Driver {
	t.Helper()
	if err := wires(); err != nil {
		t.Fatal(err)
	}
	d, err := dahdi.Open(dahdi.Options{
		FXO: []dahdi.PortOptions{{Card: "DYN/loc/" + lineEnd, Port: 2, EchoCanceller: "mg2"}},
		FXS: []dahdi.PortOptions{{Card: "DYN/loc/" + phoneEnd, Port: 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// An end is one end's user: a goroutine that takes in its events and has its media loop.
type end struct {
	mu     sync.Mutex
	say    []int16
	heard  []int16
	stop   chan struct{}
	ended  chan struct{}
	onTick func() // with mu held
}

// An ear and mouth are what both kinds of port have.
type earAndMouth interface {
	Hear(*hal.Block)
	Say(*hal.Block)
}

func runEnd[E any](t *testing.T, e *end, port earAndMouth, events <-chan E, on func(E)) {
	e.stop, e.ended = make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(e.stop); <-e.ended })
	ticks := time.NewTicker(20 * time.Millisecond)
	go func() {
		defer close(e.ended)
		defer ticks.Stop()
		for {
			select {
			case <-e.stop:
				return
			case event := <-events:
				e.mu.Lock()
				on(event)
				e.mu.Unlock()
			case <-ticks.C:
				e.tick(port)
			}
		}
	}()
}

func (e *end) tick(port earAndMouth) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var heard, said hal.Block
	port.Hear(&heard)
	e.heard = append(e.heard, heard[:]...)
	e.say = e.say[copy(said[:], e.say):]
	port.Say(&said)
	e.onTick()
}

func (e *end) Play(samples []int16) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.say = samples
}

func (e *end) Heard() []int16 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.heard)
}

// An exchange serves the line from the FXS port: a haltest.Exchange.
type exchange struct {
	end
	port    hal.FXS
	ringing int // ticks of this ring and its pause; 0: no call
	talking bool
	flashed bool
	errors  func(error)
}

func newExchange(t *testing.T, port hal.FXS) *exchange {
	x := &exchange{port: port, errors: func(err error) {
		if err != nil {
			t.Error(err)
		}
	}}
	x.onTick = x.cadence
	runEnd(t, &x.end, port, port.Events(), x.hook)
	return x
}

// cadence rings for 1 s and pauses for 4 s.
func (x *exchange) cadence() {
	const on, period = 50, 250 // ticks
	switch {
	case x.ringing == 0:
		return
	case x.ringing == 1:
		x.errors(x.port.Ring(true))
	case x.ringing == 1+on:
		x.errors(x.port.Ring(false))
	case x.ringing == period:
		x.ringing = 0
	}
	x.ringing++
}

func (x *exchange) hook(e hal.FXSEvent) {
	switch e {
	case hal.OffHook:
		x.talking, x.ringing = x.ringing > 0, 0
		x.heard = nil
	case hal.OnHook:
		x.talking = false
	case hal.HookFlash:
		x.flashed = true
	}
}

func (x *exchange) Ring() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ringing = 1
}

func (x *exchange) HangUp() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.talking {
		x.talking = false
		x.errors(x.port.Disconnect())
		return
	}
	x.ringing = 0
	x.errors(x.port.Ring(false))
}

func (x *exchange) Talking() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.talking
}

func (x *exchange) Flashed() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.flashed
}

func (x *exchange) Polarity() bool { return false }

// A phone is the telephone at the FXS port, played by the FXO port: a haltest.Phone.
type phone struct {
	end
	line    hal.FXO
	ringing bool
	lost    time.Time
	opened  int
	turned  bool
	errors  func(error)
}

func newPhone(t *testing.T, line hal.FXO) *phone {
	p := &phone{line: line, errors: func(err error) {
		if err != nil {
			t.Error(err)
		}
	}}
	p.onTick = func() {}
	runEnd(t, &p.end, line, line.Events(), p.wire)
	return p
}

func (p *phone) wire(e hal.FXOEvent) {
	switch e {
	case hal.RingOn, hal.RingOff:
		p.ringing = e == hal.RingOn
	case hal.Reversed, hal.Normal:
		p.turned = e == hal.Reversed
	case hal.BatteryLost:
		p.lost = time.Now()
	case hal.BatteryBack:
		if open := time.Since(p.lost); open > 400*time.Millisecond && open < 1100*time.Millisecond {
			p.opened++
		}
	}
}

func (p *phone) Lift()   { p.errors(p.line.Seize()) }
func (p *phone) HangUp() { p.errors(p.line.Release()) }
func (p *phone) Flash()  { p.errors(p.line.Flash()) }

func (p *phone) Ringing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ringing
}

func (p *phone) Opened() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened
}

func (p *phone) Reversed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.turned
}

func fxoSuite(t *testing.T) {
	haltest.FXO(t, haltest.RealTime, func(t *testing.T) (hal.FXO, haltest.Exchange) {
		d := openWires(t)
		return d.FXO()[0], newExchange(t, d.FXS()[0])
	})
}

func fxsSuite(t *testing.T) {
	haltest.FXS(t, haltest.RealTime, func(t *testing.T) (hal.FXS, haltest.Phone) {
		d := openWires(t)
		return d.FXS()[0], newPhone(t, d.FXO()[0])
	})
}
