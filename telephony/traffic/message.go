package traffic

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// A message is one of SIP. The box writes each header on a line of its own and by its long name, so no more is read here.
type message struct {
	first   string // line
	headers string
	body    string
}

func parse(text string) message {
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	first, headers, _ := strings.Cut(head, "\r\n")
	return message{first: first, headers: "\r\n" + headers + "\r\n", body: body}
}

// status is that of an answer; 0: it is a request.
func (m message) status() int {
	rest, answer := strings.CutPrefix(m.first, "SIP/2.0 ")
	if !answer {
		return 0
	}
	code, _, _ := strings.Cut(rest, " ")
	n, _ := strconv.Atoi(code)
	return n
}

// header is the value of the first of a name.
func (m message) header(name string) string {
	_, after, _ := strings.Cut(m.headers, "\r\n"+name+": ")
	value, _, _ := strings.Cut(after, "\r\n")
	return value
}

// method is what is asked for, or answered.
func (m message) method() string {
	_, method, _ := strings.Cut(m.header("CSeq"), " ")
	return method
}

// speechAt is where a session description wants to hear (RFC 8866 5.7, 5.14).
func (m message) speechAt() (at netip.AddrPort, ok bool) {
	host := between(m.body, "c=IN IP4 ", "\r\n")
	port, _ := strconv.ParseUint(between(m.body, "m=audio ", " "), 10, 16)
	a, err := netip.ParseAddr(host)
	return netip.AddrPortFrom(a, uint16(port)), err == nil && port != 0
}

func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}

// reply answers a request of the box.
func (m message) reply(status, tag, contact, body string) string {
	var b strings.Builder
	b.WriteString("SIP/2.0 " + status + "\r\n")
	for line := range strings.SplitSeq(m.headers, "\r\n") {
		if strings.HasPrefix(line, "Via: ") || strings.HasPrefix(line, "Record-Route: ") {
			b.WriteString(line + "\r\n")
		}
	}
	to := m.header("To")
	if tag != "" && !strings.Contains(to, ";tag=") {
		to += ";tag=" + tag
	}
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %s\r\nContact: <sip:far@%s>\r\n%s",
		m.header("From"), to, m.header("Call-ID"), m.header("CSeq"), contact, bodyOf(body))
	return b.String()
}

// bodyOf is the end of a message: a session description, or nothing.
func bodyOf(sdp string) string {
	if sdp == "" {
		return "Content-Length: 0\r\n\r\n"
	}
	return fmt.Sprintf("Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", len(sdp), sdp)
}

// sdp offers, or takes, A-law and keys by RFC 4733.
func (s *speech) sdp() string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %[1]s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\nm=audio %[2]d RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"+
		"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n", s.at.Addr(), s.at.Port())
}
