package telephony

import (
	"regexp"
	"slices"
	"strings"
)

var prependForm = regexp.MustCompile(`^[0-9*#]{0,16}$`)

func (k *check) routes() {
	for i := range k.config.Routes {
		k.route(at("routes", i), &k.config.Routes[i])
	}
	for i := range k.config.Outbound {
		k.outbound(at("outbound", i), &k.config.Outbound[i])
	}
	for i, l := range k.config.Blacklist {
		p := at("blacklist", i)
		k.pattern(p+".number", l.Number)
		k.name(p+".note", l.Note)
		if l.To != "" || l.Priority != 0 {
			k.bad(p+".to", "黑名单总是忙音，请清空去向和优先级", "the black list always gives busy tone: leave target and priority empty")
		}
	}
	for i, l := range k.config.VIPs {
		p := at("vips", i)
		k.pattern(p+".number", l.Number)
		k.name(p+".note", l.Note)
		k.between(p+".priority", l.Priority, 0, 9)
		if l.To != "" {
			k.target(p+".to", l.To, firstTarget...)
		}
	}
}

func (k *check) route(p string, r *Route) {
	k.id(p+".id", r.ID)
	k.unique(p+".id", "route", r.ID)
	if k.size(p+".lines", len(r.Lines), 320) {
		for i, l := range r.Lines {
			kind := "line"
			if !strings.Contains(l, "/") {
				kind = "group"
			}
			k.refer(at(p+".lines", i), kind, l)
		}
	}
	k.anyPattern(p+".called", r.Called)
	k.anyPattern(p+".caller", r.Caller)
	k.maybe(p+".hours", "hours", r.Hours)
	if len(r.Periods) > 0 && r.Hours == "" {
		k.bad(p+".hours", "限定了时段，请选营业时间", "the periods need hours: choose them")
	}
	if k.size(p+".periods", len(r.Periods), 3) {
		for i, period := range r.Periods {
			oneOf(k, at(p+".periods", i), period, PeriodWork, PeriodOff, PeriodHoliday)
		}
	}
	k.target(p+".to", r.To, firstTarget...)
	k.between(p+".priority", r.Priority, 0, 9)
}

func (k *check) outbound(p string, r *OutboundRule) {
	k.id(p+".id", r.ID)
	k.unique(p+".id", "outbound", r.ID)
	k.pattern(p+".number", r.Number)
	oneOf(k, p+".permit", r.Permit, PermitInternal, PermitLocal, PermitNational, PermitInternational)
	k.between(p+".strip", r.Strip, 0, MaxNumberLen)
	if !prependForm.MatchString(r.Prepend) {
		k.bad(p+".prepend", "最多 16 位数字、* 或 #", "use at most 16 digits, * or #")
	}
	if len(r.Groups) == 0 {
		k.bad(p+".groups", "请至少选一个线路组", "choose at least one group of lines")
	}
	if k.size(p+".groups", len(r.Groups), 16) {
		for i, g := range r.Groups {
			if k.refer(at(p+".groups", i), "group", g); slices.Contains(r.Groups[:i], g) {
				k.bad(at(p+".groups", i), "线路组重复，请删除", "the group is listed twice: remove it")
			}
		}
	}
	k.presented(p+".caller", r.Caller)
}
