// Package mail sends the box's e-mail: reports whose stretch of time is over, and alarms. It looks each minute what is due, so that
// a clock that is set, a change of the configuration and a start after a night without power need no case of their own. What was
// sent is kept durably: a report that could not be sent is caught up once, and none is sent twice.
package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"iter"
	"net"
	"time"

	"callbox/telephony"
)

// Options say what mail needs of the box.
type Options struct {
	Config func() *telephony.Config // the newest
	// Report writes a report of a stretch of time, of its team, in one of telephony.ReportForms.
	Report func(ctx context.Context, w io.Writer, form string, r *telephony.ReportMail, from, to time.Time, language string) error
	// Entries tells the journal's durable entries behind the number.
	Entries  func(after uint64) iter.Seq[telephony.Entry]
	Newest   func() uint64 // the number of the newest of them
	Progress Progress
	Journal  telephony.Journal // takes the alarm of mail that cannot be sent
	Dial     Dial              // nil: by TCP
	Roots    *x509.CertPool    // nil: the authorities that the computer trusts
}

// Dial connects to a mail server.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Progress keeps durably what was sent.
type Progress interface {
	Progress(name string, value any) (found bool, err error)
	PutProgress(ctx context.Context, name string, value any) error
}

const (
	lookEvery   = time.Minute
	longestRest = time.Hour // between two tries
	alarmAfter  = 3         // tries in vain
)

// A Postman sends what is due. Its goroutine owns all but the options.
type Postman struct {
	opt    Options
	tries  map[string]tries     // of what could not be sent, by its name
	sent   map[string]time.Time // the end of each report's last stretch, in case the disk refused to note it
	failed bool                 // the alarm stands
	read   uint64               // the journal's alarms up to here are sent
}

// tries says when something is tried again.
type tries struct {
	count int
	next  time.Time
}

// New makes a postman, who sends nothing before Run.
func New(opt Options) *Postman {
	if opt.Dial == nil {
		opt.Dial = (&net.Dialer{}).DialContext
	}
	return &Postman{opt: opt, tries: map[string]tries{}, sent: map[string]time.Time{}}
}

// Run sends until ctx ends.
func (p *Postman) Run(ctx context.Context) {
	p.beginAlarms(ctx)
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		c := p.opt.Config()
		p.sendReports(ctx, c)
		p.sendAlarms(ctx, c)
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// Test sends a trial to an address at once.
func (p *Postman) Test(ctx context.Context, to string) error {
	c := p.opt.Config()
	if c.Mail.Server == "" {
		return telephony.Errorf(telephony.Conflict, "还没有邮件服务器，请先填写并使其生效。", "There is no mail server yet. Give one and apply it first.")
	}
	if !telephony.ValidAddress(to) {
		return telephony.Errorf(telephony.Invalid, "请填邮箱地址，如 li@example.cn", "give an address such as li@example.cn").At("to")
	}
	return p.send(ctx, c, message{
		to: []string{to}, subject: telephony.Text{ZH: "试发邮件", EN: "A trial"}.In(c.Site.Language),
		text: telephony.Text{ZH: "收到这封邮件，说明设备可以发送邮件。", EN: "If you read this, the box can send mail."}.In(c.Site.Language),
	})
}

// attempt does what is due unless it has to rest after a failure, and reports whether it is done.
func (p *Postman) attempt(ctx context.Context, name string, do func() error) bool {
	t := p.tries[name]
	if time.Now().Before(t.next) {
		return false
	}
	err := do()
	if ctx.Err() != nil {
		return false
	}
	if err == nil {
		delete(p.tries, name)
		p.tellFailed(false, nil)
		return true
	}
	t.count++
	t.next = time.Now().Add(min(lookEvery<<min(t.count-1, 6), longestRest))
	p.tries[name] = t
	if t.count == alarmAfter {
		p.tellFailed(true, err)
	}
	return false
}

// tellFailed raises the alarm that mail cannot be sent, or clears it.
func (p *Postman) tellFailed(on bool, why error) {
	if p.failed == on {
		return
	}
	p.failed = on
	message := telephony.Text{ZH: "邮件又能发送了。", EN: "Mail is sent again."}
	if on {
		said := telephony.Text{ZH: "出错", EN: "an error"}
		if e := new(telephony.Error); errors.As(why, &e) {
			said = e.Message
		}
		message = telephony.Text{
			ZH: "邮件发不出去：" + said.ZH + "。会继续重试，请检查“设置 → 邮件”。",
			EN: "Mail cannot be sent: " + said.EN + ". It is tried again; see Settings, E-mail.",
		}
	}
	p.opt.Journal.Append(telephony.Entry{Fact: telephony.Alarm{Name: alarmName, On: on, Message: message}})
}

const alarmName = "mail_failed"
