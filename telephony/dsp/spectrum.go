package dsp

import (
	"math"
	"slices"
)

// A spectrum has a band each 15.6 Hz, from 312 Hz to 2 kHz: what a window of 64 ms tells apart.
const (
	spectrumWindow = 512
	spectrumHz     = 8000.0 / spectrumWindow
	spectrumFirst  = 20 // 312.5 Hz
	spectrumLast   = 128
)

// A Spectrum is the power of each band in dBm0, from 312.5 Hz in steps of 15.625 Hz.
type Spectrum [spectrumLast - spectrumFirst + 1]float64

// Hz returns the frequency of a band.
func (s *Spectrum) Hz(band int) float64 { return float64(spectrumFirst+band) * spectrumHz }

// spectrumOf returns the mean spectrum of stretches. What is shorter than the window says nothing.
func spectrumOf(samples []int16, of ...stretch) (mean Spectrum) {
	var windows float64
	for _, s := range of {
		for at := s.from; at+spectrumWindow <= s.to; at += spectrumWindow / 2 {
			windows++
			for band := range mean {
				mean[band] += bandPower(samples[at:at+spectrumWindow], spectrumFirst+band)
			}
		}
	}
	for band := range mean {
		mean[band] = levelOf(mean[band] / max(1, windows))
	}
	return mean
}

// bandPower is the mean square of a sine in the middle of the band, under a Hann window.
func bandPower(samples []int16, band int) float64 {
	re, im := 0.0, 0.0
	for i, s := range samples {
		turn := i * band % spectrumWindow
		v := float64(s) * (0.5 - 0.5*spectrumCos[i])
		re += v * spectrumCos[turn]
		im += v * spectrumCos[(turn+spectrumWindow/4)%spectrumWindow]
	}
	const gain = spectrumWindow / 4 // half of the window's sum
	return (re*re + im*im) / (gain * gain) / 2
}

var spectrumCos = func() (c [spectrumWindow]float64) {
	for i := range c {
		c[i] = math.Cos(2 * math.Pi * float64(i) / spectrumWindow)
	}
	return c
}()

// What makes a spectrum that of a tone.
const (
	tonePurity = 0.85 // of the power is in its frequencies
	toneSecond = 10.0 // dB by which the second one may be weaker
	toneSkirt  = 2    // bands to each side that a frequency reaches into
)

// tones returns the one or two frequencies that the spectrum consists of, from low to high, or nil.
func (s *Spectrum) tones() (freqs []float64) {
	power := make([]float64, len(s))
	total := 0.0
	for i, v := range s {
		power[i] = meanSquareOf(v)
		total += power[i]
	}
	share, strongest := 0.0, 0.0
	for range 2 {
		at := peak(power)
		if strongest == 0 {
			strongest = power[at]
		}
		if levelOf(power[at]) < levelOf(strongest)-toneSecond {
			break
		}
		freqs = append(freqs, math.Round(s.Hz(at)+spectrumHz*offPeak(power, at)))
		for i := max(0, at-toneSkirt); i <= min(len(power)-1, at+toneSkirt); i++ {
			share += power[i] / total
			power[i] = 0
		}
	}
	if share < tonePurity {
		return nil
	}
	slices.Sort(freqs)
	return freqs
}

// peak returns the strongest band.
func peak(power []float64) (at int) {
	for i := range power {
		if power[i] > power[at] {
			at = i
		}
	}
	return at
}

// offPeak returns by how much of a band the frequency is above the strongest band: of a Hann window, the amplitudes of
// that and of the stronger neighbour tell it exactly (Grandke, IEEE Trans. IM-32, 1983).
func offPeak(power []float64, at int) float64 {
	if at == 0 || at == len(power)-1 {
		return 0
	}
	sign, side := 1.0, power[at+1]
	if power[at-1] > side {
		sign, side = -1, power[at-1]
	}
	a := math.Sqrt(side / power[at])
	return sign * max(0, (2*a-1)/(a+1))
}
