package dsp

import (
	"math"
	"time"

	"callbox/telephony"
)

// In a call an exchange announces an identity by an alert, CAS: 2130 and 2750 Hz for 80-85 ms. The telephone acknowledges
// with a DTMF D of 55-65 ms, begun within 100 ms of its end, and then the message follows (Telcordia GR-30 3.2; ETSI EN 300
// 659-2 has the same with 75-85 ms, and EN 300 659-1 sends 100 +/- 10 ms before the first ring without an acknowledgement).
const (
	alertLow, alertHigh = 2130.0, 2750.0 // Hz, +/- 0.5 %
	alertLevelDBm0      = -15.0          // of each frequency
	alertLength         = 82 * time.Millisecond
	ackLength           = 60 * time.Millisecond
)

// NewCallerIDAlert returns a Source of an exchange's alert, once. What follows on the acknowledgement is EncodeCallerID of
// FormCallWaiting.
func NewCallerIDAlert() telephony.Source {
	return &alert{
		tone: NewCadence(Tone{
			Freqs: []float64{alertLow, alertHigh}, LevelDBm0: alertLevelDBm0,
			Cadence: []time.Duration{alertLength, time.Second},
		}),
		left: int(alertLength/telephony.Tick) + 1,
	}
}

type alert struct {
	tone *Cadence
	left int // frames
}

func (a *alert) Next(f *telephony.Frame) (more bool) {
	a.tone.Next(f)
	a.left--
	return a.left > 0
}

// NewCallerIDAck returns a Source of a telephone's acknowledgement of an alert.
func NewCallerIDAck() *DTMFGenerator {
	g, _ := NewDTMF("D")
	g.On, g.Off = ackLength, edge
	return g
}

// The limits of an alert as a telephone hears it: those of GR-30, with a margin on the side of acceptance.
const (
	alertLeastDBm0 = -36.0 // of each frequency; -32 must be heard
	alertOffset    = 0.011 // 0.5 % must be accepted
	alertTwist     = 8.0   // dB either way; 6 must be accepted
	alertPurity    = 0.7   // share of the power in the two tones
	alertLeastHops = 9     // of good windows of 20 ms, 5 ms apart: 65 ms of tone
	alertMostHops  = 22    // 125 ms
)

var (
	alertLeast     = meanSquareOf(alertLeastDBm0)
	alertMostTwist = math.Pow(10, alertTwist/10)
)

// A CallerIDAlertReceiver listens in a call for the alert of a second caller's identity.
type CallerIDAlertReceiver struct {
	bank *bank
	hops int // for which the alert has sounded
}

// NewCallerIDAlertReceiver returns a receiver that has heard nothing yet.
func NewCallerIDAlertReceiver() *CallerIDAlertReceiver {
	return &CallerIDAlertReceiver{bank: newBank(alertLow, alertHigh)}
}

// Frame takes in the next frame and reports an alert within 30 ms of its end. Whoever hears it mutes both parties, sends
// NewCallerIDAck and gives a CallerIDReceiver what comes within the next second.
func (r *CallerIDAlertReceiver) Frame(f *telephony.Frame) (heard bool) {
	for hop := range hopsPerFrame {
		r.bank.hear((*[hopSamples]int16)(f[hop*hopSamples:]))
		if r.sounds() {
			r.hops++
			continue
		}
		heard = heard || r.hops >= alertLeastHops && r.hops <= alertMostHops
		r.hops = 0
	}
	return heard
}

// sounds judges one window.
func (r *CallerIDAlertReceiver) sounds() bool {
	low, high := &r.bank.tones[0], &r.bank.tones[1]
	lowPower, highPower := low.power(), high.power()
	return min(lowPower, highPower) > alertLeast &&
		lowPower+highPower > alertPurity*r.bank.total() &&
		lowPower < highPower*alertMostTwist && highPower < lowPower*alertMostTwist &&
		math.Abs(low.offset()) < alertOffset*alertLow && math.Abs(high.offset()) < alertOffset*alertHigh
}
