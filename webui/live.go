package webui

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
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

func (s *Server) getLive(ctx context.Context, _ *struct{}) (*liveAnswer, error) {
	return &liveAnswer{s.seen(asker(ctx), s.Live.Live())}, nil
}

func (s *Server) getLiveEvents(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	if !s.walls.enter(s.Live, s.draw) {
		return nil, errWalls
	}
	person := asker(ctx)
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		defer s.walls.leave()
		r, w := humago.Unwrap(ctx)
		w.Header().Set("Content-Type", "text/event-stream")
		s.watch(r, w, person)
	}}, nil
}

// watch sends the box as it is, and again at each change: "live" with a telephony.Live. Between changes a "beat" tells the
// page that the link lives, and shows us whether the page and its session still do.
func (s *Server) watch(r *http.Request, w http.ResponseWriter, p Person) {
	beat := time.NewTicker(liveBeat)
	defer beat.Stop()
	shown := s.walls.newest.Load()
	if sendEvent(w, "live", shown.to(p)) != nil {
		return
	}
	for {
		select {
		case <-shown.stale:
			shown = s.walls.newest.Load()
			if sendEvent(w, "live", shown.to(p)) != nil {
				return
			}
		case <-beat.C:
			if !s.still(r, Agent, p) || sendEvent(w, "beat", []byte("{}\n")) != nil {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// still says that who opened a stream may hear all that it tells. A token whose team was changed opens another one.
func (s *Server) still(r *http.Request, need Role, p Person) bool {
	now, refusal := s.admit(r, need)
	return refusal == nil && slices.Equal(now.Queues, p.Queues)
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

// walls are the pages that watch. While there are any, one goroutine asks the box what is new and writes it down once for
// all of them.
type walls struct {
	mu     sync.Mutex
	count  int
	stop   context.CancelFunc
	newest atomic.Pointer[picture]
}

// A picture is a snapshot as it is sent: whole, and to those who have a part of the box. Each is written down when the first who has it
// watches. Stale is closed when there is a newer one.
type picture struct {
	whole func() []byte
	part  func(Person) []byte
	stale chan struct{}

	mu    sync.Mutex
	parts map[string][]byte // by Person.pictureKey
}

func (s *Server) draw() *picture {
	now := s.Live.Live()
	colleagues := sync.OnceValue(func() (list [][]byte) {
		for _, a := range now.Agents {
			list = append(list, s.shown(Agent, colleague(a)))
		}
		return list
	})
	part := func(p Person) []byte {
		l := s.seen(p, now)
		if !p.Role.Reaches(Supervisor) {
			return s.drawDesk(p, l, colleagues())
		}
		return append(s.shown(p.Role, l), '\n')
	}
	whole := func() []byte { return part(local) }
	return &picture{whole: sync.OnceValue(whole), part: part, stale: make(chan struct{}), parts: map[string][]byte{}}
}

// drawDesk is an agent's picture. Most of it are the colleagues, whom the others see, too: they are written down once for all.
func (s *Server) drawDesk(p Person, l telephony.Live, colleagues [][]byte) []byte {
	agents := slices.Clone(colleagues)
	if own := slices.IndexFunc(l.Agents, func(a telephony.LiveAgent) bool { return a.ID == p.Agent }); own >= 0 {
		agents[own] = s.shown(p.Role, l.Agents[own])
	}
	l.Agents = nil
	rest := s.shown(p.Role, struct {
		telephony.Live
		Agents any `json:"agents,omitempty"` // in the place of Live's
	}{Live: l})
	return slices.Concat([]byte(`{"agents":[`), bytes.Join(agents, []byte(",")), []byte("],"), rest[1:], []byte("\n"))
}

// shown is a value as JSON, as those with a role see it.
func (s *Server) shown(r Role, v any) []byte {
	var b bytes.Buffer
	_ = writeJSON(&b, v) // plain data
	text := b.Bytes()
	if s.masks(r) {
		text = s.masked(text)
	}
	return bytes.TrimSuffix(text, []byte("\n"))
}

// to is the snapshot as a person sees it.
func (p *picture) to(who Person) []byte {
	if who.Role.Reaches(Supervisor) && !who.hasTeam() {
		return p.whole()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := who.pictureKey()
	if p.parts[key] == nil {
		p.parts[key] = p.part(who)
	}
	return p.parts[key]
}

func (w *walls) enter(l Live, draw func() *picture) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count >= maxWalls {
		return false
	}
	if w.count++; w.count == 1 {
		var ctx context.Context
		ctx, w.stop = context.WithCancel(context.Background())
		changes, unwatch := l.Watch()
		w.newest.Store(draw())
		go func() {
			defer unwatch()
			w.follow(ctx, draw, changes)
		}()
	}
	return true
}

func (w *walls) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count--; w.count == 0 {
		w.stop()
	}
}

// follow draws the box anew when it changed, at most twice a second.
func (w *walls) follow(ctx context.Context, draw func() *picture, changes <-chan struct{}) {
	for {
		rest := time.NewTimer(liveGap)
		select {
		case <-rest.C:
		case <-ctx.Done():
			return
		}
		select {
		case <-changes:
			close(w.newest.Swap(draw()).stale)
		case <-ctx.Done():
			return
		}
	}
}
