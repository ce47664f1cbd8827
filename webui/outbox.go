package webui

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
)

var (
	errNoServer = telephony.Errorf(telephony.Conflict,
		"还没有邮件服务器。管理员可在“设置 → 邮件”中填写。", "There is no mail server yet. An administrator can give one under Settings > E-mail.")
	errNoGateway = telephony.Errorf(telephony.Conflict,
		"还没有短信网关。管理员可在“设置 → 邮件”中填写。", "There is no gateway for text messages yet. An administrator can give one under Settings > E-mail.")
)

type mailInput struct {
	Body struct {
		To      []string `json:"to" maxItems:"1000" doc:"Addresses, 20 at the most"`
		Subject string   `json:"subject" maxLength:"1000" doc:"200 characters at the most; the company's name is put before it"`
		Text    string   `json:"text" maxLength:"100000" doc:"20,000 characters at the most"`
	}
}

type smsInput struct {
	Body struct {
		To   []string `json:"to" maxItems:"1000" doc:"Numbers, 100 at the most"`
		Text string   `json:"text" maxLength:"10000" doc:"500 characters at the most"`
	}
}

type sendingAnswer struct{ Body telephony.Sending }

func (s *Server) postMail(ctx context.Context, in *mailInput) (*sendingAnswer, error) {
	m := outgoing(ctx, in.Body.To, in.Body.Text)
	m.Subject = in.Body.Subject
	if wrong := m.CheckMail(); wrong != nil {
		return nil, wrong
	}
	if s.Configs.Config().Mail.Server == "" {
		return nil, errNoServer
	}
	return s.posted(ctx, s.Letters, m, "mail.sent", fmt.Sprint(len(m.To)))
}

func (s *Server) postSMS(ctx context.Context, in *smsInput) (*sendingAnswer, error) {
	m := outgoing(ctx, in.Body.To, in.Body.Text)
	if wrong := m.CheckSMS(); wrong != nil {
		return nil, wrong
	}
	if s.Configs.Config().SMS.URL == "" {
		return nil, errNoGateway
	}
	var lines []string
	for numbers := range slices.Chunk(m.To, smsNoted) {
		line := fmt.Sprint(len(m.To), ":")
		for _, n := range numbers {
			line += " " + telephony.MaskNumber(n)
		}
		lines = append(lines, line)
	}
	return s.posted(ctx, s.Texts, m, "sms.sent", lines...)
}

func outgoing(ctx context.Context, to []string, text string) telephony.Outgoing {
	return telephony.Outgoing{ID: strings.ToLower(rand.Text()), By: asker(ctx).Name, To: to, Text: text, Time: time.Now().UTC()}
}

// smsNoted numbers are told of in a line of the audit, which cuts at 1000 octets.
const smsNoted = 40

// posted notes who has how many written to (A18.4), and hands the message over. What cannot be noted is not sent.
func (s *Server) posted(ctx context.Context, box Outbox, m telephony.Outgoing, action string, whom ...string) (*sendingAnswer, error) {
	if err := box.Room(); err != nil {
		return nil, err // it is not in the audit that what was refused was sent
	}
	for _, line := range whom {
		if err := s.Configs.Note(ctx, by(ctx), action, m.ID, line); err != nil {
			return nil, err
		}
	}
	sending, err := box.Post(ctx, m)
	return &sendingAnswer{sending}, err
}

type sendingInput struct {
	ID string `path:"id" maxLength:"64"`
}

func (s *Server) getMail(_ context.Context, in *sendingInput) (*sendingAnswer, error) {
	sending, err := s.Letters.Sending(in.ID)
	return &sendingAnswer{sending}, err
}

func (s *Server) getSMS(_ context.Context, in *sendingInput) (*sendingAnswer, error) {
	sending, err := s.Texts.Sending(in.ID)
	return &sendingAnswer{sending}, err
}
