package traffic

import (
	"crypto/md5"
	"fmt"
	"time"
)

// A Phone is an account that registers.
type Phone struct{ Extension, Password string }

// A roll is phones that register one after the other, again and again.
type roll struct {
	phones  []Phone
	every   time.Duration
	left    int
	next    time.Time
	at      int
	pending map[string]*registering // by Call-ID
}

// A registering is one registration under way: asked for, challenged, asked for with the password.
type registering struct {
	phone  Phone
	id     string
	seq    int
	text   string
	began  time.Time
	again  time.Time
	proved bool
}

// Register has phones register, in turn, so many times in all and so many a second.
func (f *Far) Register(phones []Phone, times int, perSecond float64) {
	f.ask(func() {
		f.roll = &roll{
			phones: phones, every: time.Duration(float64(time.Second) / perSecond), left: times, next: time.Now(),
			pending: map[string]*registering{},
		}
	})
}

// register does what is due.
func (f *Far) register(now time.Time) {
	for r := f.roll; r != nil && r.left > 0 && !now.Before(r.next); r.left-- {
		f.count++
		p := &registering{phone: r.phones[r.at%len(r.phones)], id: fmt.Sprintf("roll-%d@%s", f.count, f.at), began: now}
		r.at++
		r.next = r.next.Add(r.every)
		r.pending[p.id] = p
		f.sendRegister(p, "", now)
	}
}

func (f *Far) sendRegister(p *registering, credentials string, now time.Time) {
	f.count++
	p.seq++
	p.again = now.Add(timerT1)
	p.text = fmt.Sprintf("REGISTER sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKroll%d;rport\r\nMax-Forwards: 70\r\nFrom: %s;tag=%d\r\nTo: %s\r\n"+
		"Call-ID: %s\r\nCSeq: %d REGISTER\r\nContact: <sip:%s@%s>\r\nExpires: 300\r\n%sContent-Length: 0\r\n\r\n",
		f.box.Addr(), f.at, f.count, aor(p.phone.Extension, f.box), f.count, aor(p.phone.Extension, f.box), p.id, p.seq, p.phone.Extension, f.at, credentials)
	f.send(p.text)
}

// registered takes an answer to a REGISTER.
func (f *Far) registered(m message, status int) {
	if f.roll == nil {
		return
	}
	p := f.roll.pending[m.header("Call-ID")]
	if p == nil || status < 200 || m.header("CSeq") != fmt.Sprintf("%d REGISTER", p.seq) {
		return
	}
	if status == 401 && !p.proved {
		p.proved = true
		f.sendRegister(p, p.credentials(m.header("WWW-Authenticate"), f.box.Addr().String()), time.Now())
		return
	}
	delete(f.roll.pending, p.id)
	f.tally.Slowest = max(f.tally.Slowest, time.Since(p.began))
	if status == 200 {
		f.tally.Registered++
	} else {
		f.tally.NotRegistered++
	}
}

// credentials answer a challenge of the box (RFC 7616 3.4.1 with MD5 and qop auth).
func (p *registering) credentials(challenge, host string) string {
	realm, nonce, uri := between(challenge, `realm="`, `"`), between(challenge, `nonce="`, `"`), "sip:"+host
	hash := func(s string) string { return fmt.Sprintf("%x", md5.Sum([]byte(s))) }
	response := hash(hash(p.phone.Extension+":"+realm+":"+p.phone.Password) + ":" + nonce + ":00000001:far:auth:" + hash("REGISTER:"+uri))
	return fmt.Sprintf("Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"far\"\r\n",
		p.phone.Extension, realm, nonce, uri, response)
}

// repeat sends again what was not answered, and gives up what never was.
func (r *roll) repeat(f *Far, now time.Time) {
	if r == nil {
		return
	}
	for id, p := range r.pending {
		switch {
		case now.Sub(p.began) >= giveUp:
			delete(r.pending, id)
			f.tally.NotRegistered++
		case now.After(p.again):
			p.again = now.Add(timerT1)
			f.send(p.text)
		}
	}
}
