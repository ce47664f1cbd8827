package board

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
	"callbox/hal/dahdi"
	"callbox/telephony"
)

func TestOpenSim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := Open("sim", Wires{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		if b.Name != "sim" || b.Sim == nil || len(b.FXO) != 8 || len(b.Spans) != 2 {
			t.Errorf("the board is %+v", b)
		}
		for i, s := range b.Spans {
			if s.Name() != fmt.Sprintf("e1/%d", i+1) || s.Alarm() != hal.Clear {
				t.Errorf("span %s is %s", s.Name(), s.Alarm())
			}
		}
		if c, r := b.Panel.Size(); c != 20 || r != 4 {
			t.Errorf("the display is %d by %d", c, r)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	for _, name := range []string{"", "moon", "sim.config", "../board"} {
		if _, err := Open(name, Wires{}); err == nil || !strings.Contains(err.Error(), "choose one of arm64, sim, x86-64") {
			t.Errorf("board %q: %v", name, err)
		}
	}
}

// A computer without the card that its profile names says what to do. Where none is named and none is there, the box has SIP alone.
func TestOpenDAHDIWithoutCard(t *testing.T) {
	b := &Board{Name: "test"}
	named := &dahdi.Options{Spans: []dahdi.SpanOptions{{Card: "no such card", Port: 1}}}
	if err := b.openDAHDI(Profile{Driver: "dahdi", DAHDI: named}); err == nil || !strings.Contains(err.Error(), "card") {
		t.Errorf("a named card: %v", err)
	}
	if err := b.openDAHDI(Profile{Driver: "dahdi"}); err != nil || b.Cards != nil || len(b.FXO)+len(b.FXS)+len(b.Spans) > 0 {
		t.Errorf("no card: %v, the board is %+v", err, b)
	}
}

// A new box knows the lines of its cards.
func TestConfigHasTheLinesThatAreThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sim, err := Open("sim", Wires{})
		if err != nil {
			t.Fatal(err)
		}
		defer sim.Close()
		c, err := (&Board{Name: "x86-64", FXO: sim.FXO, Spans: sim.Spans}).Config()
		if err != nil {
			t.Fatal(err)
		}
		if problems := c.Validate(); problems != nil {
			t.Error(problems)
		}
		if len(c.Lines) != 8 || c.Lines[7].ID != "fxo/8" || len(c.Spans) != 2 || c.Spans[1].ID != "e1/2" {
			t.Errorf("its lines are %+v, its spans %+v", c.Lines, c.Spans)
		}
	})
}

// demo is the configuration that a simulated box starts with, its secrets filled in as cmd/boxd does.
func demo(t *testing.T) *telephony.Config {
	t.Helper()
	c, err := (&Board{Name: "sim"}).Config()
	if err != nil {
		t.Fatal(err)
	}
	for i := range c.Phones {
		if c.Phones[i].Password != "" {
			t.Errorf("phone %s has a password that everybody can read", c.Phones[i].Extension)
		}
		c.Phones[i].Password = fmt.Sprintf("xK7-%d-wq", i*7919)
	}
	for i := range c.Agents {
		if c.Agents[i].PIN != "" {
			t.Errorf("agent %s has a PIN that everybody can read", c.Agents[i].ID)
		}
		c.Agents[i].PIN = fmt.Sprint(58310 + 17*i)
	}
	for i := range c.Mailboxes {
		if c.Mailboxes[i].PIN != "" {
			t.Errorf("mailbox %s has a PIN that everybody can read", c.Mailboxes[i].ID)
		}
		c.Mailboxes[i].PIN = "49072"
	}
	return c
}

func TestDemoIsValid(t *testing.T) {
	if err := demo(t).Validate(); err != nil {
		for _, p := range err.Problems {
			t.Errorf("%s: %s", p.Path, p.Message.EN)
		}
	}
}

// A newcomer's first call reaches a menu at any time of any day, in no more than one step.
func TestDemoAnswersAtAnyTime(t *testing.T) {
	c := demo(t)
	for hour := range 2 * 366 * 24 {
		at := time.Date(2026, 1, 1, hour, 30, 0, 0, c.Location())
		for _, r := range c.Routes {
			if len(r.Lines) > 0 || !periodFits(c, r, at) {
				continue
			}
			if r.To.Kind() != telephony.ToMenu {
				t.Fatalf("at %v a call goes to %s", at, r.To)
			}
			at = time.Time{}
			break
		}
		if !at.IsZero() {
			t.Fatalf("at %v no route takes a call", at)
		}
	}
}

func periodFits(c *telephony.Config, r telephony.Route, at time.Time) bool {
	period := c.HoursOf(r.Hours).Period(at)
	for _, p := range r.Periods {
		if p == period {
			return true
		}
	}
	return false
}

// The holidays of 2026 by the State Council's notice, with the weekends worked for them.
func TestDemoHolidays(t *testing.T) {
	c := demo(t)
	h := c.HoursOf("office")
	for day, want := range map[string]string{
		"2026-01-04": telephony.PeriodWork, // a Sunday worked for the New Year
		"2026-02-16": telephony.PeriodHoliday,
		"2026-02-28": telephony.PeriodWork, // a Saturday
		"2026-10-01": telephony.PeriodHoliday,
		"2026-10-10": telephony.PeriodWork, // a Saturday
		"2026-10-11": telephony.PeriodOff,  // a Sunday
		"2026-10-12": telephony.PeriodWork,
		"2027-02-06": telephony.PeriodHoliday,
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", day+" 10:00", c.Location())
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Period(at); got != want {
			t.Errorf("%s at ten is %s, want %s", day, got, want)
		}
	}
}

// Numbers as people dial them, by the first rule that fits.
func TestDemoOutbound(t *testing.T) {
	c := demo(t)
	for number, want := range map[string]string{
		"110": "emergency 110", "9120": "emergency-9 120", "962345678": "local 62345678", "913800138000": "mobile 13800138000",
		"13800138000": "mobile-direct 13800138000", "901062345678": "national 01062345678", "01062345678": "national-direct 01062345678",
		"90085212345678": "international 0085212345678", "0085212345678": "international-direct 0085212345678", "801": "",
	} {
		got := ""
		for _, r := range c.Outbound {
			if r.Number.Match(number) {
				got = r.ID + " " + number[r.Strip:]
				break
			}
		}
		if got != want {
			t.Errorf("%s goes by %q, want %q", number, got, want)
		}
	}
}
