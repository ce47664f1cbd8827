package exchange

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
)

// monday is a working moment of the office: Monday the 5th of January 2026, 10:00 in Shanghai.
var monday = time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)

// office is a company with two analogue lines and two trunks.
func office(shape func(*telephony.Config)) *telephony.Config {
	cfg := telephony.DefaultConfig()
	cfg.Lines = []telephony.LineConfig{
		{ID: "fxo/1", Way: telephony.BothWays, Numbers: []string{"62340001", "62340009"}},
		{ID: "fxo/2", Way: telephony.BothWays, Numbers: []string{"62340002"}},
		{ID: "fxo/3", Way: telephony.OutOnly},
		{ID: "fxo/4", Way: telephony.InOnly, Numbers: []string{"62340004"}},
	}
	cfg.Trunks = []telephony.Trunk{
		{ID: "ctc", Way: telephony.BothWays, Numbers: []string{"02162340100", "02162340101"}},
		{ID: "in", Way: telephony.InOnly, Numbers: []string{"02162340200"}},
	}
	cfg.Groups = []telephony.Group{
		{ID: "city", Lines: []string{"fxo/1", "fxo/2", "fxo/4"}, Select: "ascending", Backup: "carrier"},
		{ID: "carrier", Lines: []string{"trunk/ctc"}, Select: "ascending"},
	}
	cfg.Phones = []telephony.Phone{
		{Extension: "801", Permit: telephony.PermitInternal},
		{Extension: "802", Permit: telephony.PermitLocal, Caller: "02162340101"},
		{Extension: "803", Permit: telephony.PermitNational},
		{Extension: "804", Permit: telephony.PermitInternational},
	}
	cfg.Agents = []telephony.Agent{{ID: "1001"}}
	cfg.Queues = []telephony.Queue{{ID: "sales", Number: "600"}}
	cfg.Outbound = []telephony.OutboundRule{
		{ID: "abroad", Number: "900.", Permit: telephony.PermitInternational, Strip: 1, Groups: []string{"carrier"}},
		{ID: "far", Number: "90Z.", Permit: telephony.PermitNational, Strip: 1, Groups: []string{"carrier", "city"}},
		{ID: "local", Number: "9.", Permit: telephony.PermitLocal, Strip: 1, Groups: []string{"city"}},
	}
	cfg.Routes = []telephony.Route{{ID: "all", To: "menu:main"}}
	if shape != nil {
		shape(cfg)
	}
	return cfg
}

func routes(list ...telephony.Route) func(*telephony.Config) {
	return func(c *telephony.Config) { c.Routes = list }
}

func TestArrived(t *testing.T) {
	listed := func(number telephony.Pattern, until time.Time) []telephony.ListedNumber {
		return []telephony.ListedNumber{{Number: number, Note: "n", Until: until}}
	}
	for _, c := range []struct {
		name     string
		shape    func(*telephony.Config)
		line     string
		caller   string
		called   string
		now      time.Time
		want     telephony.Target
		rule     string
		priority int
	}{
		{name: "A2.2 the first route that matches", line: "fxo/1", want: "menu:main", rule: "route/all"},
		{
			name: "A2.2 order decides", line: "fxo/1", want: "queue:a", rule: "route/a",
			shape: routes(telephony.Route{ID: "a", To: "queue:a"}, telephony.Route{ID: "b", To: "queue:b"}),
		},
		{
			name: "A2.2 called number", line: "trunk/ctc", called: "02162340101", want: "queue:b", rule: "route/b",
			shape: routes(telephony.Route{ID: "a", Called: "02162340100", To: "queue:a"}, telephony.Route{ID: "b", Called: "0216234010[1-9]", To: "queue:b"}),
		},
		{
			name: "A1.16 two access codes of one trunk", line: "trunk/ctc", called: "02162340100", want: "queue:a", rule: "route/a",
			shape: routes(telephony.Route{ID: "a", Called: "02162340100", To: "queue:a"}, telephony.Route{ID: "b", Called: "02162340101", To: "queue:b"}),
		},
		{
			name: "A2.2 calling number", line: "fxo/1", caller: "13900139000", want: "queue:b", rule: "route/b",
			shape: routes(telephony.Route{ID: "a", Caller: "138.", To: "queue:a"}, telephony.Route{ID: "b", Caller: "139.", To: "queue:b"}),
		},
		{
			name: "A2.2 a pattern does not match a caller without a number", line: "fxo/1", want: "queue:b", rule: "route/b",
			shape: routes(telephony.Route{ID: "a", Caller: "X.", To: "queue:a"}, telephony.Route{ID: "b", To: "queue:b"}),
		},
		{
			name: "A2.2 line", line: "fxo/2", want: "queue:b", rule: "route/b",
			shape: routes(telephony.Route{ID: "a", Lines: []string{"fxo/1"}, To: "queue:a"}, telephony.Route{ID: "b", Lines: []string{"fxo/2"}, To: "queue:b"}),
		},
		{
			name: "A2.2 group of lines", line: "trunk/ctc", want: "queue:b", rule: "route/b",
			shape: routes(telephony.Route{ID: "a", Lines: []string{"city"}, To: "queue:a"}, telephony.Route{ID: "b", Lines: []string{"carrier"}, To: "queue:b"}),
		},
		{
			name: "A2.2 office hours", line: "fxo/1", now: monday, want: "queue:a", rule: "route/a",
			shape: routes(telephony.Route{ID: "a", Hours: "office", Periods: []string{"work"}, To: "queue:a"}, telephony.Route{ID: "b", To: "queue:b"}),
		},
		{
			name: "A2.16 off hours to the duty mobile", line: "fxo/1", now: monday.Add(12 * time.Hour), want: "outside:13900139000", rule: "route/b",
			shape: routes(telephony.Route{ID: "a", Hours: "office", Periods: []string{"work"}, To: "queue:a"}, telephony.Route{ID: "b", To: "outside:13900139000"}),
		},
		{
			name: "A2.2 holiday", line: "fxo/1", now: monday, want: "prompt:holiday", rule: "route/h",
			shape: func(c *telephony.Config) {
				c.Hours[0].Holidays = []telephony.SpecialDay{{Name: "h", From: "2026-01-05", To: "2026-01-05"}}
				c.Routes = []telephony.Route{{ID: "h", Hours: "office", Periods: []string{"holiday"}, To: "prompt:holiday"}}
			},
		},
		{
			name: "A2.2 hours are the site's, not the box's", line: "fxo/1", now: time.Date(2026, 1, 5, 10, 30, 0, 0, time.UTC), want: "queue:b", rule: "route/b",
			shape: routes(telephony.Route{ID: "a", Hours: "office", Periods: []string{"work"}, To: "queue:a"}, telephony.Route{ID: "b", To: "queue:b"}),
		},
		{
			name: "a disabled route is passed over", line: "fxo/1", want: "queue:b", rule: "route/b",
			shape: routes(telephony.Route{ID: "a", Disabled: true, To: "queue:a"}, telephony.Route{ID: "b", To: "queue:b"}),
		},
		{name: "no route matches", line: "fxo/1", shape: routes(), want: "busy", rule: "routes"},
		{name: "A1.17 a line for outgoing calls only", line: "fxo/3", want: "busy", rule: "line/fxo/3"},
		{
			name: "A2.7 black list", line: "fxo/1", caller: "13800138000", want: "busy", rule: "blacklist",
			shape: func(c *telephony.Config) { c.Blacklist = listed("138.", time.Time{}) },
		},
		{
			name: "A2.7 before the green channel", line: "fxo/1", caller: "13800138000", want: "busy", rule: "blacklist",
			shape: func(c *telephony.Config) {
				c.Blacklist, c.VIPs = listed("138.", time.Time{}), listed("138.", time.Time{})
			},
		},
		{
			name: "A2.7 a pattern does not shut out callers without a number", line: "fxo/1", want: "menu:main", rule: "route/all",
			shape: func(c *telephony.Config) { c.Blacklist = listed(".", time.Time{}) },
		},
		{
			name: "A2.8 green channel", line: "fxo/1", caller: "13800138000", want: "phone:803", rule: "vip", priority: 4,
			shape: func(c *telephony.Config) {
				c.VIPs = []telephony.ListedNumber{{Number: "138.", To: "phone:803", Priority: 4}}
			},
		},
		{
			name: "A2.9 a VIP without a target has priority on the usual route", line: "fxo/1", caller: "13800138000", want: "queue:a", rule: "route/a", priority: 7,
			shape: func(c *telephony.Config) {
				c.VIPs = []telephony.ListedNumber{{Number: "138.", Priority: 4}}
				c.Routes = []telephony.Route{{ID: "a", To: "queue:a", Priority: 3}}
			},
		},
		{
			name: "A2.8 a VIP to the end", line: "fxo/1", caller: "13800138000", now: monday, want: "phone:803", rule: "vip",
			shape: func(c *telephony.Config) {
				c.VIPs = []telephony.ListedNumber{{Number: "138.", To: "phone:803", Until: monday.Add(time.Second)}}
			},
		},
		{
			name: "A2.8 a VIP no longer", line: "fxo/1", caller: "13800138000", now: monday, want: "menu:main", rule: "route/all",
			shape: func(c *telephony.Config) {
				c.VIPs = []telephony.ListedNumber{{Number: "138.", To: "phone:803", Until: monday}}
			},
		},
		{
			name: "A1.11 a web site's own target", line: "web/shop", now: monday, want: "queue:sales", rule: "website/shop",
			shape: func(c *telephony.Config) {
				c.Websites = []telephony.Website{{ID: "shop", To: "queue:sales"}}
			},
		},
		{
			name: "A1.11 a web site by the routes", line: "web/shop", now: monday, want: "queue:b", rule: "route/b",
			shape: func(c *telephony.Config) {
				c.Websites = []telephony.Website{{ID: "shop"}}
				c.Routes = []telephony.Route{{ID: "a", Lines: []string{"fxo/1"}, To: "queue:a"}, {ID: "b", Lines: []string{"web/shop"}, To: "queue:b"}}
			},
		},
		{
			name: "A1.11 no route outside for a web site", line: "web/shop", now: monday, want: "busy", rule: "routes",
			shape: func(c *telephony.Config) {
				c.Websites = []telephony.Website{{ID: "shop"}}
				c.Routes = []telephony.Route{{ID: "a", To: "outside:13800138000"}}
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := telephony.Arrival{Line: c.line, Caller: telephony.Caller{Number: c.caller}, Called: c.called}
			d, priority := Arrived(office(c.shape), a, c.now)
			if d.Target != c.want || d.Rule != c.rule || priority != c.priority {
				t.Errorf("goes to %s by %s with priority %d, want %s by %s with %d", d.Target, d.Rule, priority, c.want, c.rule, c.priority)
			}
			if d.Why.ZH == "" || d.Why.EN == "" {
				t.Error("nothing says why")
			}
		})
	}
}

func TestWhyNot(t *testing.T) { // idea 9: each route that was passed over, and what spoke against it
	cfg := office(routes(
		telephony.Route{ID: "a", Disabled: true},
		telephony.Route{ID: "b", Lines: []string{"fxo/2"}},
		telephony.Route{ID: "c", Called: "1"},
		telephony.Route{ID: "d", Caller: "2"},
		telephony.Route{ID: "e", Hours: "office", Periods: []string{"off"}},
	))
	d, _ := Arrived(cfg, telephony.Arrival{Line: "fxo/1", Called: "62340001", Caller: telephony.Caller{Number: "138"}}, monday)
	want := []string{"route/a: disabled", "route/b: other line", "route/c: called 62340001", "route/d: caller 138", "route/e: hours are work"}
	if diff := cmp.Diff(want, d.Candidates); diff != "" {
		t.Error(diff)
	}
}

func TestBirth(t *testing.T) {
	x := New(Options{})
	x.Configure(office(nil))
	for _, c := range []struct {
		name      string
		arrival   telephony.Arrival
		direction telephony.Direction
		called    string
		caller    string
		target    telephony.Target
	}{
		{"A1.16 an analogue line calls its published number", telephony.Arrival{Line: "fxo/1"}, telephony.Inbound, "62340001", "", "menu:main"},
		{"a trunk says what was called", telephony.Arrival{Line: "trunk/ctc", Called: "+86 21-6234"}, telephony.Inbound, "+86216234", "", "menu:main"},
		{"a line that configuration does not know", telephony.Arrival{Line: "fxo/9"}, telephony.Inbound, "", "", "menu:main"},
		{"A2.1 a phone", telephony.Arrival{Line: "phone/801", Called: "802"}, telephony.InternalCall, "802", "", "phone:802"},
		{
			"what strangers call themselves is bounded",
			telephony.Arrival{Line: "fxo/1", Caller: telephony.Caller{Number: strings.Repeat("1", 99) + "\r\n"}},
			telephony.Inbound, "62340001", strings.Repeat("1", telephony.MaxNumberLen), "menu:main",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := x.birth("1-1", c.arrival)
			if b.Direction != c.direction || b.Arrival.Called != c.called || b.Arrival.Caller.Number != c.caller || b.Decision.Target != c.target {
				t.Errorf("born as %s, %q called %q, goes to %s", b.Direction, b.Arrival.Caller.Number, b.Arrival.Called, b.Decision.Target)
			}
		})
	}
}

func TestDialled(t *testing.T) {
	for _, c := range []struct {
		name, phone, digits string
		direction           telephony.Direction
		target              telephony.Target
		rule                string
	}{
		{"A2.1 a phone", "801", "802", telephony.InternalCall, "phone:802", "inside"},
		{"A2.1 an agent by job number", "801", "1001", telephony.InternalCall, "agent:1001", "inside"},
		{"A2.1 a queue", "801", "600", telephony.InternalCall, "queue:sales", "inside"},
		{"A5.1 a star code", "801", "*21", telephony.InternalCall, "feature:*21", "feature"},
		{"A2.20 outside by a rule", "802", "962340000", telephony.Outbound, "outside:962340000", "outbound/local"},
		{"A2.18 not permitted", "801", "962340000", telephony.Outbound, "outside:962340000", "outbound"},
		{"A2.20 no rule", "804", "5551234", telephony.Outbound, "outside:5551234", "outbound"},
		{"emergency passes every gate", "801", "110", telephony.Outbound, "outside:110", "outbound/emergency"},
		{"a phone that is gone may dial inside only", "899", "962340000", telephony.Outbound, "outside:962340000", "outbound"},
		{"nothing was dialled", "804", "", telephony.Outbound, "outside:", "outbound"},
	} {
		t.Run(c.name, func(t *testing.T) {
			direction, d := Dialled(office(nil), c.phone, c.digits)
			if direction != c.direction || d.Target != c.target || d.Rule != c.rule {
				t.Errorf("%s to %s by %s, want %s to %s by %s", direction, d.Target, d.Rule, c.direction, c.target, c.rule)
			}
			if d.Why.ZH == "" || d.Why.EN == "" {
				t.Error("nothing says why")
			}
		})
	}
}

func TestAThousandRoutes(t *testing.T) { // the most that Validate allows are looked at within a ring
	cfg := office(func(c *telephony.Config) {
		c.Routes = nil
		for i := range 1000 {
			c.Routes = append(c.Routes, telephony.Route{ID: fmt.Sprint("r", i), Called: "9", To: "hangup"})
		}
	})
	d, _ := Arrived(cfg, telephony.Arrival{Line: "fxo/1", Called: "1"}, monday)
	if len(d.Candidates) != 1000 || d.Target != telephony.ToBusy {
		t.Errorf("%d routes were looked at and it goes to %s", len(d.Candidates), d.Target)
	}
}

// A5.4: a call came after hours where hours that are over decided its route, be it for the route that took it or against one that did not.
func TestAfterHours(t *testing.T) {
	const work, off, holiday = telephony.PeriodWork, telephony.PeriodOff, telephony.PeriodHoliday
	night, newYear := monday.Add(12*time.Hour), monday.AddDate(0, 0, -4)
	by := func(line string, periods ...string) telephony.Route {
		return telephony.Route{ID: line, Lines: []string{line}, Hours: "office", Periods: periods, To: "queue:sales"}
	}
	rest := telephony.Route{ID: "rest", To: "queue:night"}
	off1 := by("fxo/1", work)
	off1.Disabled = true
	for _, c := range []struct {
		name   string
		now    time.Time
		routes []telephony.Route
		want   string // of the call
		shut   string // of the company
	}{
		{"in working time", monday, []telephony.Route{by("fxo/1", work), rest}, "", ""},
		{"at night, to a route without hours behind one that has", night, []telephony.Route{by("fxo/1", work), rest}, off, off},
		{"at night, to a route for it", night, []telephony.Route{by("fxo/1", off, holiday)}, off, off},
		{"on a holiday", newYear, []telephony.Route{by("fxo/1", work), rest}, holiday, holiday},
		{"at night, where nothing takes the call", night, []telephony.Route{by("fxo/1", work)}, off, off},
		{"a route that takes both", night, []telephony.Route{by("fxo/1", work, off)}, "", off},
		{"a route at any time", night, []telephony.Route{by("fxo/1")}, "", ""},
		{"hours of another line", night, []telephony.Route{by("fxo/2", work), rest}, "", off},
		{"a route that is off", night, []telephony.Route{off1, rest}, "", ""},
	} {
		cfg := office(routes(c.routes...))
		cfg.Hours[0].Holidays = []telephony.SpecialDay{{From: "2026-01-01", To: "2026-01-01"}}
		d, _ := Arrived(cfg, telephony.Arrival{Line: "fxo/1", Caller: telephony.Caller{Number: "138"}}, c.now)
		shut := ""
		for _, h := range closedHours(cfg, c.now) {
			shut += h.Period
		}
		if d.Closed != c.want || shut != c.shut {
			t.Errorf("%s: the call %q, the company %q; want %q and %q", c.name, d.Closed, shut, c.want, c.shut)
		}
	}
}
