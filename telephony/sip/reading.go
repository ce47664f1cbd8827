package sip

import (
	"fmt"
	"strings"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// Read puts a message into words for people: its name, what matters of it in a line, and the message itself.
func Read(octets []byte) telephony.Reading {
	text := strings.ToValidUTF8(strings.ReplaceAll(string(octets), "\r\n", "\n"), "�")
	r := telephony.Reading{Name: "SIP", Text: telephony.Text{ZH: text, EN: text}}
	m, err := parse(octets)
	if err != nil {
		return r
	}
	switch m := m.(type) {
	case *sipgo.Request:
		r.Name = oneLine(string(m.Method))
		r.Summary = whoCallsWhom(m)
	case *sipgo.Response:
		r.Name = oneLine(fmt.Sprint(m.StatusCode, " ", m.Reason))
		if seq := m.CSeq(); seq != nil {
			method := oneLine(string(seq.MethodName))
			r.Summary = telephony.Text{ZH: "应答 " + method, EN: "for " + method}
		}
	}
	if c, ok := reasonOf(m); ok {
		text := c.Text()
		r.Summary = r.Summary.And(telephony.Text{ZH: fmt.Sprintf("原因 %d %s", c, text.ZH), EN: fmt.Sprintf("cause %d %s", c, text.EN)})
	}
	if isSDP(m) {
		if d, err := readSDP(m.Body(), coverEither); err == nil && d.held() {
			r.Summary = r.Summary.And(telephony.Text{ZH: "保持", EN: "on hold"})
		}
	}
	return r
}

// whoCallsWhom tells the parties of the INVITE that begins a call.
func whoCallsWhom(req *sipgo.Request) telephony.Text {
	if req.Method != sipgo.INVITE || req.From() == nil || req.To() == nil || req.To().Params.Has("tag") {
		return telephony.Text{}
	}
	s := oneLine(userOf(&req.From().Address)) + " → " + oneLine(userOf(&req.Recipient))
	return telephony.Text{ZH: s, EN: s}
}
