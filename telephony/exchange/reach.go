package exchange

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"callbox/telephony"
	"callbox/telephony/call"
)

// permits are the levels of permission in order.
var permits = []telephony.Permit{
	telephony.PermitInternal, telephony.PermitLocal, telephony.PermitNational, telephony.PermitInternational,
}

// emergency is the rule of emergency numbers where configuration has none that carries them.
const emergency = "emergency"

// dialPlan finds the rule by which a number leaves and the digits that are sent (A2.20), of which there must be some: a line
// that is taken without a digit gives its dial tone away. So does one that is taken with the beginning of a number, since
// whoever dials can press the rest when the line is there: where a rule takes any further digits, none of them may lead to
// a number that is refused. Emergency numbers pass every gate.
func dialPlan(cfg *telephony.Config, number string, p telephony.Permit) (rule, digits string, err *telephony.Error) {
	always, partial, more := cfg.IsEmergency(number), false, moreInside(cfg, number)
	for i := range cfg.Outbound {
		r := &cfg.Outbound[i]
		refused := !always && slices.Index(permits, r.Permit) > slices.Index(permits, p)
		if !r.Number.Match(number) {
			partial = partial || refused && r.Number.CouldMatch(number)
			more = more || !refused && r.Number.CouldMatch(number)
			continue
		}
		digits = r.Prepend + number[min(r.Strip, len(number)):]
		switch {
		case refused:
			return "", "", telephony.Errorf(telephony.Forbidden,
				"没有拨打该号码的权限（规则 %s 需要 %s）", "not permitted to dial this number (rule %s needs %s)", r.ID, r.Permit)
		case digits != "" && !(partial && strings.HasSuffix(string(r.Number), ".")):
			return r.ID, digits, nil
		case !always:
			return "", "", incomplete()
		}
	}
	switch {
	case always:
		return emergency, number, nil
	case more:
		return "", "", incomplete()
	}
	return "", "", telephony.Errorf(telephony.NotFound, "没有呼出规则适用于 %s", "no outbound rule fits %s", number)
}

// incomplete says that more digits are to come. A phone that dials digit by digit sends them when it hears it (RFC 3578 3).
func incomplete() *telephony.Error {
	return telephony.Errorf(telephony.Invalid, "号码不完整，请重拨", "the number is not complete: dial again")
}

// moreInside reports whether the digits begin a number inside, a star code or an emergency number.
func moreInside(cfg *telephony.Config, digits string) bool {
	begins := func(number string) bool { return len(number) > len(digits) && strings.HasPrefix(number, digits) }
	_, _, more := cfg.Inside(digits)
	return more || call.CouldBeFeature(digits) || slices.ContainsFunc(cfg.Site.Emergency, begins)
}

// Whole reports whether a number that a phone dials digit by digit needs no wait for more: it reaches somebody, and no more
// digits could reach anybody else; or nobody could be reached by any.
func Whole(cfg *telephony.Config, digits string) bool {
	switch {
	case cfg.IsEmergency(digits):
		return true
	case strings.HasPrefix(digits, "*"):
		return call.IsWholeFeature(cfg, digits)
	}
	more := func(r telephony.OutboundRule) bool { return r.Number.CouldMatch(digits) }
	return !moreInside(cfg, digits) && !slices.ContainsFunc(cfg.Outbound, more)
}

// Reach starts a leg to a phone or an outside number. Where the lines are all in use, an emergency call has one made free.
func (x *Exchange) Reach(
	cfg *telephony.Config, t telephony.Target, o telephony.Order, p telephony.Permit,
) (call.Reached, error) {
	r, busy, err := x.reach(cfg, t, o, p)
	if err != nil && t.Kind() == telephony.ToOutside && cfg.IsEmergency(t.ID()) && x.makeRoom(cfg, busy) {
		return r, call.ErrMakingRoom
	}
	return r, err
}

// reach starts a leg, and gives the lines that are in use if there is none for it.
func (x *Exchange) reach(
	cfg *telephony.Config, t telephony.Target, o telephony.Order, p telephony.Permit,
) (r call.Reached, busy []string, err error) {
	if t.Kind() == telephony.ToPhone {
		if cfg.Recording.MaskNumbers && x.seats(cfg, t) {
			o.From.Number = telephony.MaskNumbers(o.From.Number, cfg.OwnNumber)
			o.From.Name = telephony.MaskNumbers(o.From.Name, cfg.OwnNumber)
		}
		r, err = x.dial("phone/"+t.ID(), "", o)
		return r, nil, err
	}
	rule, digits, refused := dialPlan(cfg, t.ID(), p)
	if refused != nil {
		return r, nil, refused
	}
	o.To, o.Emergency = digits, cfg.IsEmergency(t.ID())
	lines := linesFor(cfg, rule, x.turns.order)
	r, busy, err = x.dialAny(cfg, lines, rule, o)
	if err != nil && o.Emergency { // every other way out will do, and takes the number as it is
		o.To = t.ID()
		others := slices.DeleteFunc(waysOut(cfg), func(line string) bool { return slices.Contains(lines, line) })
		var more []string
		r, more, err = x.dialAny(cfg, others, emergency, o)
		busy = append(busy, more...)
	}
	return r, busy, err
}

// seats reports whether a phone is an agent's: its display is then what the agent may see (A18.2).
func (x *Exchange) seats(cfg *telephony.Config, phone telephony.Target) bool {
	return slices.ContainsFunc(cfg.Agents, func(a telephony.Agent) bool { return a.Phone == phone }) ||
		slices.ContainsFunc(x.acd.Live().Agents, func(a telephony.LiveAgent) bool { return telephony.Target(a.Phone) == phone })
}

// dialAny starts a leg on the first of the lines that takes it, and gives those before it that are in use.
func (x *Exchange) dialAny(
	cfg *telephony.Config, lines []string, rule string, o telephony.Order,
) (r call.Reached, busy []string, err error) {
	err = telephony.Errorf(telephony.Busy, "没有空闲的呼出线路", "no line is free to go out")
	from := o.From
	for _, line := range lines {
		if slices.Contains(o.Avoid, line) {
			continue
		}
		o.From = presented(cfg, rule, line, from)
		if r, err = x.dial(line, "outbound/"+rule, o); err == nil {
			break
		}
		if refusal := (*telephony.Error)(nil); errors.As(err, &refusal) && refusal.Code == telephony.Busy {
			busy = append(busy, line)
		}
	}
	return r, busy, err
}

// waysOut are all lines that may carry a call out.
func waysOut(cfg *telephony.Config) (lines []string) {
	for l := range cfg.Outside {
		if l.Way != telephony.InOnly {
			lines = append(lines, l.ID)
		}
	}
	return lines
}

// dial starts a leg on one line.
func (x *Exchange) dial(id, rule string, o telephony.Order) (call.Reached, error) {
	for _, from := range *x.lines.Load() {
		line, ok := from.Line(id)
		if !ok {
			continue
		}
		leg, err := line.Dial(o)
		if err != nil {
			return call.Reached{}, err
		}
		return call.Reached{Leg: leg, Line: id, Rule: rule}, nil
	}
	return call.Reached{}, telephony.Errorf(telephony.Unavailable, "没有线路 %s", "there is no line %s", id)
}

// linesFor are the lines to try, in order: the rule's groups, each followed by its backups (A1.18).
func linesFor(cfg *telephony.Config, rule string, order func(*telephony.Group) []string) []string {
	var groups []string
	for i := range cfg.Outbound {
		if cfg.Outbound[i].ID == rule {
			groups = cfg.Outbound[i].Groups
		}
	}
	var lines []string
	for _, id := range groups {
		for hops := 0; id != "" && hops <= len(cfg.Groups); hops++ {
			g := cfg.Group(id)
			if g == nil {
				break
			}
			for _, line := range order(g) {
				if cfg.OutsideLine(line).Way != telephony.InOnly && !slices.Contains(lines, line) {
					lines = append(lines, line)
				}
			}
			id = g.Backup
		}
	}
	return lines
}

// presented is the calling party that a line may show (A1.27, A18.6): a number of the line's own, never one passed through.
func presented(cfg *telephony.Config, rule, line string, from telephony.Caller) telephony.Caller {
	own := cfg.OutsideLine(line).Numbers
	if len(own) == 0 {
		return telephony.Caller{}
	}
	wanted := ""
	for i := range cfg.Outbound {
		if cfg.Outbound[i].ID == rule {
			wanted = cfg.Outbound[i].Caller
		}
	}
	if p := cfg.Phone(from.Number); wanted == "" && p != nil {
		wanted = p.Caller
	}
	if !slices.Contains(own, wanted) {
		wanted = own[0]
	}
	return telephony.Caller{Number: wanted, Withheld: from.Withheld}
}

// turns remembers for each round-robin group which line is next. Its lock is held for a few instructions only.
type turns struct {
	mu   sync.Mutex
	next map[string]int
}

// order gives the lines of a group as it wants them tried.
func (t *turns) order(g *telephony.Group) []string {
	lines := slices.Clone(g.Lines)
	switch g.Select {
	case "descending":
		slices.Reverse(lines)
	case "round_robin":
		if len(lines) == 0 {
			return lines
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.next == nil {
			t.next = map[string]int{}
		}
		at := t.next[g.ID] % len(lines)
		t.next[g.ID] = at + 1
		return append(lines[at:], lines[:at]...)
	}
	return lines
}
