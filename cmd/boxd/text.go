package main

import (
	"context"

	"callbox/telephony"
)

// text gives a text message to the company's gateway.
func (b *Box) text(ctx context.Context, m telephony.Outgoing) telephony.Posting {
	gateway := b.Store.Config().SMS
	if gateway.URL == "" {
		return telephony.Posting{Problem: telephony.Text{ZH: "没有短信网关", EN: "there is no gateway for text messages any more"}, Final: true}
	}
	d, final := b.webhooks.Post(ctx, gateway.Webhook(), m.ID, "sms.send", m.Time, struct {
		ID   string   `json:"id"`
		To   []string `json:"to"`
		Text string   `json:"text"`
	}{m.ID, m.To, m.Text})
	return telephony.Posting{Problem: d.Problem, Final: final}
}
