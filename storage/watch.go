package storage

import (
	"context"
	"sync"
	"sync/atomic"

	"callbox/telephony"
)

// A watch hands the newest configuration to those who want to know. Commits may be told out of order, so the revision
// decides what is newest.
type watch struct {
	now      atomic.Pointer[inForce]
	mu       sync.Mutex
	watchers map[chan *telephony.Config]struct{}
}

// inForce is a configuration as people made it, and as the box lives by it.
type inForce struct{ made, effective *telephony.Config }

func (w *watch) newest() inForce {
	if now := w.now.Load(); now != nil {
		return *now
	}
	return inForce{}
}

func (w *watch) publish(c *telephony.Config) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if old := w.newest().made; old != nil && old.Revision >= c.Revision {
		return
	}
	now := inForce{c, c.Effective()}
	w.now.Store(&now)
	for box := range w.watchers {
		replace(box, now.effective)
	}
}

// replace puts a configuration into a box of one, in the place of an older one that nobody took. The caller is the only
// sender.
func replace(box chan *telephony.Config, c *telephony.Config) {
	select {
	case <-box:
	default:
	}
	box <- c
}

func (w *watch) watch(ctx context.Context) <-chan *telephony.Config {
	box := make(chan *telephony.Config, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.watchers == nil {
		w.watchers = map[chan *telephony.Config]struct{}{}
	}
	w.watchers[box] = struct{}{}
	if c := w.newest().effective; c != nil {
		box <- c
	}
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.watchers, box)
		close(box)
	})
	return box
}
