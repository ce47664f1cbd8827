package dsp

import "math"

// The transform is of one size, which the echo canceller needs: 64 real samples, done as 32 complex ones (radix 2,
// decimation in time; Cooley and Tukey, Math. Comp. 19, 1965).
const (
	fftSize = 64
	fftHalf = fftSize / 2
	fftBins = fftHalf + 1
)

// A spectrum is the half of a real signal's transform that says it all.
type spectrum [fftBins]complex64

// fftTurn holds exp(-2 pi i k / 64), fftOrder the places of 32 samples with the bits of their numbers turned round.
var fftTurn, fftOrder = func() (turn [fftHalf]complex64, order [fftHalf]int) {
	for k := range turn {
		sin, cos := math.Sincos(-2 * math.Pi * float64(k) / fftSize)
		turn[k] = complex(float32(cos), float32(sin))
		for bit := 1; bit < fftHalf; bit *= 2 {
			order[k] *= 2
			if k&bit != 0 {
				order[k]++
			}
		}
	}
	return turn, order
}()

// transform sets the spectrum to that of the samples.
func (s *spectrum) transform(x *[fftSize]float32) {
	var z [fftHalf]complex64
	for i, from := range fftOrder {
		z[i] = complex(x[2*from], x[2*from+1])
	}
	butterflies(&z)
	s[0] = complex(real(z[0])+imag(z[0]), 0)
	s[fftHalf] = complex(real(z[0])-imag(z[0]), 0)
	for k := 1; k < fftHalf; k++ { // what the even samples and what the odd ones gave
		a, b := z[k], z[fftHalf-k]
		even := complex(real(a)+real(b), imag(a)-imag(b))
		odd := complex(imag(a)+imag(b), real(b)-real(a))
		s[k] = 0.5 * (even + fftTurn[k]*odd)
	}
}

// samples sets the samples to those of the spectrum.
func (s *spectrum) samples(x *[fftSize]float32) {
	var z [fftHalf]complex64
	for i, k := range fftOrder { // conjugated on both sides, since the inverse turns the other way
		a, b := s[k], s[fftHalf-k]
		even := complex(real(a)+real(b), imag(a)-imag(b))
		odd := complex(real(a)-real(b), imag(a)+imag(b)) * complex(real(fftTurn[k]), -imag(fftTurn[k]))
		z[i] = complex(real(even)-imag(odd), -imag(even)-real(odd))
	}
	butterflies(&z)
	for i, v := range z {
		x[2*i], x[2*i+1] = real(v)/fftSize, -imag(v)/fftSize
	}
}

// butterflies transforms 32 samples that lie in fftOrder.
func butterflies(z *[fftHalf]complex64) {
	for i := 0; i < fftHalf; i += 4 { // the first two rounds turn by nothing but i
		a, b, c, d := z[i]+z[i+1], z[i]-z[i+1], z[i+2]+z[i+3], z[i+2]-z[i+3]
		d = complex(imag(d), -real(d))
		z[i], z[i+1], z[i+2], z[i+3] = a+c, b+d, a-c, b-d
	}
	for half := 4; half < fftHalf; half *= 2 {
		step := fftHalf / half
		for at := 0; at < fftHalf; at += 2 * half {
			for i := range half {
				low, high := &z[at+i], &z[at+i+half]
				turned := fftTurn[i*step] * *high
				*low, *high = *low+turned, *low-turned
			}
		}
	}
}
