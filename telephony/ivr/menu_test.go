package ivr

import (
	"strings"
	"testing"
	"time"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// script writes actions as a line of text, so that a row of the table is a story.
func script(actions []Action) string {
	var words []string
	for _, a := range actions {
		switch a := a.(type) {
		case Play:
			words = append(words, "play("+strings.Join(a.Prompts, ",")+")")
		case StopPlaying:
			words = append(words, "hush")
		case StartTimer:
			words = append(words, "timer("+a.For.String()+")")
		case StopTimer:
			words = append(words, "no timer")
		case Input:
			words = append(words, a.Result+"("+a.Keys+")")
		case Done:
			words = append(words, "to("+string(a.Target)+")")
			if a.Rest != "" {
				words = append(words, "ahead("+a.Rest+")")
			}
		}
	}
	return strings.Join(words, " ")
}

// event reads one word of a story: "start", "ended", "expired", or a key.
func event(word string) Event {
	switch word {
	case "start":
		return Start{}
	case "ended":
		return PromptEnded{}
	case "expired":
		return TimerExpired{}
	}
	return Key{Digit: word[0]}
}

// company answers for extensions 801 and 8015.
func company(digits string) (t telephony.Target, complete, more bool) {
	for _, ext := range []string{"801", "8015"} {
		complete = complete || digits == ext
		more = more || strings.HasPrefix(ext, digits) && digits != ext
	}
	return telephony.NewTarget(telephony.ToPhone, digits), complete, more
}

// main is a menu of single keys.
func mainMenu() telephony.Menu {
	return telephony.Menu{
		ID: "main", Collect: telephony.CollectSingle, FirstSeconds: 5, NextSeconds: 3, Tries: 2, OnFail: "queue:front",
		Greetings: []telephony.Greeting{{Prompt: "hello"}},
		Keys:      []telephony.Key{{Keys: "1", To: "queue:sales"}, {Keys: "2", To: "menu:orders"}, {Keys: "*", To: "return"}, {Keys: "[5-7]", To: "queue:other"}},
	}
}

// numberMenu is a menu of many digits.
func numberMenu(collect telephony.Collect, digits int) telephony.Menu {
	return telephony.Menu{
		ID: "orders", Collect: collect, Digits: digits, FirstSeconds: 8, NextSeconds: 4, Tries: 2,
		Greetings: []telephony.Greeting{{Prompt: "enter"}},
		Keys:      []telephony.Key{{Keys: "12XX", To: "queue:orders"}, {Keys: "1234", To: "queue:exact"}},
	}
}

type story struct {
	name  string
	menu  telephony.Menu
	env   Env
	steps []string // "event -> actions"
}

func with(m telephony.Menu, change func(*telephony.Menu)) telephony.Menu {
	change(&m)
	return m
}

func extensions(m *telephony.Menu) { m.Extensions = true }

func shortcut(keys string, to telephony.Target) func(*telephony.Menu) {
	return func(m *telephony.Menu) { m.Shortcuts = []telephony.Key{{Keys: keys, To: to}} }
}

var stories = []story{
	{"A3.9 single: a key after the prompt", mainMenu(), Env{}, []string{
		"start -> play(hello)", "ended -> timer(5s)", "1 -> target(1) to(queue:sales)", "1 -> ", "expired -> ",
	}},
	{"A3.9 single: a key interrupts the prompt", mainMenu(), Env{}, []string{
		"start -> play(hello)", "2 -> hush target(2) to(menu:orders)", "ended -> ",
	}},
	{"A3.9 single: * is a key like any other", mainMenu(), Env{}, []string{
		"start -> play(hello)", "* -> hush target(*) to(return)",
	}},
	{"A3.9 single: one of several keys", mainMenu(), Env{}, []string{
		"start -> play(hello)", "6 -> hush target(6) to(queue:other)",
	}},
	{"A3.9 single: a wrong key, then the right one", mainMenu(), Env{}, []string{
		"start -> play(hello)", "9 -> hush invalid(9) play(invalid,hello)", "ended -> timer(5s)", "1 -> target(1) to(queue:sales)",
	}},
	{"A3.9 single: # that leads nowhere is wrong", mainMenu(), Env{}, []string{
		"start -> play(hello)", "# -> hush invalid(#) play(invalid,hello)",
	}},
	{"A3.9 the menu's own words for a wrong key", with(mainMenu(), func(m *telephony.Menu) { m.InvalidPrompt = "sorry" }), Env{}, []string{
		"start -> play(hello)", "9 -> hush invalid(9) play(sorry,hello)",
	}},
	{"A3.9 no key at all: tries, then the way out", mainMenu(), Env{}, []string{
		"start -> play(hello)", "ended -> timer(5s)", "expired -> timeout() play(no_input,hello)", "ended -> timer(5s)",
		"expired -> timeout() to(queue:front)",
	}},
	{"A3.9 wrong and missing inputs count together", mainMenu(), Env{}, []string{
		"start -> play(hello)", "9 -> hush invalid(9) play(invalid,hello)", "ended -> timer(5s)", "expired -> timeout() to(queue:front)",
	}},
	{"a menu without a way out hangs up", with(mainMenu(), func(m *telephony.Menu) { m.OnFail, m.Tries = "", 1 }), Env{}, []string{
		"start -> play(hello)", "9 -> hush invalid(9) to(hangup)",
	}},
	{"A to D are no keys, and interrupt nothing", mainMenu(), Env{}, []string{
		"start -> play(hello)", "A -> ", "ended -> timer(5s)", "D -> ",
	}},
	{"events that cross each other change nothing", mainMenu(), Env{}, []string{
		"1 -> ", "ended -> ", "expired -> ", "start -> play(hello)", "start -> ", "expired -> ", "ended -> timer(5s)", "ended -> ",
	}},
	{"a menu without a greeting listens at once", with(mainMenu(), func(m *telephony.Menu) { m.Greetings = nil }), Env{}, []string{
		"start -> timer(5s)", "expired -> timeout() play(no_input)",
	}},

	{"A3.9 many: the last digit ends", numberMenu(telephony.CollectMany, 4), Env{}, []string{
		"start -> play(enter)", "1 -> hush timer(4s)", "2 -> timer(4s)", "9 -> timer(4s)", "9 -> target(1299) to(queue:orders)",
	}},
	{"A3.9 many: exact digits go before a pattern", numberMenu(telephony.CollectMany, 4), Env{Typed: "1234"}, []string{
		"start -> timer(4s) timer(4s) timer(4s) target(1234) to(queue:exact)",
	}},
	{"A3.9 many: * starts again", numberMenu(telephony.CollectMany, 4), Env{}, []string{
		"start -> play(enter)", "9 -> hush timer(4s)", "* -> restart(9*) timer(8s)", "1 -> timer(4s)", "2 -> timer(4s)", "0 -> timer(4s)",
		"0 -> target(1200) to(queue:orders)",
	}},
	{"A3.9 many: # ends", numberMenu(telephony.CollectMany, 4), Env{}, []string{
		"start -> play(enter)", "1 -> hush timer(4s)", "# -> invalid(1) no timer play(invalid,enter)",
	}},
	{"A3.9 many: the timeout between keys ends", numberMenu(telephony.CollectMany, 4), Env{}, []string{
		"start -> play(enter)", "1 -> hush timer(4s)", "expired -> invalid(1) play(invalid,enter)",
	}},
	{"A3.9 many: digits that lead nowhere", numberMenu(telephony.CollectMany, 4), Env{}, []string{
		"start -> play(enter)", "9 -> hush timer(4s)", "9 -> timer(4s)", "9 -> timer(4s)", "9 -> invalid(9999) no timer play(invalid,enter)",
	}},
	{"A3.9 variable: # ends", variable(), Env{}, []string{
		"start -> play(enter)", "4 -> hush timer(4s)", "5 -> timer(4s)", "# -> target(45) to(queue:cards)",
	}},
	{"A3.9 variable: the timeout ends", variable(), Env{}, []string{
		"start -> play(enter)", "4 -> hush timer(4s)", "5 -> timer(4s)", "expired -> target(45) to(queue:cards)",
	}},
	{"A3.9 variable: the most digits end", variable(), Env{}, []string{
		"start -> play(enter)", "4 -> hush timer(4s)", "5 -> timer(4s)", "6 -> timer(4s)", "7 -> timer(4s)", "8 -> timer(4s)",
		"9 -> target(456789) to(queue:cards)",
	}},
	{"A3.9 variable: an input that nothing could make longer is not waited on", variable(), Env{}, []string{
		"start -> play(enter)", "7 -> hush timer(4s)", "7 -> target(77) to(queue:gold)",
	}},
	{"A3.9 variable: # alone is no input", variable(), Env{}, []string{
		"start -> play(enter)", "# -> hush invalid() play(invalid,enter)",
	}},
	{"A3.9 variable: the beginning of a wrong number leads nowhere", variable(), Env{}, []string{
		"start -> play(enter)", "7 -> hush timer(4s)", "8 -> timer(4s)", "# -> invalid(78) no timer play(invalid,enter)",
	}},

	{"A3.4 a shortcut reaches any depth", with(mainMenu(), shortcut("289", "prompt:prices")), Env{}, []string{
		"start -> play(hello)", "2 -> hush timer(3s)", "8 -> timer(3s)", "9 -> target(289) to(prompt:prices)",
	}},
	{"A3.4 keys that only began like a shortcut go on into the next menu", with(mainMenu(), shortcut("289", "prompt:prices")), Env{}, []string{
		"start -> play(hello)", "2 -> hush timer(3s)", "8 -> timer(3s)", "8 -> target(2) to(menu:orders) ahead(88)",
	}},
	{"A3.4 a key that could begin a shortcut is taken after the pause", with(mainMenu(), shortcut("289", "prompt:prices")), Env{}, []string{
		"start -> play(hello)", "2 -> hush timer(3s)", "expired -> target(2) to(menu:orders)",
	}},
	{"A3.4 a shortcut with star and hash", with(mainMenu(), shortcut("*8#", "voicemail:front")), Env{}, []string{
		"start -> play(hello)", "* -> hush timer(3s)", "8 -> timer(3s)", "# -> target(*8#) to(voicemail:front)",
	}},
	{"A3.4 typed ahead: the next menu begins with the keys, without its prompt", mainMenu(), Env{Typed: "255"}, []string{
		"start -> target(2) to(menu:orders) ahead(55)",
	}},
	{"A3.4 typed ahead, half an input", numberMenu(telephony.CollectMany, 4), Env{Typed: "12"}, []string{
		"start -> timer(4s) timer(4s)", "3 -> timer(4s)", "4 -> target(1234) to(queue:exact)",
	}},
	{"A3.4 typed ahead and wrong: the rest is dropped and the caller told", mainMenu(), Env{Typed: "91"}, []string{
		"start -> invalid(9) play(invalid,hello)",
	}},
	{"typed ahead, but nothing that is a key", mainMenu(), Env{Typed: "AB"}, []string{"start -> timer(5s)"}},

	{"A2.20 an extension is dialled in a menu", with(mainMenu(), extensions), Env{Lookup: company}, []string{
		"start -> play(hello)", "8 -> hush timer(3s)", "0 -> timer(3s)", "1 -> timer(3s)", "5 -> target(8015) to(phone:8015)",
	}},
	{"A2.20 an extension that begins another is taken after the pause", with(mainMenu(), extensions), Env{Lookup: company}, []string{
		"start -> play(hello)", "8 -> hush timer(3s)", "0 -> timer(3s)", "1 -> timer(3s)", "expired -> target(801) to(phone:801)",
	}},
	{"A2.20 # ends an extension at once", with(mainMenu(), extensions), Env{Lookup: company}, []string{
		"start -> play(hello)", "8 -> hush timer(3s)", "0 -> timer(3s)", "1 -> timer(3s)", "# -> target(801) to(phone:801)",
	}},
	{"A2.20 no such extension", with(mainMenu(), extensions), Env{Lookup: company}, []string{
		"start -> play(hello)", "8 -> hush timer(3s)", "3 -> invalid(83) no timer play(invalid,hello)",
	}},
	{"extensions are dialled only where the menu allows it", mainMenu(), Env{Lookup: company}, []string{
		"start -> play(hello)", "8 -> hush invalid(8) play(invalid,hello)",
	}},
	{"the target extension names somebody", withKey("8XX", 3), Env{Lookup: company}, []string{
		"start -> play(enter)", "8 -> hush timer(4s)", "0 -> timer(4s)", "1 -> target(801) to(phone:801)",
	}},
	{"the target extension names nobody: ask", withKey("8XX", 3), Env{Lookup: company}, []string{
		"start -> play(enter)", "8 -> hush timer(4s)", "9 -> timer(4s)", "9 -> target(899) to(extension)",
	}},

	{"A3.5 a greeting of the line", greetings(), Env{Line: "fxo/2", Period: "work"}, []string{"start -> play(line-two)"}},
	{"A3.6 a greeting of the period", greetings(), Env{Line: "fxo/1", Period: "holiday"}, []string{"start -> play(new-year)"}},
	{"A3.2 the greeting of all others", greetings(), Env{Line: "fxo/1", Period: "work"}, []string{"start -> play(hello)"}},
}

// variable takes up to six digits: card numbers that begin with 4, or 77.
func variable() telephony.Menu {
	m := numberMenu(telephony.CollectVariable, 6)
	m.Keys = []telephony.Key{{Keys: "4.", To: "queue:cards"}, {Keys: "77", To: "queue:gold"}}
	return m
}

func withKey(keys string, digits int) telephony.Menu {
	m := numberMenu(telephony.CollectMany, digits)
	m.Keys = []telephony.Key{{Keys: keys, To: telephony.ToExtension}}
	return m
}

func greetings() telephony.Menu {
	m := mainMenu()
	m.Greetings = []telephony.Greeting{{Lines: []string{"fxo/2", "fxo/3"}, Prompt: "line-two"}, {Period: "holiday", Prompt: "new-year"}, {Prompt: "hello"}}
	return m
}

func TestMenu(t *testing.T) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			m := NewMenu(&s.menu, s.env)
			for _, step := range s.steps {
				word, want, _ := strings.Cut(step, " -> ")
				if got := script(m.Step(event(word))); got != strings.TrimSpace(want) {
					t.Fatalf("%s -> %s\nwant %s", word, got, want)
				}
			}
		})
	}
}

func TestWhyACallerLeftAMenu(t *testing.T) {
	for _, row := range []struct {
		done Done
		want telephony.Text
	}{
		{Done{Keys: "1", Result: target}, telephony.Text{ZH: "按键 1", EN: "keys 1"}},
		{Done{Result: timeout}, telephony.Text{ZH: "多次未按键", EN: "no input, all tries used"}},
		{Done{Keys: "9", Result: invalid}, telephony.Text{ZH: "多次输入有误", EN: "invalid input, all tries used"}},
	} {
		if d := cmp.Diff(row.want, row.done.Why()); d != "" {
			t.Error(d)
		}
	}
}

// A menu is never stuck: whatever the order of events, it waits for a prompt to end or for a timer, or it is left; and once
// the caller falls silent it is left within its tries.
func TestAMenuIsNeverStuck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		config := randomMenu(t)
		typed := rapid.StringMatching(`[0-9*#A]{0,6}`).Draw(t, "typed")
		m, w := NewMenu(config, Env{Typed: typed, Lookup: company}), watch{t: t, tries: config.Tries}
		w.step(m, Start{})
		for _, word := range rapid.SliceOfN(rapid.SampledFrom(strings.Fields("0 1 2 5 7 8 9 * # A ended expired start")), 0, 60).Draw(t, "events") {
			w.step(m, event(word))
		}
		for range 2 * config.Tries {
			switch {
			case w.playing:
				w.step(m, PromptEnded{})
			case w.timing:
				w.step(m, TimerExpired{})
			}
		}
		if !w.done {
			t.Fatal("the caller is silent and the menu goes on")
		}
	})
}

func randomMenu(t *rapid.T) *telephony.Menu {
	m := mainMenu()
	if collect := rapid.SampledFrom([]telephony.Collect{telephony.CollectSingle, telephony.CollectMany, telephony.CollectVariable}).Draw(t, "collect"); collect != telephony.CollectSingle {
		m = numberMenu(collect, rapid.IntRange(1, 6).Draw(t, "digits"))
	}
	if rapid.Bool().Draw(t, "silent") {
		m.Greetings = nil
	}
	if rapid.Bool().Draw(t, "shortcut") {
		m.Shortcuts = []telephony.Key{{Keys: "289", To: "hangup"}, {Keys: "1.", To: "busy"}}
	}
	m.Extensions = rapid.Bool().Draw(t, "extensions")
	m.Tries = rapid.IntRange(1, 3).Draw(t, "tries")
	return &m
}

// watch follows what a menu has asked for, as package call does.
type watch struct {
	t                     *rapid.T
	playing, timing, done bool
	failed, tries         int
}

func (w *watch) step(m *Menu, ev Event) {
	switch ev.(type) {
	case TimerExpired:
		if !w.timing { // an expiry needs a timer
			return
		}
		w.timing = false
	case PromptEnded:
		w.playing = false
	}
	for _, a := range m.Step(ev) {
		if w.done {
			w.t.Fatalf("%v after the menu was left", a)
		}
		switch a := a.(type) {
		case Play:
			w.playing = true
		case StopPlaying:
			if !w.playing {
				w.t.Fatal("nothing plays, and is stopped")
			}
			w.playing = false
		case StartTimer:
			if w.timing = true; a.For < time.Second {
				w.t.Fatalf("a timer of %v", a.For)
			}
		case StopTimer:
			w.timing = false
		case Input:
			if a.Result == invalid || a.Result == timeout {
				w.failed++
			}
		case Done:
			w.done = true
			if a.Target == "" {
				w.t.Fatal("left for nowhere")
			}
		}
	}
	if w.failed > w.tries {
		w.t.Fatalf("%d failures and %d tries", w.failed, w.tries)
	}
	if w.playing && w.timing {
		w.t.Fatal("the timer runs while the prompt plays")
	}
	if !w.done && !w.playing && !w.timing {
		w.t.Fatal("stuck")
	}
}
