package dsp

import (
	"testing"
	"time"

	"callbox/telephony"
)

// The media tick allows no allocation: not in a detector, whatever it hears, and not in a generator.
func TestNothingAllocates(t *testing.T) {
	frames := speech(1, time.Second).then(play(NewCadence(PlanOf("cn").Tone(Busy)), 3*time.Second),
		press{low: -9, high: -7, on: 60 * ms}.all(60*ms)).frames()
	progress, dtmf, id := NewProgress(PlanOf("cn")), NewDTMFReceiver(), NewCallerIDReceiver()
	digits, err := NewDTMF("1,2,3,4,5")
	if err != nil {
		t.Fatal(err)
	}
	r2 := NewR2Receiver(R2Forward)
	meter, probe, tail := NewMeter(), NewEchoProbe(-16), &Tail{}
	tone, fsk := NewCadence(PlanOf("cn").Tone(Vacant)), EncodeCallerID(callers[1], FormMDMF)
	var f telephony.Frame
	var octets [telephony.FrameSamples]byte
	for name, run := range map[string]func(*telephony.Frame){
		"Progress":         func(f *telephony.Frame) { progress.Frame(f) },
		"DTMFReceiver":     func(f *telephony.Frame) { dtmf.Frame(f) },
		"CallerIDReceiver": func(f *telephony.Frame) { id.Frame(f) },
		"R2Receiver":       func(f *telephony.Frame) { r2.Frame(f) },
		"Meter":            func(f *telephony.Frame) { meter.Frame(f) },
		"EchoProbe":        func(f *telephony.Frame) { probe.Next(f); probe.Frame(f) },
		"Tail":             func(f *telephony.Frame) { tail.Frame(f) },
		"Level":            func(f *telephony.Frame) { Level(f) },
		"DTMFGenerator":    func(*telephony.Frame) { digits.Next(&f) },
		"Cadence":          func(*telephony.Frame) { tone.Next(&f) },
		"FSK":              func(*telephony.Frame) { fsk.Next(&f) },
		"A-law":            func(f *telephony.Frame) { EncodeALaw(octets[:], f[:]); DecodeALaw(f[:], octets[:]) },
	} {
		if n := testing.AllocsPerRun(5, func() { // the mean: one of the runtime's own is none of ours
			for i := range frames {
				run(&frames[i])
			}
		}); n != 0 {
			t.Errorf("%s allocates %v times in %d frames", name, n, len(frames))
		}
	}
}
