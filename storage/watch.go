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
	now      atomic.Pointer[telephony.Config]
	mu       sync.Mutex
	watchers map[chan *telephony.Config]struct{}
}

func (w *watch) newest() *telephony.Config { return w.now.Load() }

func (w *watch) publish(c *telephony.Config) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if old := w.now.Load(); old != nil && old.Revision >= c.Revision {
		return
	}
	w.now.Store(c)
	for box := range w.watchers {
		replace(box, c)
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
	if c := w.now.Load(); c != nil {
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
