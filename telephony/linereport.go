package telephony

import "time"

// A LineReport is what the box's line doctor found on one analogue line (A14.9): what was measured, what the last calls
// tell, and what to do about it.
type LineReport struct {
	Line     string        `json:"line"`
	Time     time.Time     `json:"time"`
	Light    Light         `json:"light"`    // the worst of the findings
	Findings []LineFinding `json:"findings"` // the worst first
	LineMeasures
	LineMemory
}

// A Light says how something is: green, yellow (it works, and callers may notice), red (it does not work).
type Light string

// The lights.
const (
	Green  Light = "green"
	Yellow Light = "yellow"
	Red    Light = "red"
)

// A LineFinding is one sentence of a report.
type LineFinding struct {
	About string `json:"about"` // "battery", "dial_tone", "level", "noise", "hum", "echo", "ringing", "caller_id", "release"
	Light Light  `json:"light"`
	Text  Text   `json:"text"`
}

// LineMeasures are what was measured on a line that was seized for it. Levels are in dBm0.
type LineMeasures struct {
	Battery      bool    `json:"battery"`
	DialTone     bool    `json:"dial_tone"`
	DialToneDBm0 float64 `json:"dial_tone_dbm0"`
	Quiet        bool    `json:"quiet"` // a digit broke dial tone; what follows was measured then
	NoiseDBm0    float64 `json:"noise_dbm0"`
	HumDBm0      float64 `json:"hum_dbm0"` // of the mains, with its harmonics
	HumHz        float64 `json:"hum_hz"`
	EchoFound    bool    `json:"echo_found"`
	ReturnLossDB float64 `json:"return_loss_db"` // at least, where no echo was found
	EchoDelayMS  int     `json:"echo_delay_ms"`
	Problem      Text    `json:"problem"` // why the measurement broke off; empty: it did not
}

// LineMemory is what a line remembers of its last calls, 20 at most.
type LineMemory struct {
	Incoming   int     `json:"incoming"`     // calls that came in
	Identified int     `json:"identified"`   // of them, with a number or the word that it is withheld
	Rings      int     `json:"rings"`        // bursts of ringing
	LostRings  int     `json:"lost_rings"`   // pauses in which a ring must have been lost
	RingMS     int     `json:"ring_ms"`      // mean length of a burst
	PauseMS    int     `json:"pause_ms"`     // and of a pause between two
	Ended      int     `json:"ended"`        // calls that the far end ended, as far as the box could tell
	Silent     int     `json:"ended_silent"` // of them, of which only silence told
	Sure       float64 `json:"sure"`         // mean confidence of the others, 0 to 1
}
