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
	l := narrow(s.Live.Live(), s.team(ctx))
	if !asker(ctx).Role.Reaches(Supervisor) {
		l = discreet(l)
	}
	return &liveAnswer{l}, nil
}

// discreet is what agents see of the box: not who listens to them, or whispers to another (A6.1).
func discreet(l telephony.Live) telephony.Live {
	l.Calls = slices.Clone(l.Calls)
	for i, c := range l.Calls {
		l.Calls[i].Parties = slices.DeleteFunc(slices.Clone(c.Parties), func(p telephony.LiveParty) bool {
			return p.Mode != "" && p.Mode != "barge"
		})
	}
	return l
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

// A picture is a snapshot as it is sent, to supervisors, to agents and to each team: it is written down when the first of them watches.
// Stale is closed when there is a newer one.
type picture struct {
	whole, discreet func() []byte
	narrowed        func(Person) []byte
	stale           chan struct{}

	mu    sync.Mutex
	teams map[string][]byte // by Person.pictureKey
}

func (s *Server) draw() *picture {
	now := s.Live.Live()
	text := func(l telephony.Live) []byte {
		var b bytes.Buffer
		_ = writeJSON(&b, l) // plain data
		return b.Bytes()
	}
	agents := func() []byte {
		if s.masks(Agent) {
			return s.masked(text(discreet(now)))
		}
		return text(discreet(now))
	}
	return &picture{
		whole: sync.OnceValue(func() []byte { return text(now) }), discreet: sync.OnceValue(agents),
		narrowed: func(p Person) []byte { return text(narrow(now, s.teamOf(p))) },
		stale:    make(chan struct{}), teams: map[string][]byte{},
	}
}

// to is the snapshot as a person sees it.
func (p *picture) to(who Person) []byte {
	switch {
	case who.hasTeam():
		return p.ofTeam(who)
	case who.Role.Reaches(Supervisor):
		return p.whole()
	}
	return p.discreet()
}

// ofTeam is written down once for all who have the same.
func (p *picture) ofTeam(who Person) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := who.pictureKey()
	if p.teams[key] == nil {
		p.teams[key] = p.narrowed(who)
	}
	return p.teams[key]
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
