package panel

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"callbox/hal"
	"callbox/hal/glyph"
	"callbox/telephony"
)

// reading is rows to read, up and down where there are more than fit.
type reading struct {
	rows   func(m *Machine) []string
	choose func(m *Machine) []any // of OK; nil: the same as back
	at     int                    // the first row that is shown
}

func (p *reading) press(m *Machine, k hal.Key) []any {
	switch last := max(len(p.rows(m))-m.opt.Rows, 0); k {
	case hal.KeyUp:
		p.at = max(min(p.at, last)-1, 0)
	case hal.KeyDown:
		p.at = min(p.at+1, last)
	case hal.KeyOK:
		if p.choose != nil {
			return p.choose(m)
		}
		m.back()
	case hal.KeyBack:
		m.back()
	}
	return nil
}

func (p *reading) screen(m *Machine) Screen {
	rows := p.rows(m)
	first := min(p.at, max(len(rows)-m.opt.Rows, 0))
	return Screen{Rows: rows[first:min(first+m.opt.Rows, len(rows))]}
}

// notice is a sentence to read.
func notice(t telephony.Text) page {
	return &reading{rows: func(m *Machine) []string { return m.sentence(t) }}
}

// sentence is a text in rows. A display without Han characters shows what the rest of them says.
func (m *Machine) sentence(t telephony.Text) []string {
	text := m.say(t)
	if !m.opt.Dots {
		text = m.cut(text, len(text))
	}
	return glyph.Rows(text, m.opt.Columns)
}

// codeRows is the claim code.
func codeRows(m *Machine) []string {
	if m.facts.ClaimCode == "" {
		return m.sentence(wordClaimed)
	}
	return []string{m.say(wordCode), m.facts.ClaimCode}
}

// lineRows is each line and what it does.
func lineRows(m *Machine) (rows []string) {
	for _, l := range m.facts.Lines {
		state := m.say(stateWords[l.State])
		rows = append(rows, m.pair(m.cut(l.ID, m.opt.Columns-glyph.Columns(state)-1), state))
	}
	if len(rows) == 0 {
		return m.sentence(wordNoLine)
	}
	return rows
}

// alarmRows is each alarm in words: faults before warnings, the newest first.
func alarmRows(m *Machine) (rows []string) {
	worst := func(a, b telephony.LiveAlarm) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), b.Since.Compare(a.Since)) // "fault" is before "warning"
	}
	for _, a := range slices.SortedStableFunc(slices.Values(m.facts.Alarms), worst) {
		rows = append(rows, "! "+a.Since.In(m.facts.Time.Location()).Format("01-02 15:04"))
		rows = append(rows, m.sentence(telephony.Text{
			ZH: a.Severity.In("zh") + "：" + a.Message.ZH, EN: a.Severity.In("en") + ": " + a.Message.EN,
		})...)
	}
	if len(rows) == 0 {
		return m.sentence(wordNoAlarm)
	}
	return rows
}

// findingRows is what was found on a line.
func findingRows(m *Machine, line string, found []telephony.LineFinding) []string {
	rows := []string{m.cut(line, m.opt.Columns)}
	for _, f := range found {
		light := lightWords[f.Light]
		rows = append(rows, m.sentence(telephony.Text{ZH: light.ZH + "：" + f.Text.ZH, EN: light.EN + ": " + f.Text.EN})...)
	}
	return rows
}

// todayRows counts the calls of this day.
func todayRows(m *Machine) []string {
	t := m.facts.Today
	return []string{
		m.pair(m.say(wordOffered), fmt.Sprint(t.Offered)),
		m.pair(m.say(wordTaken), fmt.Sprint(t.Answered)),
		m.pair(m.say(wordRate), percent(t)),
		m.pair(m.say(wordOutgoing), fmt.Sprint(t.Outgoing)),
	}
}

// diskRows is how much of the disk is free, and how it fares.
func diskRows(m *Machine) []string {
	d := m.facts.Disk
	free, state, used := "-", "-", "-"
	if d.TotalMB > 0 {
		free = fmt.Sprintf("%d%%", d.FreeMB*100/d.TotalMB)
	}
	if word, told := diskWords[d.State]; told {
		state = m.say(word)
	}
	if d.Used > 0 {
		used = fmt.Sprintf("%d%%", d.Used)
	}
	return []string{
		m.pair(m.say(wordFree), free),
		m.pair(m.say(wordSize), fmt.Sprintf("%.1f GB", float64(d.TotalMB)/1024)),
		m.pair(m.say(wordState), state),
		m.pair(m.say(wordLife), used),
	}
}

// versionRows is what runs, and how soon it was there.
func versionRows(m *Machine) []string {
	rows := append([]string{"Callbox"}, glyph.Rows(m.facts.Version, m.opt.Columns)...)
	return append(rows,
		m.say(wordSinceKernel),
		m.pair(m.say(wordLinesUp), seconds(m.facts.Boot.Lines)),
		m.pair(m.say(wordFirstCall), seconds(m.facts.Boot.Call)),
	)
}

// seconds is a time that was taken; "-" is one that is not over. Hours are those of a program that was started again.
func seconds(d time.Duration) string {
	switch {
	case d == 0:
		return "-"
	case d >= time.Hour:
		return fmt.Sprintf("%.0fh", d.Hours())
	}
	return fmt.Sprintf("%.1fs", d.Seconds())
}
