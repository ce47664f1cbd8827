package dsp

// An echoLearner is an echo filter that learns the path, as a Kalman filter for each frequency (Enzner and Vary, Signal
// Processing 86, 2006): it knows how much it doubts each of its values and how much it hears that is no echo, and learns by
// as much as the first outweighs the second. So it holds still while the near end talks, and nobody has to tell it.
type echoLearner struct {
	echoFilter
	doubt [echoParts][fftBins]float32 // the variance of each value
	other [fftBins]float32            // the power of what is left of the near end
	next  int                         // the part whose response is trimmed next
}

const (
	echoFirstDoubt = 0.02     // of each part, before anything is known: paths return less than half in all
	echoDrift      = 0.0006   // by which share of its power a path changes from block to block
	echoTrims      = 2        // parts trimmed in a block
	echoSmooth     = 0.2      // of the power of the near end, from block to block
	echoFloor      = 64 * 300 // of noise at -56 dBm0: learning from less would be learning what the coder adds
)

// forget makes the learner doubt all that it knows.
func (l *echoLearner) forget() {
	for part := range l.doubt {
		for k := range l.doubt[part] {
			l.doubt[part][k] = echoFirstDoubt
		}
	}
}

// learn takes in what was left of the block after this filter's echo.
func (l *echoLearner) learn(past *echoPast, left *[echoBlock]float32) {
	var window [fftSize]float32
	copy(window[echoBlock:], left[:])
	var e spectrum
	e.transform(&window)

	var total [fftBins]float32 // the power to be expected of what is left
	for part := range l.doubt {
		x := past.ago(part)
		for k, doubt := range &l.doubt[part] {
			total[k] += power(x[k]) * doubt
		}
	}
	for k := range total {
		l.other[k] += echoSmooth * (power(e[k]) - l.other[k])
		total[k] = 1 / (total[k]/2 + l.other[k] + echoFloor) // half: the window is half of two blocks
	}
	for part := range l.doubt {
		x, w, doubt := past.ago(part), &l.echoFilter[part], &l.doubt[part]
		for k := range doubt {
			rate := doubt[k] * total[k]
			step := e[k] * complex(rate, 0)
			w[k] += complex(real(x[k]), -imag(x[k])) * step
			doubt[k] *= (1 - rate*power(x[k])/2) * (1 - echoDrift)
			doubt[k] += echoDrift*power(w[k]) + echoHiss
		}
	}
	for range echoTrims {
		l.trim(l.next)
		l.next = (l.next + 1) % echoParts
	}
}

// trim keeps a part's response within its block: what the step put behind it is the next part's.
func (l *echoLearner) trim(part int) {
	var window [fftSize]float32
	l.echoFilter[part].samples(&window)
	clear(window[echoBlock:])
	l.echoFilter[part].transform(&window)
}
