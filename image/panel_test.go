package main

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// The keys of a panel that is a terminal (hal/console).
const (
	keyUp   = "\x1b[A"
	keyDown = "\x1b[B"
	keyOK   = "\r"
	keyEsc  = "\x1b"
)

var (
	control = regexp.MustCompile(`\x1b\[[0-9?]*[A-Za-z]`)
	frame   = regexp.MustCompile(`\+-{20}\+\s+\|(.{20})\|\s+\|(.{20})\|\s+\|(.{20})\|\s+\|(.{20})\|\s+\+-{20}\+`)
	eight   = regexp.MustCompile(`^\d{8} +$`)
	askCode = regexp.MustCompile(`^Enter (\d{4}) to do`)
)

// screen is the rows that the panel shows, here on the serial port; nil where it has shown none since the last forget.
func (m *machine) screen() []string {
	m.mu.Lock()
	text := string(m.said.Bytes()[m.since:])
	m.mu.Unlock()
	shown := frame.FindAllStringSubmatch(control.ReplaceAllString(text, ""), -1)
	if len(shown) == 0 {
		return nil
	}
	return shown[len(shown)-1][1:]
}

// shown is its text in one line.
func (m *machine) shown() string {
	return strings.Join(strings.Fields(strings.Join(m.screen(), " ")), " ")
}

// claimCode is the one that the panel shows.
func (m *machine) claimCode() (code string) {
	m.t.Helper()
	m.until("the panel shows the claim code", func() bool {
		rows := m.screen()
		if at := slices.IndexFunc(rows, eight.MatchString); at > 0 && strings.HasPrefix(rows[at-1], "Claim code") {
			code = strings.TrimSpace(rows[at])
		}
		return code != ""
	})
	return code
}

// press types keys. An OK right after an OK would be the same one, held: a key that does nothing comes between.
func (m *machine) press(key string) {
	m.t.Helper()
	m.mu.Lock()
	serial := m.serial
	m.mu.Unlock()
	_, _ = serial.Write([]byte(key)) // a computer that is just starting again takes no keys
}

// choose goes to an entry of the panel's menu, from wherever the panel is, and presses OK.
func (m *machine) choose(entry string) {
	m.t.Helper()
	m.until("the panel's menu has "+entry, func() bool {
		rows := m.screen()
		at := slices.IndexFunc(rows, func(row string) bool { return row[0] == '>' })
		switch {
		case at < 0:
			m.press(keyUp + keyOK)
		case strings.TrimSpace(rows[at][1:]) == entry:
			m.press(keyOK)
			return true
		default:
			m.press(keyDown)
		}
		return false
	})
}

// reset does an entry of the menu of resets. On a busy computer the last of the OKs that hold it may come so late that it counts as a digit:
// the code is wrong then, and it begins anew.
func (m *machine) reset(entry string) {
	m.t.Helper()
	m.until("the panel takes the code", func() bool {
		m.forget()
		m.enterCode(m.holdOK(entry))
		return !m.hasSaid("Wrong code")
	})
}

// holdOK goes to an entry of the menu of resets and holds OK, until the panel asks for a code.
func (m *machine) holdOK(entry string) (code string) {
	m.t.Helper()
	m.choose("Factory reset")
	m.choose(entry)
	m.until("the panel asks to hold OK", func() bool { return strings.Contains(m.shown(), "Hold OK") })
	m.press(keyUp)
	m.untilEvery(keyRepeat, "the panel asks for the code", func() bool {
		if found := askCode.FindStringSubmatch(m.screen()[0]); found != nil {
			code = found[1]
			return true
		}
		m.press(keyOK)
		return false
	})
	return code
}

// enterCode enters digits in the place of zeros, as long as the panel asks for them.
func (m *machine) enterCode(code string) {
	m.t.Helper()
	m.enter(askCode.MatchString, strings.Repeat("0", len(code)), code)
}

// enter makes one row of digits another, as long as the panel asks for it in its first row.
func (m *machine) enter(asks func(string) bool, from, to string) {
	m.t.Helper()
	for at := 0; at < len(to) && asks(m.screen()[0]); at++ {
		if to[at] == '.' {
			continue
		}
		ups := (to[at]-from[at]+19)%10 + 1 // ten where it is the same
		m.press(strings.Repeat(keyUp, int(ups)) + keyOK)
		m.until("the panel takes a digit", func() bool {
			rows := m.screen()
			return !asks(rows[0]) || strings.Index(rows[2], "^") != at
		})
	}
}

// setAddress sets the address that newMachine leads elsewhere to.
func (m *machine) setAddress() {
	m.t.Helper()
	m.choose("Address")
	m.choose("Static")
	for _, row := range []struct{ title, from, to string }{
		{"Address", "010.000.002.015", "010.000.002.077"}, {"Prefix length", "24", "24"}, {"Gateway", "010.000.002.001", "010.000.002.002"},
	} {
		asks := func(text string) bool { return strings.TrimSpace(text) == row.title }
		m.until("the panel asks for "+row.title, func() bool { return asks(m.screen()[0]) && strings.Contains(m.screen()[2], "^") })
		m.enter(asks, row.from, row.to)
	}
	m.until("the panel asks once more", func() bool { return strings.Contains(m.shown(), "OK: do it") })
	m.press(keyUp + keyOK)
}

// keyRepeat is how often a key that is held is typed.
const keyRepeat = 100 * time.Millisecond
