package webui

import "callbox/telephony"

// effects says what a change would do to calls, callers and people who are there now. Calls in progress keep the
// configuration they began with; what this list names is what people would otherwise have to find out.
func effects(old, next *telephony.Config, live telephony.Live) []telephony.Text {
	e := effect{old: teller{old}, next: next}
	e.lines(live.Calls)
	e.queues(live.Queues)
	e.agents(live.Agents)
	e.phones(live.Lines)
	e.trunks()
	e.rooms(live.Rooms)
	e.functions(live)
	if n := len(live.Calls); n > 0 {
		e.add("进行中的 %d 通电话不受影响，改动从下一通开始生效。", "Calls in progress: %d. They go on as they began; the change holds from the next one on.", n)
	}
	return e.said
}

type effect struct {
	old  teller
	next *telephony.Config
	said []telephony.Text
}

func (e *effect) add(zh, en string, args ...any) { e.said = append(e.said, say(zh, en, args...)) }

// lines: one that is taken out of service keeps the calls it has.
func (e *effect) lines(calls []telephony.LiveCall) {
	busy := map[string]int{}
	for _, c := range calls {
		busy[c.Line]++
	}
	for l := range e.old.c.Outside {
		if n := busy[l.ID]; n > 0 && e.old.c.Serves(l.ID) && !e.next.Serves(l.ID) {
			e.add("%s 上有 %d 通电话：通完为止，之后不再接通。", "Calls on %s: %d. They go on, and no other follows.", e.old.line(l.ID), n)
		}
	}
}

// queues: waiting callers keep their places, unless the queue goes.
func (e *effect) queues(list []telephony.LiveQueue) {
	for _, q := range list {
		n := len(q.Waiting)
		switch now := e.next.Queue(q.ID); {
		case n == 0:
		case now == nil:
			e.add("%s 有 %d 位来电者在等：队列删除后，他们会按超时去向转走。", "Callers waiting in %s: %d. Without the queue they go where its time limit sends them.",
				e.old.queueName(q.ID), n)
		case len(now.Members) == 0:
			e.add("%s 有 %d 位来电者在等，而改动后没有座席。", "Callers waiting in %s: %d. After the change it has no agent.", e.old.queueName(q.ID), n)
		default:
			e.add("%s 有 %d 位来电者在等：他们保留各自的位置。", "Callers waiting in %s: %d. They keep their places.", e.old.queueName(q.ID), n)
		}
	}
}

// agents: one that is removed is signed out, and one that is taken out of a queue is not rung for it any more.
func (e *effect) agents(list []telephony.LiveAgent) {
	for _, a := range list {
		switch {
		case a.State == telephony.AgentSignedOut:
		case e.next.Agent(a.ID) == nil:
			e.add("座席 %s 正在工作：删除后立即签出，当前通话不断。", "Agent %s is at work: removed, the agent is signed out; a call goes on.", e.old.agent(a.ID))
		default:
			was, now := e.old.c.Desk(a.ID), e.next.Desk(a.ID)
			for _, q := range e.old.c.Queues {
				if was.HasQueue(q.ID) && e.next.Queue(q.ID) != nil && !now.HasQueue(q.ID) {
					e.add("座席 %s 正在工作：不再接听队列 %s，当前通话不断。", "Agent %s is at work, and gets no more calls of %s; a call goes on.", e.old.agent(a.ID), e.old.queueName(q.ID))
				}
			}
		}
	}
}

// phones: one whose password is new drops out until it is told.
func (e *effect) phones(list []telephony.LineStatus) {
	for _, l := range list {
		ext := afterKind(l.ID)
		was := e.old.c.Phone(ext)
		if was == nil || l.ID != "phone/"+ext || l.State == telephony.LineOffline {
			continue
		}
		switch now := e.next.Phone(ext); {
		case now == nil:
			e.add("话机 %s 将不能再注册。", "Phone %s can no longer register.", ext)
		case now.Password != was.Password:
			e.add("话机 %s 的密码变了：请把新密码填进话机，否则它会掉线。", "The password of phone %s changes: write the new one into the phone, or it drops out.", ext)
		}
	}
}

// trunks: one that is reached otherwise registers anew.
func (e *effect) trunks() {
	for _, was := range e.old.c.Trunks {
		now := e.next.Trunk(was.ID)
		if now == nil || was.Disabled || now.Disabled {
			continue // said of the line
		}
		if !now.ReachedAs(&was) {
			e.add("中继 %s 将重新连接：连上之前，呼入呼出都不经过它。", "Trunk %s connects anew: until it has, no call comes or goes over it.", e.old.line("trunk/"+was.ID))
		}
	}
}

// rooms: whoever is in one that goes may stay.
func (e *effect) rooms(list []telephony.LiveRoom) {
	for _, r := range list {
		if n := len(r.Calls); n > 0 && e.old.c.Room(r.ID) != nil && e.next.Room(r.ID) == nil && e.next.Has(telephony.FunctionRooms) {
			e.add("会议室 %s 里有 %d 方：他们可以开完会，之后无人能再进入。", "Parties in %s: %d. They may stay; nobody else gets in.", e.old.room(r.ID), n)
		}
	}
}

// functions: one that is switched off keeps what it has until that is over.
func (e *effect) functions(live telephony.Live) {
	off := func(f telephony.Function) bool { return e.old.c.Has(f) && !e.next.Has(f) }
	in := func(has func(telephony.LiveCall) bool) (n int) {
		for _, c := range live.Calls {
			if has(c) {
				n++
			}
		}
		return n
	}
	parties := 0
	for _, r := range live.Rooms {
		parties += len(r.Calls)
	}
	if n := parties; n > 0 && off(telephony.FunctionRooms) {
		e.add("会议室里有 %d 方：他们可以开完会，之后无人能再进入。", "Parties in conference rooms: %d. They may stay; nobody else gets in.", n)
	}
	if n := in(func(c telephony.LiveCall) bool { return c.State == "voicemail" }); n > 0 && off(telephony.FunctionMailboxes) {
		e.add("有 %d 位来电者正在留言：他们可以说完，之后不再接受留言。", "Callers leaving a message: %d. They may finish; no other follows.", n)
	}
	if n := in(func(c telephony.LiveCall) bool { return c.Recording }); n > 0 && off(telephony.FunctionRecording) {
		e.add("正在录音的 %d 通电话会录完，之后不再录音。", "Calls being recorded: %d. They are recorded to their end, and no other is.", n)
	}
	outside := 0
	for _, a := range live.Agents {
		if a.State != telephony.AgentSignedOut && telephony.Target(a.Phone).Kind() == telephony.ToOutside {
			outside++
		}
	}
	if outside > 0 && off(telephony.FunctionForwarding) {
		e.add("有 %d 位座席在外部号码上工作：签出之前，来电仍转给他们。", "Agents who sit at outside numbers: %d. They are called there until they sign out.", outside)
	}
	if off(telephony.FunctionBrowserPhones) {
		e.add("作为话机的浏览器不再振铃；正在通话的可以通完。", "Browsers that are telephones ring no more; a call in one goes on.")
	}
	if off(telephony.FunctionPrograms) {
		e.add("持令牌的程序立即被拒绝，推送停止。", "Programs with tokens are refused at once, and webhooks are sent nothing.")
	}
}
