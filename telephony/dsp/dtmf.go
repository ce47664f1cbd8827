package dsp

import (
	"fmt"
	"strings"
	"time"

	"callbox/telephony"
)

// The eight frequencies of ITU-T Q.23, in Hz, and the key of each pair.
var (
	dtmfRows = [4]float64{697, 770, 852, 941}
	dtmfCols = [4]float64{1209, 1336, 1477, 1633}
)

const dtmfKeys = "123A456B789C*0#D"

// dtmfPause is how long a comma waits among digits to be sent.
const dtmfPause = 2 * time.Second

// A DTMFGenerator is a Source that sends digits, and then ends.
type DTMFGenerator struct {
	// They may be changed before the first frame. The level is that of the lower frequency; the higher one is stronger by
	// the twist.
	On, Off            time.Duration
	LevelDBm0, TwistDB float64

	digits string
	at     int // samples into the first of digits
	swell  int
	row    oscillator
	col    oscillator
}

// NewDTMF returns a Source of the digits 0-9 A-D * # at -7 dBm0 a frequency, 100 ms on and 100 ms off; a comma waits
// for two seconds. Other characters are refused.
func NewDTMF(digits string) (*DTMFGenerator, error) {
	if i := strings.IndexFunc(digits, func(r rune) bool { return r != ',' && !strings.ContainsRune(dtmfKeys, r) }); i >= 0 {
		return nil, fmt.Errorf("%q cannot be sent as DTMF: use 0-9, A-D, *, # and comma for a pause", digits[i:])
	}
	return &DTMFGenerator{On: 100 * ms, Off: 100 * ms, LevelDBm0: -7, digits: digits}, nil
}

// Next fills the frame and reports whether there is more to come.
func (g *DTMFGenerator) Next(f *telephony.Frame) (more bool) {
	low, high, on, off := Peak(g.LevelDBm0), Peak(g.LevelDBm0+g.TwistDB), samplesIn(g.On), samplesIn(g.Off)
	for i := range f {
		f[i] = saturate(g.envelope(on, off) * (low*g.row.next() + high*g.col.next()))
	}
	return g.digits != ""
}

// envelope returns the gain of the next sample and moves on by one.
func (g *DTMFGenerator) envelope(on, off int) float64 {
	if g.digits == "" {
		return 0
	}
	pause := g.digits[0] == ','
	if g.at == 0 && !pause {
		key := strings.IndexByte(dtmfKeys, g.digits[0])
		g.row.step, g.col.step = stepOf(dtmfRows[key/4]), stepOf(dtmfCols[key%4])
	}
	if !pause && g.at < on {
		g.swell = min(g.swell+1, len(edgeGain))
	} else {
		g.swell = max(g.swell-1, 0)
	}
	length := on + off
	if pause {
		length = samplesIn(dtmfPause)
	}
	if g.at++; g.at >= length {
		g.digits, g.at = g.digits[1:], 0
	}
	if g.swell == 0 {
		return 0
	}
	return edgeGain[g.swell-1]
}
