package media

import (
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
)

// A rover may be ticked by any loop. It counts without care for other goroutines, so that the race detector sees two loops that
// have it at once.
type rover struct {
	handset
	heard int
}

func (r *rover) Independent() {}

func (r *rover) Say(f *telephony.Frame) {
	r.heard++
	r.handset.told = append(r.handset.told[:0], *f)
}

// bridges are how many each loop has.
func (m *Matrix) bridges() (of []int) {
	for _, l := range m.loops {
		of = append(of, int(l.stats.bridges.Load()))
	}
	return of
}

func TestIndependentPortsAreSpreadOverTheLoops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMatrix(hal.SystemClock{}, 3)
		run(t, m)
		var open []*Bridge
		rovers := make([]rover, 9)
		for i := range rovers {
			b := m.Open()
			b.Attach(&rovers[i])
			open = append(open, b)
		}
		pass(time.Second)
		if got := m.bridges(); !cmp.Equal(got, []int{3, 3, 3}) || m.Stats().Bridges != 9 {
			t.Errorf("the loops have %v bridges, %d in all", got, m.Stats().Bridges)
		}
		for i := range rovers {
			if n := rovers[i].ticks.Load(); n < 49 || n > 51 {
				t.Errorf("port %d was heard %d times in a second", i, n)
			}
		}
		for _, b := range open {
			b.Close()
		}
		pass(time.Second)
		if got := m.bridges(); !cmp.Equal(got, []int{0, 0, 0}) {
			t.Errorf("when all is over the loops have %v bridges", got)
		}
	})
}

func TestAPortThatIsNotIndependentTakesItsBridgeHome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMatrix(hal.SystemClock{}, 2)
		stop := run(t, m)
		first, second := m.Open(), m.Open()
		agent, line := &rover{handset: handset{level: 100}}, &handset{level: 200}
		first.Attach(&rover{})
		a := second.Attach(agent)
		pass(time.Second)
		l := second.Attach(line)
		second.Join(a, l)
		pass(time.Second)
		if got := m.bridges(); !cmp.Equal(got, []int{2, 0}) {
			t.Errorf("the loops have %v bridges", got)
		}
		if n := agent.ticks.Load(); n < 98 || n > 101 {
			t.Errorf("the agent was heard %d times in two seconds", n)
		}
		unseen := m.Open().Attach(line) // on the way home when everything ends
		stop()
		<-unseen.left
		<-l.left
		if agent.newest() != 200 || line.newest() != 100 {
			t.Errorf("the agent heard %d, the line %d", agent.newest(), line.newest())
		}
	})
}

func TestAPartyThatNeverCameHomeCanLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBridge()
		line := &handset{}
		p := b.Attach(line)
		crank(b, 1)
		left := p.Detach()
		crank(b, 1)
		<-left
		b.settle()
		crank(b, 1)
		if line.ticks.Load() != 0 {
			t.Error("its port was called")
		}
	})
}

// A port that moves from bridge to bridge is never in the hands of two loops.
func TestAPortMovesBetweenLoops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMatrix(hal.SystemClock{}, 2)
		run(t, m)
		bridges := []*Bridge{m.Open(), m.Open()}
		for _, b := range bridges {
			b.Attach(&rover{})
		}
		moving := &rover{}
		p := bridges[0].Attach(moving)
		for i := range 200 {
			pass(time.Duration(i%40) * time.Millisecond)
			<-p.Detach()
			<-p.Detach() // again, which is nothing
			p = bridges[(i+1)%2].Attach(moving)
		}
		if got := m.bridges(); !cmp.Equal(got, []int{1, 1}) || moving.heard < 100 {
			t.Errorf("the loops have %v bridges; the port was told %d times", got, moving.heard)
		}
	})
}
