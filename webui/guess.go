package webui

import (
	"errors"
	"sync"
	"time"

	"callbox/telephony"
)

// What a guesser is allowed. A source is stopped sooner than an account, so that a stranger who guesses at an account
// does not keep its owner out for long.
const (
	freeTries  = 5  // wrong tries from one source before it waits
	freeNames  = 20 // wrong tries at one account, from everywhere
	longest    = time.Minute
	forgotten  = time.Hour
	maxGuesses = 4096 // sources and accounts remembered
	atOnce     = 2    // passwords hashed at a time: each costs tens of megabytes
)

// guesses slows down whoever guesses passwords. Its lock is held for a moment only.
type guesses struct {
	mu     sync.Mutex
	failed map[string]failure
	busy   int
}

type failure struct {
	tries int
	last  time.Time
}

// wait is how long after the last wrong try the next is looked at.
func (f failure) wait(free int) time.Duration {
	if f.tries < free {
		return 0
	}
	return min(time.Second<<min(f.tries-free, 10), longest)
}

// try runs a check of a secret unless its source or its account has to wait.
func (g *guesses) try(source, account string, check func() error) error {
	source, account = "source "+source, "account "+account
	if !g.enter(source, account) {
		return errTooMany
	}
	err := check()
	g.leave(err, source, account)
	return err
}

func (g *guesses) enter(source, account string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	s, a := g.failed[source], g.failed[account]
	if g.busy >= atOnce || time.Since(s.last) < s.wait(freeTries) || time.Since(a.last) < a.wait(freeNames) {
		return false
	}
	g.busy++
	return true
}

// leave counts a try that was refused for its secret; other errors are nobody's guess.
func (g *guesses) leave(err error, keys ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy--
	var e *telephony.Error
	wrong := errors.As(err, &e) && (e.Code == telephony.Unsigned || e.Code == telephony.Forbidden)
	if g.failed == nil || len(g.failed) >= maxGuesses {
		g.failed = g.recent()
	}
	for _, key := range keys {
		f := g.failed[key]
		switch {
		case err == nil:
			delete(g.failed, key)
		case wrong:
			g.failed[key] = failure{f.tries + 1, time.Now()}
		}
	}
}

// recent keeps what still matters; if that is too much (a flood from many sources), all is forgotten.
func (g *guesses) recent() map[string]failure {
	kept := map[string]failure{}
	for key, f := range g.failed {
		if time.Since(f.last) < forgotten && len(g.failed) < 2*maxGuesses {
			kept[key] = f
		}
	}
	if len(kept) >= maxGuesses {
		clear(kept)
	}
	return kept
}
