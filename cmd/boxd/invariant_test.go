package main

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"callbox/hal/sim"
	"callbox/storage"
	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"
)

// night is what a day leaves behind: what the box wrote down, what it still holds, and what the world knows of it.
type night struct {
	seed    uint64
	config  *telephony.Config
	entries []telephony.Entry
	records []storage.Record
	report  []storage.Row
	live    telephony.Live        // when all was quiet
	agents  []telephony.LiveAgent // after their last wish
	wished  map[string]telephony.AgentState
	rings   []rung
	over    []rung // over the spans
	spans   []telephony.LiveSpan
	onLines []sim.PartyState // that the exchange still has
	phones  []sim.PhoneState
	sockets []netip.AddrPort
	data    string            // the box's directory
	damage  []string          // what bbolt says of its files
	unheard map[string]string // recordings whose file is not what the journal says, and why
}

// A rung is one call that the exchange put on a line of the box, as the world saw it.
type rung struct {
	line     string
	number   string // of the caller, on a span
	at, over time.Time
	stage    sim.Stage // the last
	answered bool
	lossy    bool // the line loses rings
	dead     bool // the line was out of service
}

// invariants are what must hold at night, whatever the day was. Each gives a sentence for each breach.
var invariants = map[string]func(*night) []string{
	"every call arrives once and ends once":            (*night).callsEnd,
	"the outcomes of inbound calls sum to the offered": (*night).outcomesSum,
	"every caller is accounted for":                    (*night).callersKnown,
	"every caller over an E1 is in one call":           (*night).spanCallersKnown,
	"every bearer is idle":                             (*night).bearersIdle,
	"every offer ends once":                            (*night).offersEnd,
	"every stay in a queue ends once":                  (*night).staysEnd,
	"every leg is released once":                       (*night).legsEnd,
	"every talk that is to be recorded is":             (*night).talksRecorded,
	"every recording is on disk":                       (*night).recordingsWhole,
	"no agent is in two calls":                         (*night).agentsOnce,
	"agents are what they wish":                        (*night).agentsRest,
	"nobody waits":                                     (*night).queuesEmpty,
	"every line is idle":                               (*night).linesIdle,
	"every phone is idle":                              (*night).phonesIdle,
	"no port is open":                                  (*night).portsClosed,
	"nothing panicked or was lost":                     (*night).nothingLost,
	"the journal alone rebuilds the call records":      (*night).recordsRebuilt,
	"the databases are whole":                          func(n *night) []string { return n.damage },
}

// problems are all breaches.
func (n *night) problems() (list []string) {
	for _, name := range keysOf(invariants) {
		for _, breach := range invariants[name](n) {
			list = append(list, name+": "+breach)
		}
	}
	return list
}

func (n *night) callsEnd() (list []string) {
	arrived, ended := map[telephony.CallID]int{}, map[telephony.CallID]int{}
	for _, e := range n.entries {
		switch e.Fact.(type) {
		case telephony.CallArrived:
			arrived[e.Call]++
		case telephony.CallEnded:
			ended[e.Call]++
		case telephony.Recorded, telephony.VoicemailLeft, telephony.VoicemailHeard, telephony.RecordingPaused, telephony.RecordingDeleted:
		default:
			if e.Call != "" && (arrived[e.Call] == 0 || ended[e.Call] > 0) {
				list = append(list, fmt.Sprintf("call %s tells %s outside its life", e.Call, e.Fact.Kind()))
			}
		}
	}
	for _, call := range keysOf(arrived, ended) {
		if arrived[call] != 1 || ended[call] != 1 {
			list = append(list, fmt.Sprintf("call %s arrived %d times and ended %d times", call, arrived[call], ended[call]))
		}
	}
	return list
}

// outcomesSum is pain 24: no call is counted twice or not at all, in the journal and in the report alike.
func (n *night) outcomesSum() (list []string) {
	offered, outcomes, reported := 0, 0, 0
	inbound := map[telephony.CallID]bool{}
	for _, e := range n.entries {
		switch f := e.Fact.(type) {
		case telephony.CallArrived:
			if f.Direction == telephony.Inbound {
				inbound[e.Call] = true
				offered++
			}
		case telephony.CallEnded:
			if inbound[e.Call] && f.Outcome != "" {
				outcomes++
			}
		}
	}
	for _, row := range n.report {
		for _, count := range row.Outcomes {
			reported += count
		}
	}
	if offered != outcomes || offered != reported {
		list = append(list, fmt.Sprintf("%d calls were offered, %d outcomes are in the journal, %d in the report", offered, outcomes, reported))
	}
	return list
}

// Between a ring and its call: the exchange may turn the battery and tell the number before it rings, two seconds; the box
// waits for the caller's number until the second ring, five seconds; a ring in the guard time of the call before is not seen;
// and the box may learn late.
const (
	firstRing  = 2 * time.Second
	surelySeen = 12 * time.Second
	seenLate   = 6 * time.Second
)

// callersKnown matches callers with calls. A caller who gives up before the number came was never offered; a line that loses
// rings may hide a caller or make two calls of one; a line out of service, be it only when the first ring comes, shows none; and
// a caller who meets a call that goes out on the same line is put through to that one by the exchange (glare).
func (n *night) callersKnown() (list []string) {
	arrivals, dialled := n.onAnalogue()
	blocked := n.blocked()
	claimed, next := map[string]int{}, map[string]time.Time{}
	for _, r := range slices.Backward(n.rings) {
		came := 0
		for _, at := range arrivals[r.line] {
			later := next[r.line]
			if !at.Before(r.at) && !at.After(r.over.Add(seenLate)) && (later.IsZero() || at.Before(later)) {
				came++
			}
		}
		next[r.line] = r.at
		claimed[r.line] += came
		glare := slices.ContainsFunc(dialled[r.line], func(at time.Time) bool { return at.Sub(r.at).Abs() < seenLate })
		dead := r.dead || slices.ContainsFunc(blocked[r.line], func(at time.Time) bool { return !at.Before(r.at) && at.Sub(r.at) < firstRing })
		rang := r.over.Sub(r.at)
		switch {
		case r.lossy || dead || glare:
		case came > 1:
			list = append(list, fmt.Sprintf("the caller on %s at %s was taken for %d calls", r.line, r.at.Format(time.TimeOnly), came))
		case came == 0 && (r.answered || rang >= surelySeen):
			list = append(list, fmt.Sprintf("the caller on %s at %s rang %v (%s) and is in no call", r.line, r.at.Format(time.TimeOnly), rang, r.stage))
		}
	}
	for line, calls := range arrivals {
		if claimed[line] < len(calls) {
			list = append(list, fmt.Sprintf("%s told %d calls and had %d callers", line, len(calls), claimed[line]))
		}
	}
	return list
}

// onAnalogue is when calls came and went out on each analogue line.
func (n *night) onAnalogue() (arrivals, dialled map[string][]time.Time) {
	arrivals, dialled = map[string][]time.Time{}, map[string][]time.Time{}
	for _, e := range n.entries {
		switch f := e.Fact.(type) {
		case telephony.CallArrived:
			if strings.HasPrefix(f.Line, "fxo/") {
				arrivals[f.Line] = append(arrivals[f.Line], e.Time)
			}
		case telephony.Dialed:
			dialled[f.Line] = append(dialled[f.Line], e.Time)
		}
	}
	return arrivals, dialled
}

// blocked is when each line was taken out of service.
func (n *night) blocked() map[string][]time.Time {
	blocked := map[string][]time.Time{}
	for _, e := range n.entries {
		if f, ok := e.Fact.(telephony.LineStateChanged); ok && f.State == telephony.LineBlocked {
			blocked[f.Line] = append(blocked[f.Line], e.Time)
		}
	}
	return blocked
}

// spanCallersKnown: signalling tells every caller at once, so that whoever was answered is in exactly one call, and nobody is
// in two.
func (n *night) spanCallersKnown() (list []string) {
	calls := map[string]int{}
	for _, e := range n.entries {
		if f, ok := e.Fact.(telephony.CallArrived); ok && strings.HasPrefix(f.Line, "e1/") {
			calls[f.Line+" "+f.Caller.Number]++
		}
	}
	for _, r := range n.over {
		key := r.line + " " + r.number
		if calls[key] > 1 || r.answered && calls[key] == 0 {
			list = append(list, fmt.Sprintf("the caller %s over %s (%s) is in %d calls", r.number, r.line, r.stage, calls[key]))
		}
		delete(calls, key)
	}
	for _, stranger := range keysOf(calls) {
		list = append(list, "nobody called as "+stranger)
	}
	return list
}

// bearersIdle is pain 37: no bearer is left behind by an alarm, a glare or a lost message.
func (n *night) bearersIdle() (list []string) {
	for _, s := range n.spans {
		if s.DChannel != "up" {
			list = append(list, fmt.Sprintf("the D-channel of %s is %s (alarm %s)", s.Span, s.DChannel, s.Alarm))
		}
		for _, c := range s.Channels {
			if c.State != telephony.ChannelIdle {
				list = append(list, fmt.Sprintf("bearer %d of %s is %s with %s", c.Number, s.Span, c.State, c.Leg))
			}
		}
	}
	return list
}

// pairs checks that what opens under a key closes once before it opens again.
type pairs struct {
	what string
	open map[string]bool
	list []string
}

func newPairs(what string) *pairs { return &pairs{what: what, open: map[string]bool{}} }

func (p *pairs) begin(key string) {
	if p.open[key] {
		p.list = append(p.list, fmt.Sprintf("%s %s began twice", p.what, key))
	}
	p.open[key] = true
}

func (p *pairs) end(key string) {
	if !p.open[key] {
		p.list = append(p.list, fmt.Sprintf("%s %s ended and had not begun", p.what, key))
	}
	delete(p.open, key)
}

func (p *pairs) breaches() []string {
	for _, key := range keysOf(p.open) {
		p.list = append(p.list, fmt.Sprintf("%s %s never ended", p.what, key))
	}
	return p.list
}

func (n *night) offersEnd() []string {
	p := newPairs("the offer")
	for _, e := range n.entries {
		switch f := e.Fact.(type) {
		case telephony.Offered:
			p.begin(string(e.Call) + " to " + f.Agent)
		case telephony.OfferEnded:
			p.end(string(e.Call) + " to " + f.Agent)
		}
	}
	return p.breaches()
}

func (n *night) staysEnd() []string {
	p := newPairs("the stay of")
	for _, e := range n.entries {
		switch f := e.Fact.(type) {
		case telephony.Queued:
			p.begin(string(e.Call) + " in " + f.Queue)
		case telephony.Unqueued:
			key, atDoor := string(e.Call)+" in "+f.Queue, f.Reason == "full" || f.Reason == "no_agents" || f.Reason == "closed"
			if p.open[key] || !atDoor {
				p.end(key)
			}
		}
	}
	return p.breaches()
}

// legsEnd counts: a call has its caller's leg and one for each that was dialled.
func (n *night) legsEnd() (list []string) {
	released := map[telephony.CallID]map[string]int{}
	legs := map[telephony.CallID]int{}
	for _, e := range n.entries {
		switch f := e.Fact.(type) {
		case telephony.CallArrived:
			legs[e.Call]++
			released[e.Call] = map[string]int{}
		case telephony.Dialed:
			legs[e.Call]++
		case telephony.LegReleased:
			if released[e.Call][f.Leg]++; released[e.Call][f.Leg] > 1 {
				list = append(list, fmt.Sprintf("leg %s of call %s was released twice", f.Leg, e.Call))
			}
		}
	}
	for _, call := range keysOf(legs) {
		if got := len(released[call]); got != legs[call] {
			list = append(list, fmt.Sprintf("call %s had %d legs and released %d", call, legs[call], got))
		}
	}
	return list
}

// linesIdle: the exchange and the box agree that nobody talks.
func (n *night) linesIdle() (list []string) {
	for _, l := range n.live.Lines {
		offline := l.State == telephony.LineOffline && strings.HasPrefix(l.ID, "phone/")
		if l.State != telephony.LineIdle && !offline || l.Busy != 0 {
			list = append(list, fmt.Sprintf("%s is %s with %d calls (%s)", l.ID, l.State, l.Busy, l.Detail))
		}
	}
	for _, p := range n.onLines {
		list = append(list, fmt.Sprintf("the exchange has a call of %s on %s that is %s", p.Number, p.Line, p.Stage))
	}
	for _, c := range n.live.Calls {
		list = append(list, fmt.Sprintf("call %s is still in %s %s", c.ID, c.State, c.Where))
	}
	return list
}

// phonesIdle: no phone sits in a call that the box has forgotten.
func (n *night) phonesIdle() (list []string) {
	for _, p := range n.phones {
		if p.Stage != sim.Idle {
			list = append(list, fmt.Sprintf("phone %s is %s with %s since %s", p.Extension, p.Stage, p.With, p.Since.Format(time.TimeOnly)))
		}
	}
	return list
}

// portsClosed: besides the sockets of SIP nothing listens.
func (n *night) portsClosed() (list []string) {
	for _, at := range n.sockets {
		if at.Port() != 5060 {
			list = append(list, fmt.Sprintf("%v is open", at))
		}
	}
	return list
}

func (n *night) nothingLost() (list []string) {
	last := uint64(0)
	for _, e := range n.entries {
		switch f := e.Fact.(type) {
		case telephony.Panicked:
			list = append(list, fmt.Sprintf("%s in call %q: %s\n%s", f.Where, e.Call, f.What, f.Stack))
		case telephony.JournalGap:
			list = append(list, fmt.Sprintf("the journal lost %d entries", f.Lost))
		}
		if e.Seq != last+1 {
			list = append(list, fmt.Sprintf("entry %d follows %d", e.Seq, last))
		}
		last = e.Seq
	}
	return list
}

// recordsRebuilt is idea 4: a fold over the journal gives the records that are kept.
func (n *night) recordsRebuilt() []string {
	fold, rebuilt := storage.NewFold(), map[telephony.CallID]storage.Record{}
	for _, e := range n.entries {
		if r, ok := fold.Step(e); ok {
			rebuilt[r.ID] = r
		}
	}
	kept := map[telephony.CallID]storage.Record{}
	for _, r := range n.records {
		kept[r.ID] = r
	}
	if diff := cmp.Diff(rebuilt, kept); diff != "" {
		return []string{"(-journal +kept)\n" + diff}
	}
	return nil
}

// closeBooks reads the files of the closed box.
func (n *night) closeBooks(t *testing.T) {
	n.unheard = map[string]string{}
	for _, f := range n.recorded() {
		if breach := plays(filepath.Join(n.data, "recordings", f.File), f); breach != "" {
			n.unheard[f.Recording] = breach
		}
	}
	for _, pattern := range []string{"*.db", "calls/*.db"} {
		names, _ := filepath.Glob(filepath.Join(n.data, pattern))
		for _, name := range names {
			db, err := bbolt.Open(name, 0o600, &bbolt.Options{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			err = db.View(func(tx *bbolt.Tx) error {
				for err := range tx.Check() {
					n.damage = append(n.damage, fmt.Sprintf("%s: %v", filepath.Base(name), err))
				}
				return nil
			})
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// keysOf are the keys of all maps, in order.
func keysOf[M ~map[K]V, K ~string, V any](of ...M) []K {
	all := map[K]bool{}
	for _, m := range of {
		for k := range m {
			all[k] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
