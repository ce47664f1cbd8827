package fxo

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"callbox/hal"
	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/media"
)

// A town is one analogue line of the box on the simulated exchange, and an office that writes down what it is told.
type town struct {
	*testing.T
	*sim.Exchange
	line     *Line
	matrix   *media.Matrix
	begin    time.Time
	stop     func() // the line and the matrix, and waits for them
	arrivals chan telephony.Arrival
	states   []string // of the line, with the second at which each began
	facts    []telephony.Fact
	panics   bool
}

// inTown runs a story in a bubble.
func inTown(t *testing.T, service sim.Service, config telephony.LineConfig, story func(*town)) {
	t.Helper()
	inTownBehind(t, func(_ context.Context, port hal.FXO) hal.FXO { return port }, service, config, story)
}

// inTownBehind is inTown on a card of the test's own.
func inTownBehind(
	t *testing.T, card func(context.Context, hal.FXO) hal.FXO, service sim.Service, config telephony.LineConfig, story func(*town),
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x, err := sim.New(sim.Options{Lines: []sim.Service{service}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		w := &town{T: t, Exchange: x, begin: time.Now(), arrivals: make(chan telephony.Arrival, 4), matrix: media.NewMatrix(hal.SystemClock{}, 1)}
		config.ID = "fxo/1"
		w.line = New(Options{
			Port: card(ctx, x.Lines()[0]), Office: w, Config: &telephony.Config{Site: telephony.Site{Tones: "cn"}, Lines: []telephony.LineConfig{config}},
			Listen: func(p telephony.Port) func() {
				b := w.matrix.Open()
				b.Attach(p)
				return b.Close
			},
		})
		var box sync.WaitGroup
		box.Go(func() { w.matrix.Run(ctx) })
		box.Go(func() { Lines{w.line}.Run(ctx) })
		w.stop = func() {
			stop()
			box.Wait()
		}
		synctest.Wait()
		story(w)
		w.stop()
		x.Close()
	})
}

// A slowCard tells of the wires 100 ms late.
type slowCard struct {
	hal.FXO
	events chan hal.FXOEvent
}

func newSlowCard(ctx context.Context, port hal.FXO) hal.FXO {
	c := &slowCard{port, make(chan hal.FXOEvent, hal.FXOEventBox)}
	go func() {
		for {
			select {
			case e := <-port.Events():
				time.AfterFunc(100*time.Millisecond, func() { c.events <- e })
			case <-ctx.Done():
				return
			}
		}
	}()
	return c
}

func (c *slowCard) Events() <-chan hal.FXOEvent { return c.events }

// Arrive, LineChanged and Append are the office's.
func (w *town) Arrive(a telephony.Arrival) {
	if w.panics {
		panic("the office is on fire")
	}
	w.arrivals <- a
}

func (w *town) LineChanged(s telephony.LineStatus) {
	w.states = append(w.states, w.at(strings.TrimSpace(fmt.Sprintf("%s %s", s.State, s.Detail))))
}

// told is the states, when nobody writes.
func (w *town) told() []string {
	synctest.Wait()
	return w.states
}

func (w *town) Append(e telephony.Entry) { w.facts = append(w.facts, e.Fact) }

// at puts the time into a transcript, in whole seconds: the stories are about order, bounds are tested apart.
func (w *town) at(text string) string {
	return fmt.Sprintf("%.0f %s", time.Since(w.begin).Seconds(), text)
}

// ring calls the line, and arrived waits for the call to reach the office.
func (w *town) ring(c sim.Call) *sim.Party {
	w.Helper()
	p, err := w.Ring(c)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func (w *town) arrived() telephony.Arrival {
	w.Helper()
	select {
	case a := <-w.arrivals:
		return a
	case <-time.After(time.Minute):
		w.Fatal("no call arrived in a minute")
		return telephony.Arrival{}
	}
}

// leftOut is what says nothing: a release that nobody judged.
var leftOut = strings.NewReplacer(" Confidence:0}", "}")

// follow writes down a leg's events until it is released, for d at most, with their times.
func (w *town) follow(leg telephony.Leg, d time.Duration) (transcript []string) {
	for end := time.After(d); ; {
		select {
		case e, ok := <-leg.Events():
			if !ok {
				return transcript
			}
			told := strings.TrimPrefix(fmt.Sprintf("%T %+v", e, e), "telephony.")
			transcript = append(transcript, w.at(leftOut.Replace(told)))
		case <-end:
			return transcript
		}
	}
}

func (w *town) check(what string, want, got any) {
	w.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
