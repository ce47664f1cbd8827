package telephony

// A LineTone is a sound by which the exchange of one line says that a call is over, where it is not the country's.
type LineTone struct {
	Hz        []int `json:"hz"`         // frequencies that are sent together; empty: no tone
	CadenceMS []int `json:"cadence_ms"` // on, off, on, off ..., and again
}

// The bounds of a line's tone.
const (
	mostToneHz    = 2
	mostToneParts = 8
)

// A LearnedTone is what the ends of a line's calls have taught (A14.9, pain 33).
type LearnedTone struct {
	Line       string     `json:"line"`
	Calls      int        `json:"calls"`      // that ended with the tone
	Of         int        `json:"of"`         // that ended with any tone
	Confidence float64    `json:"confidence"` // 0 to 1
	Tone       LineTone   `json:"tone"`       // empty while nothing was heard
	LevelDBm0  float64    `json:"level_dbm0"` // of each frequency
	Known      bool       `json:"known"`      // the box knows it: it is the country's, or was adopted
	Proposed   bool       `json:"proposed"`   // the box is sure of it and does not know it: adopt it
	Adopted    LineTone   `json:"adopted"`    // by the configuration
	Spectrum   []ToneBand `json:"spectrum"`   // of the newest call that ended with a tone
}

// A ToneBand is the power in a band of a spectrum.
type ToneBand struct {
	Hz   float64 `json:"hz"` // the band's middle
	DBm0 float64 `json:"dbm0"`
}

// busyTone checks a line's own tone: parts that a detector can tell apart, as dsp.Learner finds them.
func (k *check) busyTone(p string, t LineTone) {
	if len(t.Hz) == 0 && len(t.CadenceMS) == 0 {
		return
	}
	if len(t.Hz) < 1 || len(t.Hz) > mostToneHz {
		k.bad(p+".hz", "请填 1 或 2 个频率", "give one or two frequencies")
		return
	}
	for i, hz := range t.Hz {
		k.between(at(p+".hz", i), hz, 300, 2000)
	}
	if n := len(t.CadenceMS); n < 2 || n > mostToneParts || n%2 != 0 {
		k.bad(p+".cadence_ms", "请填成对的通断毫秒数，最多 4 对", "give up to four pairs of milliseconds, on and off")
		return
	}
	for i, ms := range t.CadenceMS {
		k.between(at(p+".cadence_ms", i), ms, 80, 1500)
	}
}
