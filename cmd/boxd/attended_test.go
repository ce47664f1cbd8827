package main

import (
	"context"
	"crypto/md5"
	"fmt"
	"math"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/sip/siptest"
)

// A deskPhone is a telephone with several lines, which writes its messages itself.
type deskPhone struct {
	w    *world
	conn *siptest.PacketConn
	at   string
	told []string // how a transfer stood, one NOTIFY after the other
	over []string // Call-IDs of the calls that the box ended
}

// A deskCall is one of its calls.
type deskCall struct{ id, number, toTag, contact string }

func (p *deskPhone) write(format string, a ...any) {
	box, err := net.ResolveUDPAddr("udp", boxAddr+":5060")
	p.w.must(err)
	_, err = p.conn.WriteTo([]byte(fmt.Sprintf(format, a...)), box)
	p.w.must(err)
}

// request writes one of a call. Each has a branch of its own but an ACK to a refusal, which has its INVITE's.
func (p *deskPhone) request(c *deskCall, method string, seq int, branch, more string) {
	uri, to := "sip:"+c.number+"@"+boxAddr, c.toTag
	if c.contact != "" {
		uri = c.contact
	}
	p.write("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s%s;rport\r\nMax-Forwards: 70\r\nFrom: <sip:803@%s>;tag=f%s\r\nTo: <sip:%s@%s>%s\r\n"+
		"Call-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:803@%s>\r\n%s", method, uri, p.at, c.id, branch, boxAddr, c.id, c.number, boxAddr, to, c.id, seq, method, p.at, more)
}

// hears reads what comes up to an answer of a call, and does what the box asks meanwhile.
func (p *deskPhone) hears(c *deskCall, status string) (text string) {
	p.w.t.Helper()
	p.listen(time.Minute, func(m string) bool {
		text = m
		return strings.HasPrefix(m, "SIP/2.0 "+status) && strings.Contains(m, "\r\nCall-ID: "+c.id+"\r\n")
	})
	return text
}

// listen answers requests until a message is the last or nothing came for so long.
func (p *deskPhone) listen(patience time.Duration, last func(string) bool) {
	p.w.t.Helper()
	for b := make([]byte, 4096); ; {
		p.w.must(p.conn.SetReadDeadline(time.Now().Add(patience)))
		n, _, err := p.conn.ReadFrom(b)
		if err != nil {
			return
		}
		m := string(b[:n])
		first, headers, _ := strings.Cut(m, "\r\n")
		if method, _, _ := strings.Cut(first, " "); method != "SIP/2.0" {
			headers, body, _ := strings.Cut(headers, "\r\n\r\n")
			p.write("SIP/2.0 200 OK\r\n%s\r\n\r\n", regexp.MustCompile(`(?m)^Content-(Length: \d+|Type: .*?)\r$`).ReplaceAllString(headers, "X: y\r"))
			switch method {
			case "NOTIFY":
				p.told = append(p.told, strings.TrimSpace(body))
			case "BYE":
				p.over = append(p.over, callIDOf.FindStringSubmatch(m)[1])
			}
		}
		if last(m) {
			return
		}
	}
}

// calls has 803 call a number, as its password allows.
func (p *deskPhone) calls(id, number string) *deskCall {
	p.w.t.Helper()
	c := &deskCall{id: id, number: number}
	host, _, _ := strings.Cut(p.at, ":")
	sdp := fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %[1]s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n", host)
	body := fmt.Sprintf("Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", len(sdp), sdp)
	p.request(c, "INVITE", 1, "1", body)
	challenge := p.hears(c, "401")
	tag := toTagOf.FindStringSubmatch(challenge)
	if tag == nil {
		p.w.t.Fatalf("call %s is not challenged: %q", id, challenge)
	}
	c.toTag = tag[1]
	p.request(c, "ACK", 1, "1", noBody)
	c.toTag = ""
	nonce := regexp.MustCompile(`nonce="([^"]+)"`).FindStringSubmatch(challenge)[1]
	hash := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	uri := "sip:" + number + "@" + boxAddr
	response := hash(hash("803:callbox:"+phonePassword("803")) + ":" + nonce + ":00000001:c:auth:" + hash("INVITE:"+uri)) // RFC 7616 3.4.1
	p.request(c, "INVITE", 2, "2", fmt.Sprintf("Authorization: Digest username=\"803\", realm=\"callbox\", nonce=\"%s\", uri=\"%s\", response=\"%s\", "+
		"algorithm=MD5, qop=auth, nc=00000001, cnonce=\"c\"\r\n%s", nonce, uri, response, body))
	answer := p.hears(c, "200")
	c.toTag = toTagOf.FindStringSubmatch(answer)[1]
	c.contact = regexp.MustCompile(`Contact: <([^>]+)>`).FindStringSubmatch(answer)[1]
	p.request(c, "ACK", 2, "3", noBody)
	return c
}

// TestAttendedTransferAtAPhone (A2.10, RFC 3891, RFC 5589 7): a telephone calls one colleague and another, and puts the first
// through to the second by REFER with Replaces, whatever order the network brings its messages in. It is told that it is done
// and is free of both calls; the two hear each other.
func TestAttendedTransferAtAPhone(t *testing.T) {
	for seed := range uint64(12) {
		synctest.Test(t, func(t *testing.T) {
			network := siptest.NewNetwork(seed)
			network.SetFaults(siptest.Faults{Latency: 5 * time.Millisecond, Jitter: time.Duration(seed) * 2 * time.Millisecond})
			w := newWorldOn(t, network, testConfig())
			defer w.close()
			low, high := tone(440), tone(880)
			one := w.phone("805", func(o *sim.PhoneOptions) { o.Play = low })
			other := w.phone("806", func(o *sim.PhoneOptions) { o.Play = high })
			p := &deskPhone{w: w, conn: network.Listen("10.0.3.3:5060"), at: "10.0.3.3:5060"}
			defer p.conn.Close()
			a := p.calls("a", "805")
			b := p.calls("b", "806")
			p.request(a, "REFER", 3, "4", fmt.Sprintf("Refer-To: <sip:806@%s?Replaces=b%%3Bto-tag%%3D%s%%3Bfrom-tag%%3Dfb>\r\n%s",
				boxAddr, strings.TrimPrefix(b.toTag, ";tag="), noBody))
			p.hears(a, "202")
			p.listen(5*time.Second, func(string) bool { return false })
			if want := []string{"SIP/2.0 100 Trying", "SIP/2.0 200 OK"}; !slices.Equal(p.told, want) {
				t.Errorf("seed %d: the telephone is told %q", seed, p.told)
			}
			if slices.Sort(p.over); !slices.Equal(p.over, []string{"a", "b"}) {
				t.Errorf("seed %d: the calls %q are over", seed, p.over)
			}
			time.Sleep(5 * time.Second)
			for _, end := range []struct {
				phone *sim.Phone
				hz    float64
			}{{one, 880}, {other, 440}} {
				if heard := end.phone.Heard(); len(heard) < second || shareOf(heard[len(heard)-second:], end.hz) < 0.5 {
					t.Errorf("seed %d: phone %s does not hear the other", seed, end.phone.State().Extension)
				}
			}
			w.must(other.Hangup())
			time.Sleep(5 * time.Second)
			if s := one.State(); s.Stage != sim.Idle {
				t.Errorf("seed %d: phone 805 is %s", seed, s.Stage)
			}
			if live := w.box.Exchange.Live(); len(live.Calls) != 0 {
				t.Errorf("seed %d: calls are left: %+v", seed, live.Calls)
			}
			if n := len(attended(w)); n != 1 {
				t.Errorf("seed %d: %d attended transfers in the journal", seed, n)
			}
		})
	}
}

// attended are the transfers of two calls into one.
func attended(w *world) (all []telephony.Transferred) {
	w.t.Helper()
	w.must(w.box.Store.Sync(context.Background()))
	for _, id := range []telephony.CallID{"1-1", "1-2"} {
		entries, err := w.box.Store.Story(context.Background(), id)
		w.must(err)
		for _, e := range entries {
			if f, ok := e.Fact.(telephony.Transferred); ok && f.How == "attended" {
				all = append(all, f)
			}
		}
	}
	return all
}

// tone is half a minute of a sine wave.
func tone(hz float64) (samples []int16) {
	for i := range 30 * second {
		samples = append(samples, int16(8000*math.Sin(2*math.Pi*hz*float64(i)/telephony.SampleRate)))
	}
	return samples
}

// shareOf is the share of the energy of what was heard that a frequency has.
func shareOf(heard []int16, hz float64) float64 {
	var re, im, all float64
	for i, s := range heard {
		phase := 2 * math.Pi * hz * float64(i) / telephony.SampleRate
		re += float64(s) * math.Cos(phase)
		im += float64(s) * math.Sin(phase)
		all += float64(s) * float64(s)
	}
	if all == 0 {
		return 0
	}
	return 2 * (re*re + im*im) / float64(len(heard)) / all
}
