package webui

import (
	"context"
	"strings"
	"time"

	"callbox/telephony"
)

// A Leaving is how a number that a phone dials would leave the box.
type Leaving struct {
	Routed telephony.Routed
	Digits string   // sent to the far end
	Lines  []string // tried in this order
	Shown  string   // the calling number there
}

type tryRouteInput struct {
	Body struct {
		Line   string     `json:"line" minLength:"1" maxLength:"64" doc:"The line that the call comes in by: fxo/1, e1/1, trunk/ctc"`
		Caller string     `json:"caller,omitempty" maxLength:"32" doc:"Empty: the caller hides the number"`
		Called string     `json:"called,omitempty" maxLength:"32" doc:"Empty on an analogue line: its published number"`
		Time   time.Time  `json:"time,omitzero" doc:"Empty: now"`
		Config configBody `json:"config,omitempty" doc:"By this configuration instead of the one in force"`
	}
}

// Against is a rule that was looked at, and what spoke against it.
type Against struct {
	Rule string         `json:"rule"`
	Why  telephony.Text `json:"why"`
}

type tryRouteAnswer struct {
	Body struct {
		Target   telephony.Target  `json:"target"`
		To       telephony.Text    `json:"to"` // the target in words
		Rule     string            `json:"rule"`
		Why      telephony.Text    `json:"why"`
		Priority int               `json:"priority"` // added to the queue's
		Against  []Against         `json:"against"`  // the rules before it, in order
		Periods  map[string]string `json:"periods"`  // what kind of time it is, by hours
	}
}

// postTryRoute answers "why would this call go there" (idea 9) without a call.
func (s *Server) postTryRoute(_ context.Context, in *tryRouteInput) (*tryRouteAnswer, error) {
	c, err := s.tried(in.Body.Config)
	if err != nil {
		return nil, err
	}
	at := in.Body.Time
	if at.IsZero() {
		at = time.Now()
	}
	d, priority := s.Routing.Arrival(c, telephony.Arrival{
		Line: in.Body.Line, Caller: telephony.Caller{Number: in.Body.Caller, Withheld: in.Body.Caller == ""}, Called: in.Body.Called,
	}, at)
	answer := &tryRouteAnswer{}
	b := &answer.Body
	b.Target, b.To, b.Rule, b.Why, b.Priority = d.Target, teller{c}.target(d.Target), d.Rule, d.Why, priority
	for _, looked := range d.Candidates {
		b.Against = append(b.Against, against(looked))
	}
	b.Periods = map[string]string{}
	for i := range c.Hours {
		b.Periods[c.Hours[i].ID] = c.Hours[i].Period(at.In(c.Location()))
	}
	return answer, nil
}

// tried is the configuration to try by.
func (s *Server) tried(body configBody) (*telephony.Config, error) {
	if len(body) == 0 {
		return s.Configs.Config(), nil
	}
	c, err := body.read(s.Configs.Configured())
	if err != nil {
		return nil, err
	}
	return c.Effective(), nil
}

// against puts what the exchange says of a rule that did not match ("route/night: hours are work") into words.
func against(looked string) Against {
	rule, why, _ := strings.Cut(looked, ": ")
	word, rest, _ := strings.Cut(why, " ")
	a := Against{Rule: rule, Why: telephony.Text{ZH: why, EN: why}}
	switch word {
	case "disabled":
		a.Why = say("已停用", "it is disabled")
	case "other":
		a.Why = say("不含这条线路", "it is for other lines")
	case "called":
		a.Why = say("被叫号码 %s 不符", "the called number %s does not fit", rest)
	case "caller":
		a.Why = say("主叫号码 %s 不符", "the caller's number %s does not fit", rest)
	case "hours":
		p := periods[strings.TrimPrefix(rest, "are ")]
		a.Why = telephony.Text{ZH: "此时是" + p.ZH, EN: "it is " + p.EN + " then"}
	}
	return a
}

var periods = map[string]telephony.Text{
	telephony.PeriodWork:    {ZH: "工作时间", EN: "working time"},
	telephony.PeriodOff:     {ZH: "下班时间", EN: "out of hours"},
	telephony.PeriodHoliday: {ZH: "假日", EN: "a holiday"},
}

type tryNumberInput struct {
	Body struct {
		Phone  string     `json:"phone" maxLength:"8" doc:"The extension that dials"`
		Number string     `json:"number" minLength:"1" maxLength:"32"`
		Config configBody `json:"config,omitempty" doc:"By this configuration instead of the one in force"`
	}
}

type tryNumberAnswer struct {
	Body struct {
		Target telephony.Target `json:"target"`
		To     telephony.Text   `json:"to"` // the target in words
		Rule   string           `json:"rule"`
		Why    telephony.Text   `json:"why"`
		Digits string           `json:"digits,omitempty"` // sent to the far end; empty: nothing leaves the box
		Lines  []string         `json:"lines"`            // tried in this order
		Shown  string           `json:"shown,omitempty"`  // the calling number on the first of them
	}
}

// postTryNumber says what would come of a number that a phone dials.
func (s *Server) postTryNumber(_ context.Context, in *tryNumberInput) (*tryNumberAnswer, error) {
	c, err := s.tried(in.Body.Config)
	if err != nil {
		return nil, err
	}
	d := s.Routing.Dialled(c, in.Body.Phone, in.Body.Number)
	answer := &tryNumberAnswer{}
	b := &answer.Body
	b.Target, b.To, b.Rule, b.Why = d.Routed.Target, teller{c}.target(d.Routed.Target), d.Routed.Rule, d.Routed.Why
	b.Digits, b.Lines, b.Shown = d.Digits, d.Lines, d.Shown
	return answer, nil
}
