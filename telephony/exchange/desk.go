package exchange

import (
	"maps"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/call"
)

// desk is the state that Exchange.Run owns.
type desk struct {
	calls     map[telephony.CallID]*entry
	born      []telephony.Arrival
	begun     []call.Birth // of calls that the box was asked for
	count     uint64       // calls since the start
	lines     map[string]telephony.LineStatus
	watchers  map[chan struct{}]bool
	closed    bool                  // the box stops: nothing new
	shut      []telephony.LiveHours // what was told of opening hours
	strained  func() bool
	preempted time.Time // when a call was last ended for an emergency
}

// entry is a call and its newest picture.
type entry struct {
	call *call.Call
	live telephony.LiveCall
}

// show takes a call's newest picture.
func (x *Exchange) show(l telephony.LiveCall) {
	x.post(func(d *desk) {
		if e := d.calls[l.ID]; e != nil {
			e.live = l
			d.notify()
		}
	})
}

// LineChanged takes a line's newest state: for the page, for acd, and where a line goes out of service, for the journal.
func (x *Exchange) LineChanged(s telephony.LineStatus) {
	x.acd.LineChanged(s)
	x.post(func(d *desk) {
		old := d.lines[s.ID]
		d.lines[s.ID] = s
		d.notify()
		if s.State != old.State && (outOfService(s.State) || outOfService(old.State)) {
			x.Append(telephony.Entry{Fact: telephony.LineStateChanged{Line: s.ID, State: s.State, Detail: s.Detail}})
		}
		if fault := s.State == telephony.LineFault; fault != (old.State == telephony.LineFault) {
			x.alarm(s, fault)
		}
	})
}

// alarm raises or clears the alarm of a line.
func (x *Exchange) alarm(s telephony.LineStatus, on bool) {
	x.Append(telephony.Entry{Fact: telephony.Alarm{
		Name: "line_fault/" + s.ID, On: on,
		Message: telephony.Text{
			ZH: "线路 " + s.ID + " 不可用，请检查接线和运营商线路：" + s.Detail,
			EN: "line " + s.ID + " is out of order, check its wire and the carrier: " + s.Detail,
		},
	}})
}

func outOfService(s telephony.LineState) bool {
	return s == telephony.LineFault || s == telephony.LineOffline || s == telephony.LineBlocked
}

// prune forgets the phones, trunks and web sites that the configuration no longer has, and their alarms.
func (x *Exchange) prune(d *desk, cfg *telephony.Config) {
	for id, s := range d.lines {
		kind, name, _ := strings.Cut(id, "/")
		gone := kind == "phone" && cfg.Phone(name) == nil || kind == "trunk" && cfg.Trunk(name) == nil || kind == "web" && cfg.Website(name) == nil
		if gone {
			delete(d.lines, id)
			if s.State == telephony.LineFault {
				x.alarm(s, false)
			}
		}
	}
	d.notify()
}

// changed tells the watchers that agents or queues are no longer what they were.
func (x *Exchange) changed() {
	select {
	case x.box <- (*desk).notify:
	default: // the box is busy: something else will notify
	}
}

// notify tells the watchers that something has changed; under strain they look once a second.
func (d *desk) notify() {
	if !d.strained() {
		d.tell()
	}
}

func (d *desk) tell() {
	for w := range d.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// Watch gives a channel that is told when Live has changed, at most one change behind; stop ends it.
func (x *Exchange) Watch() (changes <-chan struct{}, stop func()) {
	w := make(chan struct{}, 1)
	x.post(func(d *desk) { d.watchers[w] = true })
	return w, func() { x.post(func(d *desk) { delete(d.watchers, w) }) }
}

// Live is the box at this moment.
func (x *Exchange) Live() telephony.Live {
	reply := make(chan telephony.Live, 1)
	x.post(func(d *desk) { reply <- d.live() })
	select {
	case l := <-reply:
		agents := x.acd.Live()
		l.Queues, l.Agents, l.Alarms = agents.Queues, busied(agents.Agents, l.Calls), x.opt.Alarms()
		cfg := x.cfg.Load()
		l.Rooms, l.Closed, l.HandlingSeconds = x.house.Rooms.Live(cfg), closedHours(cfg, l.Time), cfg.Targets.HandlingSeconds
		return l
	case <-x.done:
		return telephony.Live{Time: time.Now()}
	}
}

func (d *desk) live() telephony.Live {
	l := telephony.Live{
		Time: time.Now(), Calls: []telephony.LiveCall{},
		Lines: slices.SortedFunc(maps.Values(d.lines), func(a, b telephony.LineStatus) int { return naturally(a.ID, b.ID) }),
	}
	for _, e := range d.calls {
		if e.live.ID != "" {
			l.Calls = append(l.Calls, e.live)
		}
	}
	slices.SortFunc(l.Calls, func(a, b telephony.LiveCall) int { return a.Since.Compare(b.Since) })
	return l
}

// hours tells the watchers when opening hours have begun or ended, which no call does.
func (d *desk) hours(cfg *telephony.Config) {
	now := closedHours(cfg, time.Now())
	if !slices.Equal(now, d.shut) {
		d.shut = now
		d.notify()
	}
}

// naturally orders ids as people do: fxo/2 before fxo/10.
func naturally(a, b string) int {
	if ka, kb := strings.SplitN(a, "/", 2)[0], strings.SplitN(b, "/", 2)[0]; ka == kb && len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// Call gives the call with the id to do something with it; ok is false when it is over.
func (x *Exchange) Call(id telephony.CallID) (c *call.Call, ok bool) {
	reply := make(chan *entry, 1)
	if !x.post(func(d *desk) { reply <- d.calls[id] }) {
		return nil, false
	}
	select {
	case e := <-reply:
		if e == nil {
			return nil, false
		}
		return e.call, true
	case <-x.done:
		return nil, false
	}
}
