package webui

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const maxFollowers = 32 // programs that follow at once: each reads the journal

var errFollowers = telephony.Errorf(telephony.Busy,
	"同时接收事件的程序过多，请关闭几个后再试。", "Too many programs follow at once. Close some and try again.")

// followers are the programs that follow what happens.
type followers struct{ count atomic.Int32 }

func (f *followers) enter() bool {
	if f.count.Add(1) > maxFollowers {
		f.count.Add(-1)
		return false
	}
	return true
}

func (f *followers) leave() { f.count.Add(-1) }

type eventsInput struct {
	After string `query:"after" pattern:"^[0-9]{1,19}$" doc:"Begin behind the event with this id; empty: with what happens from now on"`
	Last  string `header:"Last-Event-ID" pattern:"^[0-9]{1,19}$" doc:"The same, as browsers and libraries send it when a link broke"`
}

// begin is the id behind which the program wants to go on.
func (in *eventsInput) begin(newest uint64) uint64 {
	for _, text := range []string{in.Last, in.After} {
		if after, err := strconv.ParseUint(text, 10, 64); err == nil {
			return min(after, newest)
		}
	}
	return newest
}

func (s *Server) getEvents(_ context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	if !s.followers.enter() {
		return nil, errFollowers
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer s.followers.leave()
		r, w := humago.Unwrap(ctx)
		w.Header().Set("Content-Type", "text/event-stream")
		s.follow(r, w, in.begin(s.Events.Newest()))
	}}, nil
}

// follow sends each notification as an event of its type, with the id by which a program goes on after a break. Between them
// a "beat" tells that the link lives, and shows us whether the program and its right still do.
func (s *Server) follow(r *http.Request, w http.ResponseWriter, after uint64) {
	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	news := make(chan telephony.Notification)
	go func() {
		for n := range s.Events.Notifications(ctx, after) {
			select {
			case news <- n:
			case <-ctx.Done():
				return
			}
		}
	}()
	beat := time.NewTicker(liveBeat)
	defer beat.Stop()
	if sendEvent(w, "beat", []byte("{}\n")) != nil {
		return
	}
	for {
		select {
		case n := <-news:
			if sendEvent(w, n.Type, numbered(n)) != nil {
				return
			}
		case <-beat.C:
			if _, refusal := s.admit(r, Supervisor); refusal != nil || sendEvent(w, "beat", []byte("{}\n")) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// numbered is a notification as the data of an event, with the line of its id behind it (HTML 9.2.6).
func numbered(n telephony.Notification) []byte {
	var b bytes.Buffer
	_ = writeJSON(&b, n) // plain data
	fmt.Fprintf(&b, "id: %d\n", n.Seq)
	return b.Bytes()
}

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
