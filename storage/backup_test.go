package storage

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"callbox/telephony"
)

// backedUp is a store with a configuration, users, a call and a prompt, and its backup.
func backedUp(t *testing.T, dir string) (*Store, []byte) {
	t.Helper()
	s := claimed(t, dir)
	put(t, s, func(c *telephony.Config) { c.Site.Name = "before" })
	if err := os.MkdirAll(filepath.Join(s.Dir(promptDir), "zh"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir(promptDir), "zh", "欢迎.wav"), []byte("welcome"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.Append(telephony.Entry{Call: "1-1", Fact: arrive("02162345678")})
	s.Append(telephony.Entry{Call: "1-1", Fact: end(telephony.OutcomeLostRinging, "caller")})
	syncStore(t, s)
	var b bytes.Buffer
	if err := s.Backup(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return s, b.Bytes()
}

func restart(t *testing.T, s *Store) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return openStore(t, s.dir, Options{})
}

// Pain 29: a backup made while the box runs brings back the configuration, accounts, prompts and calls on a blank box, and
// leaves what it replaced beside.
func TestRestoreOnAnotherBox(t *testing.T) {
	s, file := backedUp(t, t.TempDir())
	want, records := s.Config(), allRecords(t, s)
	blank := openStore(t, t.TempDir(), Options{})
	boot := blank.Boot()
	if _, err := blank.Restore(t.Context(), bytes.NewReader(file), "", tester); code(err) != telephony.Forbidden ||
		!strings.Contains(err.Error(), s.Fingerprint()) {
		t.Errorf("another box's backup: %v", err)
	}
	m, err := blank.Restore(t.Context(), bytes.NewReader(file), s.Fingerprint(), tester)
	if err != nil || m.Revision != 2 {
		t.Fatalf("%+v, %v", m, err)
	}
	if blank.Config().Revision != 1 || blank.Claimed() {
		t.Error("the restore took effect before the next start")
	}
	blank = restart(t, blank)
	if diff := cmp.Diff(want, blank.Config()); diff != "" {
		t.Errorf("configuration:\n%s", diff)
	}
	if diff := cmp.Diff(records, allRecords(t, blank)); diff != "" {
		t.Errorf("call records:\n%s", diff)
	}
	if _, _, err := blank.SignIn(t.Context(), "lihua", goodPassword, "192.0.2.7"); err != nil {
		t.Errorf("the owner is not let in: %v", err)
	}
	if b, err := os.ReadFile(filepath.Join(blank.Dir(promptDir), "zh", "欢迎.wav")); string(b) != "welcome" {
		t.Errorf("prompt %q, %v", b, err)
	}
	if lines, _ := blank.AuditLines(0, 1); lines[0].Action != "backup.restored" || lines[0].Who != "lihua" {
		t.Errorf("audit %+v", lines)
	}
	if blank.Boot() <= boot || !exists(filepath.Join(blank.dir, asideDir, configName)) {
		t.Errorf("boot %d after %d", blank.Boot(), boot)
	}
	if a := blank.Alarms(); len(a) != 0 {
		t.Errorf("alarms %v", a)
	}
}

// A restore on the box that made the backup takes back the configuration, and nothing of what has happened since.
func TestRestoreOnTheSameBox(t *testing.T) {
	s, file := backedUp(t, t.TempDir())
	put(t, s, func(c *telephony.Config) { c.Site.Name = "after" })
	s.Append(telephony.Entry{Call: "1-2", Fact: arrive("13800138000")})
	s.Append(telephony.Entry{Call: "1-2", Fact: end(telephony.OutcomeLostRinging, "caller")})
	records := allRecords(t, s)
	session, _, err := s.SignIn(t.Context(), "lihua", goodPassword, "192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Restore(t.Context(), bytes.NewReader(file), "", tester); err != nil {
		t.Fatal(err)
	}
	s = restart(t, s)
	if s.Config().Site.Name != "before" {
		t.Errorf("site %q", s.Config().Site.Name)
	}
	if diff := cmp.Diff(records, allRecords(t, s)); diff != "" || len(records) != 2 {
		t.Errorf("call records:\n%s", diff)
	}
	if _, ok := s.Session(session); ok {
		t.Error("a session outlives the restore")
	}
}

// unzipped is what a file holds, nil if it cannot be read to the end.
func unzipped(file []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil
	}
	content, err := io.ReadAll(z)
	if err != nil {
		return nil
	}
	return content
}

// A bad file is refused with a sentence and changes nothing: each flipped octet, each cut.
func TestDamagedBackups(t *testing.T) {
	s, file := backedUp(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		bad := bytes.Clone(file)
		if rapid.Bool().Draw(t, "cut") {
			bad = bad[:rapid.IntRange(0, len(bad)-1).Draw(t, "at")]
		} else {
			bad[rapid.IntRange(10, len(bad)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		}
		if bytes.Equal(unzipped(bad), unzipped(file)) {
			t.Skip("a bit by which deflate fills an octet says nothing")
		}
		_, err := s.Restore(context.Background(), bytes.NewReader(bad), "", tester)
		var e *telephony.Error
		if !errors.As(err, &e) {
			t.Fatalf("refused with %v", err)
		}
		if exists(filepath.Join(s.dir, readyDir)) || exists(filepath.Join(s.dir, stagingDir)) {
			t.Fatal("something was left")
		}
	})
	if s = restart(t, s); s.Config().Site.Name != "before" {
		t.Errorf("site %q", s.Config().Site.Name)
	}
}

// repack changes the files of a backup within a sound gzip and tar; change gives nil to leave one out.
func repack(t *testing.T, file []byte, change func(h *tar.Header, content []byte) []byte, more ...tar.Header) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := gzip.NewWriter(&b)
	w := tar.NewWriter(out)
	for i := range more {
		w.WriteHeader(&more[i])
		w.Write(make([]byte, more[i].Size))
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		content, readErr := io.ReadAll(r)
		if err != nil || readErr != nil {
			t.Fatal(err, readErr)
		}
		if content = change(h, content); content != nil {
			h.Size = int64(len(content))
			w.WriteHeader(h)
			w.Write(content)
		}
	}
	w.Close()
	out.Close()
	return b.Bytes()
}

// What was put together with intent is refused as well, and nothing is written outside the staging folder.
func TestForgedBackups(t *testing.T) {
	s, file := backedUp(t, t.TempDir())
	same := func(_ *tar.Header, c []byte) []byte { return c }
	change := func(name string, f func([]byte) []byte) func(*tar.Header, []byte) []byte {
		return func(h *tar.Header, c []byte) []byte {
			if strings.HasPrefix(h.Name, name) {
				return f(c)
			}
			return c
		}
	}
	flip := func(c []byte) []byte { c[len(c)/2] ^= 1; return c }
	drop := func([]byte) []byte { return nil }
	file1 := func(name string) tar.Header {
		return tar.Header{Name: name, Size: 3, Mode: 0o600, Typeflag: tar.TypeReg}
	}
	cases := map[string][]byte{
		"database changed":  repack(t, file, change(configName, flip)),
		"journal changed":   repack(t, file, change(journalDir, flip)),
		"prompt changed":    repack(t, file, change(promptDir, flip)),
		"manifest changed":  repack(t, file, change(manifestName, flip)),
		"signature changed": repack(t, file, change(signatureName, flip)),
		"no database":       repack(t, file, change(configName, drop)),
		"no manifest":       repack(t, file, change(manifestName, drop)),
		"no signature":      repack(t, file, change(signatureName, drop)),
		"one more":          repack(t, file, same, file1("prompts/evil.wav")),
		"twice":             repack(t, file, same, file1(configName)),
		"outside":           repack(t, file, same, file1("../evil")),
		"absolute":          repack(t, file, same, file1("/tmp/evil")),
		"hidden":            repack(t, file, same, file1("prompts/../../evil")),
		"keys":              repack(t, file, same, file1("keys/box.key")),
		"link":              repack(t, file, same, tar.Header{Name: "prompts/x", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}),
		"folder":            repack(t, file, same, tar.Header{Name: "journal/", Typeflag: tar.TypeDir}),
		"no archive":        []byte("a letter"),
		"nothing":           nil,
	}
	for name, bad := range cases {
		_, err := s.Restore(t.Context(), bytes.NewReader(bad), AnyBox, tester)
		var e *telephony.Error
		if !errors.As(err, &e) || e.Code != telephony.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	names, _ := filepath.Glob(filepath.Join(filepath.Dir(s.dir), "*"))
	if len(names) != 1 {
		t.Errorf("files outside: %v", names)
	}
}

// A cut in the middle of taking a restore: the next start goes on and ends where it would have.
func TestRestoreIsCut(t *testing.T) {
	for steps := range 6 {
		s, file := backedUp(t, t.TempDir())
		blank := openStore(t, t.TempDir(), Options{})
		if _, err := blank.Restore(t.Context(), bytes.NewReader(file), AnyBox, tester); err != nil {
			t.Fatal(err)
		}
		if err := blank.Close(); err != nil {
			t.Fatal(err)
		}
		moves := []func(){
			func() { moveAside(blank.dir, "state.db") },
			func() { moveAside(blank.dir, callsDir) },
			func() { moveAside(blank.dir, journalDir) },
			func() {
				os.Rename(filepath.Join(blank.dir, readyDir, journalDir), filepath.Join(blank.dir, journalDir))
			},
			func() { moveAside(blank.dir, configName+goodSuffix) },
			func() { moveAside(blank.dir, configName) },
		}
		os.MkdirAll(filepath.Join(blank.dir, asideDir), 0o700)
		for _, move := range moves[:steps] {
			move()
		}
		again := openStore(t, blank.dir, Options{})
		if diff := cmp.Diff(s.Config(), again.Config()); diff != "" {
			t.Errorf("cut after %d steps:\n%s", steps, diff)
		}
		if n := len(allRecords(t, again)); n != 1 {
			t.Errorf("cut after %d steps: %d records", steps, n)
		}
		s.Close()
		again.Close()
	}
}

func FuzzRestore(f *testing.F) {
	dir := f.TempDir()
	s, err := Open(dir, Options{})
	if err != nil {
		f.Fatal(err)
	}
	defer s.Close()
	var b bytes.Buffer
	if err := s.Backup(context.Background(), &b); err != nil {
		f.Fatal(err)
	}
	z, _ := gzip.NewReader(&b)
	plain, _ := io.ReadAll(z)
	f.Add(plain)
	f.Add(plain[:1024])
	f.Fuzz(func(t *testing.T, plain []byte) {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		w.Write(plain)
		w.Close()
		if _, err := s.Restore(context.Background(), &packed, "", By{}); err == nil {
			os.RemoveAll(filepath.Join(dir, readyDir))
		}
	})
}
