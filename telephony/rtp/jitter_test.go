package rtp

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"callbox/telephony"
)

// A network carries a far end's packets: it talks a tone without end, and the network loses, delays, swaps and copies.
type network struct {
	rng     *rand.Rand
	jitter  float64 // ms, evenly spread
	loss    float64
	copies  float64
	ppm     float64 // by which the far end's clock is fast
	pending []delayedPacket
	sent    int
}

type delayedPacket struct {
	at float64 // ms
	ts uint32
}

// deliver puts everything that has arrived by the tick into the buffer and returns how many packets were lost or late.
func (n *network) deliver(j *jitterBuffer, now float64) (missing int) {
	const ptime = 20
	for ; float64(n.sent)*ptime/(1+n.ppm/1e6) <= now; n.sent++ {
		at := float64(n.sent)*ptime/(1+n.ppm/1e6) + n.rng.Float64()*n.jitter
		if n.rng.Float64() < n.loss {
			missing++
		} else {
			n.pending = append(n.pending, delayedPacket{at, uint32(n.sent * 160)})
		}
		if n.rng.Float64() < n.copies {
			n.pending = append(n.pending, delayedPacket{at + 5, uint32(n.sent * 160)})
		}
	}
	rest := n.pending[:0]
	for _, p := range n.pending {
		if p.at > now {
			rest = append(rest, p)
		} else if !put(j, p.ts, tone(p.ts)) {
			missing++
		}
	}
	n.pending = rest
	return missing
}

// put puts in a packet and tells whether it came in time.
func put(j *jitterBuffer, ts uint32, s []int16) (inTime bool) {
	first, second, inTime := j.room(ts, len(s))
	copy(second, s[copy(first, s):])
	return inTime
}

// tone is 160 samples of 400 Hz.
func tone(ts uint32) []int16 {
	s := make([]int16, 160)
	for i := range s {
		s[i] = int16(8000 * math.Sin(2*math.Pi*float64((ts+uint32(i))%20)/20))
	}
	return s
}

type outcome struct {
	missing, concealed int
	delay              float64 // ms from mouth to ear: the worst of the second half
	step               int     // the greatest from sample to sample after the first second
	mos                float64
}

func simulate(n *network, seconds int) (o outcome) {
	var j jitterBuffer
	j.conceal.gone = fadeBy
	last := int16(0)
	n.rng = rand.New(rand.NewPCG(1, 2))
	for tick := range seconds * 50 {
		now := float64(tick)*20 + 3
		missing := n.deliver(&j, now)
		var f telephony.Frame
		concealed := j.play(&f)
		if tick > 100 {
			o.missing += missing
			o.concealed += concealed
			for _, v := range f {
				o.step = max(o.step, int(distance(v, last)))
				last = v
			}
		}
		last = f[len(f)-1]
		if tick > seconds*25 {
			o.delay = max(o.delay, now*(1+n.ppm/1e6)+20-float64(j.next)/8)
		}
	}
	loss := float64(o.missing) / float64(seconds*50)
	o.mos = meanOpinion(rating(loss, 1, time.Duration(o.delay)*time.Millisecond))
	return o
}

func TestJitterBuffer(t *testing.T) {
	const step = 2700 // a tone of 400 Hz and 8000 peak moves 2,513 a sample at most
	for _, row := range []struct {
		story   string
		network network
		seconds int
		missing int     // packets, at most
		delay   float64 // ms, at most
		step    int
		mos     float64 // at least
	}{
		{"a calm network", network{}, 60, 0, 50, step, 4.4},
		{"jitter within the start delay costs nothing", network{jitter: 30}, 60, 0, 80, step, 4.4},
		{"jitter of 60 ms is learned", network{jitter: 60}, 120, 6, 130, step, 4.3},
		{"copies fall on themselves", network{jitter: 20, copies: 0.3}, 60, 0, 70, step, 4.4},
		{"half an hour with a far end that is 200 ppm fast", network{ppm: 200}, 1800, 0, 90, step, 4.4},
		{"half an hour with a far end that is 200 ppm slow", network{ppm: -200}, 1800, 0, 60, step, 4.4},
		{"half an hour of 200 ppm and jitter of 20 ms", network{ppm: -200, jitter: 20}, 1800, 0, 80, step, 4.4},
		{"5 % loss is concealed", network{loss: 0.05}, 60, 160, 50, step, 3.9},
		{"everything at once", network{loss: 0.05, jitter: 60, copies: 0.1, ppm: 200}, 600, 1600, 140, step, 3.8},
	} {
		t.Run(row.story, func(t *testing.T) {
			o := simulate(&row.network, row.seconds)
			if o.missing > row.missing || o.delay > row.delay || o.step > row.step || o.mos < row.mos {
				t.Errorf("%+v", o)
			}
			if row.missing == 0 && o.concealed > 0 {
				t.Error("concealed what was not missing")
			}
		})
	}
}

func TestReorderedPacketsArePlayedInOrder(t *testing.T) {
	s, w := newSession(Params{})
	p := newPhone(w, far)
	for tick := range 20 {
		p.talk(int16(500*tick), 20)
		if tick%4 == 3 { // swap the newest two, of which the first was held back
			p.talk(0, 20)
		}
		if n := len(w.in); n >= 2 {
			w.in[n-1], w.in[n-2] = w.in[n-2], w.in[n-1]
		}
		hear(s)
	}
	if st := s.Stats(); st.Reordered == 0 || st.Lost != 0 || st.Concealed != 0 {
		t.Errorf("%+v", st)
	}
}

func TestAGapFadesAndJoinsWithoutAClick(t *testing.T) {
	var j jitterBuffer
	var heard []int16
	for tick := range 40 {
		ts := uint32(tick * 160)
		if tick < 10 || tick >= 20 {
			put(&j, ts, tone(ts))
		}
		var f telephony.Frame
		j.play(&f)
		heard = append(heard, f[:]...)
	}
	gap := heard[startDelay+10*160:][:10*160]
	for i, v := range heard[3*160+1:] {
		if d := distance(v, heard[3*160+i]); d > 3500 {
			t.Fatalf("a step of %d at %d", d, 3*160+i)
		}
	}
	if loud(gap[:160]) < 3000 || loud(gap[160:320]) > loud(gap[:160]) || loud(gap[480:]) != 0 {
		t.Errorf("levels in the gap: %d %d %d", loud(gap[:160]), loud(gap[160:320]), loud(gap[480:]))
	}
}

func loud(s []int16) (peak int32) {
	for _, v := range s {
		peak = max(peak, distance(v, 0))
	}
	return peak
}

// Far ends begin new time lines in mid-call: each must be heard again within a second.
func TestTimelinesThatJump(t *testing.T) {
	for _, row := range []struct {
		story string
		jump  int32
	}{
		{"30 ms forward", 240},
		{"300 ms forward", 2400},
		{"an hour forward", 3600 * 8000},
		{"30 ms back", -240},
		{"300 ms back", -2400},
		{"an hour back", -3600 * 8000},
	} {
		t.Run(row.story, func(t *testing.T) {
			s, w := newSession(Params{})
			p := newPhone(w, far)
			hears(s, p, 1000, 50)
			p.Timestamp += uint32(row.jump)
			hears(s, p, 2000, 50)
			before := s.Stats()
			if heard := hears(s, p, 3000, 50); heard != coded(3000) || s.Stats().Concealed != before.Concealed {
				t.Errorf("heard %d, %+v", heard, s.Stats())
			}
		})
	}
}

func TestAStallOfTheNetworkIsCaughtUp(t *testing.T) {
	s, w := newSession(Params{})
	p := newPhone(w, far)
	hears(s, p, 1000, 50)
	for range 25 { // half a second in which everything is held back
		p.talk(1000, 20)
	}
	held := w.in
	w.in = nil
	for range 25 {
		hear(s)
	}
	w.in = held
	hears(s, p, 1000, 1500)
	if spare := int32(p.Timestamp-s.in.jitter.next) / 8; spare > 80 {
		t.Errorf("half a minute later speech is still %d ms behind", spare)
	}
}

func TestSequence(t *testing.T) {
	for _, row := range []struct {
		story  string
		seqs   []uint16
		orders []order
		lost   uint64
	}{
		{"RFC 3550 A.1: in order around the wrap", []uint16{65534, 65535, 0, 1}, []order{0, 0, 0, 0}, 0},
		{"a gap", []uint16{1, 2, 5}, []order{0, 0, 0}, 2},
		{"out of order", []uint16{1, 3, 2, 4}, []order{0, 0, reordered, 0}, 0},
		{"before the first", []uint16{5, 4}, []order{0, reordered}, 0},
		{"copies", []uint16{1, 1, 3, 2, 2, 3}, []order{0, duplicate, 0, reordered, duplicate, duplicate}, 0},
		{"too old to tell", []uint16{100, 36, 30}, []order{0, duplicate, duplicate}, 0},
		{"A.1: a jump must be confirmed", []uint16{1, 20000, 2, 30000, 30001, 30002}, []order{0, astray, 0, astray, 0, 0}, 0},
	} {
		var s sequence
		for i, seq := range row.seqs {
			if got := s.note(seq); got != row.orders[i] {
				t.Errorf("%s: packet %d is %d, want %d", row.story, i, got, row.orders[i])
			}
		}
		if s.lost() != row.lost {
			t.Errorf("%s: %d lost, want %d", row.story, s.lost(), row.lost)
		}
	}
}

func distance(a, b int16) int32 {
	d := int32(a) - int32(b)
	return max(d, -d)
}
