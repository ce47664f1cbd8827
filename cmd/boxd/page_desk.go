package main

import (
	"context"
	"time"

	"callbox/telephony"
	"callbox/telephony/acd"
	"callbox/webui"
)

// agents lets the page change what agents do.
type agents struct{ *Box }

// SetAgent carries out a wish and writes it into the audit where it was not the agent's own.
func (a agents) SetAgent(ctx context.Context, agent string, s telephony.AgentState, reason string, phone telephony.Target, by webui.By) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return a.Exchange.Agents().Set(ctx, acd.Wish{Agent: agent, State: s, Reason: reason, Phone: phone, By: "page"})
}

// Record asks to start, stop, pause or resume the recording of a call.
func (b *Box) Record(id telephony.CallID, action string, by webui.By) error {
	return b.order(by.Who, id, action)
}

// Hangup ends a call.
func (b *Box) Hangup(id telephony.CallID, by webui.By) error { return b.order(by.Who, id, "hangup") }

// order gives a call in progress an order.
func (b *Box) order(who string, id telephony.CallID, action string) error {
	c, ok := b.Exchange.Call(id)
	if !ok {
		return telephony.Errorf(telephony.NotFound, "通话 %s 已结束", "call %s is over", id)
	}
	switch action {
	case "start":
		c.Record(who)
	case "stop":
		c.StopRecording(who)
	case "pause", "resume":
		c.PauseRecording(action == "pause", who)
	case "hangup":
		c.HangUp(who)
	default:
		return telephony.Errorf(telephony.Invalid, "不能对通话执行 %s", "a call knows no order %s", action)
	}
	return nil
}
