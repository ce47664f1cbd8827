package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/rtp"
	"callbox/webui"
)

// TestPowerCuts takes the power away at random moments of calls, commits, recordings and updates, of starts and of resets, CALLBOX_CUTS times:
// each time the box comes up by itself, and what it had acknowledged is there (A14.7, A16.6). `make test-image` has 25, `make powercut` as many as
// one wants. QEMU is killed, and the disk has what was written; with CALLBOX_LOSSY it loses or tears at random what it was not told to flush.
//
// A box that has proved itself is frozen, and two of it go on from there, side by side.
func TestPowerCuts(t *testing.T) {
	t.Parallel()
	n, err := strconv.ParseInt(os.Getenv("CALLBOX_CUTS"), 10, 64)
	if err != nil || n < 1 {
		t.Skip("takes half a minute a cut: make powercut N=25")
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("CALLBOX_SEED"); s != "" {
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d", seed)
	frozen := provedBox(t)
	var sum tally
	for box := range min(n, 2) {
		t.Run(fmt.Sprint("box ", box+1), func(t *testing.T) {
			t.Parallel()
			p := newPowerCuts(t, frozen, &sum)
			for sum.cuts() < n {
				round := sum.rounds.Add(1)
				p.dice = rand.New(rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, seed, " ", round))))
				p.story(fmt.Sprint("round ", round), p.one)
			}
		})
	}
	t.Cleanup(func() {
		t.Log(&sum)
		if n >= 10 && sum.cutOff.Load() == 0 {
			t.Error("at no cut a message was recorded: nothing was shown of that")
		}
	})
}

// A tally is what both boxes have been through.
type tally struct {
	rounds                     atomic.Int64
	works, starts, resets      atomic.Int64 // cuts while the box did so
	messages, cutOff           atomic.Int64 // of those that were recorded
	told, kept                 atomic.Int64 // of them in nanoseconds: what the box had told before the cut, and what was there after it
	updatesInstalled, updating atomic.Int64 // updates, and cuts that came before one was
}

func (s *tally) cuts() int64 { return s.works.Load() + s.starts.Load() + s.resets.Load() }

func (s *tally) String() string {
	return fmt.Sprintf("%d cuts: %d while the box worked, in %d of them an update was not there or not installed in whole (%d were), %d while it started, %d while it was reset; "+
		"%d messages, %d of them cut off: the box had told of at least %.1f s, and %.1f s are there",
		s.cuts(), s.works.Load(), s.updating.Load(), s.updatesInstalled.Load(), s.starts.Load(), s.resets.Load(),
		s.messages.Load(), s.cutOff.Load(), time.Duration(s.told.Load()).Seconds(), time.Duration(s.kept.Load()).Seconds())
}

// A signedIn still is a box with its administrator's session.
type signedIn struct {
	still
	cookies []*http.Cookie
}

// provedBox is a box that people use, and that has proved itself.
func provedBox(t *testing.T) (s signedIn) {
	t.Helper()
	m := newPowerCutMachine(t)
	m.story("a box is made, and proves itself", func() {
		m.start(olderPC)
		s.cookies = m.claim()
		m.configure(s.cookies)
		m.proves()
		s.still = m.freeze()
	})
	return s
}

func newPowerCutMachine(t *testing.T) *machine {
	t.Helper()
	m := newMachine(t, filepath.Join(built(t), "disk.img"))
	m.lossy = os.Getenv("CALLBOX_LOSSY") != ""
	return m
}

// powerCuts is what was acknowledged over all of a box's.
type powerCuts struct {
	*machine
	frozen   signedIn
	cookies  []*http.Cookie
	dice     *rand.Rand
	revision uint64                      // of the configuration
	calls    []telephony.CallID          // that it had accounted for
	recorded map[telephony.CallID]period // since the power came, by the box's clock
	starts   int                         // since the system proved itself
	thaws    int
	sum      *tally
}

func newPowerCuts(t *testing.T, frozen signedIn, sum *tally) *powerCuts {
	t.Helper()
	return &powerCuts{machine: newPowerCutMachine(t), frozen: frozen, recorded: map[telephony.CallID]period{}, starts: mostStarts, sum: sum}
}

// A period is that in which the box says that it records a call.
type period struct {
	began time.Time
	least time.Duration // that was recorded when the box said so last; what its media loop skipped is silence
}

// The power goes at a moment of such a span. On a quiet machine that does nothing else an update is sent and installed in 8 s, and a start takes 20.
const (
	mostActivity = 20 * time.Second
	mostStart    = 25 * time.Second
	mostReset    = 40 * time.Second
)

// mostStarts is after how many a box is thawed: one more, and perhaps another that is cut off, are all that GRUB gives a system to prove itself.
const mostStarts = 2

// one works the box until its power goes, some of the times again while it starts, and looks what it has kept. A system has to prove itself in one
// of three starts, for else the recovery system comes, as it should: before it would have to, the box is thawed, which has just done so. Only such
// a one takes an update; some of the times it has one already, and what starts next is the new system.
func (p *powerCuts) one() {
	if p.starts >= mostStarts {
		p.goesBack()
		p.thaws++
	}
	update, updated := bundle(p.t, "good"), p.starts == 0 && p.thaws%3 == 2
	if updated { // else the power goes before one is there in whole, most of the times
		p.send(p.t.Context(), update)
	}
	after := p.moment(mostActivity)
	p.t.Logf("the power goes after %v, %d starts after the system has proved itself", after, p.starts)
	powered, cut := context.WithTimeout(p.t.Context(), after)
	defer cut()
	var work sync.WaitGroup
	work.Go(func() { again(powered, p.commit) })
	work.Go(func() { again(powered, p.ring) })
	work.Go(func() { again(powered, p.leaveMessage) })
	work.Go(func() { again(powered, p.watch) })
	if p.starts == 0 && !updated {
		work.Go(func() { p.send(powered, update) })
	}
	<-powered.Done()
	p.cut(&p.sum.works)
	work.Wait()
	if p.starts++; p.dice.IntN(3) == 0 {
		starting, cut := context.WithTimeout(p.t.Context(), p.moment(mostStart))
		p.start(olderPC)
		<-starting.Done()
		cut()
		p.cut(&p.sum.starts)
		p.starts++
	}
	p.comesUp()
	var c telephony.Config
	p.until("the box is up again", func() bool { p.read("/api/config", p.cookies, &c); return c.Format > 0 })
	if c.Revision < p.revision {
		p.t.Errorf("the box had acknowledged revision %d and has %d", p.revision, c.Revision)
	}
	p.accounts()
	p.playsBack()
	p.t.Logf("revision %d, %d calls", c.Revision, len(p.calls))
	if p.dice.IntN(20) == 0 {
		p.erase()
	}
}

// moment is one of a span.
func (p *powerCuts) moment(span time.Duration) time.Duration {
	return time.Duration(p.dice.Int64N(int64(span))).Round(time.Millisecond)
}

// goesBack makes the box the one that has proved itself.
func (p *powerCuts) goesBack() {
	p.t.Helper()
	p.thaw(p.frozen.still)
	p.cookies, p.starts, p.calls = p.frozen.cookies, 0, nil
	var c telephony.Config
	p.until("the box goes on from where it was frozen", func() bool { p.read("/api/config", p.cookies, &c); return c.Format > 0 })
	p.revision = c.Revision
}

// comesUp gives the power back, and waits until the panel shows something: who asks for the page before only keeps the box from it.
func (p *powerCuts) comesUp() {
	p.t.Helper()
	p.forget()
	p.start(olderPC)
	p.untilEvery(100*time.Millisecond, "its panel shows something", func() bool { return len(p.screen()) > 0 })
}

// erase resets everything at the panel, and the power goes while it does: the box comes up as it was, or new.
func (p *powerCuts) erase() {
	p.t.Helper()
	p.goesBack()
	p.reset("Erase all")
	after := p.moment(mostReset)
	resetting, cut := context.WithTimeout(p.t.Context(), after)
	defer cut()
	<-resetting.Done()
	p.cut(&p.sum.resets)
	p.comesUp()
	var s webui.Status
	p.until("the box is up again", func() bool { s = p.status(p.cookies); return s.TimeZone != "" })
	p.t.Logf("%v after the reset was asked for; it is done: %v", after, !s.Claimed)
	if !s.Claimed {
		p.claim()
	}
	p.starts = mostStarts // there is no more to do with one that is new
}

// cut takes the power away, and of what the disk has not flushed a part.
func (p *powerCuts) cut(while *atomic.Int64) {
	p.t.Helper()
	p.machine.cut()
	while.Add(1)
	if p.lossy {
		p.lose(p.dice)
	}
}

// again works without end, but for a moment between two times.
func again(powered context.Context, work func(context.Context)) {
	pace := time.NewTicker(500 * time.Millisecond)
	defer pace.Stop()
	for {
		select {
		case <-powered.Done():
			return
		case <-pace.C:
			if powered.Err() == nil { // else either case may be taken
				work(powered)
			}
		}
	}
}

// commit changes the configuration. What the box does not acknowledge does not count.
func (p *powerCuts) commit(context.Context) {
	var c telephony.Config
	p.read("/api/config", p.cookies, &c)
	c.Site.Name = fmt.Sprintf("第%d版", c.Revision+1)
	if err := p.put(&c, p.cookies); err == nil {
		p.revision = c.Revision
	}
}

// ring makes a call, and counts those that the box has accounted for.
func (p *powerCuts) ring(powered context.Context) {
	if _, err := p.call(powered, 3*time.Second); err == nil {
		if calls := p.records(p.cookies); len(calls) > len(p.calls) {
			p.calls = calls
		}
	}
}

// accounts looks whether each call that the box had accounted for still is: by its record, and by the journal of it to its end, which is in
// another file.
func (p *powerCuts) accounts() {
	p.t.Helper()
	there := p.records(p.cookies)
	for _, id := range p.calls {
		var journal struct{ Entries []struct{ Kind string } }
		p.read("/api/calls/"+string(id)+"/journal", p.cookies, &journal)
		over := slices.Contains(journal.Entries, struct{ Kind string }{telephony.CallEnded{}.Kind()})
		if !slices.Contains(there, id) || !over {
			p.t.Errorf("call %s was accounted for; there is a record of it: %v, and of its end in the journal: %v", id, slices.Contains(there, id), over)
		}
	}
}

// leaveMessage calls for so long that the power goes, most of the times, while a message is recorded. SIPp says nothing, and the box waits for
// speech only so long.
func (p *powerCuts) leaveMessage(powered context.Context) {
	_, _ = p.call(powered, rtp.MediaTimeout-2*time.Second)
}

// watch notes which calls the box says that it records.
func (p *powerCuts) watch(context.Context) {
	var live telephony.Live
	p.read("/api/live", p.cookies, &live)
	for _, c := range live.Calls {
		if c.Recording {
			seen, again := p.recorded[c.ID]
			if !again {
				seen.began = live.Time
			}
			seen.least = live.Time.Sub(seen.began)
			p.recorded[c.ID] = seen
		}
	}
}

// playsBack looks whether each recording has what the box had told of it, but for the last second.
func (p *powerCuts) playsBack() {
	p.t.Helper()
	for call, told := range p.recorded {
		if told.least <= time.Second {
			continue // there need not be a file
		}
		var page webui.RecordingPage
		p.until("the box tells what is recorded of a call", func() bool {
			p.read("/api/recordings?call="+string(call), p.cookies, &page)
			return len(page.Recordings) > 0
		})
		kept := time.Duration(page.Recordings[0].LengthMS) * time.Millisecond
		p.t.Logf("of a message of at least %.1f s, %.1f s are there %s", told.least.Seconds(), kept.Seconds(), page.Recordings[0].Problem)
		if kept < told.least-time.Second {
			p.t.Error("more than its last second is lost")
		}
		p.sum.messages.Add(1)
		if page.Recordings[0].Problem != "" {
			p.sum.cutOff.Add(1)
		}
		p.sum.told.Add(int64(told.least))
		p.sum.kept.Add(int64(kept))
	}
	clear(p.recorded)
}

// send has the box install an update, which starts with the computer.
func (p *powerCuts) send(powered context.Context, bundle []byte) {
	answer, err := p.ask("POST", "/api/update?restart=later", bytes.NewReader(bundle), "application/octet-stream", p.cookies, patience)
	switch {
	case err == nil && answer.StatusCode < 300:
		p.sum.updatesInstalled.Add(1)
	case powered.Err() != nil:
		p.sum.updating.Add(1)
	default:
		p.t.Errorf("an update is not taken: %v %v", answer, err)
	}
	if err == nil {
		answer.Body.Close()
	}
}
