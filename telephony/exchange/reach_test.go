package exchange

import (
	"fmt"
	"testing"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
)

func TestDialPlan(t *testing.T) {
	open := func(c *telephony.Config) { // rules that take whatever follows
		c.Outbound = []telephony.OutboundRule{
			{ID: "abroad", Number: "900.", Permit: telephony.PermitInternational, Strip: 1},
			{ID: "far", Number: "90.", Permit: telephony.PermitNational, Strip: 1},
			{ID: "directory", Number: "11400.", Permit: telephony.PermitNational},
			{ID: "help", Number: "114", Permit: telephony.PermitLocal},
		}
	}
	for _, c := range []struct {
		name, number string
		permit       telephony.Permit
		shape        func(*telephony.Config)
		rule, digits string
		code         telephony.Code
	}{
		{"A2.20 a prefix is taken away", "962340000", telephony.PermitLocal, nil, "local", "62340000", ""},
		{"A2.20 the first rule that matches", "90102345678", telephony.PermitNational, nil, "far", "0102345678", ""},
		{
			"A2.20 digits are put before", "5678", telephony.PermitLocal,
			func(c *telephony.Config) {
				c.Outbound = []telephony.OutboundRule{{ID: "short", Number: "XXXX", Permit: telephony.PermitLocal, Prepend: "6234"}}
			}, "short", "62345678", "",
		},
		{"A2.20 no rule fits", "5551234", telephony.PermitInternational, nil, "", "", telephony.NotFound},
		{"RFC 3578 3: the beginning of an extension", "80", telephony.PermitInternational, nil, "", "", telephony.Invalid},
		{"RFC 3578 3: the beginning of a star code", "*2", telephony.PermitInternational, nil, "", "", telephony.Invalid},
		{"RFC 3578 3: the beginning of an emergency number", "11", telephony.PermitInternal, nil, "", "", telephony.Invalid},
		{"A2.20 a prefix alone leaves nothing to send", "9", telephony.PermitInternational, nil, "", "", telephony.Invalid},
		{
			"A2.20 nothing is not a number", "", telephony.PermitInternational,
			func(c *telephony.Config) {
				c.Outbound = []telephony.OutboundRule{{ID: "any", Number: ".", Permit: telephony.PermitLocal}}
			}, "", "", telephony.Invalid,
		},
		{"A2.18 internal: no local call", "962340000", telephony.PermitInternal, nil, "", "", telephony.Forbidden},
		{"A2.18 local: no national call", "90102345678", telephony.PermitLocal, nil, "", "", telephony.Forbidden},
		{"A2.18 national: no international call", "9001212555", telephony.PermitNational, nil, "", "", telephony.Forbidden},
		{"A2.18 international", "9001212555", telephony.PermitInternational, nil, "abroad", "001212555", ""},
		{"A2.18 the beginning of an international number", "90", telephony.PermitNational, open, "", "", telephony.Invalid},
		{"A2.18 the same, for whom it is no matter", "90", telephony.PermitInternational, open, "far", "0", ""},
		{"A2.18 no beginning of one", "901", telephony.PermitNational, open, "far", "01", ""},
		{"A2.18 a short number whose rule takes no more", "114", telephony.PermitLocal, open, "help", "114", ""},
		{"A2.18 a permit that is none", "962340000", "", nil, "", "", telephony.Forbidden},
		{"emergency without a rule", "110", telephony.PermitInternal, nil, "emergency", "110", ""},
		{
			"emergency by a rule, whatever its permit", "119", telephony.PermitInternal,
			func(c *telephony.Config) {
				c.Outbound = []telephony.OutboundRule{{ID: "all", Number: ".", Permit: telephony.PermitInternational, Prepend: "9"}}
			}, "all", "9119", "",
		},
		{
			"emergency is not stripped to nothing", "120", telephony.PermitInternal,
			func(c *telephony.Config) {
				c.Outbound = []telephony.OutboundRule{{ID: "all", Number: "XXX", Permit: telephony.PermitLocal, Strip: 3}}
			}, "emergency", "120", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			rule, digits, err := dialPlan(office(c.shape), c.number, c.permit)
			code := telephony.Code("")
			if err != nil {
				code = err.Code
			}
			if rule != c.rule || digits != c.digits || code != c.code {
				t.Errorf("%q by %q (%v), want %q by %q (%s)", digits, rule, err, c.digits, c.rule, c.code)
			}
		})
	}
}

func TestLinesFor(t *testing.T) {
	groups := func(list ...telephony.Group) func(*telephony.Config) {
		return func(c *telephony.Config) {
			c.Groups = list
			c.Outbound = []telephony.OutboundRule{{ID: "r", Groups: []string{"a", "b"}}}
		}
	}
	abc := []string{"fxo/1", "fxo/2", "trunk/ctc"}
	for _, c := range []struct {
		name  string
		shape func(*telephony.Config)
		want  []string
	}{
		{"ascending", groups(telephony.Group{ID: "a", Lines: abc, Select: "ascending"}), abc},
		{"descending", groups(telephony.Group{ID: "a", Lines: abc, Select: "descending"}), []string{"trunk/ctc", "fxo/2", "fxo/1"}},
		{"A1.17 lines for incoming calls are left out", groups(telephony.Group{ID: "a", Lines: []string{"fxo/4", "trunk/in", "fxo/1"}}), []string{"fxo/1"}},
		{
			"A1.18 the backup comes after its group, before the next",
			groups(
				telephony.Group{ID: "a", Lines: []string{"fxo/1"}, Backup: "spare"},
				telephony.Group{ID: "b", Lines: []string{"fxo/2"}},
				telephony.Group{ID: "spare", Lines: []string{"trunk/ctc"}},
			),
			[]string{"fxo/1", "trunk/ctc", "fxo/2"},
		},
		{
			"A1.18 a backup of a backup",
			groups(
				telephony.Group{ID: "a", Lines: []string{"fxo/1"}, Backup: "s"},
				telephony.Group{ID: "s", Lines: []string{"fxo/2"}, Backup: "t"},
				telephony.Group{ID: "t", Lines: []string{"trunk/ctc"}},
			),
			abc,
		},
		{
			"A1.18 backups in a ring end", // Validate refuses them; the call must not hang all the same
			groups(telephony.Group{ID: "a", Lines: []string{"fxo/1"}, Backup: "b"}, telephony.Group{ID: "b", Lines: []string{"fxo/2"}, Backup: "a"}),
			[]string{"fxo/1", "fxo/2"},
		},
		{
			"a line in two groups is tried once",
			groups(telephony.Group{ID: "a", Lines: []string{"fxo/1", "fxo/2"}}, telephony.Group{ID: "b", Lines: []string{"fxo/2", "fxo/1"}}),
			[]string{"fxo/1", "fxo/2"},
		},
		{"a group that is gone", groups(telephony.Group{ID: "b", Lines: []string{"fxo/2"}}), []string{"fxo/2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, linesFor(office(c.shape), "r", new(turns).order)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRoundRobin(t *testing.T) { // A1.18
	x := New(Options{})
	cfg := office(func(c *telephony.Config) {
		c.Groups = []telephony.Group{{ID: "a", Lines: []string{"fxo/1", "fxo/2", "trunk/ctc"}, Select: "round_robin"}}
		c.Outbound = []telephony.OutboundRule{{ID: "r", Groups: []string{"a"}}}
	})
	var first []string
	for range 4 {
		first = append(first, linesFor(cfg, "r", x.turns.order)[0])
	}
	if diff := cmp.Diff([]string{"fxo/1", "fxo/2", "trunk/ctc", "fxo/1"}, first); diff != "" {
		t.Error(diff)
	}
	cfg.Groups[0].Lines = cfg.Groups[0].Lines[:1] // a group that shrank does not lose its turn
	if got := linesFor(cfg, "r", x.turns.order); !cmp.Equal(got, []string{"fxo/1"}) {
		t.Error(got)
	}
	cfg.Groups[0].Lines = nil
	if got := linesFor(cfg, "r", x.turns.order); len(got) != 0 {
		t.Error(got)
	}
}

func TestPresented(t *testing.T) {
	for _, c := range []struct {
		name, rule, line string
		from             telephony.Caller
		shape            func(*telephony.Config)
		want             telephony.Caller
	}{
		{"A1.27 the line's first number", "local", "trunk/ctc", telephony.Caller{Number: "803"}, nil, telephony.Caller{Number: "02162340100"}},
		{"A1.27 the phone's", "local", "trunk/ctc", telephony.Caller{Number: "802"}, nil, telephony.Caller{Number: "02162340101"}},
		{
			"A1.27 the rule's before the phone's", "local", "trunk/ctc",
			telephony.Caller{Number: "802"},
			func(c *telephony.Config) { c.Outbound[2].Caller = "02162340100" },
			telephony.Caller{Number: "02162340100"},
		},
		{
			"A18.6 a number of another line is not shown", "local", "fxo/2",
			telephony.Caller{Number: "802"},
			nil,
			telephony.Caller{Number: "62340002"},
		},
		{
			"A18.6 a caller's number is not passed through", "local", "trunk/ctc",
			telephony.Caller{Number: "13800138000", Name: "boss"},
			nil,
			telephony.Caller{Number: "02162340100"},
		},
		{"A18.6 a line without a number shows none", "local", "fxo/3", telephony.Caller{Number: "802"}, nil, telephony.Caller{}},
		{"A18.6 a line that is gone shows none", "local", "trunk/gone", telephony.Caller{Number: "802"}, nil, telephony.Caller{}},
		{
			"who does not want to be shown is not", "local", "trunk/ctc",
			telephony.Caller{Number: "802", Withheld: true},
			nil,
			telephony.Caller{Number: "02162340101", Withheld: true},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := presented(office(c.shape), c.rule, c.line, c.from); got != c.want {
				t.Errorf("shows %+v, want %+v", got, c.want)
			}
		})
	}
}

// yard is lines that note what they are asked to dial; those in refuses are not free.
type yard struct {
	refuses map[string]telephony.Code
	dialled []string
	auto    []bool // whether each was asked to answer by itself
}

type wire struct {
	*yard
	id string
}

func (y *yard) Line(id string) (telephony.Line, bool) { return wire{y, id}, id != "phone/899" }

func (w wire) ID() string { return w.id }

func (w wire) Dial(o telephony.Order) (telephony.Leg, error) {
	w.dialled = append(w.dialled, fmt.Sprintf("%s %s as %s", w.id, o.To, o.From.Number))
	w.auto = append(w.auto, o.AutoAnswer)
	if code := w.refuses[w.id]; code != "" {
		return nil, telephony.Errorf(code, "忙", "not free")
	}
	return nil, nil
}

// A5.8, A1.22: the phone of who asks for a call answers by itself, for it was asked for there; nobody else's does unasked.
func TestWhoAsksForACallIsThere(t *testing.T) {
	for _, c := range []struct {
		name  string
		order Order
		want  bool
	}{
		{"who asks sits there", Order{First: "phone:801", Then: "phone:802", Own: true}, true},
		{"somebody else asks", Order{First: "phone:801", Then: "phone:802"}, false},
		{"nobody sits in the network", Order{First: "outside:962340000", Then: "phone:802", Own: true, Permit: telephony.PermitInternational}, false},
	} {
		x, y := New(Options{}), &yard{}
		x.Connect(y)
		if _, err := x.place(&desk{}, office(nil), c.order); err != nil || len(y.auto) != 1 || y.auto[0] != c.want {
			t.Errorf("%s: %v, asked %v", c.name, err, y.auto)
		}
	}
}

func TestReach(t *testing.T) {
	busy := func(lines ...string) map[string]telephony.Code {
		m := map[string]telephony.Code{}
		for _, l := range lines {
			m[l] = telephony.Busy
		}
		return m
	}
	for _, c := range []struct {
		name    string
		to      telephony.Target
		permit  telephony.Permit
		refuses map[string]telephony.Code
		dialled []string
		rule    string
		code    telephony.Code
	}{
		{"A2.1 a phone", "phone:801", telephony.PermitInternal, nil, []string{"phone/801  as 802"}, "", ""},
		{"A2.2 a phone that is not there", "phone:899", telephony.PermitInternal, nil, nil, "", telephony.Unavailable},
		{"A2.20 outside", "outside:962340000", telephony.PermitLocal, nil, []string{"fxo/1 62340000 as 62340001"}, "outbound/local", ""},
		{
			"A1.18 the next line, then the backup group", "outside:962340000", telephony.PermitLocal, busy("fxo/1", "fxo/2"),
			[]string{"fxo/1 62340000 as 62340001", "fxo/2 62340000 as 62340002", "trunk/ctc 62340000 as 02162340101"},
			"outbound/local", "",
		},
		{
			"A1.18 no line is free", "outside:962340000", telephony.PermitLocal, busy("fxo/1", "fxo/2", "trunk/ctc"),
			[]string{"fxo/1 62340000 as 62340001", "fxo/2 62340000 as 62340002", "trunk/ctc 62340000 as 02162340101"},
			"", telephony.Busy,
		},
		{"A2.18 not permitted: no line is touched", "outside:962340000", telephony.PermitInternal, nil, nil, "", telephony.Forbidden},
		{
			"emergency by any line that can go out, in a group or not", "outside:110", telephony.PermitInternal, busy("fxo/1", "fxo/2"),
			[]string{"fxo/1 110 as 62340001", "fxo/2 110 as 62340002", "fxo/3 110 as "},
			"outbound/emergency", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, y := New(Options{}), &yard{refuses: c.refuses}
			x.Connect(y)
			r, err := x.Reach(office(nil), c.to, telephony.Order{From: telephony.Caller{Number: "802"}}, c.permit)
			e, _ := err.(*telephony.Error)
			if (e == nil) != (c.code == "") || e != nil && e.Code != c.code || r.Rule != c.rule {
				t.Errorf("by %q, %v; want %q, %s", r.Rule, err, c.rule, c.code)
			}
			if diff := cmp.Diff(c.dialled, y.dialled); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEmergencyWhenTheRulesLinesAreTaken(t *testing.T) {
	cfg := office(func(c *telephony.Config) {
		c.Outbound = []telephony.OutboundRule{{ID: "pbx", Number: ".", Permit: telephony.PermitNational, Prepend: "9", Groups: []string{"carrier"}}}
	})
	x, y := New(Options{}), &yard{refuses: map[string]telephony.Code{"trunk/ctc": telephony.Unavailable}}
	x.Connect(y)
	r, err := x.Reach(cfg, "outside:119", telephony.Order{}, telephony.PermitInternal)
	if err != nil || r.Line != "fxo/1" {
		t.Fatalf("goes out by %q, %v", r.Line, err)
	}
	want := []string{"trunk/ctc 9119 as 02162340100", "fxo/1 119 as 62340001"} // the rule's digits are for the rule's lines
	if diff := cmp.Diff(want, y.dialled); diff != "" {
		t.Error(diff)
	}
}

// TestWhole: digits are waited for where more could lead elsewhere, and nowhere else.
func TestWhole(t *testing.T) {
	cfg := telephony.DefaultConfig()
	cfg.Phones = []telephony.Phone{{Extension: "801"}, {Extension: "8011"}, {Extension: "802"}}
	cfg.Outbound = []telephony.OutboundRule{{Number: "9NXXXXXXX"}, {Number: "900."}}
	for digits, want := range map[string]bool{
		"8": false, "801": false, "8011": true, "802": true, "110": true, "11": false,
		"96234567": false, "962345678": true, "9001": false, "7": true, "91": true,
		"*": false, "*1": false, "*12": true, "*97": true, "*5": true,
		"*8": false, "*880": false, "*8801": false, "*8802": true, "*69": false, "*691": true,
	} {
		if got := Whole(cfg, digits); got != want {
			t.Errorf("%s is whole: %v, want %v", digits, got, want)
		}
	}
}
