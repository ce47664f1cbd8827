package q921

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"callbox/telephony/machine"
)

// A wire joins a user and a network over a channel with a delay. It counts time by itself: what is due next happens next.
type wire struct {
	failer
	now    time.Duration
	links  [2]*Link
	timers [2]map[machine.Timer]time.Duration
	flying []flight
	spoils func() spoil // of the next frame

	sent     [2]int // messages that layer 3 of a side sent
	safe     [2]int // from this message on nothing was told to be lost
	got      [2][]int
	up       [2]bool
	released bool
}

// A failer is a test, of testing or of rapid.
type failer interface {
	Fatalf(format string, args ...any)
}

// A flight is a frame on the wire.
type flight struct {
	at     time.Duration
	to     Side
	octets []byte
}

type spoil uint8

const (
	clean spoil = iota
	lost        // or damaged: the FCS does not let it through
	twice
)

// delay is a frame's time on the wire: 260 octets take 33 ms at 64 kbit/s.
const delay = 20 * time.Millisecond

func newWire(t failer, spoils func() spoil) *wire {
	w := &wire{failer: t, spoils: spoils}
	for s := range w.links {
		w.links[s], w.timers[s] = New(Side(s)), map[machine.Timer]time.Duration{}
		w.step(Side(s), PhysicalUp{})
	}
	return w
}

func (w *wire) step(s Side, e Event) {
	for _, a := range w.links[s].Step(e) {
		w.act(s, a)
	}
}

func (w *wire) act(s Side, a Action) {
	switch a := a.(type) {
	case machine.Start:
		w.timers[s][a.Timer] = w.now + a.After
	case machine.Stop:
		delete(w.timers[s], a.Timer)
	case Send:
		f := flight{w.now + delay, 1 - s, a.Octets}
		switch w.spoils() {
		case clean:
			w.flying = append(w.flying, f)
		case twice:
			w.flying = append(w.flying, f, f)
		}
	case Indicate:
		var n int
		fmt.Sscan(string(a.Octets), &n)
		w.got[s] = append(w.got[s], n)
	case Established:
		w.up[s], w.safe[s] = true, w.sent[s]
	case Released:
		w.up[s], w.released = false, true
	}
}

// say has layer 3 of a side send its next message.
func (w *wire) say(s Side) {
	if !w.up[s] {
		return
	}
	n := w.sent[s]
	w.sent[s]++
	w.step(s, Data{fmt.Append(nil, n)})
}

// next does what is due next until the given time, frames first.
func (w *wire) next(until time.Duration) bool {
	at, do := until, func() {}
	for s := range w.links {
		for t, due := range w.timers[s] {
			if due < at {
				at, do = due, func() {
					delete(w.timers[s], t)
					w.step(Side(s), Expired{t})
				}
			}
		}
	}
	if len(w.flying) > 0 && w.flying[0].at <= at && w.flying[0].at <= until {
		f := w.flying[0]
		at, do = f.at, func() {
			w.flying = w.flying[1:]
			w.step(f.to, Received{slices.Clone(f.octets)})
		}
	} else if at == until {
		w.now = until
		return false
	}
	w.now = at
	do()
	return true
}

func (w *wire) run(d time.Duration) {
	for until := w.now + d; w.next(until); {
	}
}

// check looks at what layer 3 of both sides got: each message at most once and in order, and all of those that were sent
// since the link last said that some may be lost.
func (w *wire) check() {
	for s := range w.links {
		got := w.got[1-s]
		for i := 1; i < len(got); i++ {
			if got[i] <= got[i-1] {
				w.Fatalf("side %d got message %d after %d: %v", 1-s, got[i], got[i-1], got)
			}
		}
		for n := w.safe[s]; n < w.sent[s]; n++ {
			if _, found := slices.BinarySearch(got, n); !found {
				w.Fatalf("message %d of side %d never came, and nobody said so: %v", n, s, got)
			}
		}
	}
}

// TestEveryMessageOnceInOrder has a user and a network talk over a wire that loses 5 % of the frames and doubles 5 %.
func TestEveryMessageOnceInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		noise, quiet := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "noise"), 0)), false
		w := newWire(t, func() spoil {
			switch n := noise.IntN(100); {
			case quiet || n >= 10:
				return clean
			case n >= 5:
				return twice
			}
			return lost
		})
		if rapid.Bool().Draw(t, "both ends begin") {
			w.step(User, Establish{})
		}
		w.step(Network, Establish{})
		for range rapid.IntRange(1, 60).Draw(t, "messages") {
			w.say(Side(rapid.IntRange(0, 1).Draw(t, "side")))
			w.run(time.Duration(rapid.SampledFrom([]int{0, 0, 5, 15, 50, 1200, 12_000}).Draw(t, "pause")) * time.Millisecond)
		}
		quiet = true
		w.run(time.Minute)
		if !w.released && !(w.up[User] && w.up[Network]) {
			t.Fatal("the link is not up, and nobody said so")
		}
		w.check()
	})
}

// TestNothingWedges gives a link events in any order, sense or none, and then puts a sane far end on the wire: the two come
// together and carry messages both ways.
func TestNothingWedges(t *testing.T) {
	names := []string{"SABME", "DM", "DISC", "UA", "FRMR", "UI", "XID", "RR", "RNR", "REJ", "I"}
	rapid.Check(t, func(t *rapid.T) {
		w := newWire(t, func() spoil { return clean })
		side := Side(rapid.IntRange(0, 1).Draw(t, "side"))
		for range rapid.IntRange(0, 60).Draw(t, "events") {
			switch rapid.IntRange(0, 9).Draw(t, "event") {
			case 0:
				w.step(side, rapid.SampledFrom([]Event{PhysicalUp{}, PhysicalDown{}, Establish{}, Release{}}).Draw(t, "request"))
			case 1, 2:
				w.say(side)
			case 3:
				w.run(time.Duration(rapid.IntRange(0, 15_000).Draw(t, "pause")) * time.Millisecond)
			case 4:
				w.step(side, Received{rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "octets")})
			default:
				words := fmt.Sprintf("%s %s%d %d %d x", rapid.SampledFrom(names).Draw(t, "frame"), rapid.SampledFrom([]string{"c", "r"}).Draw(t, "C/R"),
					rapid.IntRange(0, 1).Draw(t, "P/F"), rapid.IntRange(0, 9).Draw(t, "N"), rapid.IntRange(0, 9).Draw(t, "N(R)"))
				w.step(side, Received{octets(1-side, words)})
			}
			w.flying = nil // the frames went to somebody else
		}
		for s := range w.links {
			w.step(Side(s), PhysicalUp{})
		}
		w.run(time.Minute)
		w.step(side, Establish{})
		w.run(time.Minute)
		w.got, w.safe = [2][]int{}, w.sent
		for range 10 {
			w.say(User)
			w.say(Network)
		}
		w.run(time.Second)
		if len(w.got[User]) != 10 || len(w.got[Network]) != 10 {
			t.Fatalf("of 10 messages the user got %d, the network %d", len(w.got[User]), len(w.got[Network]))
		}
		w.check()
	})
}

// TestSequenceNumbersWrap sends 300 messages each way, more than twice around (3.5.2.1): over a clean wire nobody has to ask
// for anything, and over one that loses frames the link never starts anew.
func TestSequenceNumbersWrap(t *testing.T) {
	for _, every := range []int{0, 11, 12, 13, 17, 23, 40} {
		t.Run(fmt.Sprintf("every %dth frame is lost", every), func(t *testing.T) {
			frames := 0
			w := newWire(t, func() spoil {
				if frames++; every > 0 && frames > 4 && frames%every == 0 {
					return lost
				}
				return clean
			})
			w.step(User, Establish{})
			w.run(time.Second)
			for range 300 {
				w.say(User)
				w.say(Network)
				w.run(1200 * time.Millisecond) // longer than T200
			}
			if want := 2 + 2*300*2; every == 0 && frames != want {
				t.Errorf("%d frames went over the wire, want SABME, UA, and an I and a RR for each message: %d", frames, want)
			}
			w.run(time.Minute)
			if w.safe != [2]int{} || w.sent != [2]int{300, 300} {
				t.Errorf("the link was re-established: %v of %v are safe", w.safe, w.sent)
			}
			w.check()
		})
	}
}
