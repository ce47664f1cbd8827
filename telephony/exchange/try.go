package exchange

import (
	"slices"
	"time"

	"callbox/telephony"
)

// TryArrival says where a call from outside would go by a configuration at a moment, and with what priority; nothing happens.
// The arrival has no leg.
func TryArrival(cfg *telephony.Config, a telephony.Arrival, at time.Time) (d telephony.Routed, priority int) {
	a.Caller, a.Called = telephony.CleanCaller(a.Caller), telephony.CleanNumber(a.Called)
	a.Called = called(cfg, a)
	return Arrived(cfg, a, at)
}

// A Departure is how a number that a phone dials leaves it.
type Departure struct {
	Routed telephony.Routed
	Digits string   // what is sent to the far end; empty for a call inside, or one that is refused
	Lines  []string // tried in this order; a group that takes turns begins anywhere in its own
	Shown  string   // the calling number on the first of them; empty: none
}

// TryDialled says what would come of a number that a phone dials; nothing happens.
func TryDialled(cfg *telephony.Config, ext, digits string) Departure {
	digits = telephony.CleanNumber(digits)
	_, routed := Dialled(cfg, ext, digits)
	d := Departure{Routed: routed}
	permit := telephony.PermitInternal
	if p := cfg.Phone(ext); p != nil {
		permit = p.Permit
	}
	if routed.Target.Kind() != telephony.ToOutside {
		return d
	}
	rule, sent, err := dialPlan(cfg, digits, permit)
	if err != nil {
		return d
	}
	d.Digits = sent
	d.Lines = linesFor(cfg, rule, func(g *telephony.Group) []string {
		lines := slices.Clone(g.Lines)
		if g.Select == "descending" {
			slices.Reverse(lines)
		}
		return lines
	})
	if cfg.IsEmergency(digits) {
		d.Lines = append(d.Lines, slices.DeleteFunc(waysOut(cfg), func(l string) bool { return slices.Contains(d.Lines, l) })...)
	}
	if len(d.Lines) > 0 {
		d.Shown = presented(cfg, rule, d.Lines[0], telephony.Caller{Number: ext}).Number
	}
	return d
}
