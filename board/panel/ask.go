package panel

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"callbox/hal"
	"callbox/telephony"
)

// confirm asks once before a verb. "{calls}" in the question is how many calls are in progress.
type confirm struct {
	question telephony.Text
	run      func(context.Context) error
	refused  func(error) // is told when it was refused, before people are
}

func (p confirm) press(m *Machine, k hal.Key) []any {
	switch k {
	case hal.KeyOK:
		actions := m.do(p.run)
		m.refused = p.refused
		return actions
	case hal.KeyBack:
		m.back()
	}
	return nil
}

func (p confirm) screen(m *Machine) Screen {
	calls := strings.NewReplacer("{calls}", fmt.Sprint(m.facts.Calls))
	question := telephony.Text{ZH: calls.Replace(p.question.ZH), EN: calls.Replace(p.question.EN)}
	return Screen{Rows: append(m.sentence(question), m.say(hintConfirm))}
}

// hold asks for a long press, and then for a code: what it does cannot be undone.
type hold struct {
	code string
	run  func(context.Context) error
}

func (hold) press(m *Machine, k hal.Key) []any {
	if k == hal.KeyBack {
		m.back()
	}
	return nil
}

func (p hold) held(m *Machine) []any {
	m.open(newDigits(fmt.Sprintf(m.say(askCode), p.code), strings.Repeat("0", len(p.code)), func(m *Machine, entered string) []any {
		if entered == p.code {
			return m.do(p.run)
		}
		m.home()
		m.open(notice(wrongCode))
		return nil
	}))
	return nil
}

func (hold) screen(m *Machine) Screen { return Screen{Rows: m.sentence(hintHold)} }

// digits is a number to enter: up and down change the digit under the cursor, OK goes on to the next and after the last one
// enters, back goes to the one before.
type digits struct {
	title string
	value []byte
	at    int
	enter func(m *Machine, value string) []any
}

// newDigits starts from a value; what is no digit in it stays.
func newDigits(title, value string, enter func(m *Machine, value string) []any) *digits {
	p := &digits{title: title, value: []byte(value), at: -1, enter: enter}
	p.move(1)
	return p
}

// move moves the cursor to the next digit in a direction, and reports whether there is one.
func (p *digits) move(by int) bool {
	for at := p.at + by; at >= 0 && at < len(p.value); at += by {
		if p.value[at] >= '0' && p.value[at] <= '9' {
			p.at = at
			return true
		}
	}
	return false
}

func (p *digits) press(m *Machine, k hal.Key) []any {
	switch d := &p.value[p.at]; k {
	case hal.KeyUp:
		*d = '0' + (*d-'0'+1)%10
	case hal.KeyDown:
		*d = '0' + (*d-'0'+9)%10
	case hal.KeyOK:
		if !p.move(1) {
			return p.enter(m, string(p.value))
		}
	case hal.KeyBack:
		if !p.move(-1) {
			m.back()
		}
	}
	return nil
}

func (p *digits) screen(m *Machine) Screen {
	cursor := slices.Repeat([]byte(" "), p.at+1)
	cursor[p.at] = '^'
	return Screen{Rows: []string{p.title, string(p.value), string(cursor), m.say(hintDigits)}}
}

// working is shown while a verb of the box runs. Keys wait for its end.
type working struct{}

func (working) press(*Machine, hal.Key) []any { return nil }

func (working) screen(m *Machine) Screen { return Screen{Rows: m.sentence(wordWorking)} }
