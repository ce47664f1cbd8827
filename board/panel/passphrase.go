package panel

import (
	"context"
	"errors"
	"strings"

	"callbox/hal"
	"callbox/telephony"
)

// restoring asks once before the box takes the backup on the stick, and for the passphrase of one that is encrypted.
func restoring(m *Machine) []any {
	m.open(confirm{askRestore, func(ctx context.Context) error { return m.opt.Verbs.Restore(ctx, "") }, m.askPassphrase(&passphrase{})})
	return nil
}

// askPassphrase opens the page where a passphrase is entered, with what was entered before, if that is what was refused.
func (m *Machine) askPassphrase(p *passphrase) func(error) {
	return func(err error) {
		if e := new(telephony.Error); errors.As(err, &e) && len(e.Problems) == 1 && e.Problems[0].Path == "passphrase" {
			m.open(p)
		}
	}
}

// letters are what a passphrase can have that is entered here; those of generated ones come first.
const letters = "abcdefghijklmnopqrstuvwxyz0123456789 -ABCDEFGHIJKLMNOPQRSTUVWXYZ.,;:!?'\"()[]{}<>@#$%^&*_+=/\\|~`"

// passphrase is a text to enter: up and down choose the next letter, OK takes it, and enters the text where none is chosen; back
// takes the last one away.
type passphrase struct {
	text string
	next int // of letters, from 1; 0: none
}

func (p *passphrase) press(m *Machine, k hal.Key) []any {
	switch k {
	case hal.KeyUp:
		p.next = (p.next + 1) % (len(letters) + 1)
	case hal.KeyDown:
		p.next = (p.next + len(letters)) % (len(letters) + 1)
	case hal.KeyOK:
		if p.next == 0 {
			return p.enter(m)
		}
		p.text, p.next = p.text+letters[p.next-1:p.next], 0
	case hal.KeyBack:
		switch {
		case p.next != 0:
			p.next = 0
		case p.text == "":
			m.back()
		default:
			p.text = p.text[:len(p.text)-1]
		}
	}
	return nil
}

func (p *passphrase) enter(m *Machine) []any {
	actions := m.do(func(ctx context.Context) error { return m.opt.Verbs.Restore(ctx, p.text) })
	m.refused = m.askPassphrase(p)
	return actions
}

// screen shows the end of the text, with the letter that is chosen above the cursor.
func (p *passphrase) screen(m *Machine) Screen {
	end := p.text[max(0, len(p.text)-m.opt.Columns+1):]
	next := " "
	if p.next > 0 {
		next = letters[p.next-1 : p.next]
	}
	hint := hintLetters
	if p.next == 0 && p.text != "" {
		hint = hintEnter
	}
	return Screen{Rows: []string{m.say(wordPassphrase), end + next, strings.Repeat(" ", len(end)) + "^", m.say(hint)}}
}
