package pritest

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// soon is how long a message may take on a busy machine.
const soon = 20 * time.Second

// pair starts a user and a network on one wire.
func pair(t *testing.T, program string) (user, network *Peer) {
	t.Helper()
	a := Ports(t, 4)
	user = Start(t, Options{program, "user", a[0], a[1], a[2], a[3], 1})
	network = Start(t, Options{program, "network", a[1], a[0], a[3], a[2], 1})
	user.Expect(t, "dchan up", soon)
	network.Expect(t, "dchan up", soon)
	return user, network
}

// TestPeers lets two peers call each other: what a test of our own stack asks of the far end, the far end can do.
func TestPeers(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("this runs libpri: CALLBOX_REAL=1 go test ./telephony/e1/pritest")
	}
	program := Build(t)
	for _, story := range []struct {
		title string
		tell  func(t *testing.T, from, to *Peer)
	}{
		{"en-bloc, exclusive channel", enBloc},
		{"overlap, digits one by one", overlap},
		{"by hand, with another channel than the preferred one", byHand},
		{"refused", refused},
		{"both hang up at once", collision},
		{"restart of a channel", restart},
		{"speech both ways", speech},
		{"30 calls at once over a bad wire", badWire},
		{"the wire is cut for 2 s in mid-call", cut},
	} {
		t.Run(story.title+"/user calls", func(t *testing.T) {
			t.Parallel()
			user, network := pair(t, program)
			story.tell(t, user, network)
		})
		t.Run(story.title+"/network calls", func(t *testing.T) {
			t.Parallel()
			user, network := pair(t, program)
			story.tell(t, network, user)
		})
	}
}

// hangUp has one side hang up, and waits until both have let go of the call.
func hangUp(t *testing.T, from, to *Peer, call int) {
	t.Helper()
	from.Do(t, "hangup %d cause=16", call)
	to.Expect(t, "disconnect .* cause=16", soon)
	to.Expect(t, "hangup_ack .*", soon)
	from.Expect(t, fmt.Sprintf("hangup %d .*", call), soon)
}

func enBloc(t *testing.T, from, to *Peer) {
	to.Do(t, "incoming proceed alert answer")
	from.Do(t, "call channel=3 exclusive called=8001 calledplan=65 calling=13800138000 plan=33 pres=3 redirecting=10086 reason=15")
	call := from.Expect(t, "calling .*", soon).Call()
	ring := to.Expect(t, "ring .*", soon)
	for name, want := range map[string]string{
		"channel": "3", "exclusive": "1", "complete": "1", "called": "8001", "calledplan": "65",
		"calling": "13800138000", "plan": "33", "pres": "3", "redirecting": "10086", "reason": "15",
	} {
		if got := ring.Value(name); got != want {
			t.Errorf("%s is %q, want %q: %s", name, got, want, ring)
		}
	}
	for _, event := range []string{"proceeding", "alerting", "answer"} {
		e := from.Expect(t, fmt.Sprintf("%s %d .*", event, call), soon)
		if e.Value("channel") != "3" || e.Value("ref") != ring.Value("ref") {
			t.Errorf("%s, but the ring was %s", e, ring)
		}
	}
	hangUp(t, from, to, call)
}

func overlap(t *testing.T, from, to *Peer) {
	to.Do(t, "incoming digits=5 proceed alert answer")
	from.Do(t, "call channel=4 called=80 more=017")
	call := from.Expect(t, "calling .*", soon).Call()
	if ring := to.Expect(t, "ring .*", soon); ring.Value("called") != "80" || ring.Value("complete") != "0" || ring.Value("exclusive") != "0" {
		t.Errorf("want the beginning of a number: %s", ring)
	}
	from.Expect(t, "setup_ack .*", soon)
	for _, digit := range []string{"0", "1", "7"} {
		to.Expect(t, "digits .* called="+digit+" .*", soon)
	}
	from.Expect(t, "answer .*", soon)
	hangUp(t, to, from, call)
}

func byHand(t *testing.T, from, to *Peer) {
	from.Do(t, "call channel=5 called=8001")
	from.Expect(t, "calling 1 .*", soon)
	to.Expect(t, "ring 1 .*", soon)
	to.Do(t, "proceed 1 channel=9")
	from.Expect(t, "proceeding 1 .*channel=9 .*", soon)
	to.Do(t, "progress 1 inband")
	from.Expect(t, "progress 1 .*progress=8", soon)
	to.Do(t, "alert 1")
	from.Expect(t, "alerting 1 .*", soon)
	to.Do(t, "answer 1")
	from.Expect(t, "answer 1 .*channel=9 .*", soon)
	hangUp(t, from, to, 1)
}

func refused(t *testing.T, from, to *Peer) {
	for _, row := range []struct {
		policy string
		cause  int
		event  string
	}{
		{"hangup cause=34", 34, "hangup"},
		{"hangup cause=1", 1, "hangup"},
		{"proceed hangup cause=17", 17, "disconnect"},
	} {
		to.Do(t, "incoming %s", row.policy)
		from.Do(t, "call channel=6 called=8001")
		from.Expect(t, fmt.Sprintf("%s .* cause=%d", row.event, row.cause), soon)
	}
	from.Expect(t, "hangup_ack .*", soon)
}

func collision(t *testing.T, from, to *Peer) {
	to.Do(t, "incoming answer")
	from.Do(t, "call channel=7 called=8001")
	from.Expect(t, "answer 1 .*", soon)
	from.Do(t, "hangup 1 cause=16")
	to.Do(t, "hangup 1 cause=31")
	from.Expect(t, "hangup(_ack)? 1 .*", soon)
	to.Expect(t, "hangup(_ack)? 1 .*", soon)
	from.Do(t, "call channel=7 called=8001")
	from.Expect(t, "answer 2 .*", soon)
}

func restart(t *testing.T, from, to *Peer) {
	from.Do(t, "restart channel=8")
	to.Expect(t, "restart channel=8", soon)
	from.Expect(t, "restart_ack channel=8", soon)
}

func speech(t *testing.T, from, to *Peer) {
	from.Do(t, "tone channel=31 hz=425")
	to.Do(t, "tone channel=17 hz=1020")
	hear(t, to, 31, 425, -10.5, -9.5)
	hear(t, from, 17, 1020, -10.5, -9.5)
	hear(t, to, 30, 425, -120, -60)
	hear(t, to, 31, 1020, -120, -50)
}

// hear listens until a level is in the range: blocks of before the tone may be on their way yet.
func hear(t *testing.T, at *Peer, channel, hz int, low, high float64) {
	t.Helper()
	var e Event
	for range 5 {
		at.Do(t, "listen channel=%d hz=%d", channel, hz)
		e = at.Expect(t, fmt.Sprintf("level channel=%d .*", channel), soon)
		if got := e.Number("dBm0"); got >= low && got <= high {
			return
		}
	}
	t.Errorf("%s, want %v to %v dBm0", e, low, high)
}

func badWire(t *testing.T, from, to *Peer) {
	from.Do(t, "lossy lose=5 twice=5 seed=7")
	to.Do(t, "incoming proceed alert answer")
	for channel := 1; channel <= 31; channel++ {
		if channel != 16 {
			from.Do(t, "call channel=%d exclusive called=%d", channel, 8000+channel)
		}
	}
	for call := 1; call <= 30; call++ {
		from.Expect(t, fmt.Sprintf("answer %d .*", call), 3*soon)
		from.Do(t, "hangup %d", call)
	}
	for call := 1; call <= 30; call++ {
		from.Expect(t, fmt.Sprintf("hangup(_ack)? %d .*", call), 3*soon)
		to.Expect(t, fmt.Sprintf("hangup(_ack)? %d .*", call), 3*soon)
	}
}

func cut(t *testing.T, from, to *Peer) {
	to.Do(t, "incoming answer")
	from.Do(t, "call channel=10 called=8001")
	from.Expect(t, "answer 1 .*", soon)
	from.Do(t, "cut seconds=2")
	from.Do(t, "hangup 1")
	from.Expect(t, "cut over", soon)
	to.Expect(t, "disconnect 1 .* cause=16", soon)
	from.Expect(t, "hangup 1 .*", soon)
}
