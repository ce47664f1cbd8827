package fxs

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"callbox/hal"
	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/media"
)

// A desk is one simulated telephone in a box, and an office that writes down what it is told.
type desk struct {
	*testing.T
	*sim.Telephone
	line     *Line
	matrix   *media.Matrix
	arrivals chan telephony.Arrival
	states   []string
	facts    []telephony.Fact
	panics   atomic.Bool
	messages atomic.Bool
	stop     func()
}

// wholeAtThree is a numbering plan of three digits.
func wholeAtThree(_ *telephony.Config, digits string) bool { return len(digits) == 3 }

// atDesk runs a story in a bubble.
func atDesk(t *testing.T, story func(*desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x, err := sim.New(sim.Options{Telephones: 1})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		d := &desk{
			T: t, Telephone: x.Telephone("fxs/1"), arrivals: make(chan telephony.Arrival, 4), matrix: media.NewMatrix(hal.SystemClock{}, 1),
		}
		cfg := telephony.DefaultConfig()
		cfg.Phones = []telephony.Phone{{Extension: "801", Name: "前台"}, {Extension: "811", Name: "门卫", Port: "fxs/1"}}
		d.line = New(Options{
			Port: x.Ports()[0], Office: d, Config: cfg, Whole: wholeAtThree, Messages: func(string) bool { return d.messages.Load() },
			Listen: func(p telephony.Port) func() {
				b := d.matrix.Open()
				b.Attach(p)
				return b.Close
			},
		})
		var box sync.WaitGroup
		box.Go(func() { d.matrix.Run(ctx) })
		box.Go(func() { Lines{d.line}.Run(ctx) })
		d.stop = func() {
			stop()
			box.Wait()
		}
		synctest.Wait()
		story(d)
		d.stop()
		x.Close()
	})
}

func (d *desk) Arrive(a telephony.Arrival) {
	if d.panics.Load() {
		panic("the office is on fire")
	}
	d.arrivals <- a
}

func (d *desk) LineChanged(s telephony.LineStatus) {
	d.states = append(d.states, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", s.ID, s.Name, s.State, s.Detail)))
}

func (d *desk) Append(e telephony.Entry) { d.facts = append(d.facts, e.Fact) }

// arrived waits for a call of the telephone's to reach the office.
func (d *desk) arrived() telephony.Arrival {
	d.Helper()
	select {
	case a := <-d.arrivals:
		return a
	case <-time.After(time.Minute):
		d.Fatal("no call arrived in a minute")
		return telephony.Arrival{}
	}
}

func (d *desk) dial(from string) telephony.Leg {
	d.Helper()
	g, err := d.line.Dial(telephony.Order{Call: "1-1", From: telephony.Caller{Number: from}})
	if err != nil {
		d.Fatal(err)
	}
	return g
}

func (d *desk) check(what string, want, got any) {
	d.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		d.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// toldBy is what a leg tells in a time.
func toldBy(leg telephony.Leg, wait time.Duration) (list []string) {
	for end := time.After(wait); ; {
		select {
		case e, ok := <-leg.Events():
			if !ok {
				return list
			}
			list = append(list, strings.TrimPrefix(fmt.Sprintf("%T", e), "telephony."))
		case <-end:
			return list
		}
	}
}

// tones are those of the country that the telephone has heard.
func (d *desk) tones() (tones []dsp.Signal) {
	detector := dsp.NewProgress(dsp.PlanOf("cn"))
	for samples := range slices.Chunk(d.Heard(), telephony.FrameSamples) {
		var f telephony.Frame
		copy(f[:], samples)
		if s, ok := detector.Frame(&f); ok {
			tones = append(tones, s)
		}
	}
	return tones
}

// TestCall (A1.26): a telephone calls, hears how its call fares, talks, and hears that the other has hung up.
func TestCall(t *testing.T) {
	atDesk(t, func(d *desk) {
		d.Lift()
		time.Sleep(3 * time.Second)
		if err := d.Press("801"); err != nil {
			t.Fatal(err)
		}
		a := d.arrived()
		d.check("arrival", "phone/811 phone/811#1 811/门卫 801", fmt.Sprintf("%s %s %s/%s %s", a.Line, a.Leg, a.Caller.Number, a.Caller.Name, a.Called))
		a.Leg.Alert()
		time.Sleep(6 * time.Second)
		agent := &handset{say: sine(1000, 2*time.Second)}
		bridge := d.matrix.Open()
		bridge.Join(bridge.Attach(a.Leg.Port()), bridge.Attach(agent))
		a.Leg.Answer()
		d.Play(sine(1400, 2*time.Second))
		time.Sleep(3 * time.Second)
		_ = d.Press("5")
		time.Sleep(time.Second)
		a.Leg.Press("9")
		time.Sleep(time.Second)
		a.Leg.Release(telephony.CauseNormal)
		d.check("events", []string{"Digit", "Released"}, toldBy(a.Leg, time.Minute))
		time.Sleep(3 * time.Second)
		bridge.Close()
		<-bridge.Done()
		d.check("tones", []dsp.Signal{dsp.Dial, dsp.Ringback, dsp.Busy}, d.tones())
		if got := energy(agent.heard, 1400); got < 1.9 {
			t.Errorf("the other party heard %.2f s of 2 s", got)
		}
		d.check("loop openings", 1, d.Opened())
		d.HangUp()
		synctest.Wait()
		d.check("states", []string{
			"phone/811 门卫 idle", "phone/811 门卫 dialing", "phone/811 门卫 talking", "phone/811 门卫 dialing off hook", "phone/811 门卫 idle",
		}, d.states)
	})
}

// TestCalled: it rings, shows who calls, and is answered by lifting it.
func TestCalled(t *testing.T) {
	atDesk(t, func(d *desk) {
		leg := d.dial("13800138000")
		time.Sleep(4 * time.Second)
		if id, _ := d.Shown(); id.Number != "13800138000" {
			t.Errorf("the display shows %+v", id)
		}
		if _, err := d.line.Dial(telephony.Order{}); err == nil {
			t.Error("a telephone that rings is rung for another")
		}
		time.Sleep(time.Second + 500*time.Millisecond)
		if !d.Ringing() {
			t.Error("no second ring")
		}
		d.Lift()
		time.Sleep(time.Second)
		d.HangUp()
		d.check("events", []string{"Ringing", "Answered", "Released"}, toldBy(leg, time.Second))
	})
}

// TestFlash: R goes to the call, and so do the keys that follow; the telephone goes on hearing what its call lets it hear.
func TestFlash(t *testing.T) {
	atDesk(t, func(d *desk) {
		leg := d.dial("13800138000")
		time.Sleep(time.Second)
		d.Lift()
		time.Sleep(time.Second)
		far := &handset{say: sine(1000, time.Minute)}
		bridge := d.matrix.Open()
		bridge.Join(bridge.Attach(leg.Port()), bridge.Attach(far))
		before := len(d.Heard())
		d.Flash()
		time.Sleep(4 * time.Second)
		_ = d.Press("8")
		time.Sleep(time.Second)
		heard := d.Heard()[before:]
		bridge.Close()
		<-bridge.Done()
		if got := energy(heard, 1000); got < 4 {
			t.Errorf("after R the telephone heard %.2f s of its call in 5 s", got)
		}
		d.HangUp()
		d.check("events", []string{"Ringing", "Answered", "Flashed", "Digit", "Released"}, toldBy(leg, time.Second))
	})
}

// TestFreeBeforeItsCallHears: whoever is told that the telephone hung up can ring it.
func TestFreeBeforeItsCallHears(t *testing.T) {
	atDesk(t, func(d *desk) {
		leg := d.dial("13800138000")
		time.Sleep(time.Second)
		d.Lift()
		time.Sleep(time.Second)
		d.HangUp()
		for e := range leg.Events() {
			if _, over := e.(telephony.Released); over {
				d.dial("13800138000").Release(telephony.CauseNormal)
			}
		}
	})
}

func TestMessageLamp(t *testing.T) {
	atDesk(t, func(d *desk) {
		d.messages.Store(true)
		time.Sleep(lampTime + time.Second)
		if !d.Lit() {
			t.Error("a message waits and the lamp is dark")
		}
		d.messages.Store(false)
		d.Lift()
		time.Sleep(time.Second)
		d.HangUp()
		synctest.Wait()
		if d.Lit() {
			t.Error("no message waits and the lamp is lit")
		}
	})
}

// TestPortThatNobodyHas is silent to the office, and comes to life by configuration.
func TestPortThatNobodyHas(t *testing.T) {
	atDesk(t, func(d *desk) {
		cfg := *d.line.config.Load()
		phones := cfg.Phones
		cfg.Phones = nil
		Lines{d.line}.Configure(&cfg)
		synctest.Wait()
		if _, err := d.line.Dial(telephony.Order{}); err == nil {
			t.Error("a telephone that nobody has is rung")
		}
		if _, ok := (Lines{d.line}).Line("phone/811"); ok {
			t.Error("the line is known by a name that it no longer has")
		}
		again := cfg
		again.Phones = phones
		d.line.Configure(&again)
		synctest.Wait()
		d.dial("801").Release(telephony.CauseNormal)
	})
}

// TestPanic: a fault of the program in one call ends that call, is journaled, and the telephone works again.
func TestPanic(t *testing.T) {
	atDesk(t, func(d *desk) {
		d.panics.Store(true)
		d.Lift()
		time.Sleep(2 * time.Second)
		_ = d.Press("801")
		time.Sleep(5 * time.Second)
		d.panics.Store(false)
		d.HangUp()
		time.Sleep(restartTime)
		if p, ok := d.facts[0].(telephony.Panicked); !ok || p.Where != "phone/811" {
			t.Errorf("journal: %+v", d.facts)
		}
		d.dial("801").Release(telephony.CauseNormal)
	})
}

func TestStopEndsTheCalls(t *testing.T) {
	atDesk(t, func(d *desk) {
		leg := d.dial("13800138000")
		time.Sleep(time.Second)
		d.Lift()
		time.Sleep(time.Second)
		d.stop()
		d.check("events", []string{"Ringing", "Answered", "Released"}, toldBy(leg, time.Second))
		if _, err := d.line.Dial(telephony.Order{}); err == nil {
			t.Error("a line that has stopped rings")
		}
	})
}

// TestTickDoesNotAllocate hears and says for two seconds, with keys, a tone and digits.
func TestTickDoesNotAllocate(t *testing.T) {
	keys, _ := dsp.NewDTMF("123456789")
	p := &path{wire: &bench{far: keys}, operator: newOperator()}
	g := &leg{}
	g.port = port{leg: g, path: p}
	p.owner.Store(g)
	p.operator.play(dsp.EncodeCallerID(dsp.CallerID{Number: "801"}, dsp.FormMDMF))
	press, _ := dsp.NewDTMF("5")
	p.operator.press(press)
	var f telephony.Frame
	allocs := testing.AllocsPerRun(100, func() {
		g.port.Hear(&f)
		g.port.Say(&f)
	})
	if allocs != 0 || len(p.operator.keys) == 0 {
		t.Errorf("a tick allocates %v times; %d keys were heard", allocs, len(p.operator.keys))
	}
}

// A bench is a port whose telephone is the test.
type bench struct {
	hal.FXS
	far telephony.Source
}

func (b *bench) Hear(f *hal.Block) { b.far.Next((*telephony.Frame)(f)) }
func (b *bench) Say(*hal.Block)    {}

// A handset is a port of a test's own.
type handset struct{ say, heard []int16 }

func (h *handset) Hear(f *telephony.Frame) {
	n := copy(f[:], h.say)
	clear(f[n:])
	h.say = h.say[n:]
}

func (h *handset) Say(f *telephony.Frame) { h.heard = append(h.heard, f[:]...) }

func sine(hz float64, d time.Duration) []int16 {
	s := make([]int16, d*telephony.SampleRate/time.Second)
	for i := range s {
		s[i] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/telephony.SampleRate))
	}
	return s
}

// energy tells how many seconds of a sine of sine's are in the samples (Goertzel, a frame at a time).
func energy(samples []int16, hz float64) (seconds float64) {
	coeff := 2 * math.Cos(2*math.Pi*hz/telephony.SampleRate)
	for frame := range slices.Chunk(samples, telephony.FrameSamples) {
		s1, s2 := 0.0, 0.0
		for _, s := range frame {
			s1, s2 = float64(s)+coeff*s1-s2, s1
		}
		power := (s1*s1 + s2*s2 - coeff*s1*s2) / (telephony.FrameSamples * telephony.FrameSamples / 4)
		if power > 4000*4000 {
			seconds += telephony.Tick.Seconds()
		}
	}
	return seconds
}
