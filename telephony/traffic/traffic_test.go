package traffic

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// open runs a far end at a loopback address until the test ends.
func open(t *testing.T, at string, box netip.AddrPort) *Far {
	t.Helper()
	f, err := Open(netip.AddrPortFrom(netip.MustParseAddr(at), 0), box)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); f.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return f
}

// until waits for something of a far end. How long it takes is not asked.
func until(t *testing.T, f *Far, what string, holds func(Tally) bool) {
	t.Helper()
	for give := time.After(20 * time.Second); !holds(f.Tally()); {
		select {
		case <-give:
			t.Fatalf("never: %s: %+v", what, f.Tally())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestCall: one far end calls another. Both speak, each hears the other, and who hangs up ends it.
func TestCall(t *testing.T) {
	callee := open(t, "127.0.0.1", netip.MustParseAddrPort("127.0.0.1:9"))
	caller := open(t, "127.0.0.1", callee.Addr())
	callee.box = caller.Addr()
	caller.Bring(Demand{Called: func(int) string { return "800" }, Calls: 1, PerSecond: 10})
	both := func(what string, holds func(Tally) bool) {
		until(t, caller, what, holds)
		until(t, callee, what, holds)
	}
	both("speech is heard", func(t Tally) bool { return t.Heard > 20 })
	if c := callee.Tally(); c.Taken != 1 || c.Brought != 0 {
		t.Errorf("who was called: %+v", c)
	}
	if c := caller.Tally(); c.Brought != 1 || c.Answered != 1 || c.Up != 1 || c.Missing > c.Overrun || c.Sent == 0 || c.Used == 0 {
		t.Errorf("who calls: %+v", c)
	}
	caller.HangUp()
	until(t, caller, "the call is over", func(t Tally) bool { return t.Up == 0 })
	if c := caller.Tally(); c.Dropped+c.Refused+c.Unclean+c.Unheard != 0 {
		t.Errorf("who hung up: %+v", c)
	}
}

// TestTake: what a packet adds to the tally, in the order in which they come.
func TestTake(t *testing.T) {
	const tick = 160
	packet := func(seq uint16) []byte {
		b := make([]byte, rtpHeader+tick)
		b[0], b[1], b[2], b[3] = 2<<6, payload, byte(seq>>8), byte(seq)
		stamp := uint32(seq) * tick
		b[4], b[5], b[6], b[7] = byte(stamp>>24), byte(stamp>>16), byte(stamp>>8), byte(stamp)
		return b
	}
	type arrival struct {
		seq uint16
		at  time.Duration
	}
	for _, c := range []struct {
		title         string
		arrivals      []arrival
		missing, late uint64
	}{
		{"in time", []arrival{{1, 20e6}, {2, 40e6}, {3, 60e6}}, 0, 0},
		{"one lost", []arrival{{1, 20e6}, {3, 60e6}}, 1, 0},
		{"two in the wrong order", []arrival{{1, 20e6}, {3, 60e6}, {2, 61e6}}, 0, 1},
		{"a tick late, and a little more", []arrival{{1, 20e6}, {2, 60e6}, {3, 81e6}}, 0, 1},
		{"the first was slow", []arrival{{1, 50e6}, {2, 40e6}, {3, 60e6}}, 0, 0},
	} {
		st, tally := &stream{quickest: time.Hour, before: time.Hour}, Tally{}
		for _, a := range c.arrivals {
			st.take(packet(a.seq), a.at, &tally)
		}
		if tally.Heard != uint64(len(c.arrivals)) || tally.Missing != c.missing || tally.Late != c.late {
			t.Errorf("%s: %+v", c.title, tally)
		}
	}
}

// TestReply: an answer carries what RFC 3261 8.2.6.2 copies from its request, and the tag once.
func TestReply(t *testing.T) {
	m := parse("OPTIONS sip:far SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=1\r\nVia: SIP/2.0/UDP b;branch=2\r\nFrom: <sip:x>;tag=f\r\nTo: <sip:y>\r\n" +
		"Call-ID: c\r\nCSeq: 7 OPTIONS\r\nContent-Length: 0\r\n\r\n")
	answer := m.reply("200 OK", "mine", "127.0.0.1:5060", "")
	for _, line := range []string{
		"SIP/2.0 200 OK", "Via: SIP/2.0/UDP a;branch=1", "Via: SIP/2.0/UDP b;branch=2", "From: <sip:x>;tag=f", "To: <sip:y>;tag=mine", "Call-ID: c", "CSeq: 7 OPTIONS",
	} {
		if !strings.Contains(answer, line+"\r\n") {
			t.Errorf("no %q in\n%s", line, answer)
		}
	}
	if again := parse(strings.Replace(answer, "SIP/2.0 200 OK", "BYE sip:far SIP/2.0", 1)).reply("200 OK", "other", "x", ""); strings.Contains(again, "other") {
		t.Errorf("a second tag in\n%s", again)
	}
}

// TestCredentials: the digest of RFC 7616 3.4.1 with MD5 and qop auth, as another program works it out.
func TestCredentials(t *testing.T) {
	p := &registering{phone: Phone{"8000", "secret"}}
	got := p.credentials(`Digest realm="callbox", nonce="abc", qop="auth", algorithm=MD5`, "127.0.0.1")
	for _, want := range []string{`username="8000"`, `realm="callbox"`, `nonce="abc"`, `uri="sip:127.0.0.1"`, "nc=00000001", `response="02b908e3e180988059055f7f27b77e15"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}
