package webui

import (
	"context"
	"errors"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// The box in memory tells of two calls that ended, and of another each time that a test says so.

func (b *memoryBox) Newest() uint64 { b.mu.Lock(); defer b.mu.Unlock(); return 2 + b.happened }

func (b *memoryBox) happen() {
	b.mu.Lock()
	b.happened++
	b.mu.Unlock()
	b.setLive(b.Live()) // wakes who watches
}

func (b *memoryBox) Notifications(ctx context.Context, after uint64) iter.Seq[telephony.Notification] {
	return func(yield func(telephony.Notification) bool) {
		changes, stop := b.Watch()
		defer stop()
		for {
			for ; after < b.Newest(); after++ {
				n := telephony.Notification{
					Seq: after + 1, Type: "call.ended", Time: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC),
					Data: telephony.NotificationData{Call: "3-42", Fact: telephony.CallEnded{Outcome: telephony.OutcomeAnswered}},
				}
				if !yield(n) {
					return
				}
			}
			select {
			case <-changes:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (b *memoryBox) Deliveries(string) []telephony.Delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	return append([]telephony.Delivery{
		{ID: "msg_2", Type: "call.ended", Time: at.Add(6 * time.Second), Try: 2, TookMS: 84, Status: 200},
		{ID: "msg_2", Type: "call.ended", Time: at, Try: 1, TookMS: 31, Status: 503, Problem: telephony.Text{ZH: "对方回答 503", EN: "it answered 503"}, Next: at.Add(5 * time.Second)},
	}, b.tried...)
}

func (b *memoryBox) Test(_ context.Context, id, by string) (telephony.Delivery, error) {
	d := telephony.Delivery{ID: "msg_3", Type: telephony.NotificationTest, Time: time.Date(2026, 11, 23, 1, 1, 0, 0, time.UTC), Try: 1, Status: 200}
	b.mu.Lock()
	b.tried = append(b.tried, d)
	b.mu.Unlock()
	return d, b.ask("webhook.test", id, by)
}

// following opens the stream of events for a program.
func following(ctx context.Context, s *Server, role Role, path string, headers ...string) (*wallboard, <-chan struct{}) {
	w, done := &wallboard{header: http.Header{}}, make(chan struct{})
	r := httptest.NewRequest("GET", path, nil).WithContext(ctx)
	r.Header.Set("Authorization", bearer(role))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	go func() {
		defer close(done)
		s.Handler().ServeHTTP(w, r)
	}()
	synctest.Wait()
	return w, done
}

// TestProgramsFollow (A15.1, A15.3): a program is told each thing once, goes on where its link broke, and is bounded in number.
func TestProgramsFollow(t *testing.T) {
	walled(t, func(t *testing.T, ctx context.Context, box *memoryBox, s *Server) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		now, _ := following(ctx, s, Supervisor, "/api/events")
		all, _ := following(ctx, s, Supervisor, "/api/events?after=0")
		again, _ := following(ctx, s, Supervisor, "/api/events?after=0", "Last-Event-ID", "1")
		ahead, _ := following(ctx, s, Supervisor, "/api/events?after=99")
		if now.count("call.ended") != 0 || all.count("call.ended") != 2 || again.count("call.ended") != 1 || ahead.count("call.ended") != 0 {
			t.Errorf("told %q, %q, %q", now.shown(), all.shown(), again.shown())
		}
		box.happen()
		synctest.Wait()
		for _, w := range []*wallboard{now, ahead} {
			if w.count("call.ended") != 1 || !strings.Contains(w.shown(), "\nid: 3\n\n") || !strings.Contains(w.shown(), `"outcome":"answered"`) {
				t.Errorf("told %q", w.shown())
			}
		}
		time.Sleep(liveBeat + time.Second)
		if now.count("beat") != 2 {
			t.Errorf("no beat: %q", now.shown())
		}
		for range maxFollowers - 4 {
			following(ctx, s, Supervisor, "/api/events")
		}
		if full, _ := following(ctx, s, Supervisor, "/api/events"); full.status != http.StatusServiceUnavailable {
			t.Errorf("the %dth program: %d", maxFollowers+1, full.status)
		}
		cancel()
		synctest.Wait()
		ctx, cancel = context.WithCancel(t.Context())
		defer cancel()
		if w, _ := following(ctx, s, Supervisor, "/api/events"); w.count("beat") != 1 {
			t.Error("those who left still count")
		}
		for _, role := range []Role{Anyone, Agent} {
			if w, _ := following(ctx, s, role, "/api/events"); w.status != http.StatusUnauthorized && w.status != http.StatusForbidden {
				t.Errorf("%s follows: %d", role, w.status)
			}
		}
		cancel()
		synctest.Wait()
	})
}

// TestProgramsFollowBySocket (A15.1, A15.3): a program that asks for a WebSocket is told the same, each thing with its id, for as long as it
// listens; the page of another site is not, whoever has it open.
func TestProgramsFollowBySocket(t *testing.T) {
	box := newBox()
	box.sessions["cookie"] = Person{Name: "boss", Role: Supervisor}
	server := httptest.NewServer(New(box.options()).Handler())
	t.Cleanup(server.Close)
	_, _, status := askSocket(t, server, "/api/events", "Origin: http://elsewhere.example", "Cookie: callbox=cookie")
	if !strings.Contains(status, " 403 ") {
		t.Errorf("another site: %s", status)
	}
	conn, r, status := askSocket(t, server, "/api/events?after=1", "Authorization: "+bearer(Supervisor))
	if !strings.Contains(status, " 101 ") {
		t.Fatal(status)
	}
	expect := func(want string, kind ws.OpCode) {
		t.Helper()
		frame, err := ws.ReadFrame(r)
		if err != nil || !strings.HasPrefix(string(frame.Payload), want) || frame.Header.OpCode != kind {
			t.Fatalf("%+v %q, %v; want %s", frame.Header, frame.Payload, err, want)
		}
	}
	expect(`{"type":"beat"}`, ws.OpText)
	expect(`{"id":2,"type":"call.ended","timestamp":"2026-11-23T01:00:00Z","data":{"call":"3-42",`, ws.OpText)
	wsutil.WriteClientText(conn, []byte("thank you"))
	ws.WriteFrame(conn, ws.MaskFrame(ws.NewPingFrame([]byte("?"))))
	expect("?", ws.OpPong)
	box.happen()
	expect(`{"id":3,`, ws.OpText)
	ws.WriteFrame(conn, ws.MaskFrame(ws.NewCloseFrame(nil)))
	expect("", ws.OpClose)
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the connection stays: %v", err)
	}
}

// TestWebhooksAreTried: an administrator sees how deliveries fare and sends a trial, which is in the audit.
func TestWebhooksAreTried(t *testing.T) {
	box := newBox()
	box.config.Webhooks = []telephony.Webhook{{ID: "crm", URL: "https://crm.example.cn/", Secret: "whsec_secret"}}
	h := New(box.options()).Handler()
	if w := ask(h, "GET", "/api/webhooks", "", "Authorization", bearer(Admin)); w.Code != 200 || !strings.Contains(w.Body.String(), `"it answered 503"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(h, "GET", "/api/config", "", "Authorization", bearer(Admin)); strings.Contains(w.Body.String(), "whsec_") {
		t.Error("the secret gets out")
	}
	w := ask(h, "POST", "/api/webhooks/crm/test", "", "Authorization", bearer(Admin))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"status":200`) || box.asked[0] != "webhook.test crm token:admin" {
		t.Errorf("%d %s, asked %v", w.Code, w.Body, box.asked)
	}
	if len(box.audit) == 0 || box.audit[len(box.audit)-1].Action != "webhook.tested" {
		t.Errorf("the audit has %+v", box.audit)
	}
}

// postman is the box in memory as one who sends mail.
type postman struct{ *memoryBox }

func (p postman) Test(_ context.Context, to string) error { return p.ask("mail.test", to) }
