package fxo

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A bench is a wire that does what no exchange should: the test is its far end.
type bench struct {
	events  chan hal.FXOEvent
	refuses error
	far     telephony.Source
	near    interface{ hear(*telephony.Frame) } // nil: nobody listens
	flashes int
}

func (b *bench) Name() string                { return "fxo/1" }
func (b *bench) Events() <-chan hal.FXOEvent { return b.events }
func (b *bench) CancelEcho(bool) bool        { return false }
func (b *bench) Seize() error                { return b.refuses }
func (b *bench) Release() error              { return nil }
func (b *bench) Flash() error                { b.flashes++; return nil }
func (b *bench) Pulse(string) error          { return nil }

func (b *bench) Say(f *hal.Block) {
	if b.near != nil {
		b.near.hear((*telephony.Frame)(f))
	}
}

func (b *bench) Hear(f *hal.Block) {
	clear(f[:])
	if b.far != nil {
		b.far.Next((*telephony.Frame)(f))
	}
}

// onBench runs a story on a line of a bench; nobody listens to its sound.
func onBench(t *testing.T, story func(*bench, *town)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{events: make(chan hal.FXOEvent)}
		w := &town{T: t, begin: time.Now(), arrivals: make(chan telephony.Arrival, 4)}
		w.line = New(Options{Port: b, Office: w, Listen: func(telephony.Port) func() { return func() {} }, Config: &telephony.Config{}})
		go w.line.Run(t.Context())
		synctest.Wait()
		story(b, w)
	})
}

// TestAnotherCaller (GR-30): the box acknowledges the alert as a telephone does, takes the identity, and neither party hears
// more of it than the alert.
func TestAnotherCaller(t *testing.T) {
	far := &secondCall{alert: dsp.NewCallerIDAlert(), ack: dsp.NewDTMFReceiver()}
	p := &path{wire: &bench{far: far, near: far}}
	o := newOperator(speech, dsp.PlanOf("cn"), 0)
	p.operator.Store(o)
	ear := &port{path: p}
	heard := []int16{}
	for range 100 {
		var f telephony.Frame
		ear.Hear(&f)
		heard = append(heard, f[:]...)
		ear.Say(&f)
	}
	if len(o.found) != 1 {
		t.Fatalf("%d findings", len(o.found))
	}
	if want, got := (waits{telephony.Caller{Number: "13800138000", Name: "张三"}}), (<-o.found).event(); got != event(want) {
		t.Errorf("%v, want %v", got, want)
	}
	if rest := heard[telephony.SampleRate/5:]; power(rest) > 1 {
		t.Errorf("the party heard the message at %.0f", power(rest))
	}
}

// A secondCall is an exchange that tells of another caller, if the alert is acknowledged within 100 ms.
type secondCall struct {
	alert telephony.Source // and then the message
	ack   *dsp.DTMFReceiver
	since int // ticks
}

func (s *secondCall) Next(f *telephony.Frame) bool {
	if s.since++; s.alert == nil || !s.alert.Next(f) {
		s.alert = nil
	}
	return true
}

func (s *secondCall) hear(f *telephony.Frame) {
	const lastAlert, ackAndDetection = 5, 9
	if key, ok := s.ack.Frame(f); ok && key == 'D' && s.since <= lastAlert+ackAndDetection {
		s.alert = dsp.EncodeCallerID(dsp.CallerID{Number: "13800138000", Name: "张三"}, dsp.FormCallWaiting)
	}
}

func TestFlash(t *testing.T) {
	onBench(t, func(b *bench, w *town) {
		b.events <- hal.RingOn
		leg := w.arrived().Leg
		leg.Answer()
		leg.Press("!")
		synctest.Wait()
		if b.flashes != 1 {
			t.Errorf("%d flashes", b.flashes)
		}
		leg.Release(telephony.CauseNormal)
	})
}

// TestCutWire is a fault that is told, journaled, and over by itself.
func TestCutWire(t *testing.T) {
	onBench(t, func(b *bench, w *town) {
		b.events <- hal.BatteryLost
		time.Sleep(time.Second)
		leg, err := w.line.Dial(telephony.Order{To: "10086"})
		if err != nil {
			t.Fatal(err)
		}
		w.check("an order before it is sure", []string{"1 Released {Cause:27 destination out of order ByBox:false Witness:}"}, w.follow(leg, time.Second))
		time.Sleep(2 * time.Second)
		_, err = w.line.Dial(telephony.Order{To: "10086"})
		var refusal *telephony.Error
		if !errors.As(err, &refusal) || refusal.Code != telephony.Unavailable {
			t.Errorf("an order on a cut wire: %v", err)
		}
		b.events <- hal.BatteryBack
		w.check("states", []string{"0 idle", "2 fault no battery: the wire is cut or unplugged", "3 idle"}, w.told())
		if _, err := w.line.Dial(telephony.Order{To: "10086"}); err != nil {
			t.Errorf("an order when the battery is back: %v", err)
		}
	})
}

// TestOrderInAMomentOfNoBattery: the refused order leaves the line free.
func TestOrderInAMomentOfNoBattery(t *testing.T) {
	onBench(t, func(b *bench, w *town) {
		b.events <- hal.BatteryLost
		leg, err := w.line.Dial(telephony.Order{To: "10086"})
		if err != nil {
			t.Fatal(err)
		}
		w.follow(leg, time.Second)
		b.events <- hal.BatteryBack
		synctest.Wait()
		if _, err := w.line.Dial(telephony.Order{To: "10086"}); err != nil {
			t.Errorf("the line is lost: %v", err)
		}
	})
}

// TestGlare: a ring that the seizure tripped is connected already, so the incoming call wins and the other leg is told.
func TestGlare(t *testing.T) {
	onBench(t, func(b *bench, w *town) {
		out, err := w.line.Dial(telephony.Order{Call: "1-1", To: "10086"})
		if err != nil {
			t.Fatal(err)
		}
		b.events <- hal.RingOn
		b.events <- hal.RingOff
		w.check("outgoing leg", []string{"0 Released {Cause:34 no line available ByBox:false Witness:}"}, w.follow(out, time.Second))
		in := w.arrived()
		in.Leg.Answer()
		out.Release(telephony.CauseNormal) // too late, and not the other leg's
		time.Sleep(time.Minute)
		w.check("states", []string{"0 idle", "0 dialing", "0 talking"}, w.told())
		in.Leg.Release(telephony.CauseNormal)
		w.check("incoming leg", []string{"60 Released {Cause:16 normal clearing ByBox:true Witness:}"}, w.follow(in.Leg, time.Second))
	})
}

func TestPortThatRefuses(t *testing.T) {
	onBench(t, func(b *bench, w *town) {
		b.refuses = errUnplugged
		leg, err := w.line.Dial(telephony.Order{To: "10086"})
		if err != nil {
			t.Fatal(err)
		}
		w.check("events", []string{"0 Released {Cause:27 destination out of order ByBox:false Witness:}"}, w.follow(leg, time.Second))
		w.check("journal", []telephony.Fact{telephony.Oddity{Where: "fxo/1", What: "fault of the port: unplugged while seizing"}}, w.facts)
	})
}

// TestCrackle: a wire that crackles for an hour does not fill the journal.
func TestCrackle(t *testing.T) {
	onBench(t, func(b *bench, w *town) {
		for range 3600 {
			b.events <- hal.RingOn
			b.events <- hal.RingOff
			time.Sleep(time.Second)
		}
		if n := len(w.facts); n != 60 {
			t.Errorf("%d entries in an hour, want one a minute", n)
		}
		w.check("the last", telephony.Fact(telephony.Oddity{Where: "fxo/1", What: "RingOff while ringing (and 59 times in the last minutes)"}), w.facts[59])
	})
}

// TestPanic: a fault of the program in one call ends that call, is journaled, and the line takes the next.
func TestPanic(t *testing.T) {
	onBench(t, func(b *bench, w *town) {
		w.panics = true
		b.events <- hal.RingOn
		time.Sleep(10 * time.Second)
		synctest.Wait()
		w.panics = false
		b.events <- hal.RingOff
		time.Sleep(time.Minute)
		b.events <- hal.RingOn
		w.arrived().Leg.Release(telephony.CauseNormal)
		synctest.Wait()
		if p, ok := w.facts[0].(telephony.Panicked); !ok || p.Where != "fxo/1" || p.What != "the office is on fire" || p.Stack == "" {
			t.Errorf("journal: %+v", w.facts)
		}
	})
}

// TestFlood: digits beyond the bound are dropped, and the release always fits.
func TestFlood(t *testing.T) {
	g := &leg{events: make(chan telephony.Event, legBox)}
	for range 1000 {
		g.tell(telephony.Digit{Key: '5'})
	}
	g.tell(telephony.Identified{})
	g.end(telephony.Released{Cause: telephony.CauseNormal})
	var last telephony.Event
	n := 0
	for e := range g.events {
		last = e
		n++
	}
	if want := (telephony.Released{Cause: telephony.CauseNormal}); last != want || n != mostDigits+2 {
		t.Errorf("%d events, the last %v; want %d and %v", n, last, mostDigits+2, want)
	}
}

// TestTickDoesNotAllocate hears and says for two seconds in each phase: digits, tones and a caller's identity included.
func TestTickDoesNotAllocate(t *testing.T) {
	plan := dsp.PlanOf("cn")
	for _, row := range []struct {
		name string
		what heard
		far  func() telephony.Source
	}{
		{"speech", speech, func() telephony.Source { g, _ := dsp.NewDTMF("1234567890"); return g }},
		{"answers", answers, func() telephony.Source { return dsp.NewCadence(plan.Tone(dsp.Busy)) }},
		{"caller's identity", callerID, func() telephony.Source { return dsp.NewCadence(plan.Tone(dsp.Dial)) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := &path{wire: &bench{far: row.far()}}
			p.echo.Store(&canceller{EchoCanceller: dsp.NewEchoCanceller()})
			o := newOperator(row.what, plan, time.Minute)
			p.operator.Store(o)
			mouth := &port{path: p}
			press, err := dsp.NewDTMF("5")
			if err != nil {
				t.Fatal(err)
			}
			o.key(keying{DTMFGenerator: press})
			var f telephony.Frame
			allocs := testing.AllocsPerRun(100, func() {
				mouth.Hear(&f)
				mouth.Say(&f)
			})
			if allocs != 0 {
				t.Errorf("a tick allocates %v times", allocs)
			}
			if row.what != callerID && len(o.found) == 0 {
				t.Error("nothing was found in two seconds")
			}
		})
	}
}

func BenchmarkTick(b *testing.B) {
	plan := dsp.PlanOf("cn")
	for name, what := range map[string]heard{"nothing": nothing, "caller": callerID, "answers": answers, "speech": speech} {
		b.Run(name, func(b *testing.B) {
			p := &path{wire: &bench{far: dsp.NewCadence(plan.Tone(dsp.Ringback))}}
			p.operator.Store(newOperator(what, plan, time.Minute))
			mouth := &port{path: p}
			var f telephony.Frame
			for b.Loop() {
				mouth.Hear(&f)
				mouth.Say(&f)
			}
		})
	}
}

var errUnplugged = errors.New("unplugged")
