// Package panel is the menu of the front panel: a pure machine, into which keys and facts go and out of which screens, lamps
// and orders come. It stands in front of a technician who has four keys and no manual: up, down, OK and back.
package panel

import (
	"context"
	"maps"
	"net/netip"
	"slices"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/machine"
)

// The machine's timers.
const (
	timerQuiet machine.Timer = "quiet" // since the last key
	timerHeld  machine.Timer = "held"  // since OK went down
	timerBuzz  machine.Timer = "buzz"
)

const (
	quietTime = time.Minute     // then the idle screen comes back
	heldTime  = 5 * time.Second // of a press that means it
	buzzTime  = time.Second     // at a new alarm
)

// Facts are what the panel shows of the box.
type Facts struct {
	Time      time.Time // in the site's zone
	Name      string    // the site's
	Version   string
	ClaimCode string // while the box has no owner
	Page      string // the address that a browser opens: "http://192.168.1.10"
	Network   Network
	Waiting   int                    // callers in queues
	Calls     int                    // in progress
	Busy      int                    // calls on lines to the outside
	Channels  int                    // that those lines could carry now
	Lines     []telephony.LineStatus // to the outside
	Callable  []string               // the lines that TestCall takes
	Today     Today
	Alarms    []telephony.LiveAlarm
	Disk      Disk
	Boot      Boot
}

// Disk is what the box keeps everything on.
type Disk struct {
	FreeMB, TotalMB int64
	State           string // "good", "worn" or "failing", as it says of itself; empty: it does not
	Used            int    // percent of the life that its maker gives it; 0: it does not say
}

// Boot is how long after the computer's kernel started something was reached; 0: not yet.
type Boot struct {
	Lines time.Duration // were answered
	Call  time.Duration // the first of this start was answered
}

// Network is how the box is reached.
type Network struct {
	DHCP    bool
	VLAN    int // that its frames are tagged with (IEEE 802.1Q); 0: with none
	Address netip.Prefix
	Gateway netip.Addr
}

// Today counts the calls of this day.
type Today struct {
	Offered, Answered, Outgoing int
	ForPerson                   int     // of the offered, those whom somebody should have answered
	Rate                        float64 // percent answered of them
}

// Verbs are what the panel asks of the box. They may take minutes. What is nil is not in the menu.
type Verbs struct {
	TestLine    func(ctx context.Context, line string) ([]telephony.LineFinding, error) // how it is, the worst first
	TestCall    func(ctx context.Context, line string) error
	SelfTest    func(ctx context.Context) error                  // what is wrong with the box, if anything
	SetLanguage func(ctx context.Context, language string) error // of the panel
	SetNetwork  func(ctx context.Context, n Network) error
	Update      func(ctx context.Context) error // from the stick that is plugged in
	// Restore takes a backup from the stick, while the box has no owner. A problem of "passphrase" says that it asks for another one.
	Restore func(ctx context.Context, passphrase string) error
	Restart func(ctx context.Context) error
	Reset   func(ctx context.Context, everything bool) error // to how the box was delivered: the settings, or all
}

// Options say what the panel is.
type Options struct {
	Columns, Rows int
	Dots          bool   // the display shows Han characters and pictures
	Language      string // "zh" or "en"; a display without dots is English
	Verbs         Verbs
	Code          func() string // of digits, random, for what must not happen by chance
}

// A Screen is what the display shows.
type Screen struct {
	Rows []string
	QR   string // an address to draw as a QR code at the left, with the rows right of it
}

// What goes into the machine: Facts, a hal.KeyEvent, Done, and machine.Timer as one expires.
type (
	// Done says that a Do has ended.
	Done struct{ Err error }
)

// What comes out of it, beside machine.Start and machine.Stop.
type (
	// Show shows a screen.
	Show struct{ Screen }
	// Lamp sets a lamp.
	Lamp struct {
		Name string
		On   bool
	}
	// Buzz turns the buzzer on or off.
	Buzz struct{ On bool }
	// Do runs a verb of the box apart from the machine, which waits for Done.
	Do struct{ Run func(context.Context) error }
)

// A page is one thing that the display shows. The pages on the way to it lie below it.
type page interface {
	screen(m *Machine) Screen
	press(m *Machine, k hal.Key) []any
}

// A holder is a page that takes a long press of OK.
type holder interface{ held(m *Machine) []any }

// Machine is the menu. It belongs to one goroutine.
type Machine struct {
	opt      Options
	language string
	facts    Facts
	then     func() page // what is shown when the verb that runs has ended well; nil: that it is done
	refused  func(error) // is told when it has not, before people are
	pages    []page      // the idle screen first, the one that is shown last
	lamps    map[string]bool
	known    map[string]bool // alarms that were buzzed for
	shown    Screen
}

// New is a menu that shows its idle screen at the first Facts.
func New(o Options) *Machine {
	m := &Machine{opt: o, language: "en", pages: []page{idle{}}, lamps: map[string]bool{}, known: map[string]bool{}}
	if o.Dots {
		m.language = o.Language
	}
	return m
}

// Step takes what happened and gives what is to be done.
func (m *Machine) Step(e any) (actions []any) {
	switch e := e.(type) {
	case Facts:
		m.facts = e
		actions = append(m.light(), m.buzz()...)
	case hal.KeyEvent:
		actions = m.key(e)
	case Done:
		m.end(e.Err)
	case machine.Timer:
		actions = m.expired(e)
	}
	if next := m.top().screen(m); next.QR != m.shown.QR || !slices.Equal(next.Rows, m.shown.Rows) {
		m.shown = next
		actions = append(actions, Show{next})
	}
	return actions
}

func (m *Machine) top() page { return m.pages[len(m.pages)-1] }

// open puts a page on top.
func (m *Machine) open(p page) { m.pages = append(m.pages, p) }

// back leaves the page that is shown; the idle screen stays.
func (m *Machine) back() { m.pages = m.pages[:max(len(m.pages)-1, 1)] }

// home leaves all pages but the idle screen.
func (m *Machine) home() { m.pages = m.pages[:1] }

// key is a key that goes down or comes up. Any key silences the buzzer.
func (m *Machine) key(e hal.KeyEvent) []any {
	if !e.Down {
		return []any{machine.Stop{Timer: timerHeld}}
	}
	actions := []any{machine.Stop{Timer: timerBuzz}, Buzz{false}, machine.Start{Timer: timerQuiet, After: quietTime}}
	if _, holds := m.top().(holder); holds && e.Key == hal.KeyOK {
		return append(actions, machine.Start{Timer: timerHeld, After: heldTime})
	}
	return append(actions, m.top().press(m, e.Key)...)
}

func (m *Machine) expired(t machine.Timer) []any {
	switch t {
	case timerBuzz:
		return []any{Buzz{false}}
	case timerHeld:
		if h, holds := m.top().(holder); holds {
			return h.held(m)
		}
	case timerQuiet:
		if _, busy := m.top().(working); !busy {
			m.home()
		}
	}
	return nil
}

// do shows that the box works, and has it.
func (m *Machine) do(run func(context.Context) error) []any { return m.doThen(run, nil) }

// doThen is do, and shows a page when it has ended well.
func (m *Machine) doThen(run func(context.Context) error, then func() page) []any {
	m.then, m.refused = then, nil
	m.open(working{})
	return []any{Do{run}}
}

// end says how a verb went. Whoever walked away meanwhile finds the idle screen a minute later.
func (m *Machine) end(err error) {
	m.home()
	switch {
	case err != nil:
		if m.refused != nil {
			m.refused(err)
		}
		m.open(notice(reason(err)))
	case m.then != nil:
		m.open(m.then())
	default:
		m.open(notice(wordDone))
	}
}

// light is the lamps that change.
func (m *Machine) light() (changes []any) {
	next := map[string]bool{"power": true, "ready": true, "alarm": m.faults() > 0}
	for _, l := range m.facts.Lines {
		next[l.ID], next[l.ID+"/fault"] = l.Busy > 0, l.State == telephony.LineFault
	}
	for name := range m.lamps { // a line that is gone has none lit
		if _, there := next[name]; !there {
			next[name] = false
		}
	}
	for _, name := range slices.Sorted(maps.Keys(next)) {
		if was, set := m.lamps[name]; !set || was != next[name] {
			changes = append(changes, Lamp{name, next[name]})
		}
	}
	m.lamps = next
	return changes
}

// faults is how many alarms there are that need somebody now.
func (m *Machine) faults() (n int) {
	for _, a := range m.facts.Alarms {
		if a.Severity == telephony.Fault {
			n++
		}
	}
	return n
}

// buzz calls for somebody when there is a fault that was not there before.
func (m *Machine) buzz() (actions []any) {
	standing := map[string]bool{}
	for _, a := range m.facts.Alarms {
		standing[a.Name] = true
		if !m.known[a.Name] && a.Severity == telephony.Fault {
			actions = []any{Buzz{true}, machine.Start{Timer: timerBuzz, After: buzzTime}}
		}
	}
	m.known = standing
	return actions
}
