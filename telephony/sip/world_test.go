package sip

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
	"callbox/telephony/rtp"
	"callbox/telephony/sip/siptest"
)

// The places of the tests' world.
const (
	boxAt   = "10.0.0.1:5060"
	boxTLS  = "10.0.0.1:5061"
	trunkAt = "10.0.0.2:5060"
	phoneAt = "10.0.0.3:5060"
)

var boxHost = netip.MustParseAddr("10.0.0.1")

// world is one box on a network in memory, with a trunk "ctc" known by its address and a phone 801.
type world struct {
	t      *testing.T
	net    *siptest.Network
	stack  *Stack
	office *office
	tracer *tracer
	config telephony.Config
	stop   func()
}

// inWorld tells a story in a bubble: its hours cost nothing, and no goroutine may be left behind.
func inWorld(t *testing.T, story func(*world)) {
	t.Helper()
	inConfiguredWorld(t, func(*telephony.Config) {}, story)
}

func inConfiguredWorld(t *testing.T, alter func(*telephony.Config), story func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, alter)
		t.Cleanup(func() {
			w.stop()
			if p := w.office.panics(); p != nil {
				t.Errorf("the program panicked: %v\n%s", p[0].What, p[0].Stack)
			}
		})
		story(w)
	})
}

func newWorld(t *testing.T, alter func(*telephony.Config)) *world {
	n := siptest.NewNetwork(1)
	n.SetFaults(siptest.Faults{Latency: time.Millisecond})
	w := &world{t: t, net: n, office: newOffice(), tracer: &tracer{}}
	w.config = telephony.Config{
		Trunks: []telephony.Trunk{{ID: "ctc", Name: "Carrier", Way: telephony.BothWays, Host: trunkAt, DTMF: "auto", Numbers: []string{"62340000"}}},
		Phones: []telephony.Phone{{Extension: "801", Name: "Reception", Password: "secret801"}},
	}
	alter(&w.config)
	cert, _ := selfSigned(t)
	w.stack = New(Options{
		Office: w.office, UDP: n.Listen(boxAt), TCP: n.ListenStream(boxAt),
		TLS: tls.NewListener(n.ListenStream(boxTLS), &tls.Config{Certificates: []tls.Certificate{cert}}), Dial: n.Dialer(boxHost), Advertise: boxHost,
		Media:     func() (rtp.Conn, error) { return n.ListenMedia(boxHost, 10000, 20000) },
		UserAgent: "callbox", Tracer: w.tracer,
	})
	w.stack.Configure(&w.config)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.stack.Run(ctx)
	}()
	w.stop = func() {
		cancel()
		<-done
	}
	synctest.Wait()
	return w
}

// line is a line of the box.
func (w *world) line(id string) telephony.Line {
	w.t.Helper()
	l, ok := w.stack.Line(id)
	if !ok {
		w.t.Fatalf("there is no line %s", id)
	}
	return l
}

// office is the exchange of the tests: it keeps what it is told.
type office struct {
	arrivals chan telephony.Arrival
	mu       sync.Mutex
	states   map[string]telephony.LineStatus
	entries  []telephony.Entry
}

func newOffice() *office {
	return &office{arrivals: make(chan telephony.Arrival, 2000), states: map[string]telephony.LineStatus{}}
}

func (o *office) Arrive(a telephony.Arrival) { o.arrivals <- a }

func (o *office) LineChanged(s telephony.LineStatus) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.states[s.ID] = s
}

func (o *office) Append(e telephony.Entry) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.entries = append(o.entries, e)
}

// panics are those that were journaled.
func (o *office) panics() (found []telephony.Panicked) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, e := range o.entries {
		if p, ok := e.Fact.(telephony.Panicked); ok {
			found = append(found, p)
		}
	}
	return found
}

// state is a line's state as the office was told, "idle 0".
func (w *world) state(id string) string {
	time.Sleep(10 * time.Millisecond) // what is on the wire arrives
	synctest.Wait()
	w.office.mu.Lock()
	defer w.office.mu.Unlock()
	s := w.office.states[id]
	return fmt.Sprint(s.State, " ", s.Busy)
}

func (w *world) expectState(id, want string) {
	w.t.Helper()
	if got := w.state(id); got != want {
		w.t.Errorf("%s is %q, want %q", id, got, want)
	}
}

// arrival waits for a call.
func (w *world) arrival() telephony.Arrival {
	w.t.Helper()
	select {
	case a := <-w.office.arrivals:
		return a
	case <-time.After(time.Minute):
		w.t.Fatal("no call arrived")
		panic("unreachable")
	}
}

func (w *world) noArrival() {
	w.t.Helper()
	synctest.Wait()
	select {
	case a := <-w.office.arrivals:
		w.t.Fatalf("a call arrived: %v from %v", a.Leg, a.Caller)
	default:
	}
}

// expectEvents waits for the events of a leg and compares them in words.
func (w *world) expectEvents(l telephony.Leg, want ...string) {
	w.t.Helper()
	for _, e := range want {
		select {
		case got, ok := <-l.Events():
			if !ok {
				w.t.Fatalf("%v: no more events, want %s", l, e)
			}
			if s := eventText(got); s != e {
				w.t.Fatalf("%v: %s, want %s", l, s, e)
			}
		case <-time.After(10 * time.Minute):
			w.t.Fatalf("%v: nothing happened, want %s", l, e)
		}
	}
}

// expectEnd waits for the release and for the channel to close behind it.
func (w *world) expectEnd(l telephony.Leg, want string) {
	w.t.Helper()
	w.expectEvents(l, want)
	if e, ok := <-l.Events(); ok {
		w.t.Errorf("%v: %s after the release", l, eventText(e))
	}
}

func eventText(e telephony.Event) string {
	switch e := e.(type) {
	case telephony.Released:
		by := ""
		if e.ByBox {
			by = " by box"
		}
		return fmt.Sprintf("released %d%s, %s", e.Cause, by, e.Witness)
	case telephony.Speech:
		return "speech " + string(e.Fault)
	case telephony.Held:
		return fmt.Sprintf("held %v", e.On)
	case telephony.Digit:
		return fmt.Sprintf("digit %c", e.Key)
	}
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", e), "telephony."))
}

// noLegs says that no leg's goroutine is left.
func (w *world) noLegs() {
	w.t.Helper()
	synctest.Wait()
	w.stack.legs.each(func(l *leg) { w.t.Errorf("%v is still there", l) })
}

// listen turns a port's crank as the matrix does, until stop.
func (w *world) listen(p telephony.Port) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(telephony.Tick)
		defer tick.Stop()
		var f telephony.Frame
		for {
			select {
			case <-tick.C:
				p.Hear(&f)
				p.Say(&f)
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

// silentConn is a socket for speech on which nothing comes.
type silentConn struct{}

func (silentConn) TryRead([]byte) (int, netip.AddrPort, bool) { return 0, netip.AddrPort{}, false }
func (silentConn) WriteTo([]byte, netip.AddrPort) error       { return nil }
func (silentConn) Control() rtp.Conn                          { return nil }
func (silentConn) Lock(netip.AddrPort)                        {}
func (silentConn) LocalAddr() netip.AddrPort                  { return netip.MustParseAddrPort("0.0.0.0:10000") }
func (silentConn) Close() error                               { return nil }
