package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/rtp"
	"callbox/webui"
)

// TestPowerCuts takes the power away at random moments of starts, calls, commits, recordings and updates, CALLBOX_CUTS times: each time the box comes
// up by itself, and what it had acknowledged is there (A14.7, A16.6). `make powercut` runs it. QEMU is killed, and the disk has what was
// written; with CALLBOX_LOSSY it loses or tears at random what it was not told to flush.
func TestPowerCuts(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("CALLBOX_CUTS"))
	if err != nil || n < 1 {
		t.Skip("takes a minute a cut: make powercut N=25")
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("CALLBOX_SEED"); s != "" {
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d", seed)
	m := newMachine(t, filepath.Join(built(t), "disk.img"))
	m.lossy = os.Getenv("CALLBOX_LOSSY") != ""
	m.start(olderPC)
	cookies := m.claim()
	m.configure(cookies)
	cuts := powerCuts{machine: m, cookies: cookies, dice: rand.New(rand.NewPCG(seed, 0)), recorded: map[telephony.CallID]period{}}
	for i := range n {
		m.story(fmt.Sprintf("cut %d of %d", i+1, n), cuts.one)
	}
	t.Logf("%d messages, %d of them cut off: the box had told of at least %.1f s, and %.1f s are there", cuts.messages, cuts.cutOff, cuts.told.Seconds(), cuts.kept.Seconds())
	if n >= 10 && cuts.cutOff == 0 {
		t.Error("at no cut a message was recorded: nothing was shown of that")
	}
}

// powerCuts is what was acknowledged over all of them.
type powerCuts struct {
	*machine
	cookies  []*http.Cookie
	dice     *rand.Rand
	revision uint64 // of the configuration
	calls    int
	recorded map[telephony.CallID]period // since the power came, by the box's clock
	starts   int                         // since the system proved itself

	messages, cutOff int           // of those that were recorded
	told, kept       time.Duration // of them: what the box had told before the cut, and what was there after it
}

// A period is that in which the box says that it records a call.
type period struct {
	began time.Time
	least time.Duration // that was recorded when the box said so last; what its media loop skipped is silence
}

// one works the box until its power goes, some of the times while an update is written or again while it starts, and looks what it has kept.
// Of three starts in a row it proves itself in one, for else the recovery system would come, as it should.
func (p *powerCuts) one() {
	if p.starts > 1 {
		p.proves()
	}
	after := time.Duration(p.dice.IntN(60_000)) * time.Millisecond
	updates := p.dice.IntN(3) == 0
	p.t.Logf("the power goes after %v; an update: %v", after, updates)
	powered, cut := context.WithTimeout(p.t.Context(), after)
	defer cut()
	var work sync.WaitGroup
	work.Go(func() { again(powered, p.commit) })
	work.Go(func() { again(powered, p.ring) })
	work.Go(func() { again(powered, p.leaveMessage) })
	work.Go(func() { again(powered, p.watch) })
	if updates {
		update := bundle(p.t, "good")
		work.Go(func() { _ = p.send(update) })
	}
	<-powered.Done()
	p.cut()
	work.Wait()
	if p.starts++; p.dice.IntN(3) == 0 {
		starting, cut := context.WithTimeout(p.t.Context(), time.Duration(p.dice.IntN(40_000))*time.Millisecond)
		p.start(olderPC)
		<-starting.Done()
		cut()
		p.cut()
		p.starts++
	}
	p.start(olderPC)
	var c telephony.Config
	p.until("the box is up again", func() bool { p.read("/api/config", p.cookies, &c); return c.Format > 0 })
	if c.Revision < p.revision {
		p.t.Errorf("the box had acknowledged revision %d and has %d", p.revision, c.Revision)
	}
	if n := p.records(p.cookies); n < p.calls {
		p.t.Errorf("%d calls were hung up, %d are accounted for", p.calls, n)
	}
	p.playsBack()
	p.t.Logf("revision %d, %d calls", c.Revision, p.calls)
	if p.dice.IntN(5) == 0 {
		p.erase()
	}
}

// proves waits until the system has proved itself.
func (p *powerCuts) proves() {
	p.t.Helper()
	p.machine.proves()
	p.starts = 0
}

// erase resets everything at the panel, and the power goes while it does: the box comes up as it was, or new.
func (p *powerCuts) erase() {
	p.t.Helper()
	p.proves()
	p.reset("Erase all")
	after := time.Duration(p.dice.IntN(60_000)) * time.Millisecond
	resetting, cut := context.WithTimeout(p.t.Context(), after)
	defer cut()
	<-resetting.Done()
	p.cut()
	p.forget()
	p.start(olderPC)
	p.starts = 2 // with the one of the reset
	var s webui.Status
	p.until("the box is up again", func() bool { s = p.status(p.cookies); return s.TimeZone != "" })
	p.t.Logf("%v after the reset was asked for; it is done: %v", after, !s.Claimed)
	if !s.Claimed {
		p.cookies = p.claim()
		p.configure(p.cookies)
		p.revision, p.calls = 0, 0
	}
}

// cut takes the power away, and of what the disk has not flushed a part.
func (p *powerCuts) cut() {
	p.t.Helper()
	p.machine.cut()
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
			work(powered)
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
		p.calls = max(p.calls, p.records(p.cookies))
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
		if p.messages++; page.Recordings[0].Problem != "" {
			p.cutOff++
		}
		p.told, p.kept = p.told+told.least, p.kept+kept
	}
	clear(p.recorded)
}

// send sends an update, of which nothing is expected.
func (p *powerCuts) send(bundle []byte) error {
	answer, err := p.ask("POST", "/api/update", bytes.NewReader(bundle), "application/octet-stream", p.cookies, patience)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}
