package main

import (
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
