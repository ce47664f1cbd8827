package hwtest

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"callbox/hal"
	"callbox/hal/dahdi"
	"callbox/telephony"
	"callbox/telephony/e1"
)

// priCalls has the box's own telephony/e1 on the driver, and at the far end of the kernel's span another that is the network:
// calls both ways with speech that is compared bit by bit, an alarm in mid-call, and bearers that are free again.
func priCalls(t *testing.T) {
	far := farSpans(t, 1)[0]
	d := open(t, 1, 20)
	box := newParty(t, d.Spans()[0], "user")
	network := newParty(t, &carrierSpan{far: far, events: make(chan hal.SpanEvent, hal.SpanEventBox)}, "network")
	box.await("the D-channel", func() bool { return box.span.Live().DChannel == "up" && network.span.Live().DChannel == "up" })

	for i := range 3 {
		caller := network.dial(fmt.Sprintf("6234560%d", i))
		a := box.arrived()
		a.Leg.Answer()
		box.await("the answer", func() bool { return network.has(caller, telephony.Answered{}) })
		speak(t, d, far, a.Leg, network.bearer(caller))
		if i%2 == 0 {
			caller.Release(telephony.CauseNormal)
		} else {
			a.Leg.Release(telephony.CauseNormal)
		}
		box.rest(network)
	}
	called := box.dial("62340005")
	arrived := network.arrived()
	arrived.Leg.Alert()
	box.await("ringing", func() bool { return box.has(called, telephony.Ringing{}) })
	arrived.Leg.Answer()
	box.await("the answer", func() bool { return box.has(called, telephony.Answered{}) })
	speak(t, d, far, called, network.bearer(arrived.Leg))

	far.Mute(true)
	box.await("RED", func() bool { return box.span.Live().Alarm != string(hal.Clear) })
	far.Mute(false)
	box.await("the D-channel again", func() bool {
		live := box.span.Live()
		return live.Alarm == string(hal.Clear) && live.DChannel == "up"
	})
	speak(t, d, far, called, network.bearer(arrived.Leg))
	called.Release(telephony.CauseNormal)
	box.rest(network)
}

// A party is a span of telephony/e1 with an office that takes what comes.
type party struct {
	t        *testing.T
	span     *e1.Span
	arrivals chan telephony.Arrival
	seen     map[telephony.Leg][]telephony.Event
}

func newParty(t *testing.T, port hal.Span, side string) *party {
	p := &party{t: t, arrivals: make(chan telephony.Arrival, 8), seen: map[telephony.Leg][]telephony.Event{}}
	p.span = e1.New(e1.Options{Port: port, Office: p, Config: telephony.DefaultConfig(), Side: side})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); p.span.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return p
}

func (p *party) Arrive(a telephony.Arrival)       { p.arrivals <- a }
func (p *party) LineChanged(telephony.LineStatus) {}
func (p *party) Append(e telephony.Entry)         { p.t.Logf("%s: %+v", p.span.Live().Side, e.Fact) }

func (p *party) dial(to string) telephony.Leg {
	p.t.Helper()
	g, err := p.span.Dial(telephony.Order{To: to})
	if err != nil {
		p.t.Fatal(err)
	}
	return g
}

// patience is in the emulated machine's own time.
const patience = time.Minute

func (p *party) arrived() telephony.Arrival {
	p.t.Helper()
	select {
	case a := <-p.arrivals:
		return a
	case <-time.After(patience):
		p.t.Fatal("no call arrived")
		return telephony.Arrival{}
	}
}

func (p *party) await(what string, holds func() bool) {
	p.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !holds(); <-tick.C {
		if time.Now().After(end) {
			p.t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// has tells whether a leg has told an event.
func (p *party) has(g telephony.Leg, want telephony.Event) bool {
	for len(g.Events()) > 0 {
		p.seen[g] = append(p.seen[g], <-g.Events())
	}
	for _, e := range p.seen[g] {
		if e == want {
			return true
		}
	}
	return false
}

// bearer is the timeslot of a leg.
func (p *party) bearer(g telephony.Leg) int {
	for _, c := range p.span.Live().Channels {
		if c.Leg == g.String() {
			return c.Number
		}
	}
	p.t.Fatalf("%v has no bearer", g)
	return 0
}

// rest waits until every bearer is idle at both ends.
func (p *party) rest(other *party) {
	p.t.Helper()
	p.await("every bearer to be idle", func() bool {
		for _, live := range []telephony.LiveSpan{p.span.Live(), other.span.Live()} {
			for _, c := range live.Channels {
				if c.State != telephony.ChannelIdle {
					return false
				}
			}
		}
		return true
	})
}

// speak has both ends of a call speak for a second at once, the box's by its leg and in the driver's time.
func speak(t *testing.T, d *dahdi.Driver, far *farSpan, g telephony.Leg, timeslot int) {
	t.Helper()
	said, answered := speech(uint64(timeslot)), speech(uint64(100+timeslot))
	ticks, stop := d.Clock().Ticks(telephony.Tick)
	defer stop()
	k := &talk{far: far, timeslot: timeslot, slot: legSlot{g.Port()}, said: said, answered: bytes.Clone(answered)}
	for i := range 100 {
		<-ticks
		if i == 25 {
			far.Play(timeslot, said)
		}
		k.tick(i >= 25)
	}
	if !bytes.Contains(k.heard, said) {
		t.Errorf("the box did not hear bearer %d bit by bit", timeslot)
	}
	if !bytes.Contains(far.Heard(timeslot), answered) {
		t.Errorf("the far end did not hear bearer %d bit by bit", timeslot)
	}
}

// A legSlot is a leg's port as a timeslot.
type legSlot struct{ telephony.Port }

func (legSlot) Open() error         { return nil }
func (legSlot) Close() error        { return nil }
func (s legSlot) Hear(b *hal.Block) { s.Port.Hear((*telephony.Frame)(b)) }
func (s legSlot) Say(b *hal.Block)  { s.Port.Say((*telephony.Frame)(b)) }

// A carrierSpan is the far end as a hal.Span for the network's side; its bearers are worked by hand.
type carrierSpan struct {
	far    *farSpan
	events chan hal.SpanEvent
}

func (s *carrierSpan) Name() string { return "e1/1" }

func (s *carrierSpan) Events() <-chan hal.SpanEvent {
	s.far.listen(func(frame []byte) {
		select {
		case s.events <- hal.FrameReceived{Octets: frame}:
		default: // layer 2 sends it again
		}
	})
	return s.events
}

func (s *carrierSpan) Send(frame []byte) error {
	s.far.Send(frame)
	return nil
}

func (s *carrierSpan) Timeslot(n int) hal.Timeslot {
	if n < 1 || n > channels || n == dSlot {
		return nil
	}
	return handSlot{}
}

func (s *carrierSpan) Alarm() hal.SpanAlarm       { return hal.Clear }
func (s *carrierSpan) Counters() hal.SpanCounters { return hal.SpanCounters{} }

type handSlot struct{}

func (handSlot) Open() error       { return nil }
func (handSlot) Close() error      { return nil }
func (handSlot) Hear(b *hal.Block) { clear(b[:]) }
func (handSlot) Say(*hal.Block)    {}
