package webui

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// What a wallboard is given.
const (
	liveGap   = 500 * time.Millisecond // at most two changes a second
	liveBeat  = 10 * time.Second       // so that a page sees a dead link
	liveStall = 10 * time.Second       // a page that takes nothing for so long is dropped
	maxWalls  = 256                    // pages that watch at once
)

var errWalls = telephony.Errorf(telephony.Busy,
	"同时打开的实时页面过多，请关闭几个后再试。", "Too many pages watch at once. Close some and try again.")

type liveAnswer struct{ Body telephony.Live }

func (s *Server) getLive(context.Context, *struct{}) (*liveAnswer, error) {
	now, _ := s.Live.Live()
	return &liveAnswer{*now}, nil
}

func (s *Server) getLiveEvents(context.Context, *struct{}) (*huma.StreamResponse, error) {
	if !s.walls.enter() {
		return nil, errWalls
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer s.walls.leave()
		r, w := humago.Unwrap(ctx)
		w.Header().Set("Content-Type", "text/event-stream")
		s.watch(r, w)
	}}, nil
}

// watch sends the box as it is, and again at each change: "live" with a telephony.Live. Between changes a "beat" tells the
// page that the link lives, and shows us whether the page and its session still do.
func (s *Server) watch(r *http.Request, w http.ResponseWriter) {
	beat := time.NewTicker(liveBeat)
	defer beat.Stop()
	for {
		now, changed := s.Live.Live()
		sent := time.NewTimer(liveGap)
		if sendEvent(w, "live", s.walls.written(now)) != nil {
			return
		}
		select {
		case <-sent.C:
		case <-r.Context().Done():
			return
		}
		for waiting := true; waiting; {
			select {
			case <-changed:
				waiting = false
			case <-beat.C:
				if _, refusal := s.admit(r, Agent); refusal != nil || sendEvent(w, "beat", []byte("{}\n")) != nil {
					return
				}
			case <-r.Context().Done():
				return
			}
		}
	}
}

// sendEvent writes one event (HTML 9.2.6) whose data is one line that ends in a newline.
func sendEvent(w http.ResponseWriter, name string, data []byte) error {
	c := http.NewResponseController(w)
	_ = c.SetWriteDeadline(time.Now().Add(liveStall))
	if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n", name, data); err != nil {
		return err
	}
	return c.Flush()
}

// walls counts those who watch and keeps the newest snapshot as it is sent, so that it is written once for all of them.
type walls struct {
	mu    sync.Mutex
	count int
	now   *telephony.Live
	text  []byte
}

func (w *walls) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count >= maxWalls {
		return false
	}
	w.count++
	return true
}

func (w *walls) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count--
}

func (w *walls) written(now *telephony.Live) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.now != now {
		var b bytes.Buffer
		_ = writeJSON(&b, now) // a Live is plain data
		w.now, w.text = now, b.Bytes()
	}
	return w.text
}
