package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"callbox/telephony"
	"callbox/webui"
)

// bundles are updates that arrived.
type bundles []string

func (b *bundles) Installed() *webui.Installed { return nil }

func (b *bundles) Restart(context.Context, webui.When, webui.By) error { return nil }

func (b *bundles) Update(_ context.Context, r io.Reader, older bool, restart webui.When, by webui.By) error {
	text, err := io.ReadAll(r)
	if older || restart != webui.RestartNow {
		*b = append(*b, "older, or "+string(restart))
	}
	*b = append(*b, string(text)+" by "+by.Who)
	return err
}

// An update and a backup come from a stick; none, and more than one, are told from one (A14.7).
func TestStick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telephony.DefaultConfig())
		defer w.close()
		var sent bundles
		restarted := 0
		w.box.updates, w.box.opt.Restart = &sent, func() { restarted++ }
		f := &front{Box: w.box, stick: t.TempDir()}
		says := func(err error, want string) {
			t.Helper()
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("it says %v, want %q", err, want)
			}
		}
		put := func(name string, content func(io.Writer) error) {
			t.Helper()
			if err := writeFile(filepath.Join(f.stick, name), content); err != nil {
				t.Fatal(err)
			}
		}
		says(f.updateFromStick(t.Context()), "no stick with a *.raucb")
		says(f.restoreFromStick(t.Context(), ""), "no stick with a *.backup")
		put("new.raucb", func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err })
		if err := f.updateFromStick(t.Context()); err != nil || strings.Join(sent, ",") != "new by local:panel" {
			t.Errorf("it installed %q: %v", sent, err)
		}
		put("old.raucb", func(io.Writer) error { return nil })
		says(f.updateFromStick(t.Context()), "several")
		put("box.backup", func(to io.Writer) error { return w.box.Store.Backup(t.Context(), to) })
		if err := f.restoreFromStick(t.Context(), ""); err != nil || restarted != 1 {
			t.Errorf("%d restarts: %v", restarted, err)
		}
		put("box.backup", func(to io.Writer) error { _, err := io.WriteString(to, "hello"); return err })
		says(f.restoreFromStick(t.Context(), ""), "")
		put("box.backup", func(to io.Writer) error {
			seal, err := w.box.Store.Seal(t.Context(), "three blue garden chairs")
			if err != nil {
				return err
			}
			sealed := seal(to)
			return errors.Join(w.box.Store.Backup(t.Context(), sealed), sealed.Close())
		})
		says(f.restoreFromStick(t.Context(), ""), "is encrypted")
		says(f.restoreFromStick(t.Context(), "three blue garden chair"), "does not open")
		if err := f.restoreFromStick(t.Context(), "three blue garden chairs"); err != nil || restarted != 2 {
			t.Errorf("encrypted: %d restarts, %v", restarted, err)
		}
	})
}
