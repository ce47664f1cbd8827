package panel

import (
	"cmp"
	"fmt"
	"strings"

	"callbox/hal"
	"callbox/hal/glyph"
	"callbox/telephony"
)

// idle is what the panel shows when nobody stands before it: the claim code while the box has no owner, else who waits, how
// many channels of its lines are busy, and how many callers got an answer today. Faults, or else warnings, take the
// place of the name.
type idle struct{}

func (idle) press(m *Machine, k hal.Key) []any {
	if k == hal.KeyOK {
		m.open(&menu{entries: mainMenu})
	}
	return nil
}

func (idle) screen(m *Machine) Screen {
	clock := m.facts.Time.Format("15:04")
	title := cmp.Or(m.cut(m.facts.Name, m.opt.Columns-len(clock)-1), "Callbox")
	if all, faults := len(m.facts.Alarms), m.faults(); faults > 0 {
		title = fmt.Sprintf("! %s %d", m.say(wordFaults), min(faults, 99))
	} else if all > 0 {
		title = fmt.Sprintf("%s %d", m.say(wordWarnings), min(all, 99))
	}
	if m.facts.ClaimCode != "" {
		return Screen{Rows: []string{
			m.pair(title, clock), m.say(wordCode), m.facts.ClaimCode, m.cut(m.facts.Network.Address.Addr().String(), m.opt.Columns),
		}}
	}
	return Screen{Rows: []string{
		m.pair(title, clock),
		m.pair(m.say(wordWaiting), fmt.Sprint(m.facts.Waiting)),
		m.pair(m.say(wordLines), fmt.Sprintf("%d/%d", m.facts.Busy, m.facts.Channels)),
		m.pair(m.say(wordAnswered), percent(m.facts.Today)),
	}}
}

// percent is an answer rate; a day without a call for a person has none.
func percent(t Today) string {
	if t.ForPerson == 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f%%", t.Rate)
}

// say is a text in the panel's language.
func (m *Machine) say(t telephony.Text) string { return t.In(m.language) }

// pair puts one text at the left edge and one at the right.
func (m *Machine) pair(left, right string) string {
	return left + strings.Repeat(" ", max(m.opt.Columns-glyph.Columns(left)-glyph.Columns(right), 0)) + right
}

// cut is as much of a name as fits and can be shown. Where the display has no Han characters, a name of them shows nothing.
func (m *Machine) cut(name string, columns int) string {
	if !m.opt.Dots {
		name = strings.TrimSpace(strings.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return -1
			}
			return r
		}, name))
	}
	return glyph.Cut(name, columns)
}
