package sip

import (
	"strconv"
	"time"

	sipgo "github.com/emiago/sipgo/sip"
)

// outbound is the option tag of phones that see to it themselves that the way between them and the box stays open (RFC 5626).
const outbound = "outbound"

// flowTime is how often such a phone asks whether the box is still there. It learns within that time that the box was started
// anew, or that something in between forgot it, and comes again.
const flowTime = 30 * time.Second

// A way is how a phone names itself and one of its ways to the box: what it registers by it takes the place of what it
// registered by it before, from whatever address (RFC 5626 6). Empty: the phone does not keep a way open.
type way struct{ instance, id string }

// wayOf reads a contact's way. One through a proxy is none: who is in between would have to say that it keeps it open too.
func wayOf(req *sipgo.Request, c *sipgo.ContactHeader, from hop) way {
	w := way{c.Params.GetOr("+sip.instance", ""), c.Params.GetOr("reg-id", "")}
	n, err := strconv.ParseUint(w.id, 10, 31)
	if err != nil || n == 0 || w.instance == "" || !from.reliable() || len(req.GetHeaders("via")) > 1 || !has(req, outbound, "supported", "k") {
		return way{}
	}
	return w
}

// grantOutbound tells a phone that keeps its way open that it may, and how often to ask (RFC 5626 6, 10).
func grantOutbound(res *sipgo.Response, list []binding, from hop) {
	for _, b := range list {
		if b.way != (way{}) && b.flow == from {
			res.AppendHeader(sipgo.NewHeader("Require", outbound))
			res.AppendHeader(sipgo.NewHeader("Flow-Timer", strconv.Itoa(int(flowTime/time.Second))))
			return
		}
	}
}
