package panel

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callbox/hal"
	"callbox/hal/glyph"
	"callbox/telephony"
	"callbox/telephony/machine"
)

// bench is a menu under test: what it shows, and what it had the box do.
type bench struct {
	*testing.T
	*Machine
	rows  []string
	qr    string
	did   []string
	acted []any // by the last step
	fail  error // of the next verb
}

// benchOf is a menu on a display, before anything is known.
func benchOf(t *testing.T, dots bool, language string) *bench {
	b := &bench{T: t}
	o := Options{Columns: 20, Rows: 4, Dots: dots, Language: language, Code: func() string { return "4711" }}
	if dots {
		o.Columns = 16
	}
	do := func(what string, args ...any) error {
		b.did = append(b.did, strings.TrimSuffix(fmt.Sprintln(append([]any{what}, args...)...), "\n"))
		return b.fail
	}
	o.Verbs = Verbs{
		TestLine: func(_ context.Context, line string) ([]telephony.LineFinding, error) {
			return []telephony.LineFinding{
				{Light: telephony.Red, Text: telephony.Text{ZH: "没有馈电：外线没插好或断线", EN: "no battery: the line is unplugged or its wire is cut"}},
				{Light: telephony.Green, Text: telephony.Text{ZH: "振铃 1000 毫秒，间隔 4000 毫秒", EN: "rings of 1000 ms, 4000 ms apart"}},
			}, do("line", line)
		},
		TestCall:    func(_ context.Context, line string) error { return do("test", line) },
		SelfTest:    func(context.Context) error { return do("self-test") },
		SetLanguage: func(_ context.Context, language string) error { return do("language", language) },
		SetNetwork:  func(_ context.Context, n Network) error { return do("network", n.DHCP, n.VLAN, n.Address, n.Gateway) },
		Update:      func(context.Context) error { return do("update") },
		Restore:     func(_ context.Context, passphrase string) error { return do("restore", passphrase) },
		Restart:     func(context.Context) error { return do("restart") },
		Reset:       func(_ context.Context, everything bool) error { return do("reset", everything) },
	}
	b.Machine = New(o)
	return b
}

// step gives the machine something, and does what it asks for.
func (b *bench) step(e any) {
	b.acted = b.Step(e)
	var ended []Done
	for _, a := range b.acted {
		switch a := a.(type) {
		case Show:
			b.rows, b.qr = a.Rows, a.QR
		case Do:
			ended = append(ended, Done{a.Run(b.Context())})
		}
	}
	for _, d := range ended {
		b.step(d)
	}
}

// press presses keys and lets them go: u d o b are up, down, OK and back.
func (b *bench) press(keys string) {
	for _, k := range keys {
		key := map[rune]hal.Key{'u': hal.KeyUp, 'd': hal.KeyDown, 'o': hal.KeyOK, 'b': hal.KeyBack}[k]
		b.step(hal.KeyEvent{Key: key, Down: true})
		b.step(hal.KeyEvent{Key: key})
	}
}

func (b *bench) shows(want ...string) {
	b.Helper()
	if diff := cmp.Diff(want, b.rows); diff != "" {
		b.Errorf("it shows (-want +got):\n%s", diff)
	}
}

func (b *bench) done(want ...string) {
	b.Helper()
	if diff := cmp.Diff(want, b.did); diff != "" {
		b.Errorf("the box did (-want +got):\n%s", diff)
	}
	b.did = nil
}

// workday is a box in the middle of a day.
func workday() Facts {
	return Facts{
		Time: time.Date(2026, 11, 25, 14, 5, 0, 0, time.UTC), Name: "云铃客服", Version: "1.4.0", Page: "http://192.168.1.10",
		Network: Network{DHCP: true, Address: netip.MustParsePrefix("192.168.1.10/24"), Gateway: netip.MustParseAddr("192.168.1.1")},
		Waiting: 3, Calls: 9, Busy: 8, Channels: 33, Today: Today{Offered: 120, ForPerson: 120, Answered: 115, Outgoing: 31, Rate: 95.8},
		Callable: []string{"fxo/1", "fxo/2"}, Boot: Boot{Lines: 9_480 * time.Millisecond},
		Disk: Disk{FreeMB: 41_000, TotalMB: 64_000, State: "good", Used: 7},
		Lines: []telephony.LineStatus{
			{ID: "fxo/1", State: telephony.LineTalking, Busy: 1},
			{ID: "fxo/2", State: telephony.LineIdle},
			{ID: "fxo/3", State: telephony.LineFault},
			{ID: "trunk/ctc", State: telephony.LineTalking, Busy: 7},
		},
	}
}

var lost = telephony.LiveAlarm{
	Name: "line_fault/fxo/3", Severity: telephony.Fault, Since: time.Date(2026, 11, 25, 13, 58, 0, 0, time.UTC),
	Message: telephony.Text{ZH: "外线 3 没有馈电：请检查线路是否插好。", EN: "Line 3 has no battery: check that it is plugged in."},
}

// fewer is a warning, older than lost.
var fewer = telephony.LiveAlarm{
	Name: "answer_rate", Severity: telephony.Warning, Since: time.Date(2026, 11, 25, 13, 50, 0, 0, time.UTC),
	Message: telephony.Text{ZH: "接通率低。", EN: "Few are answered."},
}

func TestIdle(t *testing.T) {
	unclaimed, alarmed, warned := workday(), workday(), workday()
	unclaimed.ClaimCode = "4407 1932"
	alarmed.Alarms, warned.Alarms = []telephony.LiveAlarm{fewer, lost}, []telephony.LiveAlarm{fewer}
	quiet := Facts{Time: workday().Time, Name: "Callbox"}
	for _, row := range []struct {
		name           string
		facts          Facts
		dots           bool
		language       string
		one, two, 三, 四 string
	}{
		{"a day, in dots", workday(), true, "zh", "云铃客服   14:05", "等待           3", "占用        8/33", "接通率       96%"},
		{"a day, in characters", workday(), false, "zh", "Callbox        14:05", "Waiting            3", "In use          8/33", "Answered         96%"},
		{"no owner yet", unclaimed, true, "zh", "云铃客服   14:05", "认领码", "4407 1932", "192.168.1.10"},
		{"an alarm", alarmed, true, "en", "! Faults 1 14:05", "Waiting        3", "In use      8/33", "Answered     96%"},
		{"a warning", warned, true, "zh", "提醒 1     14:05", "等待           3", "占用        8/33", "接通率       96%"},
		{"nothing has happened", quiet, false, "en", "Callbox        14:05", "Waiting            0", "In use           0/0", "Answered           -"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := benchOf(t, row.dots, row.language)
			b.step(row.facts)
			b.T = t
			b.shows(row.one, row.two, row.三, row.四)
		})
	}
}

func TestLampsAndBuzzer(t *testing.T) {
	b := benchOf(t, false, "en")
	b.step(workday())
	want := []any{
		Lamp{"alarm", false},
		Lamp{"fxo/1", true},
		Lamp{"fxo/1/fault", false},
		Lamp{"fxo/2", false},
		Lamp{"fxo/2/fault", false},
		Lamp{"fxo/3", false},
		Lamp{"fxo/3/fault", true},
		Lamp{"power", true},
		Lamp{"ready", true},
		Lamp{"trunk/ctc", true},
		Lamp{"trunk/ctc/fault", false},
	}
	if diff := cmp.Diff(want, b.acted[:len(want)]); diff != "" {
		t.Errorf("at the start (-want +got):\n%s", diff)
	}
	f := workday()
	f.Alarms = []telephony.LiveAlarm{fewer} // which is for who looks: no lamp, no buzzer
	if b.step(f); len(b.acted) != 1 {
		t.Errorf("at a warning: %v", b.acted)
	}
	f.Alarms = []telephony.LiveAlarm{fewer, lost}
	b.step(f)
	want = []any{Lamp{"alarm", true}, Buzz{true}, machine.Start{Timer: timerBuzz, After: buzzTime}}
	if diff := cmp.Diff(want, b.acted[:3]); diff != "" {
		t.Errorf("at an alarm (-want +got):\n%s", diff)
	}
	f.Waiting++
	if b.step(f); len(b.acted) != 1 {
		t.Errorf("the same alarm later: %v", b.acted)
	}
	if b.step(timerBuzz); !cmp.Equal(b.acted, []any{Buzz{false}}) {
		t.Errorf("a second later: %v", b.acted)
	}
	b.step(workday())
	if b.step(f); !cmp.Equal(b.acted[1], any(Buzz{true})) {
		t.Errorf("the alarm comes again: %v", b.acted)
	}
}

func TestMenu(t *testing.T) {
	b := benchOf(t, true, "en")
	f := workday()
	f.Alarms = []telephony.LiveAlarm{fewer, lost}
	b.step(f)
	b.press("o")
	b.shows(">Web page", " Address", " Claim code", " Lines")
	b.press("dd")
	b.shows(" Address", ">Claim code", " Lines", " Alarms")
	b.press("uuu")
	b.shows(" Update by stick", " Restart", " Factory reset", ">Version")
	b.press("do")
	if b.qr != "http://192.168.1.10" {
		t.Errorf("the code is of %q", b.qr)
	}
	b.shows("Scan me", "192.168.", "1.10")
	b.press("odddo")
	b.shows("fxo/1    talking", "fxo/2       idle", "fxo/3      fault", "trunk/ct talking")
	b.press("bdo")
	b.shows("! 11-25 13:58", "Fault: Line 3", "has no battery:", "check that it is")
	b.press("dddd")
	b.shows("plugged in.", "! 11-25 13:50", "Warning: Few are", "answered.")
	b.step(timerQuiet) // whoever stood there went away
	b.shows("! Faults 1 14:05", "Waiting        3", "In use      8/33", "Answered     96%")
}

// The disk: what it has left, and what it says of itself where it does.
func TestDisk(t *testing.T) {
	b := benchOf(t, false, "en")
	b.step(workday())
	b.press("o" + "dddddd" + "o")
	b.shows("Free             64%", "Size         62.5 GB", "State           good", "Life used         7%")
	f := workday()
	f.Disk.State, f.Disk.Used = "", 0
	b.step(f)
	b.shows("Free             64%", "Size         62.5 GB", "State              -", "Life used          -")
}

// How soon lines and the first call were answered is behind the version.
func TestVersion(t *testing.T) {
	b := benchOf(t, true, "zh")
	b.step(workday())
	b.press("ouo")
	b.shows("Callbox", "1.4.0", "自内核启动起：", "可接电话    9.5s")
	f := workday()
	f.Boot.Call = 14_230 * time.Millisecond
	b.step(f)
	b.press("d")
	b.shows("1.4.0", "自内核启动起：", "可接电话    9.5s", "首个接通   14.2s")
}

func TestLanguage(t *testing.T) {
	b := benchOf(t, true, "en")
	b.step(workday())
	b.press("oddddddddddo")
	b.shows(">中文", " English")
	b.press("o")
	b.shows("完成。")
	b.done("language zh")
	b.press("b")
	b.shows("云铃客服   14:05", "等待           3", "占用        8/33", "接通率       96%")
}

func TestStaticAddress(t *testing.T) {
	b := benchOf(t, false, "en")
	b.step(workday())
	b.press("odo")
	b.shows("DHCP", "192.168.1.10/24", "Gateway", "192.168.1.1")
	b.press("odo")
	b.shows("Address", "192.168.001.010", "^", "Up/down, then OK")
	b.press("oooooooo" + "u" + "oooo") // to 192.168.002.010
	b.shows("Prefix length", "24", "^", "Up/down, then OK")
	b.press("oo")
	b.shows("Gateway", "192.168.002.001", "^", "Up/down, then OK")
	b.press("u" + "oooooooooooo") // not of this network
	b.shows("The gateway is not", "in this network.", "Enter it again.")
	b.press("bbbbbbbbbbbbb")
	b.press("oo")
	b.press("ooooooooooo")
	b.done() // not before it is asked once more
	b.shows("The box restarts.", "Calls that end: 9.", "OK: do it")
	b.press("b")
	b.done()
	b.shows("Gateway", "192.168.002.001", "              ^", "Up/down, then OK")
	b.press("oo")
	b.done("network false 0 192.168.2.10/24 192.168.2.1")
	b.press("b" + "odoo" + "o")
	b.shows("The box restarts.", "Calls that end: 9.", "OK: do it")
	b.done()
	b.press("o")
	b.done("network true 0 invalid Prefix invalid IP")
}

func TestVLAN(t *testing.T) {
	b := benchOf(t, false, "en")
	b.step(workday())
	b.press("odo" + "o" + "ddo")
	b.shows("VLAN, 0: none", "0000", "^", "Up/down, then OK")
	b.press("uuuuu" + "oooo")
	b.shows("A VLAN has a number", "up to 4094. Enter it", "again.")
	b.press("bbbb" + "ddddd" + "oo" + "uu" + "oo" + "o")
	b.done("network true 20 invalid Prefix invalid IP")

	set := workday()
	set.Network.DHCP, set.Network.VLAN = false, 20
	b.step(set)
	b.press("bbb" + "odo")
	b.shows("Static", "192.168.1.10/24", "Gateway", "192.168.1.1")
	b.press("d")
	b.shows("192.168.1.10/24", "Gateway", "192.168.1.1", "VLAN 20")
	b.press("o" + "ddo" + "oo" + "dd" + "oo" + "o")
	b.done("network false 0 192.168.1.10/24 192.168.1.1")
	b.press("b" + "odo" + "oo" + "o") // who changes to DHCP stays in the VLAN
	b.done("network true 20 invalid Prefix invalid IP")
}

func TestRestart(t *testing.T) {
	b := benchOf(t, false, "en")
	b.step(workday())
	b.press("ouuuo")
	b.shows("The box restarts.", "Calls that end: 9.", "OK: do it")
	b.press("b")
	b.done()
	b.fail = telephony.Errorf(telephony.Busy, "正在升级，请稍候。", "An update is being installed; wait for it.")
	b.press("oo")
	b.done("restart")
	b.shows("An update is being", "installed; wait for", "it.")
}

// A line is tested on every board, and what is wrong with its wire is said on the display (idea 7).
func TestTestLine(t *testing.T) {
	b := benchOf(t, false, "en")
	b.step(workday())
	b.press("o" + "ddddddd" + "o")
	b.shows(">fxo/1", " fxo/2", " fxo/3", " trunk/ctc")
	b.press("ddo")
	b.done("line fxo/3")
	b.shows("fxo/3", "Fault: no battery:", "the line is", "unplugged or its")
	b.press("ddd")
	b.shows("unplugged or its", "wire is cut", "Good: rings of 1000", "ms, 4000 ms apart")
	b.press("o")
	b.fail = telephony.Errorf(telephony.Busy, "线路正在使用。", "The line is in use.")
	b.press("o" + "ddddddd" + "o" + "o")
	b.done("line fxo/1")
	b.shows("The line is in use.")
	b.press("o" + "b")
	b.fail = nil
	b.press("o" + "uuuo" + "o") // what another verb shows is its own
	b.done("restart")
	b.shows("Done.")
}

func TestTestCall(t *testing.T) {
	b := benchOf(t, false, "en")
	b.step(workday())
	b.press("ouuuuuuo")
	b.shows(">fxo/1", " fxo/2")
	b.fail = errors.New("nobody answered")
	b.press("do")
	b.done("test fxo/2")
	b.shows("nobody answered")
}

func TestSelfTest(t *testing.T) {
	b := benchOf(t, true, "zh")
	b.step(workday())
	b.fail = telephony.Errorf(telephony.Unavailable, "录音读不出来。", "A recording cannot be read.")
	b.press("o" + "ddddddddd" + "o")
	b.done("self-test")
	b.shows("录音读不出来。")
}

// A factory reset takes a press of five seconds and then a code; nothing less does it.
func TestFactoryReset(t *testing.T) {
	b := benchOf(t, false, "en")
	b.step(workday())
	b.press("ouuo")
	b.shows(">Settings only", " Erase all")
	b.press("do")
	b.shows("Hold OK for 5 s")
	b.step(hal.KeyEvent{Key: hal.KeyOK, Down: true})
	if want := any(machine.Start{Timer: timerHeld, After: heldTime}); !cmp.Equal(b.acted[len(b.acted)-1], want) {
		t.Errorf("OK goes down: %v", b.acted)
	}
	b.step(hal.KeyEvent{Key: hal.KeyOK})
	if want := []any{machine.Stop{Timer: timerHeld}}; !cmp.Equal(b.acted, want) {
		t.Errorf("OK comes up: %v", b.acted)
	}
	b.shows("Hold OK for 5 s")
	b.step(timerHeld)
	b.shows("Enter 4711 to do", "0000", "^", "Up/down, then OK")
	b.press("oooo")
	b.shows("Wrong code. Nothing", "was done.")
	b.done()
	b.press("bouuodo")
	b.step(timerHeld)
	b.press("uuuuo" + "dddo" + "uo" + "uo")
	b.done("reset true")
}

func TestBackInDigits(t *testing.T) {
	b := benchOf(t, false, "en")
	b.step(workday())
	b.press("ouuoo")
	b.step(timerHeld)
	b.press("oob")
	b.shows("Enter 4711 to do", "0000", " ^", "Up/down, then OK")
	b.press("bb")
	b.shows("Hold OK for 5 s")
}

// What a box cannot do is not in its menu.
func TestOnlyWhatTheBoxCan(t *testing.T) {
	b := benchOf(t, false, "en")
	b.opt.Verbs = Verbs{}
	b.step(workday())
	b.press("ou")
	b.shows(" Alarms", " Calls today", " Disk", ">Version")
	b.press("ddo")
	b.shows("DHCP", "192.168.1.10/24", "Gateway", "192.168.1.1")
	b.press("o")
	b.shows(" Web page", ">Address", " Claim code", " Lines")
}

// Every screen that keys can lead to fits every display, whatever the box has to show, and no key is a trap.
func TestEveryScreenFits(t *testing.T) {
	full := workday()
	full.Name, full.Version = "一家名字很长的公司客户服务中心有限公司", "2026.11.25-123-gabcdef0-dirty"
	full.Calls, full.Busy, full.Channels = 9999, 9999, 9999
	full.Waiting, full.Today = 9999, Today{Offered: 1234567, ForPerson: 1234567, Answered: 1234567, Outgoing: 1234567, Rate: 100}
	full.Network.Address = netip.MustParsePrefix("2001:db8:1234:5678:90ab:cdef:1234:5678/128")
	full.Disk = Disk{FreeMB: 1 << 30, TotalMB: 1 << 30, State: "failing", Used: 255}
	full.Boot = Boot{Lines: 9999 * time.Hour, Call: 9999 * time.Hour}
	full.Page = "http://[2001:db8:1234:5678:90ab:cdef:1234:5678]"
	for range 99 {
		full.Alarms = append(full.Alarms, lost, fewer)
		full.Callable = append(full.Callable, "trunk/一个名字很长的中继")
		full.Lines = append(full.Lines, telephony.LineStatus{ID: "trunk/一个名字很长的中继", State: telephony.LineDialing, Busy: 1})
	}
	unclaimed := workday()
	unclaimed.ClaimCode, unclaimed.Lines, unclaimed.Today = "44071932", nil, Today{}
	for _, facts := range []Facts{workday(), full, unclaimed, {}} {
		for _, dots := range []bool{false, true} {
			for _, language := range []string{"zh", "en"} {
				wander(t, benchOf(t, dots, language), facts)
			}
		}
	}
}

// wander presses keys at random.
func wander(t *testing.T, b *bench, f Facts) {
	chance := rand.New(rand.NewPCG(7, 7))
	for range 5_000 {
		switch chance.IntN(40) {
		case 0:
			b.step(f)
		case 1:
			b.step(timerHeld)
		case 2:
			b.fail = []error{nil, errors.New("disk /dev/sdb1: input/output error"), telephony.Errorf(telephony.Busy, "有人正在使用。", "It is in use.")}[chance.IntN(3)]
		default:
			b.press(string("uddooob"[chance.IntN(7)]))
		}
		columns := b.opt.Columns
		if b.qr != "" {
			columns /= 2
		}
		if len(b.rows) > b.opt.Rows {
			t.Fatalf("%d rows: %q", len(b.rows), b.rows)
		}
		for _, row := range b.rows {
			if n := glyph.Columns(row); n > columns {
				t.Fatalf("%q has %d columns of %d", row, n, columns)
			}
			for _, r := range row {
				if !glyph.Has(r) || r > '~' && !b.opt.Dots {
					t.Fatalf("%q: the display has no %q", row, r)
				}
			}
		}
	}
}
