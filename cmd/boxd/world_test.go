package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/board"
	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/acd"
	"callbox/telephony/rtp"
	"callbox/telephony/sip/siptest"
)

// world is a whole box in a bubble: the simulated exchange, an in-memory network, agents' phones, virtual time.
type world struct {
	t       *testing.T
	net     *siptest.Network
	x       *sim.Exchange
	box     *Box
	phones  map[string]*sim.Phone
	callers map[string]*sim.Party
	stop    context.CancelFunc
	ended   chan struct{}
	data    string
	hosts   int // addresses given to phones
}

const boxAddr = "10.0.0.1"

// newWorld starts a box with the configuration. It must be called in a bubble, and closed there.
func newWorld(t *testing.T, cfg *telephony.Config) *world {
	t.Helper()
	return newWorldOn(t, siptest.NewNetwork(1), cfg)
}

// newWorldOn is newWorld on a network of the test's own.
func newWorldOn(t *testing.T, network *siptest.Network, cfg *telephony.Config) *world {
	t.Helper()
	w := &world{
		t: t, net: network, phones: map[string]*sim.Phone{}, callers: map[string]*sim.Party{}, data: t.TempDir(),
	}
	b, err := board.Open("sim", board.Wires{})
	if err != nil {
		t.Fatal(err)
	}
	w.x = b.Sim
	host := netip.MustParseAddr(boxAddr)
	w.box, err = Open(Options{
		Version: "test", Board: b, Data: w.data, Initial: cfg, Log: slog.New(slog.DiscardHandler),
		UDP: w.net.Listen(boxAddr + ":5060"), TCP: w.net.ListenStream(boxAddr + ":5060"), Advertise: host,
		Media: func() (rtp.Conn, error) { return w.net.ListenMedia(host, 20000, 29999) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	w.stop, w.ended = stop, make(chan struct{})
	go func() {
		defer close(w.ended)
		if err := w.box.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	time.Sleep(time.Second)
	return w
}

// close hangs up, stops the box and lets go of the bubble's goroutines.
func (w *world) close() {
	for _, p := range w.phones {
		p.Close()
	}
	w.stop()
	<-w.ended
	w.x.Close()
	if err := w.box.Close(); err != nil {
		w.t.Error(err)
	}
	synctest.Wait()
}

// phone puts an agent's telephone on the network and waits until it is registered.
func (w *world) phone(ext string, shape func(*sim.PhoneOptions)) *sim.Phone {
	w.t.Helper()
	w.hosts++
	host := netip.AddrFrom4([4]byte{10, 0, 1, byte(w.hosts)})
	o := sim.PhoneOptions{
		Extension: ext, Password: phonePassword(ext), Registrar: boxAddr + ":5060", AnswerAfter: 2 * time.Second,
		Conn: w.net.Listen(host.String() + ":5060"),
	}
	o.RTP = func() (net.PacketConn, error) { return w.net.Listen(host.String() + ":0"), nil }
	if shape != nil {
		shape(&o)
	}
	p, err := sim.NewPhone(o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.phones[ext] = p
	time.Sleep(time.Second)
	if s := p.State(); !s.Registered {
		w.t.Fatalf("phone %s is not registered: %s", ext, s.Note)
	}
	return p
}

// agent sets an agent's state.
func (w *world) agent(id string, s telephony.AgentState, phone telephony.Target) {
	w.t.Helper()
	err := w.box.Exchange.Agents().Set(context.Background(), acd.Wish{Agent: id, State: s, Phone: phone, By: "page"})
	if err != nil {
		w.t.Fatal(err)
	}
	synctest.Wait()
}

// ring places a call into the box.
func (w *world) ring(name string, c sim.Call) *sim.Party {
	w.t.Helper()
	p, err := w.x.Ring(c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.callers[name] = p
	return p
}

// adopt takes the tone that a line proposes, by the page's own road.
func (w *world) adopt(line string) {
	w.t.Helper()
	if t, err := (analogue{w.box.FXO}).LearnedTone(line); err != nil || !t.Proposed {
		w.t.Fatalf("line %s proposes nothing: %+v, %v", line, t, err)
	}
	r := httptest.NewRequest(http.MethodPost, "/api/lines/"+url.PathEscape(line)+"/tone", nil)
	answer := httptest.NewRecorder()
	w.box.Web().LocalHandler().ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		w.t.Fatalf("adopting the tone of %s: %d %s", line, answer.Code, answer.Body)
	}
	synctest.Wait()
}

// telephone is the ordinary telephone of an extension, or nil.
func (w *world) telephone(ext string) *sim.Telephone {
	if p := w.box.Store.Config().Phone(ext); p != nil {
		return w.x.Telephone(p.Port)
	}
	return nil
}

// story is what the journal tells of one call, a line a fact.
func (w *world) story(call telephony.CallID) string {
	w.t.Helper()
	if err := w.box.Store.Sync(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	entries, err := w.box.Store.Story(context.Background(), call)
	if err != nil {
		return "" // there was no such call
	}
	lines := make([]tale, 0, len(entries))
	for _, e := range entries {
		if _, measured := e.Fact.(telephony.LegQuality); measured { // differs from run to run
			continue
		}
		lines = append(lines, tale{seconds(e.Mono - entries[0].Mono), rank(e.Fact), telling(e.Fact)})
	}
	slices.SortStableFunc(lines, func(a, b tale) int {
		if a.rank == b.rank && a.rank > 0 {
			return cmp.Or(a.second-b.second, strings.Compare(a.text, b.text))
		}
		return cmp.Or(a.second-b.second, a.rank-b.rank)
	})
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%5ds %s\n", l.second, l.text)
	}
	return b.String()
}

// tale is a line of a transcript.
type tale struct {
	second, rank int
	text         string
}

// rank puts what has no order of its own within a second behind what has: what legs tell of by themselves, and what the
// recorder's writer does beside the call.
func rank(f telephony.Fact) int {
	switch f := f.(type) {
	case telephony.LegRinging:
		return 1
	case telephony.LegReleased:
		if f.ByBox {
			return 2
		}
	case telephony.CallEnded:
		return 3
	case telephony.Recorded:
		return 4
	}
	return 0
}

// seconds rounds so that stories, which happen at whole and half seconds and a little later, fall well inside one.
func seconds(d time.Duration) int { return int((d + 300*time.Millisecond) / time.Second) }

// phonePassword is what the test configuration gives a phone.
func phonePassword(ext string) string { return "secret-of-" + ext }
