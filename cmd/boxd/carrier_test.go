package main

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"callbox/telephony/sip/siptest"
)

// A carrier sends calls over a trunk as fast as it is told, each on its own.
type carrier struct {
	w     *world
	conn  *siptest.PacketConn
	mu    sync.Mutex
	calls map[string]*carried // by Call-ID
	ears  []*siptest.PacketConn
}

// A carried is one of its calls.
type carried struct {
	invite, branch, tag string
	hold                time.Duration
	heard               atomic.Int64 // packets of speech
	answered, over      atomic.Bool
	refused             atomic.Bool
	status, retry       string // of the refusal
}

// call sends an INVITE. The caller hangs up so long after the answer; speech, if not nil, counts what he hears.
func (c *carrier) call(hold time.Duration, speech *siptest.PacketConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	call, port := &carried{hold: hold, branch: fmt.Sprintf("z9hG4bK%d", len(c.calls))}, uint16(40000)
	if speech != nil {
		port = speech.LocalAddr().(*net.UDPAddr).AddrPort().Port()
		c.ears = append(c.ears, speech)
		go call.listen(speech)
	}
	id := fmt.Sprintf("carried-%d", len(c.calls))
	body := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 10.0.5.1\r\ns=-\r\nc=IN IP4 10.0.5.1\r\nt=0 0\r\nm=audio %d RTP/AVP 8\r\n", port)
	call.invite = c.request("INVITE", id, call) + "Contact: <sip:" + carrierAt + ">\r\nContent-Type: application/sdp\r\n" +
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	c.calls[id] = call
	c.send(call.invite)
}

func (c *carried) listen(speech *siptest.PacketConn) {
	for b := make([]byte, 1500); ; {
		n, from, err := speech.ReadFrom(b)
		if err != nil {
			return
		}
		if n > 100 { // the caller says what he hears
			c.heard.Add(1)
			speech.WriteTo(b[:n], from)
		}
	}
}

// request is the head of a request of a call, up to what is its own.
func (c *carrier) request(method, id string, call *carried) string {
	seq := map[string]int{"INVITE": 1, "ACK": 1, "BYE": 2}[method]
	branch := call.branch
	if method == "BYE" || method == "ACK" && call.answered.Load() {
		branch += method
	}
	return fmt.Sprintf("%s sip:62350000@%s:5060 SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=%s\r\nMax-Forwards: 70\r\nFrom: <sip:139@10.0.5.1>;tag=%s\r\n"+
		"To: <sip:62350000@%s>%s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n", method, boxAddr, carrierAt, branch, id, boxAddr, call.tag, id, seq, method)
}

func (c *carrier) send(text string) {
	c.conn.WriteTo([]byte(text), net.UDPAddrFromAddrPort(netip.MustParseAddrPort(boxAddr+":5060")))
}

const noBody = "Content-Length: 0\r\n\r\n"

var (
	callIDOf = regexp.MustCompile(`Call-ID: (\S+)`)
	toTagOf  = regexp.MustCompile(`(?m)^To: .*(;tag=\w+)`)
	retryOf  = regexp.MustCompile(`Retry-After: (\d+)`)
)

// read answers what comes, until the socket is closed.
func (c *carrier) read() {
	for b := make([]byte, 4096); ; {
		n, _, err := c.conn.ReadFrom(b)
		if err != nil {
			return
		}
		text := string(b[:n])
		if strings.HasPrefix(text, "OPTIONS") {
			_, headers, _ := strings.Cut(text, "\r\n")
			c.send("SIP/2.0 200 OK\r\n" + headers)
		}
		c.mu.Lock()
		if id := callIDOf.FindStringSubmatch(text); id != nil && c.calls[id[1]] != nil {
			c.told(id[1], c.calls[id[1]], text)
		}
		c.mu.Unlock()
	}
}

// told takes a message of a call.
func (c *carrier) told(id string, call *carried, text string) {
	status, isAnswer := strings.CutPrefix(text, "SIP/2.0 ")
	if tag := toTagOf.FindStringSubmatch(text); isAnswer && tag != nil {
		call.tag = tag[1]
	}
	switch {
	case !isAnswer: // the box hung up
		call.over.Store(true)
		_, headers, _ := strings.Cut(text, "\r\n")
		c.send("SIP/2.0 200 OK\r\n" + headers)
	case strings.Contains(text, "BYE\r\n"):
		call.over.Store(true)
	case status[0] == '2':
		if !call.answered.Swap(true) {
			time.AfterFunc(call.hold, func() { c.hangUp(id, call) })
		}
		c.send(c.request("ACK", id, call) + noBody)
	case status[0] > '2':
		call.refused.Store(true)
		call.status = status[:3]
		if retry := retryOf.FindStringSubmatch(text); retry != nil {
			call.retry = retry[1]
		}
		c.send(c.request("ACK", id, call) + noBody)
	}
}

func (c *carrier) hangUp(id string, call *carried) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !call.over.Load() {
		c.send(c.request("BYE", id, call) + noBody)
	}
}

// unclean says what is wrong with how a call was taken: it is answered, or refused by 503 with a time to come again.
func (c *carried) unclean() string {
	switch answered, refused := c.answered.Load(), c.refused.Load(); {
	case answered == refused:
		return fmt.Sprintf("answered %t and refused %t", answered, refused)
	case refused && (c.status != "503" || c.retry == ""):
		return "refused by " + c.status + ", Retry-After " + c.retry
	}
	return ""
}

// close lets go of the carrier's sockets.
func (c *carrier) close() {
	c.conn.Close()
	for _, speech := range c.ears {
		speech.Close()
	}
}

// all are the calls so far.
func (c *carrier) all() []*carried {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.calls))
}
