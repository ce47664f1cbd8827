package acd

import (
	"cmp"
	"time"

	"callbox/telephony"
)

// agent is one agent. Its state is derived, never stored.
type agent struct {
	cfg      telephony.Agent
	phone    telephony.Target     // where the agent sits; empty when signed out
	wish     telephony.AgentState // SignedOut, Ready, Busy, Break
	reason   string
	offer    *offer                      // at most one at a time
	calls    map[telephony.CallID]string // conversations and the queue that brought each
	talksAt  telephony.Target            // where the agent sat when the first of them began
	wrapUp   time.Time                   // end of after-call work
	holdOff  time.Time                   // not rung before: the phone just failed
	idle     time.Time                   // since when the agent could have taken a call
	answered int                         // calls that queues brought since sign-in, for fewest_calls
	told     telephony.AgentChanged      // what the journal was last told
	since    time.Time                   // of the state that was told
	by       string                      // who made the wish, until the journal is told; other changes are the calls' doing
	away     bool                        // the page that the agent works at is gone
	asks     time.Time                   // since when the agent asks for a break; zero: does not
	removed  bool                        // not in the configuration that is being taken over
}

// failedHoldOff is how long a phone that could not be rung is left alone, so that one bad phone cannot stop a queue (pain 3).
const failedHoldOff = 10 * time.Second

// hungUpHoldOff is how long a phone that was in a call is left alone. A BYE or CANCEL that was lost is sent again after
// 500 ms (RFC 3261 17.1.2.1), and what rings the phone before it has come is answered 486, as if the agent had refused.
const hungUpHoldOff = time.Second

// PhoneOffline is the reason of an agent who is busy only because the phone is not there.
const PhoneOffline = "phone_offline"

// DeskOffline is the reason of an agent who is busy only because the page at the desk is gone.
const DeskOffline = "desk_offline"

// state is what the agent is doing now, and the reason where there is one. A phone that is in a call of its own makes the
// agent talk; one that is not there makes a ready agent busy, because the desk must not lie (pains 16, 18).
func (a *agent) state(now time.Time, lines map[string]telephony.LineState) (telephony.AgentState, string) {
	switch {
	case len(a.calls) > 0:
		return telephony.AgentTalking, ""
	case a.offer != nil:
		return telephony.AgentRinging, ""
	case a.wish == telephony.AgentSignedOut:
		return telephony.AgentSignedOut, ""
	case a.phone.Kind() == telephony.ToPhone && lines[lineOf(a.phone)] == telephony.LineTalking:
		return telephony.AgentTalking, ""
	case now.Before(a.wrapUp):
		return telephony.AgentWrapUp, ""
	case a.wish == telephony.AgentReady && !a.phoneThere(lines):
		return telephony.AgentBusy, PhoneOffline
	case a.wish == telephony.AgentReady && a.away:
		return telephony.AgentBusy, DeskOffline
	case a.wish == telephony.AgentReady:
		return telephony.AgentReady, ""
	}
	return a.wish, a.reason
}

// available reports whether the agent can be rung now.
func (a *agent) available(now time.Time, lines map[string]telephony.LineState) bool {
	state, _ := a.state(now, lines)
	return state == telephony.AgentReady && !now.Before(a.holdOff) && a.phoneFree(lines)
}

// phoneThere reports whether the phone can be reached at all; an outside number is always thought to be (A4.11).
func (a *agent) phoneThere(lines map[string]telephony.LineState) bool {
	if a.phone.Kind() != telephony.ToPhone {
		return a.phone != ""
	}
	s := lines[lineOf(a.phone)]
	return s != "" && s != telephony.LineOffline && s != telephony.LineFault && s != telephony.LineBlocked
}

// phoneFree reports whether the phone is there and in no call.
func (a *agent) phoneFree(lines map[string]telephony.LineState) bool {
	return a.phoneThere(lines) && (a.phone.Kind() != telephony.ToPhone || lines[lineOf(a.phone)] == telephony.LineIdle)
}

// lineOf is the line id of a phone target: "phone:801" is line "phone/801".
func lineOf(t telephony.Target) string { return t.Kind() + "/" + t.ID() }

// wish carries out what an agent wants.
func (f *floor) wish(w Wish) *telephony.Error {
	a := f.agents[w.Agent]
	if a == nil {
		return telephony.Errorf(telephony.NotFound, "没有工号 %s", "there is no agent %s", w.Agent)
	}
	if w.State == telephony.AgentBreak && !w.Granted && a.wish != w.State && f.cfg.Site.MaxBreaks > 0 && f.onBreak() >= f.cfg.Site.MaxBreaks {
		return telephony.Errorf(telephony.Busy, "小休人数已满（%d 人），请稍后再试，或请班长批准",
			"%d agents are on a break already: try again later, or ask the supervisor", f.cfg.Site.MaxBreaks)
	}
	switch w.State {
	case telephony.AgentReady, telephony.AgentBusy, telephony.AgentBreak:
		if err := f.seat(a, w.Phone); err != nil {
			return err
		}
	case telephony.AgentSignedOut:
		a.phone, a.answered = "", 0
	default:
		return telephony.Errorf(telephony.Invalid, "不能设为状态 %s", "an agent cannot be set to %s", string(w.State))
	}
	if w.State != telephony.AgentReady && a.offer != nil {
		f.withdraw(a.offer)
	}
	a.wrapUp = time.Time{}
	if w.State == telephony.AgentBreak || w.State == telephony.AgentSignedOut {
		a.asks = time.Time{}
	}
	if now := time.Now(); w.State == telephony.AgentReady && (a.wish != telephony.AgentReady || a.idle.After(now)) {
		a.idle = now // idle after now: the end of a wrap-up that is cut short
	}
	a.wish, a.reason, a.by, a.away = w.State, w.Reason, w.By, false
	return nil
}

// ask notes that an agent asks for a break, or that it is decided.
func (f *floor) ask(id string, on bool) *telephony.Error {
	a := f.agents[id]
	switch {
	case a == nil:
		return telephony.Errorf(telephony.NotFound, "没有工号 %s", "there is no agent %s", id)
	case on && (a.wish == telephony.AgentSignedOut || a.wish == telephony.AgentBreak):
		return telephony.Errorf(telephony.Conflict, "签入后、不在小休时才能申请小休", "sign in first, and end the break that you have")
	case !on && a.asks.IsZero():
		return telephony.Errorf(telephony.Conflict, "该座席没有待批的小休申请", "nobody asks for that break any more")
	case !on:
		a.asks = time.Time{}
	case a.asks.IsZero():
		a.asks = time.Now()
	}
	return nil
}

func (f *floor) onBreak() (n int) {
	for _, a := range f.agents {
		if a.wish == telephony.AgentBreak {
			n++
		}
	}
	return n
}

// desk takes whether an agent's page is there. Who comes back begins to be idle anew: the calls meanwhile went to others.
func (f *floor) desk(id string, there bool) {
	a := f.agents[id]
	if a == nil {
		return
	}
	if now := time.Now(); there && a.away && now.After(a.idle) {
		a.idle = now
	}
	a.away = !there
}

// seat puts an agent at a phone; whoever sat there before is signed out. Nobody talks at one phone and sits at another: the
// calls of the second would be put down to the agent as well.
func (f *floor) seat(a *agent, phone telephony.Target) *telephony.Error {
	talks := len(a.calls) > 0
	if phone == "" && talks {
		phone = a.talksAt
	}
	if phone == "" {
		phone = cmp.Or(a.phone, a.cfg.Phone)
	}
	switch {
	case phone == "":
		return telephony.Errorf(telephony.Invalid, "请选择话机后再签入", "choose a phone to sign in at")
	case talks && phone != a.talksAt:
		return telephony.Errorf(telephony.Busy, "正在通话：请先结束通话再换话机", "in a call: end it before you change the phone")
	case phone.Kind() == telephony.ToOutside: // A4.11; the outbound rules say whether it can be dialled
	case phone.Kind() != telephony.ToPhone:
		return telephony.Errorf(telephony.Invalid, "请选择分机或外线号码", "choose an extension or an outside number")
	case f.cfg.Phone(phone.ID()) == nil:
		return telephony.Errorf(telephony.NotFound, "没有分机 %s", "there is no extension %s", phone.ID())
	}
	for _, other := range f.agents {
		if other != a && other.phone == phone {
			if other.offer != nil {
				f.withdraw(other.offer)
			}
			other.wish, other.phone, other.by, other.asks = telephony.AgentSignedOut, "", "phone", time.Time{}
		}
	}
	if a.wish == telephony.AgentSignedOut || a.phone != phone {
		if a.offer != nil {
			f.withdraw(a.offer)
		}
		a.idle = time.Now()
	}
	a.phone = phone
	return nil
}

// talking puts an agent into a conversation. Whatever else rings there stops: nobody can answer it.
func (f *floor) talking(id string, call telephony.CallID, queue string) {
	a := f.agents[id]
	if a == nil {
		return
	}
	if a.offer != nil {
		f.withdraw(a.offer)
	}
	if len(a.calls) == 0 {
		a.talksAt = a.phone
	}
	if _, already := a.calls[call]; already && queue == "" {
		return // brought by a queue, and transferred
	}
	a.calls[call] = queue
	if queue != "" {
		a.answered++
	}
}

// moved takes an agent's conversation over to another call.
func (f *floor) moved(id string, from, to telephony.CallID) {
	a := f.agents[id]
	if a == nil {
		return
	}
	queueID, ok := a.calls[from]
	if !ok {
		return
	}
	delete(a.calls, from)
	a.calls[to] = queueID
	if q := f.queues[queueID]; q != nil && !q.began[from].IsZero() {
		q.began[to] = q.began[from]
		delete(q.began, from)
	}
}

// hungup ends an agent's part in a call.
func (f *floor) hungup(id string, call telephony.CallID) {
	a := f.agents[id]
	if a == nil {
		return
	}
	queueID, ok := a.calls[call]
	if !ok {
		return
	}
	delete(a.calls, call)
	now := time.Now()
	a.idle = now
	if q := f.queues[queueID]; q != nil {
		q.ended(call, now)
		// The longest after-call work that stands is the one that counts (pains 7, 9).
		if end := now.Add(time.Duration(q.cfg.WrapUpSeconds) * time.Second); end.After(a.wrapUp) {
			a.wrapUp, a.idle = end, end
		}
	}
}

// lineChanged takes a line's new state.
func (f *floor) lineChanged(id string, s telephony.LineState) {
	was := f.lines[id]
	f.lines[id] = s
	inCall := was == telephony.LineRinging || was == telephony.LineDialing || was == telephony.LineTalking
	if !inCall || s != telephony.LineIdle {
		return
	}
	free := time.Now().Add(hungUpHoldOff)
	for _, a := range f.agents {
		if lineOf(a.phone) == id && free.After(a.holdOff) {
			a.holdOff = free
		}
	}
}

// leaveAlone keeps an agent's phone from being rung for a while.
func (f *floor) leaveAlone(id string) {
	if a := f.agents[id]; a != nil {
		a.holdOff = time.Now().Add(failedHoldOff)
	}
}

// tellJournal writes down each agent's state that changed, in the order of the configuration.
func (f *floor) tellJournal(now time.Time) {
	for _, id := range f.order {
		a := f.agents[id]
		if a == nil {
			continue
		}
		s := telephony.AgentChanged{Agent: id, Phone: string(a.phone), By: "call"}
		s.State, s.Reason = a.state(now, f.lines)
		if s.State == a.told.State && s.Reason == a.told.Reason && s.Phone == a.told.Phone {
			continue
		}
		if s.State != a.told.State {
			a.since = now
		}
		if s.State == a.wish && a.by != "" {
			s.By, a.by = a.by, ""
		}
		a.told = s
		f.journal.Append(telephony.Entry{Fact: s})
	}
}
