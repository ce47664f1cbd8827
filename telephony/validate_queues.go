package telephony

func (k *check) queues() {
	for i := range k.config.Queues {
		q, p := &k.config.Queues[i], at("queues", i)
		k.id(p+".id", q.ID)
		k.unique(p+".id", "queue", q.ID)
		k.name(p+".name", q.Name)
		if q.Number != "" {
			k.extension(p+".number", q.Number)
		}
		oneOf(k, p+".strategy", q.Strategy, LongestIdle, RoundRobin, FewestCalls, RandomAgent, TopDown, RingAll)
		k.members(p+".members", q.Members)
		k.between(p+".priority", q.Priority, 0, 9)
		k.between(p+".ring_seconds", q.RingSeconds, 5, 300) // A4.7
		k.between(p+".wrap_up_seconds", q.WrapUpSeconds, 0, 3600)
		k.between(p+".answer_seconds", q.AnswerSeconds, 1, 600) // A11.13
		oneOf(k, p+".record", q.Record, "", "always", "never", "on_demand")
		k.waiting(p, q)
		k.leaving(p, q)
	}
}

func (k *check) members(path string, list []Member) {
	if !k.size(path, len(list), 500) {
		return
	}
	seen := map[string]bool{}
	for i, m := range list {
		p := at(path, i)
		k.refer(p+".agent", "agent", m.Agent)
		if seen[m.Agent] {
			k.bad(p+".agent", "此坐席已在队列中，请删除这一项", "this agent is in the queue already: remove this entry")
		}
		seen[m.Agent] = true
		k.between(p+".level", m.Level, 1, 99)
	}
}

// waiting checks what callers hear while they wait.
func (k *check) waiting(p string, q *Queue) {
	k.maybe(p+".greeting", "prompt", q.Greeting)
	k.maybe(p+".music", "prompt", q.Music)
	k.maybe(p+".notice_prompt", "prompt", q.NoticePrompt)
	k.optional(p+".say_every_seconds", q.SayEverySeconds, 10, 600)
}

// leaving checks every way out of the queue: a limit needs a place to send callers to.
func (k *check) leaving(p string, q *Queue) {
	k.between(p+".max_waiting", q.MaxWaiting, 0, 1000)
	k.optional(p+".max_wait_seconds", q.MaxWaitSeconds, 5, 86400)
	k.overflow(p+".on_full", q.OnFull)
	k.overflow(p+".on_timeout", q.OnTimeout)
	k.overflow(p+".on_nobody", q.OnNobody)
	k.overflow(p+".on_leave", q.OnLeave)
	oneOf(k, p+".leave_key", q.LeaveKey, "", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#")
	if q.MaxWaiting > 0 && q.OnFull == "" {
		k.bad(p+".on_full", "设了最多等待人数，请选队列满时转到哪里", "the number waiting is limited: choose where callers go when the queue is full")
	}
	if q.MaxWaitSeconds > 0 && q.OnTimeout == "" {
		k.bad(p+".on_timeout", "设了最长等待时间，请选超时后转到哪里", "the waiting time is limited: choose where callers go after it")
	}
	if q.LeaveKey != "" && q.OnLeave == "" {
		k.bad(p+".on_leave", "设了离开键，请选按键后转到哪里", "there is a key to leave by: choose where it leads")
	}
}
