package webui

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// A wallboard is the far end of an event stream: it keeps what it was sent, and can stop taking.
type wallboard struct {
	mu      sync.Mutex
	header  http.Header
	status  int
	text    bytes.Buffer
	stalled bool
}

func (w *wallboard) Header() http.Header  { return w.header }
func (w *wallboard) WriteHeader(code int) { w.status = code }
func (w *wallboard) Flush()               {}

func (w *wallboard) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stalled {
		return 0, errors.New("write deadline passed")
	}
	return w.text.Write(p)
}

func (w *wallboard) stall() { w.mu.Lock(); defer w.mu.Unlock(); w.stalled = true }

func (w *wallboard) shown() string { w.mu.Lock(); defer w.mu.Unlock(); return w.text.String() }

func (w *wallboard) count(event string) int { return strings.Count(w.shown(), "event: "+event+"\n") }

// watching opens an event stream with a session and gives its far end and a channel that is closed at its end.
func watching(ctx context.Context, s *Server, secret string) (*wallboard, <-chan struct{}) {
	w, done := &wallboard{header: http.Header{}}, make(chan struct{})
	r := httptest.NewRequest("GET", "/api/live/events", nil).WithContext(ctx)
	r.AddCookie(&http.Cookie{Name: plainCookieName, Value: secret})
	go func() {
		defer close(done)
		s.Handler().ServeHTTP(w, r)
	}()
	synctest.Wait()
	return w, done
}

func walled(t *testing.T, story func(t *testing.T, ctx context.Context, box *memoryBox, s *Server)) {
	synctest.Test(t, func(t *testing.T) {
		box := newBox()
		box.sessions["wall"] = Person{Name: "wall", Role: Supervisor}
		ctx, cancel := context.WithCancel(t.Context())
		defer synctest.Wait()
		defer cancel()
		story(t, ctx, box, New(box.options()))
	})
}

// TestEventsNeedARole: the row that the walk through the table leaves out, as it lasts for ever.
func TestEventsNeedARole(t *testing.T) {
	if w := ask(New(newBox().options()).Handler(), "GET", "/api/live/events", ""); w.Code != 401 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

// TestWallSeesChangesWithoutReload: the snapshot at once, then the newest at most twice a second, then beats.
func TestWallSeesChangesWithoutReload(t *testing.T) {
	walled(t, func(t *testing.T, ctx context.Context, box *memoryBox, s *Server) {
		wall, _ := watching(ctx, s, "wall")
		if wall.count("live") != 1 || wall.header.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("no snapshot at once: %s", wall.shown())
		}
		for range 100 { // a busy second
			time.Sleep(10 * time.Millisecond)
			box.setLive(telephony.Live{Time: time.Now()})
		}
		if got := wall.count("live"); got > 3 {
			t.Errorf("%d snapshots in a second", got)
		}
		box.setLive(telephony.Live{Calls: []telephony.LiveCall{{ID: "3-9"}}})
		time.Sleep(time.Second)
		if !strings.Contains(wall.shown(), `"3-9"`) {
			t.Error("the newest change never came")
		}
		if before := wall.count("live"); true {
			time.Sleep(time.Minute)
			if wall.count("live") != before || wall.count("beat") < 5 {
				t.Errorf("a quiet minute: %d more snapshots, %d beats", wall.count("live")-before, wall.count("beat"))
			}
		}
	})
}

// TestListsAreNeverNull: a page reads calls.length without a second thought.
func TestListsAreNeverNull(t *testing.T) {
	box := newBox()
	box.setLive(telephony.Live{Queues: []telephony.LiveQueue{{ID: "sales"}}})
	for _, role := range []Role{Agent, Supervisor} {
		w := ask(New(box.options()).Handler(), "GET", "/api/live", "", "Authorization", bearer(role))
		if body := w.Body.String(); strings.Contains(body, "null") || strings.Contains(body, `"waiting":[]`) != (role == Supervisor) {
			t.Fatal(body)
		}
	}
	if box.Live().Calls != nil {
		t.Fatal("the snapshot, which is shared, was touched")
	}
}

// TestAgentsDoNotSeeWhoListens (A6.1): supervisors see who monitors a call, by the snapshot and by the stream; an agent sees
// only who talks with everybody.
func TestAgentsDoNotSeeWhoListens(t *testing.T) {
	walled(t, func(t *testing.T, ctx context.Context, box *memoryBox, s *Server) {
		box.secrets["lihua"] = Person{Name: "lihua", Role: Agent, Agent: "1001"}
		box.sessions["lihua"] = box.secrets["lihua"]
		box.setLive(telephony.Live{Calls: []telephony.LiveCall{{ID: "3-9", Parties: []telephony.LiveParty{
			{Leg: "phone/801#1", Agent: "1001", State: telephony.PartyTalking},
			{Leg: "phone/806#1", State: telephony.PartyListen, Mode: "listen", By: "boss"},
			{Leg: "phone/807#1", State: telephony.PartyTalking, Mode: "barge", By: "chief"},
		}}}})
		box.secrets["wall"] = box.sessions["wall"]
		for who, sees := range map[string]bool{"lihua": false, "wall": true} {
			wall, _ := watching(ctx, s, who)
			snapshot := ask(s.Handler(), "GET", "/api/live", "", "Authorization", "Bearer "+who).Body.String()
			for _, text := range []string{wall.shown(), snapshot} {
				if strings.Contains(text, "phone/806") != sees || !strings.Contains(text, "phone/807") {
					t.Errorf("%s is shown %s", who, text)
				}
			}
		}
		if len(box.Live().Calls[0].Parties) != 3 {
			t.Error("the snapshot, which is shared, was touched")
		}
	})
}

// TestTheStreamTellsTheSame: whoever watches is sent what GET /api/live answers, numbers masked or not.
func TestTheStreamTellsTheSame(t *testing.T) {
	for _, masks := range []bool{false, true} {
		walled(t, func(t *testing.T, ctx context.Context, box *memoryBox, s *Server) {
			box.config = twoQueues()
			box.config.Recording.MaskNumbers = masks
			l := twoTeams()
			l.Calls[3].Called, l.Agents[1].Reason = "13911223344", "13911223344"
			box.setLive(l)
			for i, p := range []Person{
				{Role: Admin}, {Role: Supervisor, Queues: []string{"sales"}}, {Role: Agent, Agent: "1001"}, {Role: Agent, Agent: "1002"}, {Role: Agent},
			} {
				who := fmt.Sprint("p", i)
				box.sessions[who], box.secrets[who] = p, p
				wall, _ := watching(ctx, s, who)
				_, sent, _ := strings.Cut(wall.shown(), "data: ")
				var got, want any
				err := json.NewDecoder(strings.NewReader(sent)).Decode(&got)
				asked := ask(s.Handler(), "GET", "/api/live", "", "Authorization", "Bearer "+who).Body.Bytes()
				if err := cmp.Or(err, json.Unmarshal(asked, &want)); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%+v: %v: %s\nasked: %s", p, err, sent, asked)
				}
			}
		})
	}
}

// TestSlowWallIsDropped: a page that takes nothing is let go; the others and the box do not wait for it.
func TestSlowWallIsDropped(t *testing.T) {
	walled(t, func(t *testing.T, ctx context.Context, box *memoryBox, s *Server) {
		slow, done := watching(ctx, s, "wall")
		slow.stall()
		box.setLive(telephony.Live{})
		time.Sleep(time.Second)
		select {
		case <-done:
		default:
			t.Fatal("still served")
		}
		if synctest.Wait(); s.walls.count != 0 || len(box.watchers) != 0 {
			t.Fatalf("%d places still taken, %d still watch the box", s.walls.count, len(box.watchers))
		}
	})
}

// TestWallEndsWithItsSession: who has signed out, or was removed, sees nothing more within a beat.
func TestWallEndsWithItsSession(t *testing.T) {
	walled(t, func(t *testing.T, ctx context.Context, box *memoryBox, s *Server) {
		_, done := watching(ctx, s, "wall")
		box.SignOut("wall")
		time.Sleep(liveBeat)
		synctest.Wait()
		select {
		case <-done:
		default:
			t.Fatal("still sees what is live")
		}
	})
}

// TestWallsAreBounded: one more than the bound is refused with a sentence, and a place that is left is free again.
func TestWallsAreBounded(t *testing.T) {
	var w walls
	box := newBox()
	s := New(box.options())
	for range maxWalls {
		if !w.enter(box, s.draw) {
			t.Fatal("refused below the bound")
		}
	}
	if w.enter(box, s.draw) {
		t.Fatal("no bound")
	}
	if w.leave(); !w.enter(box, s.draw) {
		t.Fatal("a free place is not given")
	}
	w.stop()
}
