package webui

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
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

// getEvents tells a program what happens, as a stream of events (HTML 9.2) or, where it asks for one, by a WebSocket (RFC 6455).
func (s *Server) getEvents(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	if !s.followers.enter() {
		return nil, errFollowers
	}
	story := &teamStory{s, asker(ctx), map[telephony.CallID]bool{}}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer s.followers.leave()
		r, w := humago.Unwrap(ctx)
		after := in.begin(s.Events.Newest())
		switch {
		case !strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
			w.Header().Set("Content-Type", "text/event-stream")
			s.follow(r.Context(), r, after, story, eventStream{w})
		case !ownPage(r):
			_ = huma.WriteErr(s.api, ctx, http.StatusForbidden, "", errForeign)
		default:
			if conn, err := newWebSocket(w, r, ""); err == nil {
				s.followBySocket(r, conn, after, story)
			}
		}
	}}, nil
}

// A follower is told what happens. Between that a beat tells that the link lives, and shows us whether the program still does.
type follower interface {
	tell(telephony.Notification) error
	beat() error
}

// follow tells a program each notification of its team, until ctx ends, the program is gone, or its right to hear them is.
func (s *Server) follow(ctx context.Context, r *http.Request, after uint64, story *teamStory, to follower) {
	ctx, stop := context.WithCancel(ctx)
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
	if to.beat() != nil {
		return
	}
	for {
		select {
		case n := <-news:
			if story.tells(ctx, n) && to.tell(n) != nil {
				return
			}
		case <-beat.C:
			if !s.still(r, Supervisor, story.person) || to.beat() != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// followBySocket does so until the program closes the connection, too. What it says is read and of no meaning.
func (s *Server) followBySocket(r *http.Request, conn net.Conn, after uint64, story *teamStory) {
	defer conn.Close()
	ctx, stop := context.WithCancel(r.Context())
	go func() {
		defer stop()
		room := make([]byte, longestSaid)
		for {
			if _, err := conn.Read(room); err != nil {
				return
			}
		}
	}()
	s.follow(ctx, r, after, story, eventSocket{conn})
}

// longestSaid is how long a message may be that a program says where it is to listen, in octets.
const longestSaid = 1024

// An eventStream tells each notification as an event of its type, with the id by which a program goes on after a break.
type eventStream struct{ w http.ResponseWriter }

func (e eventStream) tell(n telephony.Notification) error { return sendEvent(e.w, n.Type, numbered(n)) }

func (e eventStream) beat() error { return sendEvent(e.w, "beat", []byte("{}\n")) }

// numbered is a notification as the data of an event, with the line of its id behind it (HTML 9.2.6).
func numbered(n telephony.Notification) []byte {
	var b bytes.Buffer
	_ = writeJSON(&b, n) // plain data
	fmt.Fprintf(&b, "id: %d\n", n.Seq)
	return b.Bytes()
}

// An eventSocket tells each notification as a message of text, with its id in it.
type eventSocket struct{ conn net.Conn }

func (e eventSocket) tell(n telephony.Notification) error {
	return e.send(struct {
		ID uint64 `json:"id"`
		telephony.Notification
	}{n.Seq, n})
}

func (e eventSocket) beat() error {
	return e.send(struct {
		Type string `json:"type"`
	}{"beat"})
}

func (e eventSocket) send(message any) error {
	var b bytes.Buffer
	_ = writeJSON(&b, message) // plain data
	_ = e.conn.SetWriteDeadline(time.Now().Add(liveStall))
	_, err := e.conn.Write(bytes.TrimSpace(b.Bytes()))
	return err
}
