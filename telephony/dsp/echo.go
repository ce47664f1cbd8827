package dsp

import (
	"math"

	"callbox/telephony"
)

// An EchoCanceller takes the echo of what is said to a line out of what is heard from it (ITU-T G.168), for echo paths of
// up to 64 ms, the delay between the two frames included. One filter, steady, makes the echo that is taken out. Another,
// learning, may be as bold as it likes, since steady takes over what it has learned only while that leaves less of what is
// heard (Ochiai, Araseki and Ogihara, IEEE Trans. COM-25, 1977: two echo path models). So talk of both parties at once
// cannot spoil steady, and neither can a tone. A canceller belongs to the one goroutine that feeds it.
type EchoCanceller struct {
	past       echoPast
	steady     echoFilter
	learning   echoLearner
	heardPower echoPower // of what comes from the line
	leftPower  echoPower // of what steady leaves of it
	triedPower echoPower // of what learning would leave
	vain       int       // blocks of talk without much gain

	lastSaid, lastHeard, lastLeft float32 // of the filters that lift the treble and lower it again
	suppressor                    echoSuppressor
}

// echoLift is how much of a sample is taken off the next one, to make speech, which is mostly bass, easier to learn from.
// The learner would take the bass that leaks into the treble's bins for treble.
const echoLift = 0.7

// echoHiss is added to every sample, so that no sum decays into numbers so small that the processor slows down.
const echoHiss = 1e-10

// NewEchoCanceller returns a canceller that does not know the path yet. It learns it from one to three seconds of speech.
func NewEchoCanceller() *EchoCanceller {
	c := &EchoCanceller{suppressor: echoSuppressor{gain: 1}}
	c.learning.forget()
	return c
}

// Cancel takes the echo of said out of heard: the frames of one tick, what the line was given and what it gave.
func (c *EchoCanceller) Cancel(heard, said *telephony.Frame) {
	for at := 0; at < telephony.FrameSamples; at += echoBlock {
		near := (*[echoBlock]int16)(heard[at:])
		left, echo := c.subtract(near, (*[echoBlock]int16)(said[at:]))
		c.suppressor.suppress(&left, echo)
		c.lower(&left)
		for i, v := range left {
			near[i] = saturate(float64(v))
		}
	}
}

// ReturnLossDB is by how much the path weakens what comes back of white noise, as it is known now: 6 is what a line must
// have at the least (G.168 6.4), and 60 means that no echo was found.
func (c *EchoCanceller) ReturnLossDB() float64 {
	const none = 1e-6
	return -10 * math.Log10(max(float64(c.steady.gain()), none))
}

// subtract returns what steady leaves of a block, with the treble lifted, and the energy of the echo that it took out.
func (c *EchoCanceller) subtract(heard, said *[echoBlock]int16) (left [echoBlock]float32, echo float32) {
	var x, d, y, tried [echoBlock]float32
	c.lastSaid = lift(&x, said, c.lastSaid)
	c.lastHeard = lift(&d, heard, c.lastHeard)
	c.past.say(&x)
	c.learning.echo(&c.past, &y)
	for i := range d {
		tried[i] = d[i] - y[i]
	}
	c.steady.echo(&c.past, &y)
	for i := range d {
		left[i] = d[i] - y[i]
	}
	c.heardPower.add(&d)
	c.leftPower.add(&left)
	c.triedPower.add(&tried)
	if !c.past.tonal() { // a tone fits too many paths, and the same tone may come from the near end
		c.learning.learn(&c.past, &tried)
		c.compare()
	}
	return left, energy(&y)
}

// lift makes a block of samples with the treble lifted; last is the sample before it, and the one before the next is
// returned.
func lift(out *[echoBlock]float32, in *[echoBlock]int16, last float32) float32 {
	for i, v := range in {
		now := float32(v)
		out[i], last = now-echoLift*last+echoHiss, now
	}
	return last
}

// lower undoes what lift did.
func (c *EchoCanceller) lower(block *[echoBlock]float32) {
	for i, v := range block {
		c.lastLeft = v + echoLift*c.lastLeft
		block[i] = c.lastLeft
	}
}

// By which factor the power that one filter leaves must be less to be believed.
const (
	echoBetter  = 0.85 // learning than steady: it is taken over
	echoWorse   = 4.0  // learning than steady: it begins again from there
	echoHarmful = 1.2  // a filter than none: the path is another one
	echoVain    = 2.0  // steady than none, or else learning begins anew
)

// echoPatience is for how many blocks of talk steady may be in vain: 256 ms.
const echoPatience = 64

// compare lets steady and learning profit from each other.
func (c *EchoCanceller) compare() {
	switch {
	case c.triedPower.below(echoBetter, &c.leftPower) && c.triedPower.below(echoHarmful, &c.heardPower):
		c.steady, c.leftPower = c.learning.echoFilter, c.triedPower
	case c.leftPower.below(1/echoWorse, &c.triedPower):
		c.learning.echoFilter, c.triedPower = c.steady, c.leftPower
	}
	if c.leftPower.below(1/echoVain, &c.heardPower) {
		c.vain = 0
	} else if c.past.power() > echoFloor {
		c.vain++
	}
	harmful := c.heardPower.below(1/echoHarmful, &c.leftPower)
	if harmful {
		c.steady, c.leftPower = echoFilter{}, c.heardPower
	}
	if harmful || c.vain >= echoPatience { // the near end talks, or there is an echo where there was none: steady can wait
		c.learning.forget()
		c.vain = 0
	}
}

// An echoPower is the power of a signal over the last 32 and over the last 128 ms: chance makes one of them lie, seldom
// both.
type echoPower struct{ fast, slow float32 }

func (p *echoPower) add(block *[echoBlock]float32) {
	now := energy(block)
	p.fast += (now - p.fast) / 8
	p.slow += (now - p.slow) / 32
}

// below tells whether the power is less than a share of another.
func (p *echoPower) below(share float32, other *echoPower) bool {
	return p.fast < share*other.fast && p.slow < share*other.slow
}

func energy(block *[echoBlock]float32) (sum float32) {
	for _, v := range block {
		sum += v * v
	}
	return sum
}
