package sip

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
	"callbox/telephony/sip/siptest"
)

// A ua is a far end of the tests: it writes messages as text, and reads with sipgo's parser.
type ua struct {
	w    *world
	conn *siptest.PacketConn
	at   string
	mute bool // does not answer OPTIONS by itself
}

// ua opens a far end.
func (w *world) ua(at string) *ua {
	c := w.net.Listen(at)
	w.t.Cleanup(func() { c.Close() })
	return &ua{w: w, conn: c, at: c.AddrPort().String()}
}

// send writes a message: lines without a body, or with one behind an empty line. "\n" stands for CRLF and
// Content-Length is added.
func (u *ua) send(text string) {
	u.conn.WriteTo(wire(text), u.w.stack.transport.udp.LocalAddr())
}

func wire(text string) []byte {
	head, body, _ := strings.Cut(strings.TrimSpace(text), "\n\n")
	if body != "" {
		body = strings.ReplaceAll(strings.TrimSpace(body), "\n", "\r\n") + "\r\n"
		head += "\nContent-Type: application/sdp"
	}
	head += "\nContent-Length: " + strconv.Itoa(len(body))
	return []byte(strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body)
}

// read waits for a message up to a limit.
func (u *ua) read(limit time.Duration) sipgo.Message {
	u.w.t.Helper()
	u.conn.SetReadDeadline(time.Now().Add(limit))
	buf := make([]byte, 1<<16)
	for {
		n, _, err := u.conn.ReadFrom(buf)
		if err != nil {
			return nil
		}
		m, err := sipgo.ParseMessage(buf[:n])
		if err != nil {
			u.w.t.Fatalf("%s: the box sent what cannot be read (%v):\n%s", u.at, err, buf[:n])
		}
		if title(m) != "OPTIONS" || u.mute {
			return m
		}
		u.reply(m, 200, "o", "") // the box asks for a sign of life
	}
}

// expect waits for a response or a request, "200 INVITE" or "BYE"; echoes of what it read before pass unseen.
func (u *ua) expect(want string) sipgo.Message {
	u.w.t.Helper()
	limit := time.Now().Add(10 * time.Minute)
	var seen []string
	for {
		m := u.read(time.Until(limit))
		if m == nil {
			u.w.t.Fatalf("%s: waited for %s, saw %v", u.at, want, seen)
		}
		if title(m) == want {
			return m
		}
		seen = append(seen, title(m))
	}
}

// expectNext waits for the next message whatever it is.
func (u *ua) expectNext(want string) sipgo.Message {
	u.w.t.Helper()
	m := u.read(10 * time.Minute)
	if m == nil || title(m) != want {
		u.w.t.Fatalf("%s: got %s, want %s", u.at, title(m), want)
	}
	return m
}

// silent says that nothing comes for a time.
func (u *ua) silent(d time.Duration) {
	u.w.t.Helper()
	if m := u.read(d); m != nil {
		u.w.t.Fatalf("%s: %s came", u.at, title(m))
	}
}

func title(m sipgo.Message) string {
	switch m := m.(type) {
	case *sipgo.Request:
		return string(m.Method)
	case *sipgo.Response:
		return fmt.Sprint(m.StatusCode, " ", m.CSeq().MethodName)
	}
	return "nothing"
}

// reply answers a request of the box with a Contact of its own. Extra lines go between the headers and an optional body.
func (u *ua) reply(m sipgo.Message, status int, tag, extra string) {
	u.send(answerTo(m.(*sipgo.Request), status, tag, "Contact: <sip:far@"+u.at+">", extra))
}

// answerTo writes an answer to a request of the box.
func answerTo(req *sipgo.Request, status int, tag, contact, extra string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %d Whatever\n", status)
	for _, h := range req.GetHeaders("via") {
		fmt.Fprintf(&b, "Via: %s\n", h.Value())
	}
	to := req.To().Value()
	if tag != "" && !req.To().Params.Has("tag") {
		to += ";tag=" + tag
	}
	fmt.Fprintf(&b, "From: %s\nTo: %s\nCall-ID: %s\nCSeq: %s\n%s\n",
		req.From().Value(), to, req.CallID().Value(), req.CSeq().Value(), contact)
	return b.String() + extra
}

// sdp is a session description of a far end.
func (u *ua) sdp(lines ...string) string {
	host, _, _ := strings.Cut(u.at, ":")
	s := fmt.Sprintf("\n\nv=0\no=- 1 1 IN IP4 %s\ns=-\nc=IN IP4 %s\nt=0 0\nm=audio 30000 RTP/AVP 8 0 101\na=rtpmap:101 telephone-event/8000\n", host, host)
	return s + strings.Join(lines, "\n")
}

// A line of the script that a far end's calls follow.
type script struct {
	u                    *ua
	id, fromTag, toTag   string
	user, called, branch string
	seq, invite          int
}

// call prepares a call to the box.
func (u *ua) call(id, user, called string) *script {
	return &script{u: u, id: id, fromTag: "f" + id, user: user, called: called, branch: id}
}

// request writes a request of the call.
func (c *script) request(method string, seq int, branch, extra string) {
	to := fmt.Sprintf("<sip:%s@10.0.0.1>", c.called)
	if c.toTag != "" {
		to += ";tag=" + c.toTag
	}
	c.u.send(fmt.Sprintf(`%s sip:%s@10.0.0.1 SIP/2.0
Via: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport
Max-Forwards: 70
From: <sip:%s@10.0.0.2>;tag=%s
To: %s
Call-ID: %s
CSeq: %d %s
Contact: <sip:%s@%s>
%s`, method, c.called, c.u.at, branch, c.user, c.fromTag, to, c.id, seq, method, c.user, c.u.at, extra))
}

// inviteWith sends an INVITE.
func (c *script) inviteWith(extra string) {
	c.seq++
	c.invite = c.seq
	c.request("INVITE", c.seq, fmt.Sprint(c.branch, c.seq), extra)
}

// ack confirms the last INVITE's 2xx.
func (c *script) ack(extra string) {
	c.request("ACK", c.invite, fmt.Sprint(c.branch, "ack", c.invite), extra)
}

// ackRefusal confirms the last INVITE's final answer from 300 up: it is part of the INVITE's transaction.
func (c *script) ackRefusal() { c.request("ACK", c.invite, fmt.Sprint(c.branch, c.invite), "") }

// within sends another request of the dialog.
func (c *script) within(method, extra string) {
	c.seq++
	c.request(method, c.seq, fmt.Sprint(c.branch, c.seq), extra)
}

// cancel takes the INVITE back.
func (c *script) cancel() { c.request("CANCEL", c.invite, fmt.Sprint(c.branch, c.invite), "") }

// learn takes the box's tag out of an answer.
func (c *script) learn(m sipgo.Message) *sipgo.Response {
	res := m.(*sipgo.Response)
	c.toTag, _ = res.To().Params.Get("tag")
	return res
}

// answered sends an INVITE, has the office answer and confirms: the call is up.
func (c *script) answered() telephony.Leg {
	c.u.w.t.Helper()
	c.inviteWith(c.u.sdp())
	a := c.u.w.arrival()
	a.Leg.Answer()
	c.learn(c.u.expect("200 INVITE"))
	c.ack("")
	return a.Leg
}

// register registers a phone with digest and gives the answer.
func (u *ua) register(user, password, contact string, expires int) *sipgo.Response {
	u.w.t.Helper()
	id := token(4)
	u.sendRegister(user, id, 1, contact, expires, "")
	res := u.expect("401 REGISTER").(*sipgo.Response)
	u.sendRegister(user, id, 2, contact, expires, u.credentials(res, "REGISTER", user, password))
	for {
		m := u.read(time.Minute)
		if m == nil {
			u.w.t.Fatal("REGISTER is not answered")
		}
		if res, ok := m.(*sipgo.Response); ok && res.CSeq().SeqNo == 2 && res.CallID().Value() == id {
			return res
		}
	}
}

func (u *ua) sendRegister(user, id string, seq int, contact string, expires int, extra string) {
	u.send(fmt.Sprintf(`REGISTER sip:10.0.0.1 SIP/2.0
Via: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport
Max-Forwards: 70
From: <sip:%s@10.0.0.1>;tag=%s
To: <sip:%s@10.0.0.1>
Call-ID: %s
CSeq: %d REGISTER
Contact: %s
Expires: %d
%s`, u.at, token(6), user, id, user, id, seq, contact, expires, extra))
}

// credentials answers a challenge of the box by the book, not by the box's own code for it.
func (u *ua) credentials(res *sipgo.Response, method, user, password string) string {
	for _, h := range res.GetHeaders("www-authenticate") {
		p, _ := parseDigest(h.Value())
		if p["algorithm"] != "MD5" {
			continue
		}
		md5 := func(s string) string { return hashHex("MD5", s) }
		response := md5(md5(user+":"+p["realm"]+":"+password) + ":" + p["nonce"] + ":00000001:abc:auth:" + md5(method+":sip:10.0.0.1"))
		return fmt.Sprintf(`Authorization: Digest username="%s", realm="%s", nonce="%s", uri="sip:10.0.0.1", response="%s", algorithm=MD5, qop=auth, nc=00000001, cnonce="abc"`,
			user, p["realm"], p["nonce"], response)
	}
	u.w.t.Fatal("no MD5 challenge")
	return ""
}
