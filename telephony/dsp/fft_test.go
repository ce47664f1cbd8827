package dsp

import (
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"
)

// The transform against its definition, and back again.
func TestFFT(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 10 {
		var x, again [fftSize]float32
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		var s spectrum
		s.transform(&x)
		for k := range s {
			want := complex128(0)
			for i, v := range x {
				want += complex(float64(v), 0) * cmplx.Rect(1, -2*math.Pi*float64(k*i)/fftSize)
			}
			if cmplx.Abs(complex128(s[k])-want) > 1e-4 {
				t.Fatalf("bin %d is %v, want %v", k, s[k], want)
			}
		}
		s.samples(&again)
		for i := range x {
			if math.Abs(float64(x[i]-again[i])) > 1e-5 {
				t.Fatalf("sample %d comes back as %v, was %v", i, again[i], x[i])
			}
		}
	}
}

func BenchmarkFFT(b *testing.B) {
	var x [fftSize]float32
	var s spectrum
	for i := range x {
		x[i] = float32(i)
	}
	for b.Loop() {
		s.transform(&x)
	}
}
