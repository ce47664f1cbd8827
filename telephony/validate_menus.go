package telephony

import (
	"slices"
	"strings"
)

const maxMenuDigits = 20

func (k *check) menus() {
	for i := range k.config.Menus {
		m, p := &k.config.Menus[i], at("menus", i)
		k.id(p+".id", m.ID)
		k.unique(p+".id", "menu", m.ID)
		k.name(p+".name", m.Name)
		k.maybe(p+".hours", "hours", m.Hours)
		if k.size(p+".greetings", len(m.Greetings), 100) {
			for j, g := range m.Greetings {
				k.greeting(at(p+".greetings", j), g)
			}
		}
		k.collect(p, m)
		k.keys(p+".keys", m, m.Keys)
		k.keys(p+".shortcuts", m, m.Shortcuts)
		k.maybe(p+".invalid_prompt", "prompt", m.InvalidPrompt)
		k.overflow(p+".on_fail", m.OnFail)
	}
}

func (k *check) greeting(p string, g Greeting) {
	if k.size(p+".lines", len(g.Lines), 320) {
		for i, l := range g.Lines {
			k.refer(at(p+".lines", i), "line", l)
		}
	}
	oneOf(k, p+".period", g.Period, "", PeriodWork, PeriodOff, PeriodHoliday)
	k.refer(p+".prompt", "prompt", g.Prompt)
}

// collect checks how a menu's input ends (A3.9).
func (k *check) collect(p string, m *Menu) {
	oneOf(k, p+".collect", m.Collect, CollectSingle, CollectMany, CollectVariable)
	if m.Collect != CollectSingle {
		k.between(p+".digits", m.Digits, 1, maxMenuDigits)
	} else {
		k.between(p+".digits", m.Digits, 0, 1)
	}
	k.between(p+".first_seconds", m.FirstSeconds, 1, 60)
	k.between(p+".next_seconds", m.NextSeconds, 1, 30)
	k.between(p+".tries", m.Tries, 1, 10)
}

func (k *check) keys(path string, m *Menu, list []Key) {
	if !k.size(path, len(list), 100) {
		return
	}
	shortcut := strings.HasSuffix(path, "shortcuts")
	seen := map[string]bool{}
	for i, key := range list {
		p := at(path, i)
		k.pattern(p+".keys", Pattern(key.Keys))
		if key.Keys != "" && Pattern(key.Keys).Valid() {
			k.reachable(p+".keys", m, key.Keys, shortcut)
		}
		if seen[key.Keys] || shortcut && slices.ContainsFunc(m.Keys, func(k Key) bool { return k.Keys == key.Keys }) {
			k.bad(p+".keys", "按键重复，请删除一项", "these keys lead somewhere already: remove one entry")
		}
		seen[key.Keys] = true
		k.target(p+".to", key.To, anyTarget...)
	}
}

// reachable refuses keys that no caller could ever enter in this menu.
func (k *check) reachable(path string, m *Menu, keys string, shortcut bool) {
	n := Pattern(keys).Len()
	switch {
	case strings.Contains(keys, "+"):
		k.bad(path, "电话机没有 + 键，请删除", "no telephone has a + key: remove it")
	case m.Collect != CollectSingle && strings.ContainsAny(keys, "*#"):
		k.bad(path, "多位输入中 * 表示重输、# 表示结束，不能用作按键", "in this menu * starts again and # ends the input: use digits only")
	case n > maxMenuDigits:
		k.bad(path, "最多 %d 位", "use at most %d digits", maxMenuDigits)
	case m.Collect == CollectSingle:
		if !shortcut && (n != 1 || strings.HasSuffix(keys, ".")) {
			k.bad(path, "单键菜单的每一项只能是一个键；多位请用快捷键", "one key decides in this menu: give one key here, and longer ones as shortcuts")
		}
	case m.Collect == CollectMany && !shortcut && n != m.Digits && !strings.HasSuffix(keys, "."), n > m.Digits:
		k.bad(path, "位数与菜单要求的 %d 位不符，永远按不到", "this menu takes %d digits: these keys could never be entered", m.Digits)
	}
}
