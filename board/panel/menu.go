package panel

import (
	"context"
	"strings"

	"callbox/hal"
	"callbox/telephony"
)

// An entry of a menu.
type entry struct {
	text   telephony.Text
	choose func(m *Machine) []any
}

// menu is entries with a cursor.
type menu struct {
	entries func(m *Machine) []entry
	at      int
}

func (p *menu) press(m *Machine, k hal.Key) []any {
	list := p.entries(m)
	switch p.at = min(p.at, len(list)-1); k {
	case hal.KeyUp:
		p.at = (p.at + len(list) - 1) % len(list)
	case hal.KeyDown:
		p.at = (p.at + 1) % len(list)
	case hal.KeyOK:
		return list[p.at].choose(m)
	case hal.KeyBack:
		m.back()
	}
	return nil
}

func (p *menu) screen(m *Machine) Screen {
	list := p.entries(m)
	first := max(0, min(p.at-1, len(list)-m.opt.Rows))
	var s Screen
	for i := first; i < min(first+m.opt.Rows, len(list)); i++ {
		cursor := " "
		if i == p.at {
			cursor = ">"
		}
		s.Rows = append(s.Rows, cursor+m.say(list[i].text))
	}
	return s
}

// show is the choice of an entry that leads to a page.
func show(p page) func(*Machine) []any {
	return func(m *Machine) []any { m.open(p); return nil }
}

// mainMenu is what a technician may do, the harmless first.
func mainMenu(m *Machine) []entry {
	v := m.opt.Verbs
	list := []entry{
		{entryPage, show(web{})},
		{entryNetwork, show(&reading{rows: networkRows, choose: changeNetwork})},
		{entryCode, show(&reading{rows: codeRows})},
		{entryLines, show(&reading{rows: lineRows})},
		{entryAlarms, show(&reading{rows: alarmRows})},
		{entryToday, show(&reading{rows: todayRows})},
		{entryDisk, show(&reading{rows: diskRows})},
	}
	if v.TestLine != nil {
		list = append(list, entry{entryLine, show(&menu{entries: lineMenu})})
	}
	if v.TestCall != nil {
		list = append(list, entry{entryTest, show(&menu{entries: callMenu})})
	}
	if v.SelfTest != nil {
		list = append(list, entry{entrySelf, func(m *Machine) []any { return m.do(v.SelfTest) }})
	}
	if m.opt.Dots {
		list = append(list, entry{entryLanguage, show(&menu{entries: languageMenu})})
	}
	if v.Update != nil {
		list = append(list, entry{entryUpdate, show(confirm{question: askUpdate, run: v.Update})})
	}
	if v.Restore != nil && m.facts.ClaimCode != "" {
		list = append(list, entry{entryRestore, restoring})
	}
	if v.Restart != nil {
		list = append(list, entry{entryRestart, show(confirm{question: askRestart, run: v.Restart})})
	}
	if v.Reset != nil {
		list = append(list, entry{entryReset, show(&menu{entries: resetMenu})})
	}
	return append(list, entry{entryVersion, show(&reading{rows: versionRows})})
}

// lineMenu is the lines that can be tested: all that lead outside, on every board. What is found is shown in words.
func lineMenu(m *Machine) []entry {
	var lines []string
	for _, l := range m.facts.Lines {
		if !strings.HasPrefix(l.ID, "web/") { // a web site has no wire
			lines = append(lines, l.ID)
		}
	}
	return m.choice(lines, func(m *Machine, line string) []any {
		var found []telephony.LineFinding
		return m.doThen(func(ctx context.Context) (err error) {
			found, err = m.opt.Verbs.TestLine(ctx, line)
			return err
		}, func() page { return &reading{rows: func(m *Machine) []string { return findingRows(m, line, found) }} })
	})
}

// callMenu is the lines that a simulated caller can ring.
func callMenu(m *Machine) []entry {
	return m.choice(m.facts.Callable, func(m *Machine, line string) []any {
		return m.do(func(ctx context.Context) error { return m.opt.Verbs.TestCall(ctx, line) })
	})
}

// choice is an entry for each line.
func (m *Machine) choice(lines []string, choose func(m *Machine, line string) []any) (list []entry) {
	for _, line := range lines {
		name := m.cut(line, m.opt.Columns-1)
		list = append(list, entry{telephony.Text{ZH: name, EN: name}, func(m *Machine) []any { return choose(m, line) }})
	}
	if len(list) == 0 {
		return []entry{{wordNoLine, func(m *Machine) []any { m.back(); return nil }}}
	}
	return list
}

// languageMenu changes the panel's language at once; the box is asked to remember it.
func languageMenu(*Machine) (list []entry) {
	for _, l := range languages {
		list = append(list, entry{telephony.Text{ZH: l.name, EN: l.name}, func(m *Machine) []any {
			m.language = l.code
			if set := m.opt.Verbs.SetLanguage; set != nil {
				return m.do(func(ctx context.Context) error { return set(ctx, l.code) })
			}
			m.home()
			return nil
		}})
	}
	return list
}

// resetMenu is how much is reset. Each takes a long press, and then a code.
func resetMenu(m *Machine) []entry {
	reset := func(everything bool) func(*Machine) []any {
		return show(hold{m.opt.Code(), func(ctx context.Context) error { return m.opt.Verbs.Reset(ctx, everything) }})
	}
	return []entry{{askSettings, reset(false)}, {askAll, reset(true)}}
}
