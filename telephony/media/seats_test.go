package media

import (
	"math"
	"testing"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
)

// A room is a customer, an agent and a supervisor, who say 100, 200 and 400.
type room struct {
	*Bridge
	customer, agent, supervisor *Party
	sets                        [3]*handset
}

func newRoom() *room {
	r := &room{Bridge: homeBridge(), sets: [3]*handset{{level: 100}, {level: 200}, {level: 400}}}
	r.customer, r.agent, r.supervisor = r.Attach(r.sets[0]), r.Attach(r.sets[1]), r.Attach(r.sets[2])
	r.Join(r.customer, r.agent)
	crank(r.Bridge, 2)
	return r
}

func (r *room) hear() (levels [3]int16) {
	crank(r.Bridge, 2)
	for i, h := range r.sets {
		levels[i] = h.newest()
	}
	return levels
}

func TestListenWhisperBarge(t *testing.T) {
	for _, row := range []struct {
		story string
		do    func(*room)
		hears [3]int16 // customer, agent, supervisor
	}{
		{"A6.1 listen: the supervisor hears both and nobody hears the supervisor", func(r *room) { r.Coach(r.supervisor) }, [3]int16{200, 100, 300}},
		{"A6.1 whisper: the agent hears the supervisor, the customer does not", func(r *room) { r.Coach(r.supervisor, r.agent) }, [3]int16{200, 500, 300}},
		{"from whisper back to listen", func(r *room) { r.Coach(r.supervisor, r.agent); r.Coach(r.supervisor) }, [3]int16{200, 100, 300}},
		{"A6.2 barge: all hear each other", func(r *room) { r.Coach(r.supervisor); r.Join(r.customer, r.agent, r.supervisor) }, [3]int16{600, 500, 300}},
		{"from barge back to whisper", func(r *room) {
			r.Join(r.customer, r.agent, r.supervisor)
			r.Coach(r.supervisor, r.agent)
		}, [3]int16{200, 500, 300}},
		{"the supervisor goes", func(r *room) { r.Coach(r.supervisor, r.agent); r.Part(r.supervisor) }, [3]int16{200, 100, 0}},
		{"the supervisor's phone is gone", func(r *room) { r.Coach(r.supervisor, r.agent); r.supervisor.Detach() }, [3]int16{200, 100, 0}},
		{"the coached agent goes", func(r *room) { r.Coach(r.supervisor, r.agent); r.agent.Detach() }, [3]int16{0, 100, 100}},
		{"A2.10 the call goes to another while the supervisor listens on", func(r *room) {
			r.Coach(r.supervisor, r.agent)
			crank(r.Bridge, 1)
			next := r.Attach(&handset{level: 50})
			r.Join(r.customer, next)
		}, [3]int16{50, 400, 150}},
		{"a party of another bridge hears nothing", func(r *room) { r.Coach(homeBridge().Attach(&handset{}), r.agent) }, [3]int16{200, 100, 0}},
		{"and is not whispered to", func(r *room) { r.Coach(r.supervisor, homeBridge().Attach(&handset{})) }, [3]int16{200, 100, 300}},
	} {
		r := newRoom()
		row.do(r)
		if diff := cmp.Diff(row.hears, r.hear()); diff != "" {
			t.Errorf("%s: %s", row.story, diff)
		}
	}
}

// What the supervisor whispers is not in a recording of the customer.
func TestAWhisperIsNotRecorded(t *testing.T) {
	r := newRoom()
	tape := &reel{}
	r.customer.Listen(tape)
	r.Coach(r.supervisor, r.agent)
	crank(r.Bridge, 3)
	if diff := cmp.Diff(&reel{said: []int16{100, 100, 100}, told: []int16{200, 200, 200}}, tape, cmp.AllowUnexported(reel{})); diff != "" {
		t.Error(diff)
	}
}

func TestARoomOf64(t *testing.T) {
	b := homeBridge()
	var all []*Party
	var sets []*handset
	for i := range 64 {
		sets = append(sets, &handset{level: int16(i)})
		all = append(all, b.Attach(sets[i]))
		crank(b, 1)
	}
	b.Join(all...)
	crank(b, 2)
	const sum = 63 * 64 / 2
	for i, h := range sets {
		if want := int16(sum - i); h.newest() != want {
			t.Errorf("party %d hears %d, want %d", i, h.newest(), want)
		}
	}
}

// A singer sings one note and keeps what it hears.
type singer struct {
	step, at float64
	told     []int16
}

func (s *singer) Hear(f *telephony.Frame) {
	for i := range f {
		f[i] = int16(6000 * math.Sin(s.at))
		s.at += s.step
	}
}

func (s *singer) Say(f *telephony.Frame) { s.told = append(s.told, f[:]...) }

// A click is a bend in the wave that no note has: whatever changes on a bridge, nobody hears one.
func TestNoChangeClicks(t *testing.T) {
	sharpest := func(told []int16) (most float64) {
		for i := 2; i < len(told); i++ {
			most = max(most, math.Abs(float64(told[i])-2*float64(told[i-1])+float64(told[i-2])))
		}
		return most
	}
	for _, row := range []struct {
		story string
		do    func(b *Bridge, p []*Party)
	}{
		{"a third joins", func(b *Bridge, p []*Party) { b.Join(p...) }},
		{"one is parted", func(b *Bridge, p []*Party) { b.Part(p[0]) }},
		{"a supervisor whispers", func(b *Bridge, p []*Party) { b.Coach(p[2], p[0]) }},
		{"a supervisor barges in", func(b *Bridge, p []*Party) { b.Coach(p[2], p[0]); crank(b, 1); b.Join(p...) }},
		{"the other is changed", func(b *Bridge, p []*Party) { b.Join(p[0], p[2]) }},
		{"the other is gone", func(_ *Bridge, p []*Party) { p[1].Detach() }},
		{"music begins", func(_ *Bridge, p []*Party) { p[0].Play(note(7)) }},
		{"music is replaced by other music", func(b *Bridge, p []*Party) { p[0].Play(note(7)); crank(b, 3); p[0].Play(note(11)) }},
		{"music stops", func(b *Bridge, p []*Party) { p[0].Play(note(7)); crank(b, 3); p[0].Stop() }},
		{"music begins and somebody joins at once", func(b *Bridge, p []*Party) { p[0].Play(note(7)); b.Join(p...) }},
		{"music stops and somebody joins at once", func(b *Bridge, p []*Party) { p[0].Play(note(7)); crank(b, 3); p[0].Stop(); b.Join(p...) }},
		{"nothing that concerns these", func(b *Bridge, p []*Party) { b.Part(p[2]) }},
	} {
		b := homeBridge()
		singers := []*singer{{step: 0.2}, {step: 0.31, at: 1}, {step: 0.17, at: 2}}
		var parties []*Party
		for _, s := range singers {
			parties = append(parties, b.Attach(s))
		}
		b.Join(parties[0], parties[1])
		crank(b, 5)
		row.do(b, parties)
		crank(b, 5)
		// The sharpest note bends by 6000*0.31^2 = 577, two at once by 1,000; a fade of 5 ms adds 2*6000*0.31/40 for each.
		if bend := sharpest(singers[0].told[telephony.FrameSamples:]); bend > 1200 {
			t.Errorf("%s: a bend of %.0f", row.story, bend)
		}
	}
	if cut := sharpest([]int16{0, 1000, 2000, 3000, 0, 0}); cut < 3000 { // what a hard cut measures
		t.Errorf("a hard cut bends by only %.0f", cut)
	}
}

// note is music of one note.
func note(cycles float64) telephony.Source {
	samples := make([]int16, telephony.SampleRate)
	for i := range samples {
		samples[i] = int16(6000 * math.Sin(2*math.Pi*cycles*40*float64(i)/telephony.SampleRate))
	}
	return Loop(PCM(samples))
}
