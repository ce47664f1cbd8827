package dsp

// The echo filter covers 64 ms in 16 parts of 4 ms, each a filter in the frequency domain over blocks of 4 ms (Soo and
// Pang, IEEE Trans. ASSP-38, 1990: the multidelay block filter).
const (
	echoBlock = fftSize / 2 // samples
	echoParts = 16
)

// echoPast is what was said during the last 64 ms, one spectrum a block, each of the block and the one before it.
type echoPast struct {
	blocks [echoParts]spectrum
	newest int
	window [fftSize]float32
}

func (p *echoPast) say(block *[echoBlock]float32) {
	copy(p.window[:echoBlock], p.window[echoBlock:])
	copy(p.window[echoBlock:], block[:])
	p.newest = (p.newest + echoParts - 1) % echoParts
	p.blocks[p.newest].transform(&p.window)
}

// ago returns the spectrum of so many blocks ago.
func (p *echoPast) ago(blocks int) *spectrum { return &p.blocks[(p.newest+blocks)%echoParts] }

// echoTonal is the share of the power within four bins, of 125 Hz, that makes a block a tone.
const echoTonal = 0.98

// tonal tells whether the newest block is a tone, as seen through a Hann window, which is a sum of three bins.
func (p *echoPast) tonal() bool {
	x := p.ago(0)
	var last [4]float32
	sum, peak, total := float32(0), float32(0), float32(0)
	for k := 1; k < fftHalf; k++ {
		now := power(2*x[k] - x[k-1] - x[k+1])
		total += now
		sum += now - last[k%4]
		last[k%4] = now
		peak = max(peak, sum)
	}
	return peak > echoTonal*total
}

// power returns the newest block's, for each bin.
func (p *echoPast) power() (sum float32) {
	for _, x := range p.ago(0) {
		sum += power(x)
	}
	return sum / fftBins
}

// An echoFilter is a model of an echo path.
type echoFilter [echoParts]spectrum

// echo computes the newest block of echo.
func (f *echoFilter) echo(past *echoPast, block *[echoBlock]float32) {
	var sum spectrum
	for part := range f {
		x, w := past.ago(part), &f[part]
		for k := range sum {
			sum[k] += x[k] * w[k]
		}
	}
	var window [fftSize]float32
	sum.samples(&window)
	copy(block[:], window[echoBlock:])
}

// gain returns the power that the path returns of white noise.
func (f *echoFilter) gain() float32 {
	sum := float32(0)
	for part := range f {
		for _, w := range f[part] {
			sum += power(w)
		}
	}
	return sum / fftBins
}

func power(v complex64) float32 { return real(v)*real(v) + imag(v)*imag(v) }
