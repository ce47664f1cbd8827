package webui

import (
	"context"
	"encoding/json"
	"slices"

	"callbox/telephony"
)

// A SetupState is how far the first set-up has come. Secrets in its configuration are those that were typed and are not in
// force yet; what is in force is masked in it as everywhere.
type SetupState struct {
	Step   string     `json:"step,omitempty" maxLength:"32" doc:"Where the page goes on"`
	Done   bool       `json:"done" doc:"The set-up has been gone through, or was put aside"`
	Config configBody `json:"config,omitempty" doc:"The draft: a configuration"`
}

type setupAnswer struct{ Body SetupState }

func (s *Server) getSetup(context.Context, *struct{}) (*setupAnswer, error) {
	text, err := s.Setup.Setup()
	answer := &setupAnswer{}
	if err != nil || text == nil {
		return answer, err
	}
	if err := json.Unmarshal(text, &answer.Body); err != nil || answer.Body.Config == nil {
		return answer, err
	}
	answer.Body.Config, err = answer.Body.Config.whole()
	return answer, err
}

type setupInput struct{ Body SetupState }

func (s *Server) putSetup(_ context.Context, in *setupInput) (*struct{}, error) {
	text, err := json.Marshal(in.Body)
	if err != nil {
		return nil, err
	}
	return nil, s.Setup.PutSetup(text)
}

// A Check is one thing that a test call or a self-test proves.
type Check struct {
	What   string         `json:"what"`            // a stable name
	Passed bool           `json:"passed"`          //
	Text   telephony.Text `json:"text"`            // what was seen
	Mend   telephony.Text `json:"mend,omitzero"`   // what to do, if it did not pass
	Where  string         `json:"where,omitempty"` // the page of the settings that mends it
}

type proofAnswer struct {
	Body struct {
		Checks []Check `json:"checks"`
		Ended  bool    `json:"ended"`  // the call is over: what has not passed will not
		Passed bool    `json:"passed"` // all of them
	}
}

// getCallProof reads a test call: what of the box it proves, and what is wrong.
func (s *Server) getCallProof(ctx context.Context, in *callInput) (*proofAnswer, error) {
	entries, err := s.Calls.CallJournal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	answer := &proofAnswer{}
	p := proof{teller: teller{s.Configs.Config()}}
	for _, e := range entries {
		p.see(e.Fact)
	}
	answer.Body.Checks, answer.Body.Ended = p.checks(), p.ended
	answer.Body.Passed = p.ended && !slices.ContainsFunc(answer.Body.Checks, func(c Check) bool { return !c.Passed })
	return answer, nil
}

// A proof is what the journal of a call has shown so far.
type proof struct {
	teller
	line, queue, agent, keys   string
	caller                     telephony.Caller
	routed                     telephony.Routed
	menu                       string
	answered, talked, recorded bool
	rang                       []string // agents
	refused                    string   // how the last offer ended
	ended                      bool
}

func (p *proof) see(fact telephony.Fact) {
	switch f := fact.(type) {
	case telephony.CallArrived:
		p.line, p.caller = f.Line, f.Caller
	case telephony.CallerIdentified:
		p.caller = f.Caller
	case telephony.Routed:
		if p.routed.Rule == "" {
			p.routed = f
		}
	case telephony.CallAnswered:
		p.answered = true
	case telephony.MenuEntered:
		p.menu = f.Menu
	case telephony.MenuKey:
		if f.Result == "target" {
			p.keys += f.Keys
		}
	case telephony.Queued:
		p.queue = f.Queue
	case telephony.Offered:
		p.rang = append(p.rang, f.Agent)
	case telephony.OfferEnded:
		p.refused = string(f.Result)
	case telephony.Bridged:
		p.talked, p.agent = true, f.Agent
	case telephony.Recorded:
		p.recorded = p.recorded || f.Octets > 0 && f.Problem == ""
	case telephony.CallEnded:
		p.ended = true
	}
}

// checks are the things that a caller meets, in order; those that this call's way does not lead by are left out.
func (p *proof) checks() []Check {
	list := []Check{p.arrival(), p.route(), p.answer()}
	if p.menu != "" {
		list = append(list, p.choice())
	}
	if p.queue != "" {
		list = append(list, p.ringing())
	}
	list = append(list, p.talk())
	if p.wanted() {
		list = append(list, p.recording())
	}
	return list
}

// wanted says that such a call is to be recorded.
func (p *proof) wanted() bool {
	record := p.c.Recording.Record
	if q := p.c.Queue(p.queue); q != nil && q.Record != "" {
		record = q.Record
	}
	return record == "always"
}

func (p *proof) arrival() Check {
	from := caller(p.caller)
	return Check{What: "arrived", Passed: true, Text: telephony.Text{
		ZH: "来电从 " + p.teller.line(p.line) + " 打入：" + from.ZH, EN: "The call came in by " + p.teller.line(p.line) + ": " + from.EN,
	}}
}

func (p *proof) route() Check {
	c := Check{What: "routed", Text: say("路由送往%s", "The routes send it to %s", p.target(p.routed.Target))}
	if c.Passed = p.routed.Target != telephony.ToBusy && p.routed.Target != ""; !c.Passed {
		c.Mend = telephony.Text{ZH: "来电没有去处：" + p.routed.Why.ZH + "。请添加路由。", EN: "The call has nowhere to go: " + p.routed.Why.EN + ". Add a route."}
		c.Where = "routes"
	}
	return c
}

func (p *proof) answer() Check {
	return Check{
		What: "answered", Passed: p.answered, Text: say("设备接起，来电者听到提示", "The box answers, and the caller hears it"),
		Mend:  say("设备没有接起：来电者听到的是忙音或回铃音。请检查路由的去向。", "The box did not answer: the caller heard busy or ringing tone. Check where the route leads."),
		Where: "routes",
	}
}

func (p *proof) choice() Check {
	return Check{
		What: "key", Passed: p.keys != "", Text: say("按键听清了：%s", "The key was heard: %s", p.keys),
		Mend: say("没有收到按键：请在菜单播放时按键；若按了却没反应，请检查话机是否发送按键音。",
			"No key was heard: press one while the menu plays. If one was pressed, check that the telephone sends tones."),
		Where: "menus",
	}
}

func (p *proof) ringing() Check {
	c := Check{What: "rang", Passed: len(p.rang) > 0, Where: "queues/" + p.queue}
	if c.Passed {
		c.Text = say("话机振铃：%s", "A phone rang: %s", p.teller.agent(p.rang[len(p.rang)-1]))
	} else {
		c.Text = say("队列 %s 找一位空闲的座席", "The queue %s looks for a ready agent", p.queueName(p.queue))
		c.Mend = say("没有话机振铃：队列里没有人签入并空闲。请在话机上拨 *11 签入，或在实时页把座席设为空闲。",
			"No phone rang: nobody of this queue is signed in and ready. Dial *11 on a phone, or set an agent ready on the live page.")
	}
	return c
}

func (p *proof) talk() Check {
	c := Check{What: "talked", Passed: p.talked, Text: say("双方通话", "Both parties talk"), Where: "people"}
	switch {
	case p.talked && p.agent != "":
		c.Text = say("与 %s 通话", "Talks with %s", p.teller.agent(p.agent))
	case p.refused == string(telephony.OfferNoAnswer):
		c.Mend = say("话机响了但没有人接。请在振铃时摘机。", "The phone rang and nobody took it. Answer it while it rings.")
	case len(p.rang) > 0:
		c.Mend = say("话机没有接通。请检查话机是否注册、密码是否正确。", "The phone was not reached. Check that it is registered, with the right password.")
	case p.routed.Target.Kind() == telephony.ToVoicemail, p.routed.Target.Kind() == telephony.ToPrompt:
		c.Mend = telephony.Text{
			ZH: "此刻的路由不接到人：" + p.routed.Why.ZH + "。请在营业时间内再试，或修改营业时间。",
			EN: "The routes reach nobody at this moment: " + p.routed.Why.EN + ". Call again in office hours, or change the hours.",
		}
		c.Where = "hours"
	default:
		c.Mend = say("来电没有接到任何人。", "The call reached nobody.")
	}
	return c
}

func (p *proof) recording() Check {
	return Check{
		What: "recorded", Passed: p.recorded, Text: say("通话已录音", "The call was recorded"),
		Mend:  say("没有留下录音：通话太短，或磁盘空间不足。请看设备状态。", "There is no recording: the call was too short, or the disk is full. See the health of the box."),
		Where: "health",
	}
}
