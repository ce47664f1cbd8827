package exchange

import (
	"sync/atomic"
	"time"

	"callbox/telephony"
)

// A Load is how hard the box works, over the time since it was measured last. The first two are its own doing, whatever else
// runs on the computer.
type Load struct {
	Busy float64 // share of all processors that the program had, 0 to 1
	Loop float64 // share of one processor, the most that it can have, that the busiest media loop had, 0 to 1
	Late float64 // share of the media loops' slots that began more than 10 ms late, 0 to 1
}

// A strain is what has to wait so that the calls that are up, and their recordings, stay as they are. Each level includes
// those before it; what is nearest to a caller goes last.
type strain int32

const (
	strainNone       strain = iota
	strainStatistics        // reports and exports are put off, the live picture moves once a second
	strainMixing            // no supervisor begins to listen, whisper or barge
	strainOutbound          // no phone calls anybody
	strainInbound           // no new call comes in
)

// FullLoad is the load up to which nothing has to wait. A box is rated by it.
const FullLoad = 0.60

// limits are at which each level begins: busy for the program and for its busiest media loop, late for all of them. A loop that has more
// than 0.8 of its processor does not catch up in time with what holds it up for a moment (docs/BENCHMARKS.md, Media).
var limits = [...]struct{ busy, late float64 }{
	strainStatistics: {FullLoad, 0.01}, strainMixing: {0.66, 0.015}, strainOutbound: {0.72, 0.02}, strainInbound: {0.80, 0.04},
}

const (
	// fewCalls are taken whatever is measured: those of one E1, which no computer that the box runs on finds hard.
	fewCalls = 30
	// OwnDoing is how busy the box is at least when it is late by its own doing. One that is late though it has little to do
	// shares its computer with somebody who takes the processors away: to refuse callers would not help those who talk.
	OwnDoing = 0.40
	// A level begins when two measures one after the other reach it, and ends when the load has been under calm times its
	// limit for so many.
	calm         = 0.85
	calmMeasures = 4
	measureEvery = time.Second
)

// An admission decides which new calls the box takes. The exchange's goroutine owns it; level is read by others too.
type admission struct {
	level   atomic.Int32
	drains  atomic.Bool // the computer is about to start again: no new call
	reached strain      // by the last measure
	quiet   int         // measures in which the level below would have done
}

// measure takes a load into account while so many calls are up, and gives the level before and after it. The level falls step
// by step, but with few calls there is none.
func (a *admission) measure(l Load, up int) (before, after strain) {
	before = strain(a.level.Load())
	if up < fewCalls {
		a.reached, a.quiet = strainNone, 0
		a.level.Store(int32(strainNone))
		return before, strainNone
	}
	reached := l.strain()
	after = max(before, min(reached, a.reached))
	a.reached = reached
	switch {
	case after > before || before == strainNone || l.reaches(before, calm):
		a.quiet = 0
	default:
		if a.quiet++; a.quiet == calmMeasures {
			after, a.quiet = before-1, 0
		}
	}
	a.level.Store(int32(after))
	return before, after
}

// Most is what the program had of what is nearest to its bound: of all processors, or its busiest media loop of one.
func (l Load) Most() float64 { return max(l.Busy, l.Loop) }

// strain is the highest level that the load reaches.
func (l Load) strain() strain {
	s := strainInbound
	for s > strainNone && !l.reaches(s, 1) {
		s--
	}
	return s
}

// reaches reports whether the load is at so much of a level's limit.
func (l Load) reaches(s strain, share float64) bool {
	return l.Most() >= share*limits[s].busy || l.Most() >= share*OwnDoing && l.Late >= share*limits[s].late
}

// admits reports whether a new call is taken while so many are up. An emergency call from inside always is.
func (a *admission) admits(cfg *telephony.Config, way telephony.Direction, called string, up int) bool {
	if way == telephony.Outbound && cfg.IsEmergency(called) {
		return true
	}
	if a.drains.Load() {
		return false
	}
	limit := MostCalls
	if licence := cfg.Site.MaxCalls; licence > 0 {
		limit = min(limit, licence)
	}
	s := strain(a.level.Load())
	fits := s < strainOutbound || s < strainInbound && way == telephony.Inbound
	return up < limit && (fits || up < fewCalls)
}

// Drain has new calls refused as under too much load, so that the network can send them elsewhere, until it is told to stop.
func (x *Exchange) Drain(on bool) { x.admission.drains.Store(on) }

// Load is how hard the box worked in the last second or two, and whether anybody measures.
func (x *Exchange) Load() (l Load, measured bool) {
	if newest := x.load.Load(); newest != nil {
		return *newest, true
	}
	return l, false
}

// Strained reports whether what is only for people to look at has to wait.
func (x *Exchange) Strained() bool { return strain(x.admission.level.Load()) >= strainStatistics }

// MayMix says why nobody more can listen to a conversation now, or nil.
func (x *Exchange) MayMix() error {
	if strain(x.admission.level.Load()) >= strainMixing {
		return telephony.Errorf(telephony.Busy, "负荷过高，通话优先，请稍后再监听", "the box is busy with calls, which come first: listen in a while")
	}
	return nil
}

// measure looks at the load, tells in an alarm when new calls are refused for it, and moves the live picture, which under
// strain nothing else does.
func (x *Exchange) measure(d *desk) {
	load := x.opt.Load()
	x.load.Store(&load)
	before, after := x.admission.measure(load, len(d.calls))
	if before >= strainStatistics {
		d.tell()
	}
	if refuses := after >= strainOutbound; refuses != (before >= strainOutbound) {
		x.Append(telephony.Entry{Fact: telephony.Alarm{
			Name: "overload", On: refuses,
			Message: telephony.Text{
				ZH: "负荷过高：为保住正在进行的通话和录音，暂不接受新的呼出，必要时也不接受新的呼入。请减少同时通话数或换用更强的设备。",
				EN: "Too much load: so that the calls that are up and their recordings stay whole, new calls are refused, outgoing ones first. Have fewer calls at once, or a stronger box.",
			},
		}})
	}
}
