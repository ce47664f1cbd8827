package sim

import (
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"
)

// A registration is the phone's place with the registrar (RFC 3261 10.2). The phone's goroutine owns it.
type registration struct {
	dialog
	again *time.Timer
}

// registerRetry is the wait after a registration that failed.
const registerRetry = 5 * time.Second

// register registers now, and again before it expires.
func (p *Phone) register() {
	p.sendRegister(p.o.Expires, func(res *sip.Response) {
		next := registerRetry
		if p.registered = res.IsSuccess(); p.registered {
			p.note, next = "", p.o.Expires*4/5
		} else {
			p.note = fmt.Sprintf("registration: %d %s", res.StatusCode, res.Reason)
		}
		p.registration.again = p.after(next, p.register)
		p.tell()
	})
}

// unregister takes the phone's contact away and tells when it is done.
func (p *Phone) unregister(done func()) {
	if p.registration.again != nil {
		p.registration.again.Stop()
	}
	if !p.registered {
		done()
		return
	}
	p.sendRegister(0, func(*sip.Response) { done() })
}

// sendRegister tells done the registrar's last word, after credentials if it asks for them.
func (p *Phone) sendRegister(expires time.Duration, done func(*sip.Response)) {
	req := p.station.request(sip.REGISTER, &p.registration.dialog)
	req.Recipient.User = "" // RFC 3261 10.2
	req.AppendHeader(sip.NewHeader("Expires", fmt.Sprint(int(expires.Seconds()))))
	p.send(req, func(req *sip.Request, res *sip.Response) {
		if again := p.station.authorized(req, res, &p.registration.dialog); again != nil {
			p.send(again, func(_ *sip.Request, res *sip.Response) { done(res) })
			return
		}
		done(res)
	})
}
