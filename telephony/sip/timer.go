package sip

import (
	"strconv"
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

// minSession is the shortest session interval that the box takes (RFC 4028 5).
const minSession = 90 * time.Second

// A sessionTimer is what the two ends agreed on about refreshing the session (RFC 4028). The box never asks for it, and
// does what it is asked.
type sessionTimer struct {
	interval time.Duration // 0: none
	ours     bool          // we refresh
}

// askedTimer reads what an INVITE or UPDATE of the far end asks for.
func askedTimer(req *sipgo.Request) (sessionTimer, *fault) {
	interval, refresher, ok := sessionExpires(req)
	if !ok {
		return sessionTimer{}, nil
	}
	if interval < minSession {
		return sessionTimer{}, &fault{status: 422, headers: []sipgo.Header{
			sipgo.NewHeader("Min-SE", strconv.Itoa(int(minSession/time.Second))),
		}}
	}
	return sessionTimer{interval: interval, ours: refresher == "uas"}, nil
}

// sessionExpires reads the header, under its long and compact names.
func sessionExpires(m sipgo.Message) (interval time.Duration, refresher string, ok bool) {
	for value := range list(m, "session-expires", "x") {
		seconds, params, _ := strings.Cut(value, ";")
		n, err := strconv.ParseUint(strings.TrimSpace(seconds), 10, 31)
		if err != nil {
			return 0, "", false
		}
		for p := range strings.SplitSeq(params, ";") {
			if name, who, _ := strings.Cut(p, "="); strings.TrimSpace(name) == "refresher" {
				refresher = strings.TrimSpace(who)
			}
		}
		return time.Duration(n) * time.Second, refresher, true
	}
	return 0, "", false
}

// announce puts what was agreed into our 2xx (RFC 4028 9).
func (t *sessionTimer) announce(res *sipgo.Response) {
	if t.interval == 0 {
		return
	}
	who := "uac"
	if t.ours {
		who = "uas"
	} else {
		res.AppendHeader(sipgo.NewHeader("Require", "timer"))
	}
	res.AppendHeader(sipgo.NewHeader("Session-Expires", t.seconds()+";refresher="+who))
}

// ask repeats in a refresh of ours what holds (RFC 4028 7.4).
func (t *sessionTimer) ask(req *sipgo.Request) {
	if t.interval > 0 {
		req.AppendHeader(sipgo.NewHeader("Session-Expires", t.seconds()+";refresher=uac"))
	}
}

// granted reads the 2xx to an INVITE of ours (RFC 4028 7.2).
func (t *sessionTimer) granted(res *sipgo.Response) {
	interval, refresher, ok := sessionExpires(res)
	if !ok || interval < minSession {
		*t = sessionTimer{}
		return
	}
	*t = sessionTimer{interval: interval, ours: refresher != "uas"}
}

func (t *sessionTimer) seconds() string { return strconv.Itoa(int(t.interval / time.Second)) }

// arm starts the wait for the next refresh: ours at half time, or the far end's, with the margin of RFC 4028 10.
func (t *sessionTimer) arm(c *clock) {
	c.stop(alarmRefresh, alarmExpired)
	switch {
	case t.interval == 0:
	case t.ours:
		c.set(alarmRefresh, t.interval/2)
	default:
		c.set(alarmExpired, t.interval-min(32*time.Second, t.interval/3))
	}
}

// lapse lets a session whose refresh was refused run out.
func (t *sessionTimer) lapse(c *clock) {
	if t.interval > 0 {
		c.set(alarmExpired, t.interval/2)
	}
}
