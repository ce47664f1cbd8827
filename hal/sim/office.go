package sim

import (
	"sync/atomic"
	"time"

	"callbox/hal"
	"callbox/telephony/dsp"
	"callbox/telephony/machine"
	"callbox/telephony/q921"
	"callbox/telephony/q931"
)

// A SpanService is how the exchange serves one E1. The zero value is ISDN PRI as Chinese carriers deliver it.
type SpanService struct {
	Number  string `json:"number"`  // what a caller dials who says nothing else
	Overlap bool   `json:"overlap"` // called numbers arrive digit by digit (Q.931 5.2.4)
	PBX     bool   `json:"pbx"`     // the far end is a company's PBX, the user's side of the interface
	Wire    string `json:"wire"`    // another process is the far end (ParseSpanWire); empty: the exchange
}

// An office is the exchange's end of one span. Its goroutine (run) owns everything but the atomics and the span's own boxes.
type office struct {
	*span
	service SpanService
	plan    dsp.Plan
	inbox   chan func()
	called  atomic.Pointer[Party]    // whom the box dialled last
	current atomic.Pointer[[]*Party] // in the order of their bearers

	link    *machine.Host[q921.Event, q921.Action]
	calls   *machine.Host[q931.Event, q931.Action]
	control *q931.Interface
	trunks  [32]*trunk // by bearer
	up      bool       // the D-channel
	cut     bool       // the cable
}

func newOffice(name string, s SpanService, plan dsp.Plan, stop <-chan struct{}) *office {
	o := &office{span: newSpan(name, stop), service: s, plan: plan, inbox: make(chan func(), inboxSize)}
	o.current.Store(&[]*Party{})
	linkSide, callSide := q921.Network, q931.Network
	if s.PBX {
		linkSide, callSide = q921.User, q931.User
	}
	link := q921.New(linkSide)
	o.link = machine.New(link.Step, func(t machine.Timer) q921.Event { return q921.Expired{Timer: t} }, o.linked)
	o.control = q931.New(q931.Options{Side: callSide})
	o.calls = machine.New(o.control.Step, func(t machine.Timer) q931.Event { return q931.Expired{Timer: t} }, o.told)
	return o
}

func (o *office) run() {
	defer o.shut()
	go o.teller.run()
	o.link.Step(q921.PhysicalUp{})
	o.link.Step(q921.Establish{})
	for {
		select {
		case f := <-o.frames:
			if !o.cut {
				o.link.Step(q921.Received{Octets: f})
			}
		case <-o.link.Alarm():
			o.link.Expire()
		case <-o.calls.Alarm():
			o.calls.Expire()
		case act := <-o.inbox:
			act()
		case <-o.stop:
			return
		}
	}
}

func (o *office) shut() {
	for _, t := range o.trunks {
		o.end(t, Released)
	}
	o.link.Close()
	o.calls.Close()
}

// post hands an act to the office's goroutine.
func (o *office) post(act func()) error {
	select {
	case o.inbox <- act:
		return nil
	case <-o.stop:
		return errClosed
	}
}

// linked does what layer 2 wants done.
func (o *office) linked(a q921.Action) {
	switch a := a.(type) {
	case q921.Send:
		if !o.cut {
			o.frame(a.Octets)
		}
	case q921.Established:
		o.up = true
		o.calls.Step(q931.LinkUp{})
	case q921.Released:
		o.up = false
		o.calls.Step(q931.LinkDown{})
		o.establishLater()
	case q921.Indicate:
		o.calls.Step(q931.Received{Octets: a.Octets})
	case q921.Fault: // an exchange counts it
	}
}

// establishPause is how long an exchange waits before it tries again to reach a box that did not answer.
const establishPause = 5 * time.Second

func (o *office) establishLater() {
	time.AfterFunc(establishPause, func() {
		_ = o.post(func() {
			if !o.up && !o.cut {
				o.link.Step(q921.Establish{})
			}
		})
	})
}

// cable cuts the cable, or mends it.
func (o *office) cable(cut bool) {
	if o.cut == cut {
		return
	}
	o.cut = cut
	if cut {
		o.set(hal.LOS)
		o.up = false
		o.link.Step(q921.PhysicalDown{})
		o.calls.Step(q931.LinkDown{})
		return
	}
	o.set(hal.Clear)
	o.link.Step(q921.PhysicalUp{})
	o.link.Step(q921.Establish{})
}
