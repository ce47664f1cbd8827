package sip

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strconv"

	sipgo "github.com/emiago/sipgo/sip"
)

// stamp notes in the top Via where a request came from (RFC 3261 18.2.1, RFC 3581 4).
func stamp(req *sipgo.Request, from hop) {
	via := req.Via()
	if via.Host != from.addr.Addr().String() || via.Params.Has("rport") {
		via.Params.Add("received", from.addr.Addr().String())
	}
	if via.Params.Has("rport") {
		via.Params.Add("rport", strconv.Itoa(int(from.addr.Port())))
	}
}

// answerHop is where the answers of a request go (RFC 3261 18.2.2, RFC 3581 4). A sender who does not know RFC 3581 but
// sits behind a NAT is answered where it came from.
func answerHop(req *sipgo.Request, from hop) hop {
	via := req.Via()
	if from.reliable() || via.Params.Has("rport") || via.Host != from.addr.Addr().String() {
		return from
	}
	port := uint16(via.Port)
	if port == 0 {
		port = 5060
	}
	return hop{network: from.network, addr: netip.AddrPortFrom(from.addr.Addr(), port)}
}

var phrases = map[int]string{
	100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 408: "Request Timeout", 410: "Gone",
	422: "Session Interval Too Small", 423: "Interval Too Brief", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
	482: "Loop Detected", 484: "Address Incomplete", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
	491: "Request Pending", 500: "Server Internal Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Server Time-out",
}

// answer makes a response to a request with our tag. The caller adds headers and body.
func (s *Stack) answer(req *sipgo.Request, status int, tag string) *sipgo.Response {
	res := sipgo.NewResponseFromRequest(req, status, phrases[status], nil)
	res.SipVersion = "SIP/2.0" // sipgo repeats the request's
	if h := res.To(); h != nil && status > 100 && tag != "" && !req.To().Params.Has("tag") {
		h.Params.Add("tag", tag)
	}
	if s.opt.UserAgent != "" && status != 100 {
		res.AppendHeader(sipgo.NewHeader("Server", s.opt.UserAgent))
	}
	return res
}

// refuse answers a request and remembers nothing: an echo of the request gets the same answer, tag included
// (RFC 3261 8.2.7).
func (s *Stack) refuse(req *sipgo.Request, from hop, f *fault) {
	if req.Method == sipgo.ACK {
		return // never answered
	}
	res := s.answer(req, f.status, s.tagOf(req))
	if f.reason != "" {
		res.Reason = f.reason
	}
	for _, h := range f.headers {
		res.AppendHeader(h)
	}
	s.transport.write(answerHop(req, from), octets(res))
}

// tagOf is the tag of stateless answers: the same for each echo of a request.
func (s *Stack) tagOf(req *sipgo.Request) string {
	mac := hmac.New(sha256.New, s.secret)
	branch, _ := req.Via().Params.Get("branch")
	mac.Write([]byte(branch))
	if id := req.CallID(); id != nil {
		mac.Write([]byte(id.Value()))
	}
	return hex.EncodeToString(mac.Sum(nil)[:8])
}
