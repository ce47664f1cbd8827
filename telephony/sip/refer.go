package sip

import (
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// A referral is a transfer that the far end asked for and that is not reported yet (RFC 3515). The leg's goroutine owns it;
// outcome is written by whoever carries it out.
type referral struct {
	id      uint32       // the REFER's number names the subscription (RFC 3515 2.4.6)
	outcome atomic.Int32 // a status; 0: not known yet
}

// referralTime is how long the far end may wait for the outcome: longer than anybody is rung.
const referralTime = 3 * time.Minute

// verbReferred says that the outcome of a referral is known.
type verbReferred struct{ of *referral }

// referred takes a REFER: the far end wants the other party put through (RFC 3515 2.4.2). A trunk may not: who is not
// authenticated transfers nobody (reliability.md rule 6).
func (l *leg) referred(tx *serverTx) {
	to, f := l.referTo(tx.req)
	switch {
	case !l.pinned:
		f = &fault{status: 403}
	case l.referral != nil:
		f = &fault{status: 491}
	}
	if f != nil {
		l.refuseWithin(tx, f)
		return
	}
	r := &referral{id: tx.req.CSeq().SeqNo}
	l.referral = r
	to.Tell = func(c telephony.Cause) {
		if status := referralStatus(c); r.outcome.CompareAndSwap(0, int32(status)) {
			l.post(verbReferred{r})
		}
	}
	l.flow = tx.from
	l.refresh(tx.req)
	res := l.stack.answer(tx.req, 202, "")
	res.AppendHeader(l.stack.contactIn(&l.dialog, l.flow))
	tx.respond(res)
	l.notify(r, 100)
	l.tell(to)
}

// referralStatus is the status that says what came of a transfer.
func referralStatus(c telephony.Cause) int {
	if c == telephony.CauseNormal {
		return 200
	}
	return statusFor(c)
}

// referTo reads whom a REFER names: a number, or the dialog that the far end has with that party (RFC 3891, RFC 5589 7).
func (l *leg) referTo(req *sipgo.Request) (telephony.Transfer, *fault) {
	var u sipgo.Uri
	values := req.GetHeaders("refer-to")
	values = append(values, req.GetHeaders("r")...)
	if len(values) != 1 {
		return telephony.Transfer{}, badRequest("One Refer-To")
	}
	if _, err := sipgo.ParseAddressValue(values[0].Value(), &u, nil); err != nil || u.Scheme != "tel" && !l.flow.speaks(u.Scheme) {
		return telephony.Transfer{}, badRequest("Bad Refer-To")
	}
	if method := u.UriParams.GetOr("method", "INVITE"); !strings.EqualFold(method, "INVITE") {
		return telephony.Transfer{}, &fault{status: 403} // the box calls for nobody but to transfer
	}
	for _, h := range u.Headers {
		if !strings.EqualFold(h.K, "Replaces") {
			continue
		}
		value, err := url.QueryUnescape(h.V)
		other, _ := l.stack.legs.replaced(value)
		if err != nil || other == nil || other == l || !other.pinned {
			return telephony.Transfer{}, &fault{status: 481}
		}
		return telephony.Transfer{Leg: other.name}, nil
	}
	number := telephony.CleanNumber(userOf(&u))
	if number == "" {
		return telephony.Transfer{}, &fault{status: 484}
	}
	return telephony.Transfer{To: number}, nil
}

// report tells the outcome of a referral, if it is known. What was told before has to be answered: two requests that are on
// their way may change places.
func (l *leg) report() {
	if r := l.referral; l.reporting == nil && r != nil && r.outcome.Load() != 0 {
		l.referral = nil
		l.notify(r, int(r.outcome.Load()))
	}
}

// notify reports how a referral stands; a final status ends the subscription (RFC 3515 2.4.4 and 2.4.5).
func (l *leg) notify(r *referral, status int) {
	state := "active;expires=" + strconv.Itoa(int(referralTime/time.Second))
	if status >= 200 {
		state = "terminated;reason=noresource"
	}
	l.seq++
	req := l.stack.request(&l.dialog, sipgo.NOTIFY, l.seq)
	req.AppendHeader(l.stack.contactIn(&l.dialog, l.hop()))
	req.AppendHeader(sipgo.NewHeader("Event", "refer;id="+strconv.FormatUint(uint64(r.id), 10)))
	req.AppendHeader(sipgo.NewHeader("Subscription-State", state))
	req.AppendHeader(sipgo.NewHeader("Content-Type", "message/sipfrag;version=2.0"))
	req.SetBody([]byte("SIP/2.0 " + strconv.Itoa(status) + " " + phrases[status] + "\r\n"))
	l.begin(req, l.hop()) // a far end that does not listen loses nothing but the news
	l.reporting = req
}

// reported reports whether an answer is the one to the last NOTIFY of a transfer, and tells what is to be told next.
func (l *leg) reported(e answered) bool {
	if e.req != l.reporting || e.err == nil && e.res.IsProvisional() {
		return false
	}
	l.reporting = nil
	l.report()
	return true
}

// replacedBy is the leg whose place an INVITE wants, or "" (RFC 3891 3): a phone may take over a call whose dialog it was told.
func (s *Stack) replacedBy(req *sipgo.Request, who origin) (leg string, f *fault) {
	values := req.GetHeaders("replaces")
	switch {
	case len(values) == 0:
		return "", nil
	case len(values) > 1:
		return "", badRequest("Repeated Replaces")
	case who.phone == nil:
		return "", &fault{status: 403}
	}
	other, early := s.legs.replaced(values[0].Value())
	switch {
	case other == nil || !other.up.Load(): // the place of one who calls, and whom nobody has answered, is not to be had
		return "", &fault{status: 481}
	case early:
		return "", &fault{status: 486}
	}
	return other.name, nil
}

// replaced gives the leg whose dialog a Replaces names (RFC 3891 3): to-tag is ours, from-tag the far end's. It may be wanted
// only while it is not answered.
func (ls *legs) replaced(value string) (l *leg, early bool) {
	id, params, _ := strings.Cut(value, ";")
	tags := map[string]string{}
	for p := range strings.SplitSeq(params, ";") {
		k, v, ok := strings.Cut(p, "=")
		if k = strings.ToLower(strings.TrimSpace(k)); ok {
			tags[k] = strings.TrimSpace(v)
		}
		early = early || k == "early-only"
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	l = ls.byDialog[[2]string{strings.TrimSpace(id), tags["to-tag"]}]
	if l == nil || l.farTag.Load() == nil || *l.farTag.Load() != tags["from-tag"] {
		return nil, early
	}
	return l, early
}
