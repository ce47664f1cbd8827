package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/acd"
	"callbox/telephony/call"
	"callbox/webui"
)

// agents lets the page change what agents do.
type agents struct{ *Box }

// SetAgent carries out a wish and writes it into the audit where it was not the agent's own.
func (a agents) SetAgent(ctx context.Context, agent string, s telephony.AgentState, reason string, phone telephony.Target, by webui.By) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	own := a.is(by.Who, agent)
	err := a.Exchange.Agents().Set(ctx, acd.Wish{Agent: agent, State: s, Reason: reason, Phone: phone, By: "page", Granted: !own})
	if err != nil || own {
		return err
	}
	return a.Store.Audit(ctx, storage.AuditLine{
		Who: by.Who, Source: by.Source, Action: "agent.set", On: agent, Detail: strings.TrimSpace(string(s) + " " + string(phone)),
	})
}

// AskBreak notes a wish for a break, or its end, which is in the audit where somebody else decided.
func (a agents) AskBreak(ctx context.Context, agent string, on bool, by webui.By) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := a.Exchange.Agents().AskBreak(ctx, agent, on); err != nil || on || a.is(by.Who, agent) {
		return err
	}
	return a.Store.Audit(ctx, storage.AuditLine{Who: by.Who, Source: by.Source, Action: "agent.refused", On: agent, Detail: "break"})
}

// is reports whether a user is the agent.
func (a agents) is(user, agent string) bool {
	users, _ := a.Store.Users() // who cannot be looked up is somebody else
	return slices.ContainsFunc(users, func(u storage.User) bool { return u.Name == user && u.Agent == agent })
}

// desks joins the page to an agent's desk.
type desks struct{ *Box }

// Present tells acd whether the page of an agent is there.
func (d desks) Present(agent string, there bool) { d.Exchange.Agents().Desk(agent, there) }

// Notes are what was written down of the calls with a number.
func (d desks) Notes(number string, limit int) ([]webui.CallNote, error) {
	notes, err := d.Store.Notes(number, limit)
	list := make([]webui.CallNote, 0, len(notes))
	for _, n := range notes {
		list = append(list, webui.CallNote{
			Call: n.Call, Number: n.Number, Agent: n.Agent, By: n.By, Time: n.Time, Code: n.Code, Text: n.Text,
		})
	}
	return list, err
}

// PutNote journals a note, and returns when it can be read.
func (d desks) PutNote(ctx context.Context, n webui.CallNote) error {
	d.Store.Append(telephony.Entry{Call: n.Call, Fact: telephony.CallNoted{
		Arrived: n.Arrived, Complaint: n.Complaint, Number: n.Number, Agent: n.Agent, By: n.By, Code: n.Code, Text: n.Text,
	}})
	return d.Store.Sync(ctx)
}

// Record asks to start, stop, pause or resume the recording of a call.
func (b *Box) Record(id telephony.CallID, action string, by webui.By) error {
	return b.order(by.Who, id, action)
}

// Hangup ends a call, as who asks for it or as the agent whose account asks.
func (b *Box) Hangup(id telephony.CallID, agent string, by webui.By) error {
	c, ok := b.Exchange.Call(id)
	if !ok {
		return over(id)
	}
	c.HangUp(call.Hand{By: by.Who, Agent: agent})
	return nil
}

// order gives a call in progress an order.
func (b *Box) order(who string, id telephony.CallID, action string) error {
	c, ok := b.Exchange.Call(id)
	if !ok {
		return over(id)
	}
	switch action {
	case "start":
		return c.Record(who)
	case "stop":
		return c.StopRecording(who)
	case "pause", "resume":
		c.PauseRecording(action == "pause", who)
	default:
		return telephony.Errorf(telephony.Invalid, "不能对通话执行 %s", "a call knows no order %s", action)
	}
	return nil
}
