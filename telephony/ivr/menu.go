package ivr

import (
	"slices"
	"strings"
	"time"

	"callbox/telephony"
)

// An Event is what happened to a menu. The set is closed: Start, Key, PromptEnded, TimerExpired.
type Event interface{ event() }

type (
	// Start: the caller has come to the menu.
	Start struct{}
	// Key: the caller pressed one.
	Key struct{ Digit byte } // '0'-'9', '*', '#'; others are ignored
	// PromptEnded: what Play asked for was heard to its end.
	PromptEnded struct{}
	// TimerExpired: what StartTimer asked for.
	TimerExpired struct{}
)

func (Start) event()        {}
func (Key) event()          {}
func (PromptEnded) event()  {}
func (TimerExpired) event() {}

// An Action is what a menu asks for. The set is closed: Play, StopPlaying, StartTimer, StopTimer, Input, Done.
type Action interface{ action() }

type (
	// Play these prompts, one after the other, and tell when they have ended.
	Play struct{ Prompts []string }
	// StopPlaying: a key interrupts the prompt.
	StopPlaying struct{}
	// StartTimer starts the menu's one timer, or starts it again.
	StartTimer struct{ For time.Duration }
	// StopTimer: its expiry is of no interest any more.
	StopTimer struct{}
	// Input ended, and is to be journaled as a telephony.MenuKey: its Result is "target", "invalid", "timeout" or "restart".
	Input struct{ Keys, Result string }
	// Done is the last action: the caller leaves for the target.
	Done struct {
		Target telephony.Target
		Keys   string // what led there
		Result string // of the last input: "target", or "invalid" and "timeout" when the tries are used up
		Rest   string // keys typed ahead: the next menu begins with them, without its prompt
	}
)

func (Play) action()        {}
func (StopPlaying) action() {}
func (StartTimer) action()  {}
func (StopTimer) action()   {}
func (Input) action()       {}
func (Done) action()        {}

// Why tells why the caller was sent to the target, for the journal.
func (d Done) Why() telephony.Text {
	switch d.Result {
	case target:
		return telephony.Text{ZH: "按键 " + d.Keys, EN: "keys " + d.Keys}
	case timeout:
		return telephony.Text{ZH: "多次未按键", EN: "no input, all tries used"}
	}
	return telephony.Text{ZH: "多次输入有误", EN: "invalid input, all tries used"}
}

// The results of an input, as the journal names them.
const (
	target  = "target"
	invalid = "invalid"
	timeout = "timeout"
	restart = "restart"
)

// Env is what a menu must know of its caller.
type Env struct {
	Line   string // the line that the call came by, for the greeting (A3.5)
	Period string // what time it is, for the greeting (A3.6)
	Typed  string // keys typed ahead
	// Lookup tells who inside has the number, and whether a longer number begins with these digits. It may be nil.
	Lookup func(digits string) (t telephony.Target, complete, more bool)
}

// A Menu is the machine of one visit to one menu (A3.9): a pure function of events to actions. The goroutine of its call
// owns it.
type Menu struct {
	config  *telephony.Menu
	env     Env
	state   menuState
	timing  bool
	keys    string // the input so far
	failed  int    // inputs that led nowhere
	actions []Action
}

type menuState int

const (
	created    menuState = iota
	playing              // until the prompt ends or a key interrupts it
	collecting           // the timer runs
	left
)

// NewMenu makes the machine. It does nothing before Start.
func NewMenu(config *telephony.Menu, env Env) *Menu { return &Menu{config: config, env: env} }

// Step takes an event and tells what to do about it, in order. What a state does not expect changes nothing: a prompt's end
// that crosses a key, an expiry that crosses a new prompt.
func (m *Menu) Step(ev Event) []Action {
	m.actions = nil
	switch ev := ev.(type) {
	case Start:
		if m.state == created {
			m.start()
		}
	case Key:
		if m.state == playing || m.state == collecting {
			m.key(ev.Digit)
		}
	case PromptEnded:
		if m.state == playing {
			m.listen(m.config.FirstSeconds)
		}
	case TimerExpired:
		if m.state == collecting {
			m.expire()
		}
	}
	return m.actions
}

func (m *Menu) do(a Action) { m.actions = append(m.actions, a) }

// start plays the greeting, unless the caller has typed ahead.
func (m *Menu) start() {
	if m.env.Typed == "" {
		m.play(m.greeting()...)
		return
	}
	m.state = collecting
	for m.state == collecting && m.env.Typed != "" {
		k := m.env.Typed[0]
		m.env.Typed = m.env.Typed[1:]
		m.key(k)
	}
	if m.state == collecting && !m.timing {
		m.listen(m.config.FirstSeconds)
	}
}

// key takes one key: it interrupts the prompt, starts the input again, ends it, or is part of it.
func (m *Menu) key(k byte) {
	if !strings.Contains("0123456789*#", string(rune(k))) { // A to D are on no caller's telephone
		return
	}
	if m.state == playing {
		m.do(StopPlaying{})
		m.state = collecting
	}
	single := m.config.Collect == telephony.CollectSingle
	switch {
	case k == '*' && !single:
		m.do(Input{Keys: m.keys + "*", Result: restart})
		m.keys = ""
		m.listen(m.config.FirstSeconds)
	case k == '#' && !single, k == '#' && m.keys != "" && !m.couldLead(m.keys+"#"):
		m.end()
	default:
		if m.keys += string(rune(k)); m.mayGrow() {
			m.listen(m.config.NextSeconds)
		} else {
			m.end()
		}
	}
}

// expire ends the input, if there is one.
func (m *Menu) expire() {
	if m.timing = false; m.keys == "" {
		m.fail(timeout)
		return
	}
	m.end()
}

// end leaves for where the input leads. In a single-key menu, keys beyond it were typed ahead: they had to be waited for,
// since they could have become a shortcut (A3.4) or an extension.
func (m *Menu) end() {
	for n := len(m.keys); n > 0; n-- {
		if t, ok := m.leads(m.keys[:n]); ok {
			m.do(Input{Keys: m.keys[:n], Result: target})
			m.leave(Done{Target: t, Keys: m.keys[:n], Result: target, Rest: m.keys[n:] + m.env.Typed})
			return
		}
		if m.config.Collect != telephony.CollectSingle {
			break
		}
	}
	m.fail(invalid)
}

// fail counts an input that led nowhere, and tries again or gives up. What was typed ahead goes: the caller is to hear why.
func (m *Menu) fail(result string) {
	m.do(Input{Keys: m.keys, Result: result})
	keys := m.keys
	m.keys, m.env.Typed = "", ""
	if m.failed++; m.failed >= m.config.Tries {
		to := m.config.OnFail
		if to == "" {
			to = telephony.ToHangup
		}
		m.leave(Done{Target: to, Keys: keys, Result: result})
		return
	}
	why := "no_input"
	if result == invalid {
		if why = m.config.InvalidPrompt; why == "" {
			why = "invalid"
		}
	}
	m.play(append([]string{why}, m.greeting()...)...)
}

func (m *Menu) leave(d Done) {
	m.state = left
	m.do(d)
}

// play gives the caller something to hear; without a prompt the menu just listens.
func (m *Menu) play(prompts ...string) {
	if len(prompts) == 0 {
		m.listen(m.config.FirstSeconds)
		return
	}
	if m.timing {
		m.do(StopTimer{})
		m.timing = false
	}
	m.do(Play{Prompts: prompts})
	m.state = playing
}

func (m *Menu) listen(seconds int) {
	m.do(StartTimer{For: time.Duration(seconds) * time.Second})
	m.state, m.timing = collecting, true
}

// greeting is the first that fits line and period (A3.2, A3.5, A3.6).
func (m *Menu) greeting() []string {
	for _, g := range m.config.Greetings {
		if (len(g.Lines) == 0 || slices.Contains(g.Lines, m.env.Line)) && (g.Period == "" || g.Period == m.env.Period) {
			return []string{g.Prompt}
		}
	}
	return nil
}

// leads finds where keys lead: exact keys before patterns, and what is written in the menu before extensions.
func (m *Menu) leads(keys string) (telephony.Target, bool) {
	for _, exact := range []bool{true, false} {
		for _, list := range [][]telephony.Key{m.config.Keys, m.config.Shortcuts} {
			for _, k := range list {
				if k.Keys == keys || !exact && telephony.Pattern(k.Keys).Match(keys) {
					return m.named(k.To, keys), true
				}
			}
		}
	}
	t, complete, _ := m.extension(keys)
	return t, complete
}

// named replaces the target "extension" by whom the keys name. Keys that name nobody lead to the question for one.
func (m *Menu) named(t telephony.Target, keys string) telephony.Target {
	if t == telephony.ToExtension && m.env.Lookup != nil {
		if who, complete, _ := m.env.Lookup(keys); complete {
			return who
		}
	}
	return t
}

func (m *Menu) extension(keys string) (t telephony.Target, complete, more bool) {
	if !m.config.Extensions || m.env.Lookup == nil {
		return "", false, false
	}
	return m.env.Lookup(keys)
}

// mayGrow reports whether the input is worth waiting on: longer keys could lead somewhere, or these do not yet.
func (m *Menu) mayGrow() bool {
	if m.config.Collect == telephony.CollectSingle {
		return len(m.keys) < telephony.MaxNumberLen && m.longer(m.keys)
	}
	if len(m.keys) >= m.config.Digits {
		return false
	}
	_, enough := m.leads(m.keys)
	return !enough || m.longer(m.keys)
}

// longer reports whether longer keys that begin with these lead somewhere.
func (m *Menu) longer(keys string) bool {
	could := func(k telephony.Key) bool { return telephony.Pattern(k.Keys).CouldMatch(keys) }
	_, _, more := m.extension(keys)
	return more || slices.ContainsFunc(m.config.Keys, could) || slices.ContainsFunc(m.config.Shortcuts, could)
}

// couldLead reports whether keys lead somewhere or could when they are longer.
func (m *Menu) couldLead(keys string) bool {
	_, ok := m.leads(keys)
	return ok || m.longer(keys)
}
