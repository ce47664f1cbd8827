package exchange

import (
	"slices"
	"time"

	"callbox/telephony"
	"callbox/telephony/call"
)

// preemptTime is how long a line has to become free after its call was ended for an emergency, before another is ended too.
const preemptTime = 5 * time.Second

// makeRoom ends a call on one of the lines for an emergency call that found them all in use. It reports whether one was ended,
// now or in the last moments. It waits for the desk: the desk itself must not ask.
func (x *Exchange) makeRoom(cfg *telephony.Config, lines []string) bool {
	reply := make(chan bool, 1)
	if !x.post(func(d *desk) { reply <- d.preempt(cfg, lines) }) {
		return false
	}
	select {
	case ended := <-reply:
		return ended
	case <-x.done:
		return false
	}
}

// preempt has a call end, unless the line of the one before may still become free.
func (d *desk) preempt(cfg *telephony.Config, lines []string) bool {
	if time.Since(d.preempted) < preemptTime {
		return true
	}
	victim := d.victim(cfg, lines)
	if victim == nil {
		return false
	}
	d.preempted = time.Now()
	go victim.HangUp(call.Hand{By: "emergency"}) // its inbox may be full, and the desk never waits
	return true
}

// victim is the call to end: an outgoing one before one that came in, and of those the newest. Never an emergency call.
func (d *desk) victim(cfg *telephony.Config, lines []string) *call.Call {
	var best *entry
	for _, e := range d.calls {
		on := slices.ContainsFunc(e.live.Parties, func(p telephony.LiveParty) bool { return slices.Contains(lines, p.Line) })
		if !on || e.live.Direction == telephony.Outbound && cfg.IsEmergency(e.live.Called) {
			continue
		}
		if best == nil || better(e.live, best.live) {
			best = e
		}
	}
	if best == nil {
		return nil
	}
	return best.call
}

// better reports whether a call is to be ended before another.
func better(a, b telephony.LiveCall) bool {
	if out := a.Direction == telephony.Outbound; out != (b.Direction == telephony.Outbound) {
		return out
	}
	return a.Since.After(b.Since)
}
