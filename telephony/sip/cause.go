package sip

import (
	"fmt"
	"strconv"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// statusOf is the final answer that says why the box does not take a call (RFC 3398 7.2.4.1). Other causes answer as their
// kind does.
var statusOf = map[telephony.Cause]int{
	telephony.CauseNoResponse:   408,
	telephony.CauseRejected:     403, // 603 would stop a forking proxy that others still answer (RFC 3261 16.7)
	22:                          410, // number changed
	23:                          410, // redirection to new destination
	telephony.CauseOutOfOrder:   502,
	telephony.CauseBadNumber:    484,
	29:                          501, // facility rejected
	63:                          503, // service not available
	65:                          488, // bearer capability not implemented
	70:                          488, // only restricted digital information
	79:                          501, // service not implemented
	telephony.CauseIncompatible: 488,
	telephony.CauseTimerExpiry:  504,
}

var statusOfKind = map[telephony.CauseKind]int{
	telephony.KindNoAnswer: 480, telephony.KindBusy: 486, telephony.KindVacant: 404, telephony.KindForbidden: 403,
	telephony.KindFull: 503, telephony.KindNetwork: 503, telephony.KindFault: 500,
}

// causeOf is what a final answer says in Q.850 (RFC 3398 8.2.6.1). A redirection is a rejection: the box does not follow.
var causeOf = map[int]telephony.Cause{
	400: telephony.CauseTemporary,
	401: telephony.CauseRejected,
	402: telephony.CauseRejected,
	403: telephony.CauseRejected,
	404: telephony.CauseUnallocated,
	405: 63, // service not available
	406: 79, // service not implemented
	407: telephony.CauseRejected,
	408: telephony.CauseTimerExpiry,
	410: 22, // number changed
	415: telephony.CauseIncompatible,
	480: telephony.CauseNoResponse,
	481: telephony.CauseTemporary,
	482: 25, // exchange routing error
	483: 25,
	484: telephony.CauseBadNumber,
	485: telephony.CauseUnallocated,
	486: telephony.CauseBusy,
	487: telephony.CauseNormal,
	488: telephony.CauseIncompatible,
	500: telephony.CauseTemporary,
	501: 79,
	502: telephony.CauseNetworkFault,
	503: telephony.CauseCongestion,
	504: telephony.CauseTimerExpiry,
	580: 47, // resource unavailable
	600: telephony.CauseBusy,
	603: telephony.CauseRejected,
	604: telephony.CauseUnallocated,
	606: telephony.CauseIncompatible,
}

// statusFor gives the status of a cause.
func statusFor(c telephony.Cause) int {
	if status, ok := statusOf[c]; ok {
		return status
	}
	return statusOfKind[c.Kind()]
}

// causeFor reads why a message ends a call: its Reason header, else its status.
func causeFor(m sipgo.Message) telephony.Cause {
	if c, ok := reasonOf(m); ok {
		return c
	}
	res, ok := m.(*sipgo.Response)
	if !ok {
		return telephony.CauseNormal // BYE or CANCEL without a reason
	}
	if c, ok := causeOf[res.StatusCode]; ok {
		return c
	}
	if res.StatusCode < 400 {
		return telephony.CauseRejected
	}
	return telephony.CauseInterworking
}

// reasonOf reads a Reason (RFC 3326 2): that of Q.850, or else a SIP status in a request, where 200 says that the call was
// answered elsewhere.
func reasonOf(m sipgo.Message) (c telephony.Cause, ok bool) {
	_, request := m.(*sipgo.Request)
	for _, h := range m.GetHeaders("reason") {
		for value := range strings.SplitSeq(h.Value(), ",") {
			protocol, params, _ := strings.Cut(value, ";")
			n := causeIn(params)
			switch protocol = strings.TrimSpace(protocol); {
			case strings.EqualFold(protocol, "Q.850") && n > 0 && n < 128:
				return telephony.Cause(n), true
			case !strings.EqualFold(protocol, "SIP") || !request || ok:
			case n == sipgo.StatusOK:
				c, ok = telephony.CauseElsewhere, true
			default:
				c, ok = causeOf[n]
			}
		}
	}
	return c, ok
}

// causeIn is the cause among the parameters of a Reason, or 0.
func causeIn(params string) int {
	for p := range strings.SplitSeq(params, ";") {
		if name, number, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(name), "cause") {
			n, _ := strconv.ParseUint(strings.TrimSpace(number), 10, 10)
			return int(n)
		}
	}
	return 0
}

// reason writes a Reason header. A call that somebody else took says so in the form that keeps it out of the phone's
// list of missed calls (RFC 3326 2, examples).
func reason(c telephony.Cause) sipgo.Header {
	if c == telephony.CauseElsewhere {
		return sipgo.NewHeader("Reason", `SIP;cause=200;text="Call completed elsewhere"`)
	}
	return sipgo.NewHeader("Reason", fmt.Sprintf("Q.850;cause=%d;text=%q", c, c.Text().EN))
}
