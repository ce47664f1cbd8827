package e1

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/e1/pritest"
)

// soon is how long a message may take on a busy machine.
const soon = 30 * time.Second

// An interconnect is our span and libpri at the two ends of a wire, in real time.
type interconnect struct {
	*testing.T
	span     *Span
	peer     *pritest.Peer
	arrivals chan telephony.Arrival
}

func (x *interconnect) Arrive(a telephony.Arrival)       { x.arrivals <- a }
func (x *interconnect) LineChanged(telephony.LineStatus) {}
func (x *interconnect) Append(telephony.Entry)           {}

// TestLibpri has libpri as the far end, as the network and as the user: every call ends with the right cause on both sides,
// and no bearer is left behind.
func TestLibpri(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("this runs libpri: CALLBOX_REAL=1 go test ./telephony/e1")
	}
	program := pritest.Build(t)
	for _, story := range []struct {
		title string
		tell  func(*interconnect)
	}{
		{"Q.931 5.2 a call comes in en-bloc, with speech both ways", comesIn},
		{"Q.931 5.2.4 a call comes in digit by digit", comesInDigitByDigit},
		{"Q.931 5.1 a call goes out en-bloc", goesOut},
		{"Q.931 5.1.3 a call goes out digit by digit", goesOutDigitByDigit},
		{"Q.850 the far end refuses", theyRefuse},
		{"Q.850 the box refuses", weRefuse},
		{"Q.931 5.3.5 both ends hang up at once", bothHangUp},
		{"Q.931 5.5 the far end restarts a channel", theyRestart},
		{"30 calls at once while frames are lost and doubled", thirtyCalls},
		{"Q.931 5.8.9 the link is gone for 2 s in mid-call", shortLoss},
		{"Q.931 T309 the link is gone for 120 s in mid-call", longLoss},
	} {
		for side, far := range map[string]string{"user": "network", "network": "user"} {
			t.Run(story.title+"/we are the "+side, func(t *testing.T) {
				t.Parallel()
				story.tell(connect(t, program, side, far))
			})
		}
	}
}

// connect starts both ends and waits for the D-channel. The stories with overlap have a configuration of their own.
func connect(t *testing.T, program, side, far string) *interconnect {
	t.Helper()
	a := pritest.Ports(t, 4)
	wire := fmt.Sprintf("frames:%s,%s,slots:%s,%s", a[0], a[1], a[2], a[3])
	office, err := sim.New(sim.Options{Spans: []sim.SpanService{{Wire: wire}}})
	if err != nil {
		t.Fatal(err)
	}
	x := &interconnect{T: t, arrivals: make(chan telephony.Arrival, 64)}
	x.span = New(Options{Port: office.Spans()[0], Office: x, Config: configured(telephony.SpanConfig{Exclusive: true}), Side: side})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); x.span.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended; office.Close() })
	x.peer = pritest.Start(t, pritest.Options{
		Program: program, Role: far, Local: a[1], Remote: a[0], SlotsLocal: a[3], SlotsRemote: a[2], Span: 1,
	})
	x.peer.Expect(t, "dchan up", soon)
	x.await("the D-channel", func() bool { return x.span.Live().DChannel == "up" })
	return x
}

// await waits until something holds.
func (x *interconnect) await(what string, holds func() bool) {
	x.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(soon); !holds(); <-tick.C {
		if time.Now().After(end) {
			x.Fatalf("%s: not within %v; bearers %v", what, soon, x.busy())
		}
	}
}

// busy are the bearers that are not idle.
func (x *interconnect) busy() (list []string) {
	for _, c := range x.span.Live().Channels {
		if c.State != telephony.ChannelIdle {
			list = append(list, fmt.Sprintf("%d %s", c.Number, c.State))
		}
	}
	return list
}

// rest waits until every bearer is idle.
func (x *interconnect) rest() {
	x.Helper()
	x.await("every bearer to be idle", func() bool { return x.busy() == nil })
}

func (x *interconnect) arrived() telephony.Arrival {
	x.Helper()
	select {
	case a := <-x.arrivals:
		return a
	case <-time.After(soon):
		x.Fatal("no call arrived")
		return telephony.Arrival{}
	}
}

func (x *interconnect) dial(to string) telephony.Leg {
	x.Helper()
	g, err := x.span.Dial(telephony.Order{To: to, From: telephony.Caller{Number: "62345600"}})
	if err != nil {
		x.Fatal(err)
	}
	return g
}

// hears reads a leg's events until one is of the type that is wanted.
func hears[E telephony.Event](x *interconnect, g telephony.Leg) E {
	x.Helper()
	for {
		select {
		case e, open := <-g.Events():
			if want, ok := e.(E); ok {
				return want
			}
			if !open {
				x.Fatalf("%v ended without a %T", g, *new(E))
			}
		case <-time.After(soon):
			x.Fatalf("%v told no %T", g, *new(E))
		}
	}
}

// ends waits for a leg's end and checks its cause.
func (x *interconnect) ends(g telephony.Leg, want telephony.Cause) {
	x.Helper()
	if r := hears[telephony.Released](x, g); r.Cause != want {
		x.Errorf("%v was released with cause %v, want %v", g, r.Cause, want)
	}
}

func comesIn(x *interconnect) {
	x.peer.Do(x.T, "call channel=3 exclusive called=62345600 calling=02187654321 redirecting=02162340000 reason=15")
	a := x.arrived()
	if a.Called != "62345600" || a.Caller.Number != "02187654321" || a.Redirecting != "02162340000" {
		x.Errorf("arrived %+v", a)
	}
	a.Leg.Alert()
	x.peer.Expect(x.T, "alerting 1 .*", soon)
	a.Leg.Answer()
	x.peer.Expect(x.T, "answer 1 .*", soon)
	x.speech(a.Leg, 3)
	x.peer.Do(x.T, "hangup 1 cause=16")
	x.ends(a.Leg, telephony.CauseNormal)
	x.rest()
}

// speech checks that each end hears the other's tone.
func (x *interconnect) speech(g telephony.Leg, channel int) {
	x.Helper()
	x.peer.Do(x.T, "tone channel=%d hz=450", channel)
	x.peer.Do(x.T, "listen channel=%d hz=1000", channel)
	done := make(chan struct{})
	heard := make(chan bool, 1)
	go func() {
		defer close(heard)
		detector, tone := dsp.NewProgress(dsp.PlanOf("cn")), dsp.NewCadence(dsp.Tone{Freqs: []float64{1000}, LevelDBm0: -10})
		tick := time.NewTicker(telephony.Tick)
		defer tick.Stop()
		var f telephony.Frame
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			g.Port().Hear(&f)
			if s, ok := detector.Frame(&f); ok && s == dsp.Dial {
				heard <- true
			}
			tone.Next(&f)
			g.Port().Say(&f)
		}
	}()
	if e := x.peer.Expect(x.T, "level .*", soon); e.Number("dBm0") < -13 || e.Number("dBm0") > -7 {
		x.Errorf("libpri's end hears %s, want -10 dBm0 of our 1000 Hz", e)
	}
	select {
	case <-heard:
	case <-time.After(soon):
		x.Error("we do not hear the 450 Hz of libpri's end")
	}
	close(done)
	for range heard {
	}
}

func comesInDigitByDigit(x *interconnect) {
	x.span.Configure(configured(telephony.SpanConfig{Overlap: true}))
	x.peer.Do(x.T, "call channel=3 exclusive called=6 more=2345601")
	a := x.arrived()
	if a.Called != "62345601" {
		x.Errorf("called %q", a.Called)
	}
	a.Leg.Answer()
	x.peer.Expect(x.T, "answer 1 .*", soon)
	a.Leg.Release(telephony.CauseNormal)
	x.peer.Expect(x.T, "disconnect 1 .* cause=16", soon)
	x.rest()
}

func goesOut(x *interconnect) {
	x.peer.Do(x.T, "incoming proceed alert answer")
	g := x.dial("62340005")
	if e := x.peer.Expect(x.T, "ring .*", soon); e.Value("called") != "62340005" || e.Value("calling") != "62345600" {
		x.Errorf("libpri's end got %s", e)
	}
	hears[telephony.Ringing](x, g)
	hears[telephony.Answered](x, g)
	g.Release(telephony.CauseNormal)
	x.peer.Expect(x.T, "disconnect .* cause=16", soon)
	x.rest()
}

func goesOutDigitByDigit(x *interconnect) {
	x.span.Configure(configured(telephony.SpanConfig{Overlap: true}))
	x.await("the configuration", func() bool { return len(x.span.changed) == 0 })
	x.peer.Do(x.T, "incoming digits=8 proceed alert answer")
	g := x.dial("62340005")
	hears[telephony.Answered](x, g)
	x.peer.Do(x.T, "hangup 1 cause=16")
	x.ends(g, telephony.CauseNormal)
	x.rest()
}

func theyRefuse(x *interconnect) {
	for _, cause := range []telephony.Cause{1, 17, 18, 19, 21, 27, 28, 34, 38, 41, 42, 57, 88} {
		x.peer.Do(x.T, "incoming proceed")
		g := x.dial("62340005")
		call := x.peer.Expect(x.T, "ring .*", soon).Call()
		x.peer.Do(x.T, "hangup %d cause=%d", call, cause)
		x.ends(g, cause)
		x.rest()
	}
}

func weRefuse(x *interconnect) {
	for _, cause := range []telephony.Cause{1, 17, 18, 19, 21, 27, 28, 34, 38, 41, 42, 57, 88} {
		x.peer.Do(x.T, "call channel=3 exclusive called=62345600")
		x.arrived().Leg.Release(cause)
		x.peer.Expect(x.T, fmt.Sprintf("disconnect .* cause=%d", cause), soon)
		x.rest()
	}
}

func bothHangUp(x *interconnect) {
	for range 10 {
		x.peer.Do(x.T, "call channel=3 exclusive called=62345600")
		call := x.peer.Expect(x.T, "calling .*", soon).Call()
		g := x.arrived().Leg
		g.Answer()
		x.peer.Expect(x.T, "answer .*", soon)
		x.peer.Do(x.T, "hangup %d cause=16", call)
		g.Release(telephony.CauseNormal)
		x.ends(g, telephony.CauseNormal)
		x.rest()
	}
}

func theyRestart(x *interconnect) {
	x.peer.Do(x.T, "call channel=3 exclusive called=62345600")
	g := x.arrived().Leg
	g.Answer()
	x.peer.Expect(x.T, "answer .*", soon)
	x.peer.Do(x.T, "restart channel=3")
	x.ends(g, telephony.CauseTemporary)
	x.peer.Expect(x.T, "restart_ack .*", soon)
	x.rest()
}

func thirtyCalls(x *interconnect) {
	x.peer.Do(x.T, "incoming proceed alert answer")
	x.peer.Do(x.T, "lossy lose=5 twice=5 seed=7")
	var legs []telephony.Leg
	for n := 1; n <= 15; n++ { // they take the lower half, we the upper
		x.peer.Do(x.T, "call channel=%d exclusive called=62345600", n)
		legs = append(legs, x.dial("62340005"))
	}
	for range 15 {
		g := x.arrived().Leg
		g.Answer()
		legs = append(legs, g)
	}
	for _, g := range legs[:15] {
		hears[telephony.Answered](x, g)
	}
	x.await("thirty calls", func() bool { return len(x.busy()) == 30 })
	for _, g := range legs {
		g.Release(telephony.CauseNormal)
	}
	for _, g := range legs {
		x.ends(g, telephony.CauseNormal)
	}
	x.rest()
}

// inMidCall has a call up on channel 3 when the link is cut.
func (x *interconnect) inMidCall(seconds int) telephony.Leg {
	x.Helper()
	x.peer.Do(x.T, "call channel=3 exclusive called=62345600")
	g := x.arrived().Leg
	g.Answer()
	x.peer.Expect(x.T, "answer .*", soon)
	x.peer.Do(x.T, "cut seconds=%d", seconds)
	x.peer.Expect(x.T, "cut over", time.Duration(seconds)*time.Second+soon)
	return g
}

func shortLoss(x *interconnect) {
	g := x.inMidCall(2)
	if len(g.Events()) > 0 {
		x.Errorf("the call did not outlive the loss: %#v", <-g.Events())
	}
	x.peer.Do(x.T, "hangup 1 cause=16")
	x.ends(g, telephony.CauseNormal)
	x.rest()
}

// longLoss: libpri waits for 6 s, we for 90 (Q.931 table 9-1).
func longLoss(x *interconnect) {
	g := x.inMidCall(120)
	x.ends(g, telephony.CauseOutOfOrder)
	x.peer.Expect(x.T, "hangup 1 .*", soon)
	x.await("the D-channel", func() bool { return x.span.Live().DChannel == "up" })
	x.rest()
	x.peer.Do(x.T, "incoming proceed alert answer")
	g = x.dial("62340005")
	hears[telephony.Answered](x, g)
	g.Release(telephony.CauseNormal)
	x.rest()
}
