package mail

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"
	"unicode"

	"callbox/telephony"
)

const sendTime = time.Minute // for a whole message

// A message is one e-mail, with a file if name says so.
type message struct {
	to            []string
	hidden        bool // from each other
	subject, text string
	name          string // of the file
	contentType   string
	file          []byte
}

// octets is the message as it travels (RFC 5322, RFC 2045).
func (m *message) octets(c *telephony.Config) ([]byte, error) {
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	subject := m.subject
	if c.Site.Name != "" {
		subject = c.Site.Name + ": " + subject
	}
	_, host, _ := strings.Cut(c.Mail.From, "@")
	to := strings.Join(m.to, ",\r\n ")
	if m.hidden && len(m.to) > 1 {
		to = "undisclosed-recipients:;" // RFC 5322 3.4
	}
	for _, h := range [][2]string{
		{"From", "Callbox <" + c.Mail.From + ">"},
		{"To", to},
		{"Subject", folded(subject)},
		{"Date", time.Now().In(c.Location()).Format("Mon, 02 Jan 2006 15:04:05 -0700")},
		{"Message-ID", "<" + rand.Text() + "@" + host + ">"},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834: nobody's absence answers it
		{"MIME-Version", "1.0"},
		{"Content-Type", "multipart/mixed; boundary=" + parts.Boundary()},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("\r\n")
	err := part(parts, "text/plain; charset=utf-8", "inline", []byte(m.text+"\r\n"))
	if err == nil && m.name != "" {
		err = part(parts, m.contentType, mime.FormatMediaType("attachment", map[string]string{"filename": m.name}), m.file)
	}
	err = errors.Join(err, parts.Close())
	return b.Bytes(), err
}

// part adds a part in base64, 76 characters on a line (RFC 2045 6.8).
func part(parts *multipart.Writer, contentType, disposition string, content []byte) error {
	w, err := parts.CreatePart(textproto.MIMEHeader{
		"Content-Type": {contentType}, "Content-Disposition": {disposition}, "Content-Transfer-Encoding": {"base64"},
	})
	if err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString(content)
	for len(text) > 0 {
		n := min(76, len(text))
		if _, err := fmt.Fprintf(w, "%s\r\n", text[:n]); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

// folded is a text as a header's, on lines that are short enough (RFC 2047 2).
func folded(s string) string {
	return strings.ReplaceAll(mime.BEncoding.Encode("utf-8", short(s)), "?= =?", "?=\r\n =?")
}

// plainLine is a text that begins no header of its own.
func plainLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// send gives a message to the server. It fails in words that say what to do.
func (p *Postman) send(ctx context.Context, c *telephony.Config, m message) error {
	if _, err := p.submit(ctx, c, m); err != nil {
		return inWords(err)
	}
	return nil
}

// Deliver tries once to send what somebody asked to be sent. Its receivers do not see each other.
func (p *Postman) Deliver(ctx context.Context, o telephony.Outgoing) telephony.Posting {
	refused, err := p.submit(ctx, p.opt.Config(), message{to: o.To, hidden: true, subject: o.Subject, text: o.Text})
	if err == nil {
		return telephony.Posting{Refused: refused}
	}
	var said *textproto.Error
	return telephony.Posting{Problem: inWords(err).Message, Final: errors.As(err, &said) && said.Code >= 550} // RFC 5321 4.2.1
}

// submit gives a message to the server, and tells whom of its receivers that refused.
func (p *Postman) submit(ctx context.Context, c *telephony.Config, m message) (refused []string, err error) {
	octets, err := m.octets(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	client, err := p.open(ctx, &c.Mail)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	if refused, err = submit(client, &c.Mail, m.to, octets); err != nil {
		return nil, err
	}
	_ = client.Quit() // the server has the message
	return refused, nil
}

// open connects by TLS, from the first octet or asked for before anything is said.
func (p *Postman) open(ctx context.Context, c *telephony.Mail) (*smtp.Client, error) {
	host, port, err := net.SplitHostPort(c.Server)
	if err != nil {
		host, port = c.Server, map[string]string{"starttls": "587"}[c.Security]
		if port == "" {
			port = "465"
		}
	}
	conn, err := p.opt.Dial(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	_ = conn.SetDeadline(deadline)
	secure := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: p.opt.Roots}
	if c.Security != "starttls" {
		conn = tls.Client(conn, secure)
	}
	client, err := smtp.NewClient(conn, host)
	if err == nil && c.Security == "starttls" {
		err = client.StartTLS(secure) // a server that has none refuses the command, and nothing was said
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return client, nil
}

// submit hands over one message for all who get it. An address that the server refuses keeps it from nobody else.
func submit(client *smtp.Client, c *telephony.Mail, to []string, octets []byte) (refused []string, err error) {
	if c.User != "" {
		if err := client.Auth(smtp.PlainAuth("", c.User, c.Password, hostOf(c.Server))); err != nil {
			return nil, err
		}
	}
	if err := client.Mail(c.From); err != nil {
		return nil, err
	}
	var why error // of the first
	for _, a := range to {
		if err := client.Rcpt(a); err != nil {
			refused, why = append(refused, a), cmp.Or(why, err)
		}
	}
	if len(refused) == len(to) {
		return nil, why
	}
	w, err := client.Data()
	if err != nil {
		return nil, err
	}
	_, err = w.Write(octets)
	return refused, errors.Join(err, w.Close())
}

func hostOf(server string) string {
	if host, _, err := net.SplitHostPort(server); err == nil {
		return host
	}
	return server
}

// inWords says what sending failed of.
func inWords(err error) *telephony.Error {
	var said *textproto.Error
	var certificate *tls.CertificateVerificationError
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &said) && said.Code == 535: // RFC 4954 4
		return telephony.Errorf(telephony.Unavailable, "邮件服务器不接受用户名或密码（有的邮箱要用授权码）", "the mail server takes neither user name nor password (some want an authorization code)")
	case errors.As(err, &said):
		return telephony.Errorf(telephony.Unavailable, "邮件服务器拒绝：%s", "the mail server refuses: %s", short(said.Error()))
	case errors.As(err, &certificate):
		return telephony.Errorf(telephony.Unavailable, "邮件服务器的证书无效，或与域名不符", "the certificate of the mail server does not hold, or is for another name")
	case errors.As(err, &dns):
		return telephony.Errorf(telephony.Unavailable, "找不到邮件服务器：请检查域名和本机的 DNS", "the mail server is not found: check its name, and the DNS of the box")
	case errors.As(err, &timeout) && timeout.Timeout():
		return telephony.Errorf(telephony.Unavailable, "邮件服务器没有回答：请检查地址、端口和加密方式", "the mail server does not answer: check address, port and security")
	}
	return telephony.Errorf(telephony.Unavailable, "连不上邮件服务器：%s", "the mail server cannot be reached: %s", short(err.Error()))
}

func short(s string) string {
	s = plainLine(s)
	if r := []rune(s); len(r) > 200 {
		return string(r[:200])
	}
	return s
}
