package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
	"callbox/hal/sim"
	"callbox/telephony"
)

// A technician reads the claim code, has the box call itself on line 1, and sees the call counted (A14.9).
func TestPanel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.close()
		p := w.box.opt.Board.Panel.(*sim.Panel)
		shows := func(want string) {
			t.Helper()
			if got := strings.Join(p.Rows(), "\n"); !strings.Contains(got, want) {
				t.Errorf("it shows\n%s\nwant %q", got, want)
			}
		}
		press := func(keys ...hal.Key) {
			for _, k := range keys {
				p.Press(k)
				synctest.Wait()
			}
		}
		shows(w.box.Store.ClaimCode())
		shows(boxAddr)
		if !p.Lit("power") || !p.Lit("ready") || p.Lit("fxo/1") {
			t.Error("the lamps are wrong")
		}
		press(hal.KeyOK, hal.KeyUp, hal.KeyUp, hal.KeyUp, hal.KeyOK) // the last entry but two
		shows(">fxo/1")
		press(hal.KeyOK)
		shows("Please wait")
		lit := false
		for range 40 {
			time.Sleep(time.Second)
			lit = lit || p.Lit("fxo/1")
		}
		if !lit {
			t.Error("the line's lamp was dark during the call")
		}
		shows("Done.")
		time.Sleep(2 * time.Minute)
		press(hal.KeyOK, hal.KeyDown, hal.KeyDown, hal.KeyDown, hal.KeyDown, hal.KeyDown, hal.KeyOK)
		shows("Calls in           1")
		press(hal.KeyBack, hal.KeyDown, hal.KeyOK)
		h := (computer{w.box}).Health()
		shows(fmt.Sprintf("%.1f GB", float64(h.DiskTotalMB)/1024))
	})
}

// The language that was chosen at the panel is still there after a restart.
func TestPanelRemembersItsLanguage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telephony.DefaultConfig())
		defer w.close()
		f := &front{Box: w.box, Panel: sim.NewDotPanel(128, 64)}
		if got := f.options().Language; got != telephony.DefaultConfig().Site.Language {
			t.Errorf("a new panel speaks %q", got)
		}
		if err := f.options().Verbs.SetLanguage(t.Context(), "en"); err != nil {
			t.Fatal(err)
		}
		if got := f.options().Language; got != "en" {
			t.Errorf("after a change it speaks %q", got)
		}
		if err := os.Remove(filepath.Join(w.data, languageFile)); err != nil {
			t.Error(err)
		}
	})
}

// An E1 with three calls is not one busy line (issue 7): its bearers are counted, those out of service are not.
func TestPanelCountsChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Spans[1].Blocked = []int{1, 2, 3, 4}
		cfg.Trunks = []telephony.Trunk{ // nobody is there: its calls count as lines no more
			{ID: "ctc", Name: "ctc", Host: "10.9.9.9", Transport: "udp", User: "u", Password: "xK7-wq-51", Register: true, Expires: 300, DTMF: "auto", MaxCalls: 12},
		}
		w := newWorld(t, cfg)
		defer w.close()
		time.Sleep(10 * time.Second) // the data links come up
		f := &front{Box: w.box}
		counted := func(busy, all int) {
			t.Helper()
			if got := f.facts(t.Context()); got.Busy != busy || got.Channels != all {
				t.Errorf("%d of %d in use, want %d of %d", got.Busy, got.Channels, busy, all)
			}
		}
		counted(0, 8+30+26)
		for _, name := range []string{"a", "b", "c"} {
			w.ring(name, sim.Call{Line: "e1/1"})
		}
		w.ring("d", sim.Call{Line: "fxo/1"})
		time.Sleep(10 * time.Second)
		counted(4, 8+30+26)
		if err := w.x.Cut("e1/2", true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		counted(4, 8+30)
	})
}

// A trunk that is there counts as many calls as it is configured for; visitors of a web site are on no line.
func TestChannelsOfTrunks(t *testing.T) {
	cfg := &telephony.Config{Trunks: []telephony.Trunk{{ID: "ctc", MaxCalls: 12}}}
	busy, all := channels([]telephony.LineStatus{
		{ID: "trunk/ctc", State: telephony.LineTalking, Busy: 3}, {ID: "trunk/gone", State: telephony.LineFault}, {ID: "web/shop", Busy: 9},
	}, nil, cfg)
	if busy != 3 || all != 12 {
		t.Errorf("%d of %d", busy, all)
	}
}

// The panel tests a line of any board, simulated or not, and names what is wrong with its wire (idea 7).
func TestPanelTestsLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig()
		cfg.Trunks = []telephony.Trunk{
			{ID: "ctc", Name: "ctc", Host: "10.9.9.9", Transport: "udp", User: "u", Password: "xK7-wq-51", Register: true, Expires: 300, DTMF: "auto", MaxCalls: 12},
		}
		w := newWorld(t, cfg)
		defer w.close()
		synctest.Wait()
		simulated, real := w.box.opt.Board, *w.box.opt.Board
		real.Sim, w.box.opt.Board = nil, &real
		verbs := (&front{Box: w.box, Panel: sim.NewPanel(20, 4)}).options().Verbs
		w.box.opt.Board = simulated
		if verbs.TestCall != nil {
			t.Error("a caller is simulated on a real board")
		}
		if err := w.x.Cut("e1/2", true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		for line, want := range map[string]string{
			"fxo/1": "green: dial tone at", "fxo/8": "hum of 50 Hz", "e1/1": "green: Signal and D-channel are good; 30 of 30",
			"e1/2": "red: There is no signal at all: check that the cable", "trunk/ctc": "red: Out of order: check network", "fxo/99": "there is no analogue line",
		} {
			found, err := verbs.TestLine(t.Context(), line)
			got := fmt.Sprint(err)
			if err == nil {
				got = ""
				for _, f := range found {
					got += fmt.Sprintf("%s: %s\n", f.Light, f.Text.EN)
				}
			}
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s", line, got)
			}
		}
	})
}

// Each state of an E1 is told by its name.
func TestSpanFindings(t *testing.T) {
	good := telephony.LiveSpan{Span: "e1/1", Alarm: "clear", DChannel: "up", Channels: []telephony.LiveChannel{{State: telephony.ChannelIdle}}}
	for _, row := range []struct {
		change func(*telephony.LiveSpan)
		light  telephony.Light
		says   string
	}{
		{func(*telephony.LiveSpan) {}, telephony.Green, "1 of 30"},
		{func(s *telephony.LiveSpan) { s.Alarm, s.DChannel = "red", "down" }, telephony.Red, "no frame"},
		{func(s *telephony.LiveSpan) { s.Alarm, s.DChannel = "ais", "down" }, telephony.Red, "all ones"},
		{func(s *telephony.LiveSpan) { s.Alarm = "yellow" }, telephony.Red, "does not receive us"},
		{func(s *telephony.LiveSpan) { s.DChannel = "down" }, telephony.Red, "D-channel is down"},
		{func(s *telephony.LiveSpan) { s.Counters.FrameSlips, s.Channels = 3, nil }, telephony.Green, "slips 3"},
	} {
		s := good
		row.change(&s)
		list, said := spanFindings(&s), ""
		for _, f := range list {
			said += f.Text.EN
		}
		if list[0].Light != row.light || !strings.Contains(said, row.says) {
			t.Errorf("%s, D-channel %s: %v", s.Alarm, s.DChannel, list)
		}
	}
}
