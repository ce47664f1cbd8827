package hwtest

import (
	"context"
	"sync"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/fxo"
	"callbox/telephony/fxs"
	"callbox/telephony/media"
)

// wireCalls has the box's own machines at both ends of a wire: telephony/fxs is the exchange, and telephony/fxo its telephone.
func wireCalls(t *testing.T) {
	w := newWire(t)
	t.Run("ring, caller ID, answer, flash; the exchange disconnects", w.exchangeDisconnects)
	t.Run("the telephone hangs up", w.telephoneHangsUp)
	t.Run("the telephone calls, and hears busy tone", w.telephoneCalls)
}

// A wire is both ends of one, each with an office that takes what comes.
type wire struct {
	line     *fxo.Line
	exchange *fxs.Line
	from     *office // of the line
	to       *office // of the exchange
}

func newWire(t *testing.T) *wire {
	d := openWires(t)
	w := &wire{from: newOffice(t), to: newOffice(t)}
	cfg := telephony.DefaultConfig()
	cfg.Lines = []telephony.LineConfig{{ID: "fxo/1"}}
	cfg.Phones = []telephony.Phone{{Extension: "801", Port: "fxs/1"}}
	matrix := media.NewMatrix(d.Clock(), 1)
	listen := func(p telephony.Port) func() {
		b := matrix.Open()
		b.Attach(p)
		return b.Close
	}
	w.line = fxo.New(fxo.Options{Port: d.FXO()[0], Office: w.from, Listen: listen, Config: cfg})
	w.exchange = fxs.New(fxs.Options{
		Port: d.FXS()[0], Office: w.to, Listen: listen, Config: cfg,
		Whole: func(_ *telephony.Config, digits string) bool { return len(digits) == 3 },
	})
	ctx, stop := context.WithCancel(context.Background())
	var box sync.WaitGroup
	box.Go(func() { matrix.Run(ctx) })
	box.Go(func() { w.line.Run(ctx) })
	box.Go(func() { w.exchange.Run(ctx) })
	t.Cleanup(func() { stop(); box.Wait() })
	return w
}

// connect has the exchange call the telephone, which answers.
func (w *wire) connect(t *testing.T) (calling, called telephony.Leg) {
	w.rest(t)
	<-time.After(ringDeaf)
	zhang := telephony.Caller{Number: "13800138000", Name: "张三"}
	calling, err := w.exchange.Dial(telephony.Order{From: zhang})
	if err != nil {
		t.Fatal(err)
	}
	a := w.from.arrived(t)
	if a.Caller != zhang { // who calls is known before the answer
		t.Errorf("%+v calls, want %+v", a.Caller, zhang)
	}
	a.Leg.Answer()
	hear(t, calling, telephony.Ringing{}, telephony.Answered{})
	return calling, a.Leg
}

// ringDeaf is for how long an FXO channel tells no ring after it was opened or hung up.
const ringDeaf = 2500 * time.Millisecond

func (w *wire) exchangeDisconnects(t *testing.T) {
	calling, called := w.connect(t)
	<-time.After(time.Second) // the kernel takes no flash before
	called.Press("!")
	hear(t, calling, telephony.Flashed{})
	calling.Release(telephony.CauseNormal)
	ended(t, called, telephony.Released{Cause: telephony.CauseNormal, Witness: telephony.ByLoopDrop})
	ended(t, calling, telephony.Released{Cause: telephony.CauseNormal, ByBox: true, Witness: telephony.BySignalling})
	w.rest(t)
}

func (w *wire) telephoneHangsUp(t *testing.T) {
	calling, called := w.connect(t)
	called.Release(telephony.CauseNormal)
	ended(t, calling, telephony.Released{Cause: telephony.CauseNormal, Witness: telephony.BySignalling})
	ended(t, called, telephony.Released{Cause: telephony.CauseNormal, ByBox: true})
	w.rest(t)
}

func (w *wire) telephoneCalls(t *testing.T) {
	w.rest(t)
	leg, err := w.line.Dial(telephony.Order{To: "802"})
	if err != nil {
		t.Fatal(err)
	}
	a := w.to.arrived(t)
	if a.Called != "802" {
		t.Errorf("%q was called", a.Called)
	}
	a.Leg.Release(telephony.CauseBusy)
	ended(t, leg, telephony.Released{Cause: telephony.CauseBusy, Witness: telephony.ByBusyTone})
	w.rest(t)
}

// rest waits until both ends are idle.
func (w *wire) rest(t *testing.T) {
	t.Helper()
	w.from.await(t, telephony.LineIdle)
	w.to.await(t, telephony.LineIdle)
}

// hear waits until a leg has told events, others left aside.
func hear(t *testing.T, g telephony.Leg, want ...telephony.Event) {
	t.Helper()
	late := time.After(patience)
	for len(want) > 0 {
		select {
		case e := <-g.Events():
			if e == want[0] {
				want = want[1:]
			}
		case <-late:
			t.Fatalf("%v told no %T", g, want[0])
		}
	}
}

// ended waits for a leg's last event. How sure the line is may be anything.
func ended(t *testing.T, g telephony.Leg, want telephony.Released) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case e := <-g.Events():
			got, last := e.(telephony.Released)
			if !last {
				continue
			}
			if got.Confidence = 0; got != want {
				t.Errorf("%v ended by %+v, want %+v", g, got, want)
			}
			return
		case <-late:
			t.Fatalf("%v does not end", g)
		}
	}
}

// An office takes the calls of one line and knows its newest state.
type office struct {
	t        *testing.T
	arrivals chan telephony.Arrival

	mu    sync.Mutex
	state telephony.LineState
}

func newOffice(t *testing.T) *office { return &office{t: t, arrivals: make(chan telephony.Arrival, 1)} }

func (o *office) Arrive(a telephony.Arrival) { o.arrivals <- a }
func (o *office) Append(e telephony.Entry)   { o.t.Logf("journal: %+v", e.Fact) }

func (o *office) LineChanged(s telephony.LineStatus) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state = s.State
}

func (o *office) arrived(t *testing.T) telephony.Arrival {
	t.Helper()
	select {
	case a := <-o.arrivals:
		return a
	case <-time.After(patience):
		t.Fatal("no call arrived")
		return telephony.Arrival{}
	}
}

func (o *office) await(t *testing.T, want telephony.LineState) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		o.mu.Lock()
		state := o.state
		o.mu.Unlock()
		if state == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the line is %s, want %s", state, want)
		}
	}
}
