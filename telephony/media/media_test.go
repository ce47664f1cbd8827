package media

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
)

// A handset says the same sample all the time and keeps what it was told.
type handset struct {
	level int16
	told  []telephony.Frame
	ticks atomic.Int64
}

func (h *handset) Hear(f *telephony.Frame) {
	h.ticks.Add(1)
	for i := range f {
		f[i] = h.level
	}
}

func (h *handset) Say(f *telephony.Frame) { h.told = append(h.told, *f) }

// newest is the last sample that it was told: the fade is over by then.
func (h *handset) newest() int16 { return h.told[len(h.told)-1][telephony.FrameSamples-1] }

// homeBridge is a bridge that any port may join.
func homeBridge() *Bridge {
	b := newBridge()
	b.settle()
	return b
}

// crank makes ticks by hand.
func crank(b *Bridge, ticks int) {
	for range ticks {
		b.tick()
	}
}

func TestJoinedPartiesHearEachOthersMix(t *testing.T) {
	for _, row := range []struct {
		story string
		says  []int16
		hears []int16
	}{
		{"two hear each other", []int16{100, 200}, []int16{200, 100}},
		{"three hear the sum of the others", []int16{100, 200, 400}, []int16{600, 500, 300}},
		{"one alone hears silence", []int16{100}, []int16{0}},
		{"loud ones saturate and do not wrap", []int16{30000, 30000, -5}, []int16{29995, 29995, 32767}},
		{"low ones saturate too", []int16{-30000, -30000, 5}, []int16{-29995, -29995, -32768}},
	} {
		t.Run(row.story, func(t *testing.T) {
			b := homeBridge()
			var parties []*Party
			var handsets []*handset
			for _, level := range row.says {
				h := &handset{level: level}
				handsets, parties = append(handsets, h), append(parties, b.Attach(h))
			}
			b.Join(parties...)
			crank(b, 2)
			var hears []int16
			for _, h := range handsets {
				hears = append(hears, h.newest())
			}
			if diff := cmp.Diff(row.hears, hears); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAttachedPartyIsHeardAndToldSilence(t *testing.T) {
	b := homeBridge()
	a, z := &handset{level: 7}, &handset{level: 9}
	b.Attach(a)
	b.Attach(z)
	crank(b, 3)
	if a.ticks.Load() != 3 || a.newest() != 0 || z.newest() != 0 {
		t.Errorf("heard %d times, told %d and %d; want 3 times and silence", a.ticks.Load(), a.newest(), z.newest())
	}
}

func TestJoinReplacesTheEarlierSet(t *testing.T) {
	b := homeBridge()
	caller, agent, other := &handset{level: 1000}, &handset{level: 2000}, &handset{level: 3000}
	c, a, o := b.Attach(caller), b.Attach(agent), b.Attach(other)
	b.Join(c, a)
	crank(b, 1)
	b.Join(c, o)
	crank(b, 2)
	if got := []int16{caller.newest(), agent.newest(), other.newest()}; !cmp.Equal(got, []int16{3000, 0, 1000}) {
		t.Errorf("caller, first agent and second agent hear %v", got)
	}
	stranger := homeBridge().Attach(&handset{level: 5})
	b.Join(c, stranger)
	crank(b, 2)
	if caller.newest() != 0 {
		t.Errorf("a party of another bridge is heard: %d", caller.newest())
	}
}

func TestDetachedPartyIsGone(t *testing.T) {
	b := homeBridge()
	caller, agent := &handset{level: 1000}, &handset{level: 2000}
	c, a := b.Attach(caller), b.Attach(agent)
	b.Join(c, a)
	crank(b, 1)
	playing := a.Play(Silence(time.Hour))
	a.Detach()
	crank(b, 2)
	if agent.ticks.Load() != 1 || caller.newest() != 0 {
		t.Errorf("heard %d times, the other is told %d; want once and silence", agent.ticks.Load(), caller.newest())
	}
	if !isClosed(playing) || !isClosed(played(b, a, PCM(nil))) {
		t.Error("what was played to a detached party did not end")
	}
}

// played plays and cranks once.
func played(b *Bridge, p *Party, s telephony.Source) <-chan struct{} {
	done := p.Play(s)
	crank(b, 1)
	return done
}

// A change may not click: from one sample to the next the step is no larger than a fade of 5 ms makes it.
func TestNoClickWhenABridgeChanges(t *testing.T) {
	const level = 8000
	b := homeBridge()
	caller, agent := &handset{level: 100}, &handset{level: level}
	c, a := b.Attach(caller), b.Attach(agent)
	crank(b, 1)
	b.Join(c, a)
	crank(b, 1)
	c.Play(PCM(constant(-level, 1600)))
	crank(b, 2)
	c.Stop()
	crank(b, 2)
	a.Detach()
	crank(b, 2)
	last := int16(0)
	for n, f := range caller.told {
		for i, s := range f {
			if step := int(s) - int(last); step > 2*level/fade || step < -2*level/fade {
				t.Fatalf("tick %d sample %d: a step of %d", n, i, step)
			}
			last = s
		}
	}
	if last != 0 {
		t.Errorf("at the end the caller hears %d", last)
	}
}

func constant(level int16, n int) []int16 {
	s := make([]int16, n)
	for i := range s {
		s[i] = level
	}
	return s
}

func TestPlayingPartyHearsTheSourceAndIsHeard(t *testing.T) {
	b := homeBridge()
	caller, agent := &handset{level: 100}, &handset{level: 200}
	c, a := b.Attach(caller), b.Attach(agent)
	b.Join(c, a)
	crank(b, 1)
	done := c.Play(PCM(constant(5, 2*telephony.FrameSamples)))
	crank(b, 1)
	if caller.newest() != 5 || agent.newest() != 100 || isClosed(done) {
		t.Errorf("caller hears %d, agent %d, ended %v", caller.newest(), agent.newest(), isClosed(done))
	}
	crank(b, 1)
	if caller.newest() != 5 || !isClosed(done) {
		t.Errorf("second frame: caller hears %d, ended %v", caller.newest(), isClosed(done))
	}
	crank(b, 1)
	if caller.newest() != 200 {
		t.Errorf("after the source the caller hears %d", caller.newest())
	}
}

func TestPlayEndsWhatPlayed(t *testing.T) {
	for _, row := range []struct {
		story string
		end   func(*Bridge, *Party)
	}{
		{"replaced", func(_ *Bridge, p *Party) { p.Play(Silence(time.Hour)) }},
		{"stopped", func(_ *Bridge, p *Party) { p.Stop() }},
		{"detached", func(_ *Bridge, p *Party) { p.Detach() }},
		{"closed", func(b *Bridge, _ *Party) { b.Close() }},
	} {
		t.Run(row.story, func(t *testing.T) {
			b := homeBridge()
			p := b.Attach(&handset{})
			if done := played(b, p, Silence(time.Hour)); isClosed(done) {
				t.Fatal("ended by itself")
			} else if row.end(b, p); isClosed(done) {
				t.Fatal("ended before the tick")
			} else if crank(b, 1); !isClosed(done) {
				t.Error("did not end")
			}
		})
	}
}

// A reel keeps what its tap heard.
type reel struct{ said, told []int16 }

func (r *reel) Tap(said, told *telephony.Frame) {
	r.said = append(r.said, said[telephony.FrameSamples-1])
	r.told = append(r.told, told[telephony.FrameSamples-1])
}

func TestTapHearsBothDirectionsOfTheSameTick(t *testing.T) {
	b := homeBridge()
	caller, agent := &counter{}, &counter{n: 1000}
	c, a := b.Attach(caller), b.Attach(agent)
	b.Join(c, a)
	r := &reel{}
	crank(b, 1)
	c.Listen(r)
	crank(b, 3)
	c.Unlisten(r)
	crank(b, 1)
	if diff := cmp.Diff(&reel{said: []int16{2, 3, 4}, told: []int16{1002, 1003, 1004}}, r, cmp.AllowUnexported(reel{})); diff != "" {
		t.Error(diff)
	}
}

// A counter says the number of the tick.
type counter struct{ n int16 }

func (c *counter) Hear(f *telephony.Frame) {
	c.n++
	copy(f[:], constant(c.n, len(f)))
}
func (c *counter) Say(*telephony.Frame) {}

func TestVerbsOnAClosedBridgeDoNothingAndNeverWait(t *testing.T) {
	b := homeBridge()
	h := &handset{}
	p := b.Attach(h)
	late := p.Play(Silence(time.Hour))
	b.Close()
	after := p.Play(Silence(time.Hour))
	crank(b, 1)
	for range 3 * verbs {
		b.Close()
		b.Join(b.Attach(h), p)
		p.Detach()
		if !isClosed(p.Play(Silence(time.Hour))) {
			t.Fatal("a source plays on a closed bridge")
		}
	}
	if !isClosed(late) || !isClosed(after) || !isClosed(b.Done()) {
		t.Error("something outlived the bridge")
	}
	if h.ticks.Load() != 0 {
		t.Error("a closed bridge heard its port")
	}
}

func TestPanicEndsOnlyItsBridge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hurt *Bridge
		m := NewMatrix(hal.SystemClock{}, 1)
		m.OnPanic = func(b *Bridge, what any, stack []byte) {
			if hurt = b; what != "planted" || len(stack) == 0 {
				t.Errorf("told %v with a stack of %d octets", what, len(stack))
			}
		}
		stop := run(t, m)
		well, ill := m.Open(), m.Open()
		h := &handset{}
		well.Attach(h)
		done := ill.Attach(&handset{}).Play(bomb{})
		pass(time.Second)
		if hurt != ill || !isClosed(done) || !isClosed(ill.Done()) || isClosed(well.Done()) {
			t.Error("the panic did not end its bridge, or ended another")
		}
		if want := int64(49); h.ticks.Load() < want {
			t.Errorf("the other bridge had %d ticks in a second", h.ticks.Load())
		}
		stop()
		if !isClosed(well.Done()) {
			t.Error("the end of the matrix left a bridge open")
		}
		if b := m.Open(); !isClosed(b.Done()) {
			t.Error("a bridge was opened after the end")
		}
	})
}

type bomb struct{}

func (bomb) Next(*telephony.Frame) bool { panic("planted") }

// pass lets virtual time pass and everything that is due then be done.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// run runs the matrix until stop or the end of the test.
func run(t testing.TB, m *Matrix) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		m.Run(ctx)
	}()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return stop
}
