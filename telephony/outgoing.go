package telephony

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// An SMSGateway is the company's way to send text messages (A15.1): it is posted each as a webhook is posted an event.
type SMSGateway struct {
	URL    string `json:"url"`    // https; empty: no text messages are sent
	Secret string `json:"secret"` // as a webhook's. Masked on every way out

	Fingerprint string `json:"fingerprint,omitempty"` // as a webhook's
}

// Webhook is the gateway as what signs and dials knows it.
func (g SMSGateway) Webhook() Webhook {
	return Webhook{ID: "sms", URL: g.URL, Secret: g.Secret, Fingerprint: g.Fingerprint}
}

// An Outgoing is an e-mail or a text message that a program or a person has the box send.
type Outgoing struct {
	ID      string    `json:"id"`
	By      string    `json:"by"` // who
	To      []string  `json:"to"`
	Subject string    `json:"subject,omitempty"` // of mail
	Text    string    `json:"text"`
	Time    time.Time `json:"time"`
}

// A Sending is what became of one. Its text is not kept beyond that.
type Sending struct {
	ID      string    `json:"id"`
	By      string    `json:"by"`
	Time    time.Time `json:"time"`
	To      int       `json:"to"`                // receivers
	State   string    `json:"state"`             // "queued", "sent" (server or gateway took it) or "failed" (given up)
	Tries   int       `json:"tries"`             // so far
	Problem Text      `json:"problem,omitzero"`  // of the last try
	Next    time.Time `json:"next,omitzero"`     // when it is tried again
	Refused []string  `json:"refused,omitempty"` // receivers that the server refused, where it took the others
}

// A KeptMessage is one as an outbox keeps it. Of what is over, the message is empty.
type KeptMessage struct {
	Message Outgoing `json:"message,omitzero"`
	Told    Sending  `json:"told"`
}

// A Posting is what came of one try.
type Posting struct {
	Problem Text // empty: it was taken
	Final   bool // no other try would help
	Refused []string
}

// The bounds of what is sent.
const (
	maxSubject  = 200
	maxMailText = 20_000
	maxSMSText  = 500
	maxSMSTo    = 100
)

var mobileForm = regexp.MustCompile(`^\+?[0-9]{5,20}$`)

// CheckMail says what is wrong with an e-mail, by field.
func (o *Outgoing) CheckMail() *Error {
	k := newOutgoingCheck()
	k.recipients("to", o.To)
	k.text("subject", o.Subject, maxSubject)
	return k.outgoing(o, maxMailText)
}

// CheckSMS says what is wrong with a text message, by field.
func (o *Outgoing) CheckSMS() *Error {
	k := newOutgoingCheck()
	if k.size("to", len(o.To), maxSMSTo) {
		for i, n := range o.To {
			if !mobileForm.MatchString(n) {
				k.bad(at("to", i), "请填手机号码，如 13800138000", "give a number such as 13800138000")
			}
			k.unique(at("to", i), "to", n)
		}
	}
	return k.outgoing(o, maxSMSText)
}

func newOutgoingCheck() *check { return &check{config: &Config{}, seen: map[string]bool{}} }

func (k *check) outgoing(o *Outgoing, most int) *Error {
	if len(o.To) == 0 {
		k.bad("to", "请至少填一个接收者", "give one receiver at least")
	}
	odd := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }
	switch n := utf8.RuneCountInString(o.Text); {
	case strings.TrimSpace(o.Text) == "":
		k.bad("text", "请填正文", "give a text")
	case n > most || !utf8.ValidString(o.Text) || strings.ContainsFunc(o.Text, odd):
		k.bad("text", "正文最多 %d 个字，不能有控制字符", "the text has at most %d characters, and no control characters", most)
	}
	if len(k.problems) == 0 {
		return nil
	}
	err := Errorf(Invalid, "有 %d 处需要改正", "%d places need correction", len(k.problems))
	err.Problems = k.problems
	return err
}

// sms checks the gateway.
func (k *check) sms() {
	g := &k.config.SMS
	if g.URL == "" {
		return
	}
	if !validWebhookURL(g.URL) {
		k.bad("sms.url", "请填 https:// 开头的地址，不含用户名，最长 500 个字符", "give an address that begins with https://, without a user name, of 500 characters at the most")
	}
	if w := g.Webhook(); w.Key() == nil {
		k.bad("sms.secret", "请填 whsec_ 加 24 到 64 字节的 base64，或让页面生成", "give whsec_ and 24 to 64 octets in base64, or have the page make it")
	}
	k.fingerprint("sms.fingerprint", g.Fingerprint)
}
