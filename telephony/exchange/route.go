package exchange

import (
	"slices"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/call"
)

// birth decides where a new call goes, and why.
func (x *Exchange) birth(id telephony.CallID, a telephony.Arrival) call.Birth {
	cfg := x.cfg.Load()
	a.Caller = telephony.CleanCaller(a.Caller)
	a.Called = telephony.CleanNumber(a.Called)
	b := call.Birth{ID: id, Config: cfg, Arrival: a}
	if ext, ok := strings.CutPrefix(a.Line, "phone/"); ok {
		b.Direction, b.Decision = Dialled(cfg, ext, a.Called)
		return b
	}
	b.Arrival.Called = called(cfg, a)
	b.Direction = telephony.Inbound
	b.Decision, b.Priority = Arrived(cfg, b.Arrival, time.Now())
	return b
}

// called is the number that was called. An analogue line says nothing: its published number was (A1.16).
func called(cfg *telephony.Config, a telephony.Arrival) string {
	if l := cfg.Line(a.Line); l != nil && a.Called == "" && len(l.Numbers) > 0 {
		return l.Numbers[0]
	}
	return a.Called
}

// Arrived decides where a call from outside goes first (A2.2): the line's direction, the black list, the green channel, then
// the first route that matches. Every rule that was looked at is named in the decision with what spoke against it (idea 9).
func Arrived(cfg *telephony.Config, a telephony.Arrival, now time.Time) (d telephony.Routed, priority int) {
	if cfg.OutsideLine(a.Line).Way == telephony.OutOnly {
		return decide(telephony.ToBusy, "line/"+a.Line, "该线路只用于呼出", "this line is for outgoing calls only"), 0
	}
	if n := listed(cfg.Blacklist, a.Caller.Number, now); n != nil {
		return decide(telephony.ToBusy, "blacklist", "黑名单号码："+n.Note, "on the black list: "+n.Note), 0
	}
	if n := listed(cfg.VIPs, a.Caller.Number, now); n != nil {
		if n.To != "" {
			return decide(n.To, "vip", "绿色通道："+n.Note, "green channel: "+n.Note), n.Priority
		}
		priority = n.Priority
	}
	if w := cfg.WebsiteAt(a.Line); w != nil && w.To != "" {
		return decide(w.To, "website/"+w.ID, "网站设定的去向", "where the web site sends its visitors"), 0
	}
	var looked []string
	closed := ""
	for i := range cfg.Routes {
		r := &cfg.Routes[i]
		against := mismatch(cfg, r, a)
		if against == "" {
			period := periodOf(cfg, r, now)
			if period != "" && !slices.Contains(r.Periods, period) {
				against = "hours are " + period
			}
			if shut(period) && (against != "" || !slices.Contains(r.Periods, telephony.PeriodWork)) {
				closed = period
			}
		}
		if against != "" {
			looked = append(looked, "route/"+r.ID+": "+against)
			continue
		}
		d = decide(r.To, "route/"+r.ID, "第一条符合的路由", "the first route that matches")
		d.Candidates, d.Closed = looked, closed
		return d, priority + r.Priority
	}
	d = decide(telephony.ToBusy, "routes", "没有符合的路由", "no route matches")
	d.Candidates, d.Closed = looked, closed
	return d, priority
}

// periodOf is what kind of time it is by the hours that have a say in a route; "" where none have.
func periodOf(cfg *telephony.Config, r *telephony.Route, now time.Time) string {
	h := cfg.HoursOf(r.Hours)
	if h == nil || len(r.Periods) == 0 {
		return ""
	}
	return h.Period(now.In(cfg.Location()))
}

// shut says that a period is outside of opening hours.
func shut(period string) bool { return period != "" && period != telephony.PeriodWork }

// closedHours are the opening hours that routes go by and that are over.
func closedHours(cfg *telephony.Config, now time.Time) (list []telephony.LiveHours) {
	for i := range cfg.Routes {
		r := &cfg.Routes[i]
		known := slices.ContainsFunc(list, func(l telephony.LiveHours) bool { return l.ID == r.Hours })
		if period := periodOf(cfg, r, now); !r.Disabled && !known && shut(period) {
			list = append(list, telephony.LiveHours{ID: r.Hours, Name: cfg.HoursOf(r.Hours).Name, Period: period})
		}
	}
	return list
}

func decide(t telephony.Target, rule, zh, en string) telephony.Routed {
	return telephony.Routed{Target: t, Rule: rule, Why: telephony.Text{ZH: zh, EN: en}}
}

// mismatch says what speaks against a route at any time, or "" when nothing does.
func mismatch(cfg *telephony.Config, r *telephony.Route, a telephony.Arrival) string {
	switch {
	case r.Disabled:
		return "disabled"
	case !onLine(cfg, r.Lines, a.Line):
		return "other line"
	case r.To.Kind() == telephony.ToOutside && cfg.WebsiteAt(a.Line) != nil:
		return "visitors of a web site are not sent outside"
	case !r.Called.Match(a.Called):
		return "called " + a.Called
	case !r.Caller.Match(a.Caller.Number):
		return "caller " + a.Caller.Number
	}
	return ""
}

// onLine reports whether a line is among the lines or groups of a route.
func onLine(cfg *telephony.Config, lines []string, line string) bool {
	if len(lines) == 0 {
		return true
	}
	for _, id := range lines {
		if id == line {
			return true
		}
		if g := cfg.Group(id); g != nil && slices.Contains(g.Lines, line) {
			return true
		}
	}
	return false
}

func listed(list []telephony.ListedNumber, number string, now time.Time) *telephony.ListedNumber {
	for i := range list {
		n := &list[i]
		if number != "" && n.Number.Match(number) && (n.Until.IsZero() || now.Before(n.Until)) {
			return n
		}
	}
	return nil
}

// Dialled decides where a call from a phone goes (A2.1, A2.20): a star code, somebody inside, or the outside.
func Dialled(cfg *telephony.Config, ext, digits string) (telephony.Direction, telephony.Routed) {
	if call.IsFeature(digits) {
		return telephony.InternalCall, decide(telephony.NewTarget(telephony.ToFeature, digits), "feature", "功能码", "a star code")
	}
	if t, found, _ := cfg.Inside(digits); found {
		return telephony.InternalCall, decide(t, "inside", "内部号码", "a number inside")
	}
	out := telephony.NewTarget(telephony.ToOutside, digits)
	permit := telephony.PermitInternal
	if p := cfg.Phone(ext); p != nil {
		permit = p.Permit
	}
	rule, _, err := dialPlan(cfg, digits, permit)
	if err != nil {
		return telephony.Outbound, telephony.Routed{Target: out, Rule: "outbound", Why: err.Message}
	}
	return telephony.Outbound, decide(out, "outbound/"+rule, "呼出规则", "an outbound rule")
}
