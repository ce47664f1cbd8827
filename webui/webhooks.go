package webui

import (
	"context"

	"callbox/telephony"
)

// WebhookState is how the deliveries of a webhook fare.
type WebhookState struct {
	ID         string               `json:"id"`
	Deliveries []telephony.Delivery `json:"deliveries"` // the last 30 since the start of the box, newest first
}

type webhooksAnswer struct {
	Body struct {
		Webhooks []WebhookState `json:"webhooks"`
	}
}

func (s *Server) getWebhooks(context.Context, *struct{}) (*webhooksAnswer, error) {
	answer := &webhooksAnswer{}
	for _, w := range s.Configs.Config().Webhooks {
		answer.Body.Webhooks = append(answer.Body.Webhooks, WebhookState{w.ID, s.Webhooks.Deliveries(w.ID)})
	}
	return answer, nil
}

type webhookInput struct {
	ID string `path:"id" maxLength:"32"`
}

type deliveryAnswer struct{ Body telephony.Delivery }

func (s *Server) postWebhookTest(ctx context.Context, in *webhookInput) (*deliveryAnswer, error) {
	if err := s.Configs.Note(ctx, by(ctx), "webhook.tested", in.ID, ""); err != nil {
		return nil, err
	}
	d, err := s.Webhooks.Test(ctx, in.ID, by(ctx).Who)
	if err != nil {
		return nil, err
	}
	return &deliveryAnswer{d}, nil
}
