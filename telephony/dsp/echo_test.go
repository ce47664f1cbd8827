package dsp

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"callbox/telephony"

	"pgregory.net/rapid"
)

// g168 reads the tables of the recommendation.
func g168(t testing.TB) map[string][]float64 {
	t.Helper()
	f, err := os.Open("testdata/g168.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tables := map[string][]float64{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, values, ok := strings.Cut(lines.Text(), ": ")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		for _, v := range strings.Fields(values) {
			x, err := strconv.ParseFloat(v, 64)
			if err != nil {
				t.Fatal(err)
			}
			tables[name] = append(tables[name], x)
		}
	}
	return tables
}

// composite is the composite source signal of G.168 Annex C: voice, noise, a pause, and again the other way up. The noise
// is told apart by its seed.
func composite(voice []float64, voiced, pause time.Duration, seed uint64, d time.Duration) sound {
	r := rand.New(rand.NewPCG(seed, 4))
	v := sound(voice).level()
	var s sound
	for sign := 1.0; len(s) < samplesIn(d); sign = -sign {
		for i := range samplesIn(voiced) {
			s = append(s, sign*voice[i%len(voice)])
		}
		for range samplesIn(200 * ms) {
			s = append(s, sign*math.Sqrt(meanSquareOf(v))*r.NormFloat64())
		}
		s = s.then(silence(pause))
	}
	return s[:samplesIn(d)]
}

// through returns the echo of a sound by a path with so much return loss and delay.
func (s sound) through(path []float64, lossDB float64, delay int) sound {
	sum := 0.0
	for _, h := range path {
		sum += h * h
	}
	scale := math.Pow(10, -lossDB/20) / math.Sqrt(sum)
	out := make(sound, len(s))
	for i := range s {
		for k, h := range path {
			if j := i - delay - k; j >= 0 {
				out[i] += scale * h * s[j]
			}
		}
	}
	return out
}

// An echoCall is what goes into a canceller and what comes out of it, over some path.
type echoCall struct {
	said, echo, near sound
	out              sound // of the whole canceller
	linear           sound // of its filter alone
}

// over plays a call: the far end says said, of which echo comes back with near.
func over(said, echo, near sound) echoCall {
	t := echoCall{said: said, echo: echo, near: near}
	far, line := said.frames(), slices.Clone(echo).plus(near).frames()
	whole, filter := NewEchoCanceller(), NewEchoCanceller()
	for i := range far {
		out := line[i]
		whole.Cancel(&out, &far[i])
		for _, v := range out {
			t.out = append(t.out, float64(v))
		}
		for at := 0; at < len(out); at += echoBlock {
			left, _ := filter.subtract((*[echoBlock]int16)(line[i][at:]), (*[echoBlock]int16)(far[i][at:]))
			filter.lower(&left)
			for _, v := range left {
				t.linear = append(t.linear, float64(v))
			}
		}
	}
	return t
}

// erle returns the echo return loss enhancement over a time, of the filter and of the whole: by how much there is less of
// the echo than without, whatever the near end says.
func (t echoCall) erle(from, to time.Duration) (linear, whole float64) {
	a, b := samplesIn(from), samplesIn(to)
	rest := func(out sound) float64 {
		s := slices.Clone(out[a:b])
		for i := range s {
			s[i] -= t.near[a+i]
		}
		return t.echo[a:b].level() - s.level()
	}
	return rest(t.linear), rest(t.out)
}

// farEnd is the composite source signal of the far end, nearEnd that of a near end that talks at the same time.
func farEnd(t testing.TB, d time.Duration) sound {
	return composite(g168(t)["C.1"], 48620*time.Microsecond, 101380*time.Microsecond, 1, d).to(-16)
}

func nearEnd(t testing.TB, d time.Duration) sound {
	return composite(g168(t)["C.3"], 72690*time.Microsecond, 127310*time.Microsecond, 2, d)
}

// eachPath runs a test over each of the hybrids, with delays up to what the tail allows.
func eachPath(t *testing.T, test func(t *testing.T, path []float64, delay int)) {
	tables := g168(t)
	for n := 2; n <= 9; n++ {
		t.Run(fmt.Sprintf("G.168 D.%d", n), func(t *testing.T) {
			path := tables[fmt.Sprintf("D.%d", n)]
			test(t, path, (n-2)*(echoParts*echoBlock-len(path))/7)
		})
	}
}

// idle is the noise of an idle line.
func idle(d time.Duration) sound { return silence(d).noise(-65, 9) }

// G.168 test 2, convergence: 30 dB of enhancement after a second, with 6 dB of return loss and with more.
func TestEchoConverges(t *testing.T) {
	eachPath(t, func(t *testing.T, path []float64, delay int) {
		for _, loss := range []float64{6, 10, 14} {
			far := farEnd(t, 4*time.Second)
			call := over(far, far.through(path, loss, delay), idle(4*time.Second))
			if _, whole := call.erle(time.Second, 2*time.Second); whole < 30 {
				t.Errorf("loss %v dB: %.1f dB after a second", loss, whole)
			}
			least := 28 - max(0, loss-6) // what is left is the noise of the line's coder
			if linear, whole := call.erle(2*time.Second, 4*time.Second); linear < least || whole < 36-max(0, loss-6) {
				t.Errorf("loss %v dB: %.1f dB of the filter and %.1f in all after two seconds", loss, linear, whole)
			}
		}
	})
}

// G.168 test 3, double talk: at each level of the near end the filter goes on to take out the echo, it does not diverge,
// and it is right when the near end falls silent. The near end is heard: no frame of it is lost.
func TestEchoInDoubleTalk(t *testing.T) {
	eachPath(t, func(t *testing.T, path []float64, delay int) {
		for _, c := range []struct {
			dBm0      float64
			least     float64 // dB of enhancement meanwhile: the coder's noise grows with the near end
			mostMuted int     // frames of 20 ms of 200
		}{
			{-6, 14, 0}, {-16, 20, 0}, {-22, 22, 4}, {-28, 22, 16},
		} {
			far, near := farEnd(t, 8*time.Second), nearEnd(t, 4*time.Second).to(c.dBm0)
			near = silence(2*time.Second).then(near, silence(2*time.Second))
			call := over(far, far.through(path, 6, delay), slices.Clone(near).plus(idle(8*time.Second)))
			if linear, _ := call.erle(2*time.Second, 6*time.Second); linear < c.least {
				t.Errorf("near end at %v dBm0: %.1f dB meanwhile", c.dBm0, linear)
			}
			if linear, _ := call.erle(6*time.Second, 7*time.Second); linear < 27 {
				t.Errorf("near end at %v dBm0: %.1f dB after it", c.dBm0, linear)
			}
			if n := muted(call.out, near); n > c.mostMuted {
				t.Errorf("near end at %v dBm0: %d frames muted", c.dBm0, n)
			}
		}
	})
}

// muted counts the frames of the near end, but for its pauses, of which less than half comes out.
func muted(out, near sound) (n int) {
	loud := near.level() - 12
	for at := 0; at+telephony.FrameSamples <= len(near); at += telephony.FrameSamples {
		in, both := 0.0, 0.0
		for i := at; i < at+telephony.FrameSamples; i++ {
			in += near[i] * near[i]
			both += near[i] * out[i]
		}
		if levelOf(in/telephony.FrameSamples) > loud && both < in/2 {
			n++
		}
	}
	return n
}

// Another path, as when a call is passed on: it is found again within two seconds, and meanwhile nothing is louder than
// without a canceller.
func TestEchoPathChanges(t *testing.T) {
	other := g168(t)["D.4"]
	eachPath(t, func(t *testing.T, path []float64, delay int) {
		far := farEnd(t, 7*time.Second)
		before, after := far[:samplesIn(3*time.Second)].through(path, 6, delay), far.through(other, 8, 60)
		call := over(far, before.then(after[len(before):]), idle(7*time.Second))
		if linear, _ := call.erle(3*time.Second, 3200*ms); linear < -6 { // the two echoes together
			t.Errorf("the filter adds %.1f dB at once", -linear)
		}
		if linear, _ := call.erle(3400*ms, 4*time.Second); linear < 5 {
			t.Errorf("%.1f dB in the first second", linear)
		}
		if linear, whole := call.erle(5*time.Second, 7*time.Second); linear < 25 || whole < 30 {
			t.Errorf("%.1f dB of the filter and %.1f in all after two seconds", linear, whole)
		}
	})
}

// G.168 test 6, narrow-band signals: neither tones from the far end, nor tones from the near end, nor the same tone from
// both spoil what was learned, and what the near end sends comes through whole.
func TestEchoWithTones(t *testing.T) {
	path := g168(t)["D.5"]
	digits, err := NewDTMF("159D")
	if err != nil {
		t.Fatal(err)
	}
	keys, busy := play(digits, time.Second), play(NewCadence(PlanOf("cn").Tone(Busy)), 4*time.Second)
	for _, c := range []struct {
		name      string
		far, near sound
	}{
		{"697 Hz from the far end", sine(697, -10, 5*time.Second), nil},
		{"1633 Hz from the far end", sine(1633, -10, 5*time.Second), nil},
		{"697 and 1209 Hz from the far end", sine(697, -13, 5*time.Second).plus(sine(1209, -13, 5*time.Second)), nil},
		{"941 and 1633 Hz from the far end", sine(941, -13, 5*time.Second).plus(sine(1633, -13, 5*time.Second)), nil},
		{"digits from the near end in silence", nil, keys},
		{"digits from the near end under speech", speech(3, 5*time.Second), keys},
		{"busy tone from the near end in silence", nil, busy},
		{"busy tone from the near end under speech", speech(3, 5*time.Second), busy},
		{"busy tone from both ends", sine(450, -16, 5*time.Second), busy},
	} {
		t.Run(c.name, func(t *testing.T) {
			lead, rest := farEnd(t, 2*time.Second), farEnd(t, 2*time.Second)
			far := lead.then(silence(5*time.Second).plus(c.far), rest)
			near := silence(2500*ms).then(silence(4500*ms).plus(c.near), silence(2*time.Second))
			call := over(far, far.through(path, 6, 40), slices.Clone(near).plus(idle(9*time.Second)))
			if linear, _ := call.erle(7500*ms, 9*time.Second); linear < 25 {
				t.Errorf("%.1f dB afterwards", linear)
			}
			if c.near == nil {
				return
			}
			a, b := samplesIn(2500*ms), samplesIn(2500*ms)+len(c.near)
			if off := call.out[a:b].level() - near[a:b].level(); math.Abs(off) > 1 {
				t.Errorf("what the near end sends comes out %.1f dB off", off)
			}
			if n := muted(call.out[a:b], near[a:b]); n > 0 {
				t.Errorf("%d frames of it muted", n)
			}
		})
	}
}

// While there is no far end, nothing is changed; while it talks alone, the line's own noise is heard, not a hole.
func TestEchoLeavesTheLineAsItIs(t *testing.T) {
	near := speech(4, 2*time.Second)
	call := over(silence(2*time.Second), silence(2*time.Second), near)
	for i, f := range near.frames() {
		for k, v := range f {
			if d := math.Abs(call.out[i*telephony.FrameSamples+k] - float64(v)); d > 1 {
				t.Fatalf("sample %d of frame %d is off by %v", k, i, d)
			}
		}
	}
	far := farEnd(t, 4*time.Second)
	call = over(far, far.through(g168(t)["D.2"], 8, 0), silence(4*time.Second).noise(-55, 3))
	if level := call.out[samplesIn(2*time.Second):].level(); math.Abs(level+55) > 3 {
		t.Errorf("a line with noise of -55 dBm0 sounds like %.1f dBm0", level)
	}
}

func TestEchoReturnLoss(t *testing.T) {
	for _, loss := range []float64{6, 12, 20} {
		c, far := NewEchoCanceller(), silence(3*time.Second).noise(-16, 1)
		said, heard := far.frames(), far.through(g168(t)["D.3"], loss, 30).frames()
		for i := range said {
			c.Cancel(&heard[i], &said[i])
		}
		if got := c.ReturnLossDB(); math.Abs(got-loss) > 1.5 {
			t.Errorf("a path of %v dB is told as %.1f", loss, got)
		}
	}
	if got := NewEchoCanceller().ReturnLossDB(); got < 60 {
		t.Errorf("a path that is not known is told as %.1f dB", got)
	}
}

// Whatever goes in, full scale and nonsense, what comes out is no louder than both, and a good line is found again.
func TestEchoSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, r := NewEchoCanceller(), rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5))
		peaks := []int{0, 1, 100, 32767}
		for range rapid.IntRange(1, 60).Draw(t, "frames") {
			var said, heard telephony.Frame
			a, b := peaks[r.IntN(4)], peaks[r.IntN(4)]
			for i := range said {
				said[i], heard[i] = int16(r.IntN(2*a+1)-a), int16(r.IntN(2*b+1)-b)
			}
			c.Cancel(&heard, &said)
		}
		far := silence(2*time.Second).noise(-16, 1)
		said, heard := far.frames(), far.through([]float64{1, 0.5, -0.3}, 6, 100).frames()
		in, out := 0.0, 0.0
		for i := range said {
			in += meanSquareOf(Level(&heard[i]))
			c.Cancel(&heard[i], &said[i])
			if i >= len(said)*3/4 {
				out += 4 * meanSquareOf(Level(&heard[i]))
			}
		}
		if erle := levelOf(in) - levelOf(out); !(erle > 20) {
			t.Fatalf("%.1f dB afterwards", erle)
		}
	})
}

// An hour of both parties' speech (make day) leaves the canceller as good as the first minute, and a minute does too.
func TestEchoForLong(t *testing.T) {
	minutes := 1
	if os.Getenv("CALLBOX_HOURS") != "" {
		minutes = 60
	}
	c, path := NewEchoCanceller(), g168(t)["D.7"]
	for m := range uint64(minutes) {
		far := speech(m, time.Minute)
		said, heard := far.frames(), far.through(path, 6, 100).plus(speech(m+1000, 40*time.Second)).plus(idle(time.Minute)).frames()
		in, out := 0.0, 0.0
		for i := range said {
			alone := i > 50*45 // the near end has been silent for five seconds
			if alone {
				in += meanSquareOf(Level(&heard[i]))
			}
			c.Cancel(&heard[i], &said[i])
			if alone {
				out += meanSquareOf(Level(&heard[i]))
			}
		}
		if erle := levelOf(in) - levelOf(out); !(erle > 25) {
			t.Fatalf("minute %d: %.1f dB", m, erle)
		}
	}
}

// Speech that we did not make teaches more slowly than the composite signal: it has few harmonics at a time.
func TestEchoOfSpokenWords(t *testing.T) {
	for _, c := range []struct{ voice, text string }{
		{"cmn", "您好,我想咨询一下上个月的账单,为什么比以前多了一百二十块钱?我没有换过套餐,也没有开通别的业务。"},
		{"en+f3", "Good morning, thank you for calling. May I have your account number, please? I will look it up for you right now."},
	} {
		far := said(t, c.text, "-v", c.voice)
		eachPath(t, func(t *testing.T, path []float64, delay int) {
			call := over(far, far.through(path, 6, delay), silence(time.Minute).noise(-65, 1)[:len(far)])
			for at := time.Second; at < 5*time.Second; at += time.Second {
				linear, whole := call.erle(at, at+time.Second)
				t.Logf("%s from %v: %.1f dB of the filter, %.1f in all", c.voice, at, linear, whole)
				if at >= 3*time.Second && whole < 28 {
					t.Errorf("%s from %v: %.1f dB", c.voice, at, whole)
				}
			}
		})
	}
}

// A second of digital silence after speech costs no more than speech: no number has become too small.
func BenchmarkEchoCanceller(b *testing.B) {
	far := speech(1, 3*time.Second)
	for name, said := range map[string][]telephony.Frame{"speech": far.frames(), "silence": make([]telephony.Frame, 150)} {
		b.Run(name, func(b *testing.B) {
			heard, c := far.through(g168(b)["D.5"], 6, 50).frames(), NewEchoCanceller()
			for i, f := range far.frames() {
				c.Cancel(&heard[i], &f)
			}
			if name == "silence" {
				heard = make([]telephony.Frame, len(said))
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				f := heard[i%len(heard)]
				c.Cancel(&f, &said[i%len(said)])
			}
		})
	}
}

// BenchmarkEchoCancellers is one tick of sixty lines of which each has its own canceller, in a call with speech.
func BenchmarkEchoCancellers(b *testing.B) {
	const lines = 60
	said := speech(1, 3*time.Second)
	heard := said.through(g168(b)["D.5"], 6, 50).frames()
	frames := said.frames()
	var cancellers [lines]*EchoCanceller
	for n := range cancellers {
		cancellers[n] = NewEchoCanceller()
		for i, f := range heard {
			cancellers[n].Cancel(&f, &frames[i])
		}
	}
	for i := 0; b.Loop(); i++ {
		for _, c := range cancellers {
			f := heard[i%len(heard)]
			c.Cancel(&f, &frames[i%len(frames)])
		}
	}
}
