package sim

import (
	"fmt"
	"slices"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A Service is how the exchange serves one line. The zero value is the ordinary line of a Chinese town: caller ID in FSK
// between the first two rings, no polarity, and busy tone as the only sign that the far end has hung up.
type Service struct {
	CallerID    CallerIDForm       `json:"caller_id"`
	Polarity    bool               `json:"polarity"`      // the battery is turned when a call is answered and turned back when it ends
	LoopDrop    bool               `json:"loop_drop"`     // the loop is opened when the far end has hung up (kewlstart)
	LateClearMS int                `json:"late_clear_ms"` // so long after the far end hung up the exchange begins to tell; a minute at most
	Busy        telephony.LineTone `json:"busy"`          // the line's own busy tone; empty: the country's
	Faults      Faults             `json:"faults"`
}

// CallerIDForm says how a line tells who calls (signalling.md 6.6).
type CallerIDForm string

// The forms of caller ID.
const (
	FSK        CallerIDForm = ""           // YDN 069: MDMF between the first two rings
	SDMF       CallerIDForm = "sdmf"       // the older message, with no name
	DTMF       CallerIDForm = "dtmf"       // "D<number>C" before the first ring, with the battery turned
	EarlyDTMF  CallerIDForm = "dtmf_early" // the same, and nothing says that it comes
	NoCallerID CallerIDForm = "none"       // not subscribed to
)

const maxLateClear = time.Minute

// tone is a tone of the country, or the line's own.
func (s Service) tone(plan dsp.Plan, signal dsp.Signal) dsp.Tone {
	t := plan.Tone(signal)
	if signal != dsp.Busy || len(s.Busy.Hz) == 0 {
		return t
	}
	t.Freqs, t.Cadence = nil, nil
	for _, hz := range s.Busy.Hz {
		t.Freqs = append(t.Freqs, float64(hz))
	}
	for _, ms := range s.Busy.CadenceMS {
		t.Cadence = append(t.Cadence, time.Duration(ms)*time.Millisecond)
	}
	return t
}

func (s Service) lateClear() time.Duration { return time.Duration(s.LateClearMS) * time.Millisecond }

func (s Service) check() error {
	switch s.CallerID {
	case FSK, SDMF, DTMF, EarlyDTMF, NoCallerID:
	default:
		return fmt.Errorf("caller ID form %q is not known: leave it empty for FSK, or give sdmf, dtmf, dtmf_early or none", s.CallerID)
	}
	for _, n := range slices.Concat(s.Busy.Hz, s.Busy.CadenceMS) {
		if n < 1 || n > 4000 {
			return fmt.Errorf("busy tone of %d: give hertz and milliseconds of 1 to 4000", n)
		}
	}
	if s.LateClearMS < 0 || s.lateClear() > maxLateClear {
		return fmt.Errorf("late clearing of %d ms: give 0 to %d", s.LateClearMS, maxLateClear.Milliseconds())
	}
	return s.Faults.check()
}

// Faults are what is wrong with a line. The same seed goes wrong in the same way.
type Faults struct {
	Seed       uint64  `json:"seed"`
	NoiseDBm0  float64 `json:"noise_dbm0"` // white noise at the box's end, -90 to 0; 0: none
	HumDBm0    float64 `json:"hum_dbm0"`   // 50 Hz and its third harmonic at the box's end, -90 to 0; 0: none
	LossDB     float64 `json:"loss_db"`    // in each direction, 0 to 40
	EchoDB     float64 `json:"echo_db"`    // what the box says comes back so much weaker, 0 to 60; 0: no echo
	LostRing   float64 `json:"lost_ring"`  // the chance that a burst of ringing does not arrive, 0 to 1
	NoCallerID bool    `json:"no_caller_id"`
	NoRelease  bool    `json:"no_release"` // the far end's hanging up is never told: no drop, no polarity, no tone
}

func (f Faults) check() error {
	for _, v := range []struct {
		name            string
		value, min, max float64
	}{
		{"noise_dbm0", f.NoiseDBm0, dsp.SilenceDBm0, 0},
		{"hum_dbm0", f.HumDBm0, dsp.SilenceDBm0, 0},
		{"loss_db", f.LossDB, 0, 40},
		{"echo_db", f.EchoDB, 0, 60},
		{"lost_ring", f.LostRing, 0, 1},
	} {
		if !(v.value >= v.min && v.value <= v.max) { // NaN is refused too
			return fmt.Errorf("fault %s of %g: give %g to %g", v.name, v.value, v.min, v.max)
		}
	}
	return nil
}
