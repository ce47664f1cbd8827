package dsp

import "time"

// A Signal is what a tone of an exchange means (ITU-T E.182).
type Signal string

const (
	Dial        Signal = "dial"         // dial now
	SpecialDial Signal = "special-dial" // dial now; a service is active on this line
	Ringback    Signal = "ringback"     // the called party is being rung
	Busy        Signal = "busy"         // the called party is busy, or the other end has hung up
	Congestion  Signal = "congestion"   // no way through the network
	Vacant      Signal = "vacant"       // no such number
	TollNotice  Signal = "toll-notice"  // a toll operator waits for a busy party
	CallWaiting Signal = "call-waiting" // somebody else is calling
	Reminder    Signal = "reminder"     // a third party listens or records
	Howler      Signal = "howler"       // hang up: the handset is off
)

// A Plan is the tones of one country.
type Plan []Tone

// Tone returns the plan's tone for the signal, or a silent one if the country has none.
func (p Plan) Tone(s Signal) Tone {
	for _, t := range p {
		if t.Signal == s {
			return t
		}
	}
	return Tone{Signal: s, LevelDBm0: SilenceDBm0}
}

// PlanOf returns the tones of a country by its two letters (ISO 3166, lower case), or nil if they are not known.
func PlanOf(country string) Plan { return plans[country] }

const ms = time.Millisecond

// plans holds national values, which are data: change them here and nowhere else.
var plans = map[string]Plan{"cn": china}

// china is GB/T 3380-1982 as amended by YD/T: 450 +/- 25 Hz at -10 +/- 3 dBm0, times +/- 10 %.
// Call waiting and special dial tone differ between the printings of the standard; these are what exchanges send.
var china = Plan{
	{Signal: Dial, Freqs: hz(450), LevelDBm0: -10},
	{Signal: SpecialDial, Freqs: hz(450), LevelDBm0: -10, Cadence: every(400, 40)},
	{Signal: Ringback, Freqs: hz(450), LevelDBm0: -10, Cadence: every(1000, 4000)},
	{Signal: Busy, Freqs: hz(450), LevelDBm0: -10, Cadence: every(350, 350)},
	{Signal: Congestion, Freqs: hz(450), LevelDBm0: -10, Cadence: every(700, 700)},
	{Signal: Vacant, Freqs: hz(450), LevelDBm0: -10, Cadence: every(100, 100, 100, 100, 100, 100, 400, 400)},
	{Signal: TollNotice, Freqs: hz(450), LevelDBm0: -20, Cadence: every(200, 200, 200, 600)},
	{Signal: CallWaiting, Freqs: hz(450), LevelDBm0: -20, Cadence: every(400, 4000)},
	{Signal: Reminder, Freqs: hz(1400), LevelDBm0: -20, Cadence: every(400, 10000)},
	{Signal: Howler, Freqs: hz(950), LevelDBm0: -25, RiseDB: 2},
}

func hz(f ...float64) []float64 { return f }

// every returns a cadence: milliseconds on, off, on, off, ...
func every(parts ...time.Duration) []time.Duration {
	for i := range parts {
		parts[i] *= ms
	}
	return parts
}
