package telephony

import (
	"slices"
	"strings"
)

// Where a call may be sent depends on where it is: back to the menu before needs one, and dialled digits need a caller
// who dials.
var (
	anyTarget      = []string{ToMenu, ToQueue, ToPhone, ToAgent, ToOutside, ToVoicemail, ToRoom, ToPrompt, ToExtension, ToBusy, ToHangup, ToReturn}
	firstTarget    = without(anyTarget, ToReturn)    // a call that has just come in
	overflowTarget = without(anyTarget, ToExtension) // a call that could not stay where it was
)

func without(kinds []string, kind string) []string {
	return slices.DeleteFunc(slices.Clone(kinds), func(k string) bool { return k == kind })
}

// target checks that a target is of one of the kinds, has an id if and only if its kind takes one, and exists.
func (k *check) target(path string, t Target, kinds ...string) {
	kind, id, hasID := strings.Cut(string(t), ":")
	if t == "" {
		k.bad(path, "请选择去向", "choose where it leads")
		return
	}
	if !slices.Contains(kinds, kind) {
		k.bad(path, "请选择去向：%s", "choose where it leads: %s", strings.Join(kinds, ", "))
		return
	}
	if hasID != takesID[kind] {
		k.bad(path, "去向写法有误，请重新选择", "the target is badly written: choose it again")
		return
	}
	switch kind {
	case ToOutside:
		k.outside(path, id)
	case ToMenu, ToQueue, ToPhone, ToAgent, ToVoicemail, ToRoom, ToPrompt:
		k.refer(path, kind, id)
	}
}

// overflow checks a target that may be empty.
func (k *check) overflow(path string, t Target) {
	if t != "" {
		k.target(path, t, overflowTarget...)
	}
}

// outside checks that a number can leave the box: one that no rule carries could only fail when it is needed (A2.16).
func (k *check) outside(path, number string) {
	if !k.config.Has(FunctionForwarding) {
		k.bad(path, "转接外部号码的功能已停用：请在“设置 → 功能开关”中启用，或另选去向",
			"forwarding to outside numbers is switched off: switch it on under Settings > Functions, or choose another target")
		return
	}
	if number == "" || !numberForm.MatchString(number) {
		k.bad(path, "请填外线号码，如 13800138000", "give the outside number, such as 13800138000")
		return
	}
	if k.config.IsEmergency(number) {
		return
	}
	for i := range k.config.Outbound {
		if k.config.Outbound[i].Number.Match(number) {
			return
		}
	}
	k.bad(path, "没有外呼规则能送出 %s，请先添加", "no outbound rule carries %s: add one first", number)
}

// A hop is a step that a call takes at once, without time passing and without a key: a phone that is busy or not
// registered, a queue that is full or has nobody. Menus are no hops: they wait for their caller.
type hop struct {
	path string
	to   Target
}

// hops are the steps out of every target that has some.
func (k *check) hops() map[Target][]hop {
	c, hops := k.config, map[Target][]hop{}
	for i := range c.Phones {
		p := at("phones", i)
		f := &c.Phones[i]
		hops[NewTarget(ToPhone, f.Extension)] = []hop{{p + ".always", f.Always}, {p + ".no_answer", f.NoAnswer}, {p + ".busy", f.Busy}}
	}
	for i := range c.Agents {
		a, p := &c.Agents[i], at("agents", i)
		hops[NewTarget(ToAgent, a.ID)] = []hop{
			{p + ".phone", a.Phone}, {p + ".always", a.Always}, {p + ".no_answer", a.NoAnswer}, {p + ".busy", a.Busy},
		}
	}
	for i := range c.Queues {
		p := at("queues", i)
		hops[NewTarget(ToQueue, c.Queues[i].ID)] = []hop{{p + ".on_full", c.Queues[i].OnFull}, {p + ".on_nobody", c.Queues[i].OnNobody}}
	}
	return hops
}

// loops refuses hops that lead round in a ring: such a call would spin for ever and never be answered.
func (k *check) loops() {
	const walking, walked = 1, 2
	hops, state := k.hops(), map[Target]int{}
	var walk func(Target)
	walk = func(t Target) {
		state[t] = walking
		for _, h := range hops[t] {
			switch {
			case hops[h.to] == nil:
			case state[h.to] == walking:
				k.bad(h.path, "去向绕回 %s，来话永远无人接听，请改选", "this leads round to %s again and nobody would ever answer: choose another", short(string(h.to)))
			case state[h.to] == 0:
				walk(h.to)
			}
		}
		state[t] = walked
	}
	for _, h := range k.starts() {
		if state[h] == 0 {
			walk(h)
		}
	}
}

// starts are the targets that have hops, in a fixed order so that the same fault gives the same answer; agents first,
// because an agent's seat is seldom what is wrong.
func (k *check) starts() []Target {
	var list []Target
	for i := range k.config.Agents {
		list = append(list, NewTarget(ToAgent, k.config.Agents[i].ID))
	}
	for i := range k.config.Phones {
		list = append(list, NewTarget(ToPhone, k.config.Phones[i].Extension))
	}
	for i := range k.config.Queues {
		list = append(list, NewTarget(ToQueue, k.config.Queues[i].ID))
	}
	return list
}
