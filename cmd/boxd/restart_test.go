package main

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal/sim"
	"callbox/storage"
	"callbox/telephony"
	"callbox/webui"
)

// A drained is a world whose box runs from an image, with a call up.
type drained struct {
	*world
	restarts *restarts
	talker   *sim.Phone
}

func newDrained(t *testing.T) *drained {
	d := &drained{world: newWorld(t, testConfig())}
	d.box.opt.Requests = t.TempDir()
	if err := os.MkdirAll(d.box.Store.Dir(updateDir), 0o700); err != nil {
		t.Fatal(err)
	}
	d.restarts = newRestarts(d.box)
	go d.restarts.keep(t.Context())
	d.talker = d.phone("801", nil)
	d.phone("802", nil)
	d.must(d.talker.Call("802"))
	time.Sleep(5 * time.Second)
	return d
}

// requested says whether the computer was asked to start again.
func (d *drained) requested() bool {
	_, err := os.Stat(filepath.Join(d.box.opt.Requests, rebootFile))
	return err == nil
}

func (d *drained) plan(when webui.When) {
	d.t.Helper()
	d.must(d.restarts.plan("1.5.0", when))
	time.Sleep(answerTime + time.Second)
}

// A14.7: before a restart new calls are refused as under too much load, but for emergencies, and the calls that are up may end.
func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDrained(t)
		defer d.close()
		d.plan(webui.RestartNow)
		if i := d.restarts.Installed(); i == nil || !i.Drains {
			t.Errorf("it does not drain: %+v", i)
		}
		p := d.phone("803", nil)
		d.must(p.Call("804"))
		caller := d.ring("caller", sim.Call{Line: "fxo/2", From: "13800138000"})
		time.Sleep(20 * time.Second)
		if stage, calls := p.State().Stage, d.box.Exchange.Live().Calls; stage != sim.Idle || len(calls) != 1 {
			t.Errorf("a phone's call is %s, %d calls are up", stage, len(calls))
		}
		caller.Hangup()
		d.must(p.Call("110"))
		time.Sleep(5 * time.Second)
		if e := d.x.Called("fxo/1"); e == nil || e.State().Number != "110" {
			t.Error("the emergency call did not go through")
		}
		d.must(p.Hangup())
		time.Sleep(5 * time.Second)
		if d.requested() {
			t.Error("it restarts in the midst of a call")
		}
		d.must(d.talker.Hangup())
		time.Sleep(5 * time.Second)
		if !d.requested() {
			t.Error("it does not restart when the call is over")
		}
		time.Sleep(restartTime)
		if i := d.restarts.Installed(); i == nil || i.Drains || !i.At.IsZero() {
			t.Errorf("a computer that does not start: %+v", i)
		}
	})
}

// A call that does not end holds nobody up for more than five minutes, and who wants no restart after all has none.
func TestDrainEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDrained(t)
		defer d.close()
		d.plan(webui.RestartNow)
		d.plan(webui.RestartLater)
		p := d.phone("803", nil)
		d.phone("804", nil)
		d.must(p.Call("804"))
		time.Sleep(5 * time.Second)
		if calls := d.box.Exchange.Live().Calls; len(calls) != 2 || d.restarts.Installed().Drains {
			t.Errorf("not now: %d calls, %+v", len(calls), d.restarts.Installed())
		}
		time.Sleep(2 * drainTime)
		if d.requested() {
			t.Error("it restarts though nobody wants it any more")
		}
		d.plan(webui.RestartNow)
		time.Sleep(drainTime - 10*time.Second)
		if d.requested() {
			t.Error("it restarts before the five minutes are over")
		}
		time.Sleep(15 * time.Second)
		if !d.requested() || len(d.box.Exchange.Live().Calls) != 2 {
			t.Errorf("after five minutes: restart %t, %d calls", d.requested(), len(d.box.Exchange.Live().Calls))
		}
	})
}

// A clock that is set past the quiet hour, as by its first time server, starts nothing at noon.
func TestQuietHourIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDrained(t)
		defer d.close()
		d.must(d.talker.Hangup())
		d.plan(webui.RestartQuiet)
		d.restarts.mu.Lock()
		d.restarts.now.At = time.Now().Add(-2 * missedTime) // what a clock that jumps looks like from here
		d.restarts.mu.Unlock()
		time.Sleep(2 * planLook)
		if i := d.restarts.Installed(); d.requested() || i == nil || i.Drains || !i.At.After(time.Now()) {
			t.Errorf("requested: %v; %+v", d.requested(), i)
		}
	})
}

// A restart at the quiet hour is still planned when the program has started again, and not when the computer has.
func TestQuietHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDrained(t)
		defer d.close()
		d.must(d.talker.Hangup())
		d.plan(webui.RestartQuiet)
		at := d.restarts.Installed().At
		if at.Format("15:04 MST") != "03:00 CST" || time.Until(at) > 24*time.Hour {
			t.Errorf("it is to restart at %v", at)
		}
		if again := newRestarts(d.box).Installed(); again == nil || !again.At.Equal(at) || again.Version != "1.5.0" {
			t.Errorf("after a start of the program: %+v", again)
		}
		time.Sleep(time.Until(at) - time.Second)
		if d.requested() {
			t.Error("it restarts before its time")
		}
		time.Sleep(10 * time.Second)
		if !d.requested() {
			t.Error("it does not restart at the quiet hour")
		}
		text, err := os.ReadFile(d.restarts.file())
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range []struct {
			boot string
			late time.Duration
			want time.Duration
			none bool
		}{{bootID(), 10 * time.Minute, 0, false}, {bootID(), 2 * time.Hour, 24 * time.Hour, false}, {"another", 0, 0, true}} {
			time.Sleep(time.Until(at.Add(row.late)))
			d.restarts.now.Boot = row.boot
			if err := os.WriteFile(d.restarts.file(), text, 0o600); err != nil {
				t.Fatal(err)
			}
			if row.none {
				d.must(os.WriteFile(d.restarts.file(), []byte(`{"version":"1.5.0","boot":"another"}`), 0o600))
			}
			i := newRestarts(d.box).Installed()
			if (i == nil) != row.none || i != nil && !i.At.Equal(at.Add(row.want)) {
				t.Errorf("%+v: %+v", row, i)
			}
		}
	})
}

func TestNextQuiet(t *testing.T) {
	for _, row := range []struct{ zone, hour, now, want string }{
		{"Asia/Shanghai", "", "2026-11-27T18:59:59Z", "2026-11-27T19:00:00Z"},
		{"Asia/Shanghai", "", "2026-11-27T19:00:00Z", "2026-11-28T19:00:00Z"},
		{"Europe/Berlin", "22:30", "2026-12-31T21:31:00Z", "2027-01-01T21:30:00Z"},
		{"America/New_York", "02:30", "2026-03-08T06:00:00Z", "2026-03-08T06:30:00Z"}, // 02:30 is left out in that night
		{"America/New_York", "01:30", "2026-11-01T05:31:00Z", "2026-11-02T06:30:00Z"}, // and 01:30 comes twice
	} {
		cfg := telephony.DefaultConfig()
		cfg.Site.TimeZone, cfg.Site.QuietHour = row.zone, row.hour
		now, err := time.Parse(time.RFC3339, row.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextQuiet(cfg, now).UTC().Format(time.RFC3339); got != row.want {
			t.Errorf("%+v: %s", row, got)
		}
	}
}

// What is saved before an update can be reached, and gone back to.
func TestBeforeUpdate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDrained(t)
		defer d.close()
		b := backups{d.box}
		if _, _, err := b.BeforeUpdate(); err == nil {
			t.Error("there is one before any update")
		}
		d.must(d.box.save(t.Context(), "1.5.0"))
		name := d.box.Store.Config().Site.Name
		cfg := *d.box.Store.Configured()
		cfg.Site.Name = "after"
		if _, err := d.box.Store.Put(t.Context(), &cfg, storage.Change{Base: cfg.Revision, Who: "lihua"}); err != nil {
			t.Fatal(err)
		}
		saved, file, err := b.BeforeUpdate()
		if err != nil || saved.Version != "1.5.0" {
			t.Fatalf("%+v, %v", saved, err)
		}
		defer file.Close()
		restarted := false
		d.box.opt.Restart = func() { restarted = true }
		if err := b.Restore(t.Context(), file, "", false, webui.By{Who: "lihua"}); err != nil || !restarted {
			t.Fatalf("restarted %t, %v", restarted, err)
		}
		d.box.Store.Close()
		again, err := storage.Open(d.data, storage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if got := again.Config().Site.Name; got != name || again.LastSeq() == 0 {
			t.Errorf("site %q, want %q", got, name)
		}
	})
}
