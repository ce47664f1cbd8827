package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"callbox/telephony"
	"callbox/webui"
)

const (
	restartFile = "restart.json"  // beside the data that was saved before the update
	answerTime  = 3 * time.Second // for who asked to hear that it was done
	saveTime    = 5 * time.Minute // for the data to be saved
	drainTime   = 5 * time.Minute // for calls in progress to end
	drainLook   = time.Second     // how often it is asked whether they have
	planLook    = time.Minute     // how often the clock is, which may be set meanwhile
	missedTime  = time.Hour       // after which a restart that was missed waits for the next day
	restartTime = 2 * time.Minute // from the request to the end of this program
)

// bootFile names the start of the computer, another one each time.
const bootFile = "/proc/sys/kernel/random/boot_id"

// A planned restart, as it is kept over a restart of this program. A start of the computer has it behind it.
type planned struct {
	Version string    `json:"version"` // what was installed; empty: nothing
	At      time.Time `json:"at,omitzero"`
	Boot    string    `json:"boot"`
}

// restarts has the computer start with what was installed, when people want it to (A14.7).
type restarts struct {
	*Box
	busy    sync.Mutex // an update is being installed, or the restart is due
	mu      sync.Mutex // of what follows
	now     planned
	drains  bool
	changed chan struct{}
}

func newRestarts(b *Box) *restarts {
	r := &restarts{Box: b, changed: make(chan struct{}, 1)}
	text, err := os.ReadFile(r.file())
	if err == nil {
		err = json.Unmarshal(text, &r.now)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		b.opt.Log.Warn("the planned restart cannot be read", "error", err)
	}
	if r.now.Boot != bootID() {
		r.now = planned{}
	}
	r.next()
	return r
}

func (r *restarts) file() string { return filepath.Join(r.Store.Dir(updateDir), restartFile) }

func bootID() string {
	id, _ := os.ReadFile(bootFile)
	return strings.TrimSpace(string(id))
}

// plan has the computer start with a version.
func (r *restarts) plan(version string, when webui.When) error {
	p := planned{Version: version, Boot: bootID()}
	switch now := time.Now(); when {
	case webui.RestartQuiet:
		p.At = nextQuiet(r.Store.Config(), now)
	case webui.RestartLater:
	default:
		p.At = now.Add(answerTime).Round(0)
	}
	r.mu.Lock()
	r.now = p
	r.mu.Unlock()
	select {
	case r.changed <- struct{}{}:
	default:
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return replace(r.file(), text, secretFile)
}

// nextQuiet is the next quiet hour of the site. Where the clocks leave it out in spring it is what time.Date makes of it.
func nextQuiet(cfg *telephony.Config, now time.Time) time.Time {
	at, _ := time.Parse("15:04", cfg.Site.Quiet()) // validated
	now = now.In(cfg.Location())
	year, month, day := now.Date()
	for {
		if t := time.Date(year, month, day, at.Hour(), at.Minute(), 0, 0, now.Location()); t.After(now) {
			return t
		}
		day++
	}
}

// Restart plans it anew.
func (r *restarts) Restart(_ context.Context, when webui.When, by webui.By) error {
	installed := r.Installed()
	if installed == nil {
		return telephony.Errorf(telephony.Conflict, "没有等待重启的升级。", "No update waits for a restart.")
	}
	if err := r.note(by, "update.restart", fmt.Sprint(installed.Version, " ", when)); err != nil {
		return err
	}
	return r.plan(installed.Version, when)
}

// Installed is what waits for a restart.
func (r *restarts) Installed() *webui.Installed {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now.Version == "" {
		return nil
	}
	return &webui.Installed{Version: r.now.Version, At: r.now.At, Drains: r.drains}
}

func (r *restarts) planned() planned {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// next is the plan, for the next day where its time was missed: the program did not run, or the clock was set past it.
func (r *restarts) next() planned {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.now.At.IsZero() && time.Since(r.now.At) > missedTime {
		r.now.At = r.now.At.AddDate(0, 0, 1)
	}
	return r.now
}

// keep restarts as planned, until ctx ends.
func (r *restarts) keep(ctx context.Context) {
	for ctx.Err() == nil {
		p := r.next()
		var look <-chan time.Time
		switch left := time.Until(p.At); {
		case p.At.IsZero():
		case left > 0:
			look = time.After(min(left, planLook))
		default:
			r.restart(ctx, p)
			continue
		}
		select {
		case <-ctx.Done():
		case <-r.changed:
		case <-look:
		}
	}
}

// restart waits for an update that is being installed, and for calls to end, and has the computer start.
func (r *restarts) restart(ctx context.Context, p planned) {
	r.busy.Lock()
	defer r.busy.Unlock()
	r.saveAnew(ctx, p.Version)
	r.drain(true)
	defer r.drain(false)
	for end := time.Now().Add(drainTime); len(r.Exchange.Live().Calls) > 0 && time.Now().Before(end); {
		if wait(ctx, drainLook) != nil || r.planned() != p {
			return
		}
	}
	if r.planned() != p {
		return
	}
	if err := r.request(rebootFile); err != nil {
		r.opt.Log.Error("cannot ask for a restart", "error", err)
	}
	if wait(ctx, restartTime) == nil { // the computer runs on
		r.opt.Log.Error("the computer did not start again; the update starts with its next start")
		if err := r.plan(p.Version, webui.RestartLater); err != nil {
			r.opt.Log.Error("the restart cannot be planned", "error", err)
		}
	}
}

// saveAnew saves what was saved at the installation, as it is now. What was saved then stays where that takes too long or fails.
func (r *restarts) saveAnew(ctx context.Context, version string) {
	ctx, cancel := context.WithTimeout(ctx, saveTime)
	defer cancel()
	err := r.keepLines()
	saved, bad := os.Stat(filepath.Join(r.Store.Dir(updateDir), savedConfig))
	if bad != nil || time.Since(saved.ModTime()) > missedTime {
		err = errors.Join(err, r.save(ctx, version))
	}
	if err != nil {
		r.opt.Log.Warn("the data cannot be saved before the restart", "error", err)
	}
}

// drain has new calls refused, or no more.
func (r *restarts) drain(on bool) {
	r.Exchange.Drain(on)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drains = on
}
