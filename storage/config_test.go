package storage

import (
	"bytes"
	"compress/gzip"
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"callbox/telephony"
)

// officeConfig is a small valid configuration with secrets.
func officeConfig() *telephony.Config {
	c := telephony.DefaultConfig()
	c.Phones = []telephony.Phone{
		{Extension: "801", Name: "前台", Password: "Kx7-quiet-river", Permit: telephony.PermitLocal, RingSeconds: 20},
		{Extension: "802", Name: "Sales", Password: "Zp4-green-bridge", Permit: telephony.PermitLocal, RingSeconds: 20},
	}
	return c
}

// put changes the configuration from its newest revision.
func put(t *testing.T, s *Store, change func(*telephony.Config)) *telephony.Config {
	t.Helper()
	c := *s.Config()
	c.Phones = slices.Clone(c.Phones)
	change(&c)
	kept, err := s.Put(t.Context(), &c, Change{Base: c.Revision, Who: "lihua", Why: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func code(err error) telephony.Code {
	if e, ok := err.(*telephony.Error); ok {
		return e.Code
	}
	return ""
}

func TestConfigIsKeptOverAStart(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Initial: officeConfig()})
	kept := put(t, s, func(c *telephony.Config) { c.Site.Name = "上海客服" })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := openStore(t, dir, Options{})
	if diff := cmp.Diff(kept, again.Config()); diff != "" || kept.Revision != 2 {
		t.Errorf("revision %d reads differently:\n%s", kept.Revision, diff)
	}
	if !again.Clean() || again.Boot() != 2 {
		t.Errorf("boot %d, clean %v", again.Boot(), again.Clean())
	}
}

// A11.13: a configuration of a version that knew no targets has those of a new box; whoever wants none says so.
func TestConfigWithoutTargets(t *testing.T) {
	for text, want := range map[string]telephony.Targets{
		`{"site":{"name":"x"}}`: telephony.DefaultTargets,
		`{"targets":{"service_level":0,"satisfaction":80,"connection":0,"handling_seconds":0,"founded_complaints":0}}`: {Satisfaction: 80},
	} {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
		if c, err := unpack(packed.Bytes()); err != nil || c.Targets != want {
			t.Errorf("%s: %+v, %v", text, c, err)
		}
	}
}

func TestConfigRefusals(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Initial: officeConfig()})
	bad := *s.Config()
	bad.Site.TimeZone = "Mars/Olympus"
	if _, err := s.Put(t.Context(), &bad, Change{Base: 1}); code(err) != telephony.Invalid {
		t.Errorf("a bad time zone: %v", err)
	}
	if _, err := s.Put(t.Context(), officeConfig(), Change{Base: 7}); code(err) != telephony.Conflict {
		t.Errorf("a foreign base: %v", err)
	}
	if _, err := s.Undo(t.Context(), 99, Change{Base: 1}); code(err) != telephony.NotFound {
		t.Errorf("undo of nothing: %v", err)
	}
	if s.Config().Revision != 1 {
		t.Errorf("refusals changed the configuration to revision %d", s.Config().Revision)
	}
}

// Of many who change the same revision, one wins and each other hears Conflict.
func TestConfigRace(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Initial: officeConfig()})
	var won, lost int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := s.Put(context.Background(), officeConfig(), Change{Base: 1, Who: "many"})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if code(err) == telephony.Conflict {
				lost++
			}
		})
	}
	wg.Wait()
	if won != 1 || lost != 7 {
		t.Errorf("%d won, %d heard Conflict", won, lost)
	}
}

// A masked secret keeps what it was (A16): pages never see it and cannot lose it.
func TestMaskedSecretsStay(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Initial: officeConfig()})
	masked := s.Config().Masked()
	masked.Phones[1].Name = "销售"
	kept, err := s.Put(t.Context(), masked, Change{Base: 1})
	if err != nil {
		t.Fatal(err)
	}
	if kept.Phones[1].Password != "Zp4-green-bridge" {
		t.Errorf("password became %q", kept.Phones[1].Password)
	}
}

// Idea 33: any change can be undone for 30 days, and who, when and why are known.
func TestUndoForThirtyDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{Initial: officeConfig()})
		put(t, s, func(c *telephony.Config) { c.Site.Name = "two" })
		time.Sleep(29 * 24 * time.Hour)
		put(t, s, func(c *telephony.Config) { c.Site.Name = "three" })
		back, err := s.Undo(t.Context(), 2, Change{Base: 3, Who: "lihua"})
		if err != nil || back.Site.Name != "" || back.Revision != 4 {
			t.Fatalf("undone to %+v, %v", back, err)
		}
		time.Sleep(2 * 24 * time.Hour)
		put(t, s, func(c *telephony.Config) { c.Site.Name = "five" })
		if _, err := s.Undo(t.Context(), 2, Change{Base: 5}); code(err) != telephony.NotFound {
			t.Errorf("undo after 31 days: %v", err)
		}
		if undone, err := s.Undo(t.Context(), 3, Change{Base: 5}); err != nil || undone.Site.Name != "two" {
			t.Errorf("undo after 2 days: %v, %v", undone, err)
		}
		list, err := s.Revisions()
		if err != nil || list[0].Revision != 6 || list[1].Who != "lihua" || list[1].Why != "test" {
			t.Errorf("revisions %+v, %v", list, err)
		}
		s.Close()
	})
}

// Watch gives the newest whole configuration; who is slow misses those between, never the last.
func TestWatch(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Initial: officeConfig()})
	ctx, cancel := context.WithCancel(t.Context())
	box := s.Watch(ctx)
	if c := <-box; c.Revision != 1 {
		t.Errorf("first told revision %d", c.Revision)
	}
	for range 3 {
		put(t, s, func(c *telephony.Config) { c.Site.Name += "x" })
	}
	if c := <-box; c.Revision != 4 || c.Site.Name != "xxx" {
		t.Errorf("told revision %d", c.Revision)
	}
	cancel()
	if c, open := <-box; open {
		t.Errorf("told revision %d after the context ended", c.Revision)
	}
}

// What is switched off (A14.1) is there for who changes the configuration, and for nobody else.
func TestWhatIsOffIsKept(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Initial: officeConfig()})
	room := telephony.Room{ID: "board", Name: "Board", MaxParties: 8}
	put(t, s, func(c *telephony.Config) {
		c.Rooms, c.Off = []telephony.Room{room}, []telephony.Function{telephony.FunctionRooms}
	})
	see := func(rooms int) {
		t.Helper()
		watched := <-s.Watch(t.Context())
		if len(s.Configured().Rooms) != 1 || len(s.Config().Rooms) != rooms || len(watched.Rooms) != rooms {
			t.Errorf("made %v, in force %v, watched %v", s.Configured().Rooms, s.Config().Rooms, watched.Rooms)
		}
	}
	see(0)
	next := *s.Configured()
	next.Site.Name = "上海客服"
	if _, err := s.Put(t.Context(), &next, Change{Base: next.Revision, Who: "lihua"}); err != nil {
		t.Fatal(err)
	}
	see(0)
	next = *s.Configured()
	next.Off = nil
	if _, err := s.Put(t.Context(), &next, Change{Base: next.Revision, Who: "lihua"}); err != nil {
		t.Fatal(err)
	}
	see(1)
}

func TestDiff(t *testing.T) {
	before := officeConfig()
	after := *before.Unmasked(nil)
	after.Phones = []telephony.Phone{before.Phones[1], before.Phones[0], {Extension: "803"}}
	after.Phones[0].Password = "another-secret"
	after.Phones[1].RingSeconds = 30
	after.Site.Name = "new"
	before.Rooms, after.Rooms = nil, []telephony.Room{}                     // none, either way
	before.Webhooks, after.Webhooks = nil, []telephony.Webhook{{ID: "crm"}} // the first of its kind
	want := []Difference{
		{"phones[801].ring_seconds", 20.0, 30.0},
		{"phones[802].password", telephony.Mask, telephony.Mask},
		{"phones[803]", nil, map[string]any{
			"extension": "803", "name": "", "password": "", "permit": "", "auto_answer": false, "ring_seconds": 0.0,
			"always": "", "no_answer": "", "busy": "", "caller": "", "port": "",
		}},
		{"site.name", "", "new"},
		{"webhooks[crm]", nil, map[string]any{"id": "crm", "name": "", "url": "", "events": nil, "secret": "", "disabled": false}},
	}
	if diff := cmp.Diff(want, Diff(before, &after)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A line of the audit that is changed or taken out shows (idea 2), and the newest come first.
func TestAuditChain(t *testing.T) {
	s := openStore(t, t.TempDir(), Options{Initial: officeConfig()})
	for _, on := range []string{"r1", "r2", "r3"} {
		if err := s.Audit(t.Context(), AuditLine{Who: "lihua", Action: "recording.heard", On: on}); err != nil {
			t.Fatal(err)
		}
	}
	page, err := s.AuditLines(0, 2)
	if err != nil || len(page) != 2 || page[0].On != "r3" {
		t.Fatalf("newest lines %+v, %v", page, err)
	}
	page, err = s.AuditLines(page[1].Seq, 10)
	if err != nil || len(page) != 2 || page[0].On != "r1" || page[1].Action != "config.put" {
		t.Fatalf("older lines %+v, %v", page, err)
	}
	if p, err := s.ProveAudit(); p.Broken != 0 || err != nil || p.Lines == 0 || p.Last.Seq-p.First.Seq+1 != uint64(p.Lines) {
		t.Errorf("chain %+v, %v", p, err)
	}
	forge(t, s, page[0].Seq, func(l *AuditLine) { l.Who = "nobody" })
	if p, _ := s.ProveAudit(); p.Broken != page[0].Seq {
		t.Errorf("a changed line is found at %d, want %d", p.Broken, page[0].Seq)
	}
	forge(t, s, page[0].Seq, func(l *AuditLine) { l.Hash = hashOf(*l) })
	if p, _ := s.ProveAudit(); p.Broken != page[0].Seq+1 {
		t.Errorf("a changed line with a hash of its own is found at %d, want %d", p.Broken, page[0].Seq+1)
	}
}

// forge changes a line behind the back of the audit.
func forge(t *testing.T, s *Store, seq uint64, change func(*AuditLine)) {
	t.Helper()
	err := s.config.Update(t.Context(), func(tx *bbolt.Tx) error {
		var line AuditLine
		b := tx.Bucket(auditBucket)
		if _, err := getJSON(b, number(seq), &line); err != nil {
			return err
		}
		change(&line)
		return putJSON(b, number(seq), line)
	})
	if err != nil {
		t.Fatal(err)
	}
}
