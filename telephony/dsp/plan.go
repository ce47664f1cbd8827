package dsp

import (
	_ "embed"
	"maps"
	"slices"
	"time"
)

// A Signal is what a tone of an exchange means (ITU-T E.182).
type Signal string

const (
	Dial        Signal = "dial"         // dial now
	SpecialDial Signal = "special-dial" // dial now; a service is active on this line
	Ringback    Signal = "ringback"     // the called party is being rung
	Busy        Signal = "busy"         // the called party is busy, or the other end has hung up
	Congestion  Signal = "congestion"   // no way through the network
	Vacant      Signal = "vacant"       // no such number
	Information Signal = "information"  // a recorded notice follows, or is to be expected
	TollNotice  Signal = "toll-notice"  // a toll operator waits for a busy party
	CallWaiting Signal = "call-waiting" // somebody else is calling
	Reminder    Signal = "reminder"     // a third party listens or records
	Howler      Signal = "howler"       // hang up: the handset is off
)

var signalsKnown = []Signal{
	Dial, SpecialDial, Ringback, Busy, Congestion, Vacant, Information, TollNotice, CallWaiting, Reminder, Howler,
}

// A Plan is the tones of one country. Where its exchanges differ it has several tones of a signal.
type Plan []Tone

// Tone returns the plan's first tone for the signal, or a silent one if the country has none.
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

// Plans returns the countries whose tones are known, sorted.
func Plans() []string { return slices.Sorted(maps.Keys(plans)) }

const ms = time.Millisecond

//go:embed plans.tsv
var planTable string

// plans holds national values, which are data: change them in the table and nowhere else.
var plans = func() map[string]Plan {
	p, err := parsePlans(planTable)
	if err != nil {
		panic(err) // the table is part of the program
	}
	return p
}()
