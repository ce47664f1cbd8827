package sim

import (
	"math"
	"math/rand/v2"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// An impairment is the faults of a line as they sound. The media loop owns it.
type impairment struct {
	gain  float64 // of the line, each way
	echo  float64 // of what the box said last
	noise float64 // rms
	hum   float64 // peak
	phase float64 // of the hum, in turns
	rand  *rand.Rand
}

func newImpairment(f Faults) *impairment {
	m := &impairment{gain: ratio(-f.LossDB), rand: rand.New(rand.NewPCG(f.Seed, 0))}
	if f.EchoDB != 0 {
		m.echo = ratio(-f.EchoDB)
	}
	if f.NoiseDBm0 != 0 {
		m.noise = dsp.Peak(f.NoiseDBm0) / math.Sqrt2
	}
	if f.HumDBm0 != 0 {
		m.hum = dsp.Peak(f.HumDBm0)
	}
	return m
}

func ratio(dB float64) float64 { return math.Pow(10, dB/20) }

// weaken is the line's loss on the way to the far end.
func (m *impairment) weaken(b *hal.Block) {
	if m.gain == 1 {
		return
	}
	for i, s := range b {
		b[i] = int16(float64(s) * m.gain)
	}
}

// spoil turns what the exchange sends into what arrives at the box; said is what the box said last.
func (m *impairment) spoil(b, said *hal.Block) {
	if m.gain == 1 && m.echo == 0 && m.noise == 0 && m.hum == 0 {
		return
	}
	for i, s := range b {
		v := float64(s)*m.gain + float64(said[i])*m.echo
		if m.noise != 0 {
			v += m.rand.NormFloat64() * m.noise
		}
		if m.hum != 0 {
			v += m.nextHum()
		}
		b[i] = int16(max(math.MinInt16, min(math.MaxInt16, v)))
	}
}

// nextHum is the mains: 50 Hz, and the third harmonic that passes a telephone line better.
func (m *impairment) nextHum() float64 {
	const mains = 50.0 / telephony.SampleRate
	m.phase = math.Mod(m.phase+mains, 1)
	turn := 2 * math.Pi * m.phase
	return m.hum * (math.Sin(turn) + 0.3*math.Sin(3*turn)) / math.Sqrt(1+0.3*0.3)
}
