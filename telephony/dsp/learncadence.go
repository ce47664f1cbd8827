package dsp

import (
	"slices"
	"time"
)

// A stretch is a part of a call's end, in samples.
type stretch struct{ from, to int }

func (s stretch) length() time.Duration {
	return time.Duration(s.to-s.from) * time.Second / time.Duration(sampleRate)
}

// envelopeSamples is how closely loud and quiet are told apart: 2.5 ms.
const envelopeSamples = 20

// cadenceOf finds the cadence that a call ends with: the mean lengths of its parts, and the bursts of its last two periods.
// Of several it is the one that goes back farthest.
func cadenceOf(samples []int16) (bursts []stretch, cadence []time.Duration, err error) {
	parts, period, most := stretchesOf(samples), 0, 0
	for n := 2; n <= 2*learnBursts; n += 2 {
		if periods := repeats(parts, n); periods >= 2 && periods*n > most {
			period, most = n, periods*n
		}
	}
	if most == 0 {
		return nil, nil, errNoCadence
	}
	for i := len(parts) - 2*period; i < len(parts); i += 2 {
		bursts = append(bursts, parts[i])
	}
	return bursts, fromTheBreak(meanParts(parts[len(parts)-most:], period)), nil
}

// fromTheBreak turns a cadence so that its longest gap is at the end, or if they are alike, its longest burst: nobody heard
// which burst was the first.
func fromTheBreak(c []time.Duration) []time.Duration {
	last := 0
	for i := 2; i < len(c); i += 2 {
		gap, longest := c[i+1], c[last+1]
		if !alike(gap, longest) && gap > longest || alike(gap, longest) && c[i] > c[last] {
			last = i
		}
	}
	return slices.Concat(c[last+2:], c[:last+2])
}

// stretchesOf returns the bursts and gaps at the end of a call, in turn, beginning with a burst and ending with a gap. The
// first and the last of all are cut off, and are none of them.
func stretchesOf(samples []int16) (parts []stretch) {
	power := envelope(samples)
	threshold := loudness(power) * progressFloor
	if threshold < meanSquareOf(learnLeastDBm0)*progressFloor {
		return nil
	}
	from := 0
	for i := 1; i < len(power); i++ {
		if (power[i] >= threshold) != (power[i-1] >= threshold) {
			parts = append(parts, stretch{from * envelopeSamples, i * envelopeSamples})
			from = i
		}
	}
	if len(parts) == 0 {
		return nil
	}
	burstFirst, endsInBurst := power[0] >= threshold, power[parts[len(parts)-1].from/envelopeSamples] >= threshold
	if endsInBurst {
		parts = parts[:len(parts)-1]
	}
	if burstFirst { // and cut off
		return parts[min(2, len(parts)):]
	}
	return parts[min(1, len(parts)):]
}

// envelope returns the mean square around each 2.5 ms, over 12.5 ms.
func envelope(samples []int16) []float64 {
	blocks := make([]float64, len(samples)/envelopeSamples)
	for i := range blocks {
		blocks[i] = meanSquare(samples[i*envelopeSamples : (i+1)*envelopeSamples])
	}
	smooth := make([]float64, len(blocks))
	for i := range blocks {
		near := blocks[max(0, i-2):min(len(blocks), i+3)]
		for _, v := range near {
			smooth[i] += v / float64(len(near))
		}
	}
	return smooth
}

// loudness is the mean square of the bursts in the last four seconds: more than a third of them is loud.
func loudness(power []float64) float64 {
	power = slices.Clone(power[max(0, len(power)-int(4*sampleRate)/envelopeSamples):])
	slices.Sort(power)
	if len(power) == 0 {
		return 0
	}
	return power[len(power)*4/5]
}

// repeats returns how many periods of n parts the end of a call is made of.
func repeats(parts []stretch, n int) (periods int) {
	if len(parts) < n {
		return 0
	}
	last := parts[len(parts)-n:]
	for i, p := range last {
		if p.length() > learnLongest*ms || i%2 == 0 && p.length() < learnShortest*ms {
			return 0
		}
	}
	for at := len(parts) - n; at >= 0; at -= n {
		for i, p := range parts[at : at+n] {
			if !alike(p.length(), last[i].length()) {
				return periods
			}
		}
		periods++
	}
	return periods
}

// meanParts are the mean lengths of n parts that repeat, in whole milliseconds.
func meanParts(parts []stretch, n int) []time.Duration {
	mean := make([]time.Duration, n)
	for i, p := range parts {
		mean[i%n] += p.length()
	}
	for i := range mean {
		mean[i] = (mean[i] / time.Duration(len(parts)/n)).Round(ms)
	}
	return mean
}

// meanSquare of samples.
func meanSquare(samples []int16) float64 {
	sum := 0.0
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return sum / float64(max(1, len(samples)))
}
