package website

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
	"callbox/telephony/sip"
	"callbox/telephony/webrtc"
)

const shopAt = "https://shop.example"

// office takes what lines tell.
type office struct {
	mu       sync.Mutex
	states   []string
	arrivals []telephony.Arrival
}

func (o *office) Arrive(a telephony.Arrival) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.arrivals = append(o.arrivals, a)
}

func (o *office) LineChanged(s telephony.LineStatus) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.states = append(o.states, fmt.Sprintf("%s %s %d", s.ID, s.State, s.Busy))
}

func (o *office) Append(telephony.Entry) {}

func (o *office) last() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.states[len(o.states)-1]
}

func config() *telephony.Config {
	c := telephony.DefaultConfig()
	c.Websites = []telephony.Website{
		{ID: "shop", Name: "Shop", Origins: []string{shopAt, "https://www.shop.example"}, To: "queue:sales", MaxCalls: 2},
		{ID: "old", Origins: []string{shopAt}, MaxCalls: 2, Disabled: true},
	}
	return c
}

func newSites(browsers func() (*webrtc.Peer, error)) (*Sites, *office) {
	o := &office{}
	s := New(Options{Office: o, Browsers: browsers, Live: func() telephony.Live { return telephony.Live{} }})
	s.Configure(config())
	return s, o
}

// A1.11: who may call, from where, and how many at once.
func TestDoor(t *testing.T) {
	for name, row := range map[string]struct {
		site, origin string
		want         error
	}{
		"as it is meant":                             {"shop", shopAt, nil},
		"the other address":                          {"shop", "https://www.shop.example", nil},
		"RFC 6454 5: another scheme":                 {"shop", "http://shop.example", errOrigin},
		"RFC 6454 5: another port":                   {"shop", shopAt + ":444", errOrigin},
		"RFC 6454 5: a name that only ends the same": {"shop", "https://evil-shop.example", errOrigin},
		"RFC 6454 7.3: a file":                       {"shop", "null", errOrigin},
		"no browser":                                 {"shop", "", errOrigin},
		"no such site":                               {"nowhere", shopAt, errNoSite},
		"switched off":                               {"old", shopAt, errOff},
		"switched off, for a stranger":               {"old", "https://evil.example", errOrigin},
	} {
		s, _ := newSites(nil)
		if _, err := s.door.enter(row.site, row.origin, "192.0.2.1"); err != row.want {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
	}
}

// The bounds of one web site, of one address, and of the addresses remembered.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, o := newSites(nil)
		d := &s.door
		enter := func(from string, want error) *place {
			t.Helper()
			p, err := d.enter("shop", shopAt, from)
			if err != want {
				t.Fatalf("from %s: %v, want %v", from, err, want)
			}
			return p
		}
		first, second := enter("192.0.2.1", nil), enter("192.0.2.2", nil)
		enter("192.0.2.3", errFull)
		d.leave(first)
		third := enter("192.0.2.3", nil)
		d.leave(second)
		d.leave(third)
		if o.last() != "web/shop idle 0" {
			t.Errorf("the line is %s", o.last())
		}

		for range maxBegun - 1 { // one was above
			d.leave(enter("192.0.2.1", nil))
		}
		enter("192.0.2.1", errOften)
		d.leave(enter("192.0.2.2", nil)) // nobody else has to wait
		time.Sleep(window)
		d.leave(enter("192.0.2.1", nil))

		c := config()
		c.Websites[0].MaxCalls = 500
		s.Configure(c)
		var all []*place
		for range maxAtOnce {
			all = append(all, enter("192.0.2.9", nil))
		}
		enter("192.0.2.9", errOften)
		for i := range maxSources {
			if p, err := d.enter("nowhere", shopAt, fmt.Sprint(i)); p != nil || err == nil {
				t.Fatal("let in")
			}
		}
		enter("192.0.2.77", errFull)
		time.Sleep(window)
		all = append(all, enter("192.0.2.77", nil))
		if len(d.sources) != 2 {
			t.Errorf("%d addresses are remembered when all but two are gone", len(d.sources))
		}
		s.Configure(telephony.DefaultConfig()) // a web site may go while visitors talk
		enter("192.0.2.77", errNoSite)
		for _, p := range all {
			d.leave(p)
		}
	})
}

// A browser is the far end of a pipe, of which each write is one message.
type browser struct {
	t    *testing.T
	conn net.Conn
	over chan struct{} // closed when the box serves it no more
}

func visit(t *testing.T, s *Sites, site, origin string) *browser {
	near, far := net.Pipe()
	b := &browser{t, near, make(chan struct{})}
	go func() {
		defer close(b.over)
		s.ServeVisitor(t.Context(), far, site, origin, "192.0.2.1")
	}()
	t.Cleanup(func() { near.Close(); <-b.over })
	return b
}

func (b *browser) say(text string) { b.conn.Write([]byte(text)) }

func (b *browser) hear() message {
	b.t.Helper()
	room := make([]byte, maxMessage)
	n, err := b.conn.Read(room)
	if err != nil {
		b.t.Fatal(err)
	}
	m, err := decode(room[:n])
	if err != nil {
		b.t.Fatalf("%v: %s", err, room[:n])
	}
	return m
}

// expectEnd waits for the reason and the end of the connection.
func (b *browser) expectEnd(want error) {
	b.t.Helper()
	m := b.hear()
	if m.State != stateEnded || m.Reason == nil || m.Reason.EN != want.Error() || m.Reason.ZH == "" {
		b.t.Fatalf("ended with %+v, want %v", m, want)
	}
	<-b.over
}

// newPort is a port that nobody reads, as a goroutine at a socket would stop the bubble's clock.
func newPort(t *testing.T) *webrtc.Port {
	t.Helper()
	port, err := webrtc.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { port.Close() })
	return port
}

// goodOffer is what Chromium offers, but for its many codecs.
var goodOffer = strings.Join([]string{
	"v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 126", "c=IN IP4 0.0.0.0",
	"a=ice-ufrag:wGzb", "a=ice-pwd:yVpRiAcDyBPfTJZOqbXK3W5q",
	"a=fingerprint:sha-256 01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F:20",
	"a=setup:actpass", "a=mid:0", "a=sendrecv", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2", "a=rtpmap:126 telephone-event/8000", "",
}, `\r\n`)

// What a stranger says out of turn is answered by a sentence, and begins no call.
func TestRefusalsAreTold(t *testing.T) {
	port := newPort(t)
	const offer = `{"offer":"%s"}`
	for name, row := range map[string]struct {
		site, origin string
		offers       bool // first, as it should
		says         string
		want         error
	}{
		"another page":            {"shop", "https://evil.example", false, "", errOrigin},
		"switched off":            {"old", shopAt, false, "", errOff},
		"silence":                 {"shop", shopAt, false, "", errMessage},
		"no JSON":                 {"shop", shopAt, false, "INVITE sip:1@box SIP/2.0", errMessage},
		"a field that is not":     {"shop", shopAt, false, `{"offer":"v=0","to":"13800138000"}`, errMessage},
		"two messages in one":     {"shop", shopAt, false, `{"bye":true}{"bye":true}`, errMessage},
		"bye before a call":       {"shop", shopAt, false, `{"bye":true}`, errOver},
		"no description":          {"shop", shopAt, false, `{"offer":"hello"}`, errOffer},
		"RFC 7874 3: no G.711":    {"shop", shopAt, false, fmt.Sprintf(offer, strings.Replace(goodOffer, "111 0 8", "111", 1)), errOffer},
		"RFC 5763 5: never heard": {"shop", shopAt, true, "", errNoWay},
		"bye before it has keys":  {"shop", shopAt, true, `{"bye":true}`, errOver},
		"a second offer":          {"shop", shopAt, true, fmt.Sprintf(offer, goodOffer), errMessage},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, o := newSites(port.Open)
			b := visit(t, s, row.site, row.origin)
			if row.offers {
				b.say(fmt.Sprintf(offer, goodOffer))
				if m := b.hear(); m.State != stateCalling || !strings.Contains(m.Answer, "a=setup:passive") {
					t.Errorf("%s: answered %+v", name, m)
				}
			}
			if row.says != "" {
				b.say(row.says)
			}
			b.expectEnd(row.want)
			if len(o.arrivals) > 0 {
				t.Errorf("%s: a call is born", name)
			}
			if n := s.door.sites["shop"].visitors; n != 0 {
				t.Errorf("%s: %d visitors are left", name, n)
			}
		})
	}
}

// Without the port of speech, and with the last peer gone, the visitor is told so.
func TestNoRoomForSpeech(t *testing.T) {
	for want, browsers := range map[error]func() (*webrtc.Peer, error){
		errNotNow: nil,
		errFull:   func() (*webrtc.Peer, error) { return nil, telephony.Errorf(telephony.Busy, "", "") },
	} {
		s, _ := newSites(browsers)
		b := visit(t, s, "shop", shopAt)
		b.say(`{"offer":"` + goodOffer + `"}`)
		b.expectEnd(want)
	}
}

// born is a visitor whose browser has its keys, and what became of its call.
func born(t *testing.T, port *webrtc.Port) (v *visitor, o *office, far *browser, over chan error, stop func()) {
	t.Helper()
	s, o := newSites(port.Open)
	p, err := s.door.enter("shop", shopAt, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	peer, err := port.Open()
	if err != nil {
		t.Fatal(err)
	}
	near, box := net.Pipe()
	v = &visitor{sites: s, conn: box, place: p, places: make(chan message, 1), said: make(chan message), speech: sip.NewSpeech(peer, netip.Addr{})}
	ctx, stop := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go v.listen(gone)
	v.arrive(message{Visitor: "王先生\x00", Page: "https://shop.example/?" + strings.Repeat("x", 400)})
	over = make(chan error, 1)
	go func() { over <- v.converse(ctx); close(gone) }()
	t.Cleanup(func() { stop(); near.Close(); box.Close(); v.speech.Session().Close() })
	return v, o, &browser{t: t, conn: near}, over, stop
}

// A visitor's call from its birth to each of its ends.
func TestAVisitorsCall(t *testing.T) {
	port := newPort(t)
	tell := func(t *testing.T, story func(*visitor, *office, *browser, func()), want error, released telephony.Released) {
		synctest.Test(t, func(t *testing.T) {
			v, o, far, over, stop := born(t, port)
			a := o.arrivals[0]
			if a.Line != "web/shop" || a.Caller != (telephony.Caller{Name: "Shop"}) || a.Called != "" || a.Leg.String() != "web/shop#1" {
				t.Errorf("arrived: %+v", a)
			}
			if a.Data["visitor"] != "王先生" || len(a.Data["page"]) != maxData {
				t.Errorf("with data %q", a.Data)
			}
			story(v, o, far, stop)
			if err := <-over; err != want {
				t.Errorf("ended with %v, want %v", err, want)
			}
			var last telephony.Event
			for e := range a.Leg.Events() {
				last = e
			}
			if last != released {
				t.Errorf("released with %+v, want %+v", last, released)
			}
		})
	}
	bye := telephony.Released{Cause: telephony.CauseNormal, Witness: telephony.BySignalling}
	byBox := func(c telephony.Cause) telephony.Released {
		return telephony.Released{Cause: c, ByBox: true, Witness: telephony.BySignalling}
	}
	t.Run("the visitor hangs up", func(t *testing.T) {
		tell(t, func(v *visitor, o *office, far *browser, _ func()) {
			v.leg.Alert()
			v.leg.Answer()
			v.leg.Answer()
			synctest.Wait()
			if o.last() != "web/shop talking 1" {
				t.Errorf("the line is %s", o.last())
			}
			v.seat(message{State: stateQueue, Position: 3})
			if m := far.hear(); m.State != stateQueue || m.Position != 3 {
				t.Errorf("told %+v", m)
			}
			v.seat(message{State: stateQueue, Position: 3}) // said before
			synctest.Wait()
			far.say(`{"bye":true}`)
		}, errOver, bye)
	})
	t.Run("the page is closed", func(t *testing.T) {
		tell(t, func(_ *visitor, _ *office, far *browser, _ func()) { far.conn.Close() }, errOver, bye)
	})
	t.Run("a visitor says what it may not", func(t *testing.T) {
		tell(t, func(_ *visitor, _ *office, far *browser, _ func()) { far.say(`{"state":"talking"}`) }, errMessage, bye)
	})
	t.Run("the box stops", func(t *testing.T) {
		tell(t, func(_ *visitor, _ *office, _ *browser, stop func()) { stop() }, errStopping, byBox(telephony.CauseTemporary))
	})
	for cause, want := range map[telephony.Cause]error{
		telephony.CauseNormal: errOver, telephony.CauseCongestion: errFull, telephony.CauseBusy: errFull, telephony.CauseNoAnswer: errNobody,
		telephony.CauseForbidden: errNobody, telephony.CauseTemporary: errBroken,
	} {
		t.Run("the box ends it: "+cause.Text().EN, func(t *testing.T) {
			tell(t, func(v *visitor, _ *office, _ *browser, _ func()) {
				v.leg.Release(cause)
				v.leg.Release(telephony.CauseBusy)
			}, want, byBox(cause))
		})
	}
}

// What a visitor is told of where it is names nothing of what is inside.
func TestPlaces(t *testing.T) {
	party := func(leg string) []telephony.LiveParty { return []telephony.LiveParty{{Leg: leg}} }
	waits := func(ids ...telephony.CallID) (list []telephony.LiveWaiter) {
		for _, id := range ids {
			list = append(list, telephony.LiveWaiter{Call: id})
		}
		return list
	}
	places := placesIn(telephony.Live{
		Queues: []telephony.LiveQueue{{ID: "sales", Waiting: waits("1-3", "1-1")}},
		Calls: []telephony.LiveCall{
			{ID: "1-1", State: "queue", Where: "sales", Parties: party("web/shop#1")},
			{ID: "1-2", State: "queue", Where: "gone", Parties: party("web/shop#2")},
			{ID: "1-4", State: "menu", Where: "main", Parties: party("web/shop#3")},
			{ID: "1-5", State: "talk", Parties: append(party("fxo/1#1"), party("web/shop#4")...)},
			{ID: "1-6", State: "ringing", Parties: party("web/shop#5")},
		},
	})
	for leg, want := range map[string]message{
		"web/shop#1": {State: stateQueue, Position: 2}, "web/shop#2": {State: stateQueue}, "web/shop#3": {State: stateBox},
		"web/shop#4": {State: stateTalking}, "web/shop#5": {State: stateCalling},
	} {
		if places[leg] != want {
			t.Errorf("%s is at %+v, want %+v", leg, places[leg], want)
		}
	}
}

// Run tells each visitor where it is, once a second.
func TestVisitorsAreToldWhereTheyAre(t *testing.T) {
	port := newPort(t)
	synctest.Test(t, func(t *testing.T) {
		v, _, far, _, _ := born(t, port)
		v.sites.opt.Live = func() telephony.Live {
			return telephony.Live{Calls: []telephony.LiveCall{{State: "menu", Parties: []telephony.LiveParty{{Leg: "web/shop#1"}}}}}
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); v.sites.Run(ctx) }()
		if m := far.hear(); m.State != stateBox {
			t.Errorf("told %+v", m)
		}
		stop()
		<-done
	})
}

// FuzzMessage: whatever a stranger sends is read or refused, and what of it goes with the call is within bounds.
func FuzzMessage(f *testing.F) {
	for _, text := range []string{`{"bye":true}`, `{"offer":"` + goodOffer + `","visitor":"王","page":"https://a"}`, `[]`, `{"page":"\ud800\u0000"}`, "{}{}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decode(b)
		if err != nil {
			return
		}
		for key, value := range dataOf(m) {
			if len(value) > maxData || value == "" || !slices.Contains([]string{"visitor", "page"}, key) {
				t.Errorf("%s=%q", key, value)
			}
		}
	})
}
