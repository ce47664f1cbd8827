package rtp

import "math"

// The times of G.711 Appendix I, in samples.
const (
	shortPitch = 40  // 5 ms: a voice of 200 Hz
	longPitch  = 120 // 15 ms: one of 66 Hz
	likeness   = 160 // so much of the newest speech is compared with what was before it
	pastSize   = 3*longPitch + longPitch/4
	growAfter  = 80  // each 10 ms of a gap another pitch period is repeated, up to three, or it would sound like a buzzer
	fadeAfter  = 80  // and from 10 ms on it fades
	fadeBy     = 480 // to silence at 60 ms
	mostBlend  = 80
	blendMore  = 32 // the blend at the end of a gap grows by 4 ms with each 10 ms of it
)

// A concealer fills gaps by repeating the last pitch periods of the speech before (ITU-T G.711 Appendix I). The standard
// delays all speech by 3.75 ms, to blend into the repetition before the gap begins; here the beginning of the gap is blended
// with the speech mirrored at its end, which joins as well and delays nothing.
type concealer struct {
	gaps    uint64 // since the beginning
	gone    int    // samples made up since the last that came; 0: none, fadeBy: silence
	pitch   int
	periods int
	at      int // in the repetition
	tail    [longPitch / 4]int16
	tailAt  int             // what is left of tail is blended into the repetition
	past    [pastSize]int16 // the speech before the gap
	looped  [3 * longPitch]int16
}

// silent tells that nothing is left to be heard of what was before the gap.
func (c *concealer) silent() bool { return c.gone >= fadeBy }

// fill makes up samples after the past, of which pastOf gives the newest, and tells how many of them are audible.
func (c *concealer) fill(dst []int16, pastOf func([]int16)) (audible int) {
	if c.gone == 0 {
		pastOf(c.past[:])
		c.begin()
	}
	audible = min(len(dst), max(fadeBy-c.gone, 0))
	for i := range dst[:audible] {
		dst[i] = c.next()
	}
	clear(dst[audible:])
	return audible
}

// begin takes up the repetition at the start of a gap.
func (c *concealer) begin() {
	c.gaps++
	c.pitch = pitchOf(c.past[:])
	c.periods, c.at, c.tailAt = 1, 0, 0
	c.loop()
	aside := int(c.past[len(c.past)-1]) - int(c.past[len(c.past)-1-c.pitch]) // of the period before
	for i := range c.tail[:c.quarter()] {
		c.tail[i] = int16(max(-32768, min(32767, int(c.looped[i])+aside)))
	}
}

func (c *concealer) quarter() int { return c.pitch / 4 }

// loop lays out the periods that are repeated. The end of the last one is blended into what was before the first one, so
// that each repetition joins the next.
func (c *concealer) loop() {
	n, q := c.periods*c.pitch, c.quarter()
	copy(c.looped[:n], c.past[len(c.past)-n:])
	before := c.past[len(c.past)-n-q:]
	for i := range q {
		c.looped[n-q+i] = blend(c.looped[n-q+i], before[i], i, q)
	}
}

// grow repeats one period more from here on.
func (c *concealer) grow() {
	at := c.at
	for i := range c.tail[:c.quarter()] {
		c.tail[i] = c.repeat()
	}
	c.periods++
	c.at, c.tailAt = at%c.pitch, 0
	c.loop()
}

func (c *concealer) repeat() int16 {
	v := c.looped[c.at]
	if c.at++; c.at == c.periods*c.pitch {
		c.at = 0
	}
	return v
}

// next makes up a sample.
func (c *concealer) next() int16 {
	if c.gone == growAfter || c.gone == 2*growAfter {
		c.grow()
	}
	v := c.repeat()
	if q := c.quarter(); c.tailAt < q {
		v = blend(c.tail[c.tailAt], v, c.tailAt, q)
		c.tailAt++
	}
	gain := min(fadeBy-c.gone, fadeBy-fadeAfter)
	c.gone++
	return int16(int(v) * gain / (fadeBy - fadeAfter))
}

// join leads from what was made up into the first samples that came after it.
func (c *concealer) join(s []int16) {
	n := mostBlend
	if !c.silent() {
		n = min(c.quarter()+c.gone/growAfter*blendMore, mostBlend)
	}
	n = min(n, len(s))
	for i := range s[:n] {
		var made int16
		if !c.silent() {
			made = c.next()
		}
		s[i] = blend(made, s[i], i, n)
	}
	c.gone = 0
}

// blend is the i-th of n samples on the way from one wave to another.
func blend(from, to int16, i, n int) int16 { return int16((int(from)*(n-i) + int(to)*i) / n) }

// pitchOf is the pitch period at the end of the past: the lag at which its newest part is most like what was before. As in
// the standard every second lag and sample is looked at first, and the neighbours of the best one after.
func pitchOf(past []int16) int {
	best, at := -1.0, longPitch
	look := func(from, to, step int) {
		for lag := from; lag <= to; lag += step {
			newest := past[len(past)-likeness:]
			if l := alike(newest, past[len(past)-likeness-lag:], likeness, step); l > best {
				best, at = l, lag
			}
		}
	}
	look(shortPitch, longPitch, 2)
	best = -1
	look(max(at-1, shortPitch), min(at+1, longPitch), 1)
	return at
}

// alike is the correlation of two waves of n samples, normalised by the power of the second, looking at each step-th.
// Waves of no power to speak of are as alike as any (CORRMINPOWER in the standard).
func alike(a, b []int16, n, step int) float64 {
	const leastPower = 250
	var product, power float64
	for i := 0; i < n; i += step {
		x, y := float64(a[i]), float64(b[i])
		product += x * y
		power += y * y
	}
	return product / math.Sqrt(max(power, leastPower))
}
