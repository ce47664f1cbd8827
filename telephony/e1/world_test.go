package e1

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A carrier is a span of the simulated exchange with the box's end of it, and an office that writes down what it is told.
type carrier struct {
	*sim.Exchange
	t        *testing.T
	span     *Span
	born     time.Time
	arrivals chan telephony.Arrival
	states   chan string
	facts    chan telephony.Fact
}

// withCarrier runs a story in a bubble.
func withCarrier(t *testing.T, service sim.SpanService, config telephony.SpanConfig, story func(*carrier)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		service.Number = "62345600"
		x, err := sim.New(sim.Options{Spans: []sim.SpanService{service}})
		if err != nil {
			t.Fatal(err)
		}
		w := &carrier{
			Exchange: x, t: t, arrivals: make(chan telephony.Arrival, 100), states: make(chan string, 1000),
			facts: make(chan telephony.Fact, 1000),
		}
		w.span = New(Options{Port: x.Spans()[0], Office: w, Config: configured(config)})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); w.span.Run(ctx) }()
		defer func() { stop(); <-ended; x.Close() }()
		time.Sleep(time.Second)
		w.born = time.Now()
		story(w)
	})
}

// configured is a configuration with this one span, what it does not say filled in.
func configured(s telephony.SpanConfig) *telephony.Config {
	c := telephony.DefaultConfig()
	s.ID, s.Side = "e1/1", "user"
	if s.Way == "" {
		s.Way = telephony.BothWays
	}
	if s.Select == "" {
		s.Select = "descending"
	}
	if s.Numbers == nil {
		s.Numbers = []string{"62345600", "62345601"}
	}
	c.Spans = []telephony.SpanConfig{s}
	return c
}

func (w *carrier) Arrive(a telephony.Arrival) { w.arrivals <- a }

func (w *carrier) LineChanged(s telephony.LineStatus) {
	w.states <- strings.TrimSpace(fmt.Sprintf("%s %d %s", s.State, s.Busy, s.Detail))
}

func (w *carrier) Append(e telephony.Entry) { w.facts <- e.Fact }

// ring has somebody call the box.
func (w *carrier) ring(c sim.Call) *sim.Party {
	w.t.Helper()
	c.Line = "e1/1"
	p, err := w.Ring(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// arrived is the next call that the office got.
func (w *carrier) arrived() telephony.Arrival {
	w.t.Helper()
	select {
	case a := <-w.arrivals:
		return a
	case <-time.After(time.Minute):
		w.t.Fatal("no call arrived")
		return telephony.Arrival{}
	}
}

// dial places a call and must get a bearer.
func (w *carrier) dial(to string) telephony.Leg {
	w.t.Helper()
	g, err := w.span.Dial(telephony.Order{To: to, From: telephony.Caller{Number: "62345600"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return g
}

// follow writes down what a leg tells in a time, as "1.5 Ringing {}".
func (w *carrier) follow(g telephony.Leg, d time.Duration) (events []string) {
	late := time.After(d)
	for {
		select {
		case e, open := <-g.Events():
			if !open {
				return events
			}
			kind, _ := strings.CutPrefix(fmt.Sprintf("%T", e), "telephony.")
			events = append(events, strings.Replace(fmt.Sprintf("%.1f %s %+v", time.Since(w.born).Seconds(), kind, e), " Quality:<nil>", "", 1))
		case <-late:
			return events
		}
	}
}

// last is "released" for a leg whose end was told.
func (w *carrier) last(g telephony.Leg) string {
	var last telephony.Event
	synctest.Wait()
	for len(g.Events()) > 0 {
		last = <-g.Events()
	}
	if _, ok := last.(telephony.Released); ok {
		return "released"
	}
	return fmt.Sprintf("%T", last)
}

func (w *carrier) check(what string, want, got any) {
	w.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// told are the states of the line since the last time.
func (w *carrier) told() (states []string) {
	synctest.Wait()
	for {
		select {
		case s := <-w.states:
			states = append(states, s)
		default:
			return states
		}
	}
}

// channels are the states of the bearers, as "31 talking": those that are not idle.
func (w *carrier) channels() (list []string) {
	synctest.Wait()
	for _, c := range w.span.Live().Channels {
		if c.State != telephony.ChannelIdle {
			list = append(list, fmt.Sprintf("%d %s", c.Number, c.State))
		}
	}
	return list
}

// odd are the oddities in the journal.
func (w *carrier) odd() (list []string) {
	synctest.Wait()
	for {
		select {
		case f := <-w.facts:
			if o, ok := f.(telephony.Oddity); ok {
				list = append(list, o.What)
			}
		default:
			return list
		}
	}
}

// talk is the media loop of a call: it says the samples and returns what it heard.
func talk(g telephony.Leg, say []int16, d time.Duration) (heard []int16) {
	tick := time.NewTicker(telephony.Tick)
	defer tick.Stop()
	var f telephony.Frame
	for range d / telephony.Tick {
		<-tick.C
		g.Port().Hear(&f)
		heard = append(heard, f[:]...)
		clear(f[:])
		n := copy(f[:], say)
		say = say[n:]
		g.Port().Say(&f)
	}
	return heard
}

// aLaw are samples that A-law passes unchanged.
func aLaw(d time.Duration) []int16 {
	octets := make([]byte, d*telephony.SampleRate/time.Second)
	for i := range octets {
		octets[i] = byte(i*7 + i/256)
	}
	samples := make([]int16, len(octets))
	dsp.DecodeALaw(samples, octets)
	return samples
}

// contains tells whether the part is in the whole, sample by sample.
func contains(whole, part []int16) bool {
	for i := range len(whole) - len(part) + 1 {
		if slices.Equal(whole[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// digitsIn are the keys to be heard.
func digitsIn(samples []int16) (digits string) {
	r := dsp.NewDTMFReceiver()
	for ; len(samples) >= telephony.FrameSamples; samples = samples[telephony.FrameSamples:] {
		if d, ok := r.Frame((*telephony.Frame)(samples)); ok {
			digits += string(d)
		}
	}
	return digits
}
