package storage

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// record makes a finished recording of a mebibyte with its file.
func record(t *testing.T, s *Store, id, purpose, agent string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.Dir(recordingDir), id+".wav"), []byte(id), 0o600); err != nil {
		t.Fatal(err)
	}
	call := telephony.CallID("1-" + id)
	s.Append(telephony.Entry{Call: call, Fact: arrive("02162345678")})
	s.Append(telephony.Entry{Call: call, Fact: telephony.RecordingStarted{Recording: id, Purpose: purpose, Agent: agent}})
	s.Append(telephony.Entry{Call: call, Fact: telephony.Recorded{
		Recording: id, File: id + ".wav", Octets: mebi, Length: time.Minute, Purpose: purpose, Agent: agent,
	}})
	if purpose == "voicemail" {
		s.Append(telephony.Entry{Call: call, Fact: telephony.VoicemailLeft{Mailbox: "sales", Recording: id}})
	}
	s.Append(telephony.Entry{Call: call, Fact: end(telephony.OutcomeAnswered, "caller")})
	syncStore(t, s)
}

// kept lists the recordings, oldest first, and checks that their files are there and no others.
func kept(t *testing.T, s *Store) []string {
	t.Helper()
	list, _, err := s.Recordings(t.Context(), RecordingQuery{Limit: maxPageSize})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range list {
		ids = append(ids, r.ID)
	}
	slices.Reverse(ids)
	files, _ := os.ReadDir(s.Dir(recordingDir))
	if len(files) != len(ids) {
		t.Errorf("%d files of %d recordings", len(files), len(ids))
	}
	return ids
}

func keepHouse(t *testing.T, s *Store, freeMB int64) {
	t.Helper()
	if err := s.keepHouse(t.Context(), freeMB*mebi); err != nil {
		t.Fatal(err)
	}
	syncStore(t, s)
}

func policy(days, low, stop int) Options {
	c := officeConfig()
	c.Recording.KeepDays, c.Recording.MinFreeMB, c.Recording.StopFreeMB = days, low, stop
	return Options{Initial: c}
}

// Pain 25: what is too old goes, all of it, a day after people were told; each deletion is in the journal.
func TestRetentionByAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := openStore(t, dir, policy(30, 0, 0))
		record(t, s, "r1", "call", "1001")
		time.Sleep(24 * time.Hour)
		record(t, s, "r2", "voicemail", "")
		time.Sleep(29*24*time.Hour + time.Minute)
		keepHouse(t, s, 1000)
		if a := s.Alarms(); len(a) != 1 || a[0].Name != "recordings_expire/30" || len(kept(t, s)) != 2 {
			t.Errorf("alarms %v, kept %v", a, kept(t, s))
		}
		time.Sleep(23 * time.Hour)
		s.Close()
		s = openStore(t, dir, Options{}) // a start does not begin the day anew
		keepHouse(t, s, 1000)
		if ids := kept(t, s); len(ids) != 2 {
			t.Errorf("kept %v an hour too early", ids)
		}
		time.Sleep(time.Hour)
		keepHouse(t, s, 1000)
		if ids := kept(t, s); len(ids) != 0 {
			t.Errorf("kept %v", ids)
		}
		var gone []telephony.RecordingDeleted
		for e := range s.Entries(0, s.LastSeq()) {
			if d, ok := e.Fact.(telephony.RecordingDeleted); ok {
				gone = append(gone, d)
			}
		}
		if len(gone) != 2 || gone[0] != (telephony.RecordingDeleted{Recording: "r1", Reason: "age", Who: "box"}) {
			t.Errorf("journal tells of %v", gone)
		}
		if _, err := s.Recording("r1"); code(err) != telephony.NotFound {
			t.Errorf("a deleted recording: %v", err)
		}
		s.Close()
	})
}

// Short space is announced; the oldest go a day later, as many as it takes; below the stop line at once, but no more than
// it takes to record again.
func TestRetentionBySpace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), policy(0, 100, 50))
		defer s.Close()
		for n := range 9 {
			record(t, s, fmt.Sprint("r", n), "call", "1001")
			time.Sleep(time.Minute)
		}
		keepHouse(t, s, 97)
		if a := s.Alarms(); len(a) != 1 || a[0].Name != spaceNotice || len(kept(t, s)) != 9 {
			t.Errorf("alarms %v, kept %v", a, kept(t, s))
		}
		keepHouse(t, s, 48)
		if ids := kept(t, s); len(ids) != 7 || ids[0] != "r2" {
			t.Errorf("below the stop line: kept %v", ids)
		}
		time.Sleep(24 * time.Hour)
		keepHouse(t, s, 97)
		if ids := kept(t, s); len(ids) != 4 || ids[0] != "r5" {
			t.Errorf("a day later: kept %v", ids)
		}
		keepHouse(t, s, 100)
		if a := s.Alarms(); len(a) != 0 {
			t.Errorf("alarms %v with space enough", a)
		}
		keepHouse(t, s, 97)
		if ids := kept(t, s); len(ids) != 4 {
			t.Errorf("a new shortage is not announced anew: kept %v", ids)
		}
	})
}

// A8.3, A8.6, A9.1: recordings are found by agent, call, mailbox and time, page by page, and opened.
func TestRecordingQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), policy(0, 0, 0))
		defer s.Close()
		for n := range 10 {
			purpose, agent := "call", fmt.Sprint(1000+n%2)
			if n%5 == 0 {
				purpose, agent = "voicemail", ""
			}
			record(t, s, fmt.Sprint("r", n), purpose, agent)
			time.Sleep(time.Hour)
		}
		r5, _ := s.Recording("r5")
		cases := []struct {
			name string
			q    RecordingQuery
			want []string
		}{
			{"agent", RecordingQuery{Agent: "1001"}, []string{"r9", "r7", "r3", "r1"}},
			{"call", RecordingQuery{Call: "1-r4"}, []string{"r4"}},
			{"mailbox", RecordingQuery{Mailbox: "sales"}, []string{"r5", "r0"}},
			{"time", RecordingQuery{From: r5.Started, To: r5.Started.Add(2 * time.Hour)}, []string{"r6", "r5"}},
		}
		for _, c := range cases {
			var got []string
			for c.q.Limit = 1; ; {
				list, next, err := s.Recordings(t.Context(), c.q)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range list {
					got = append(got, r.ID)
				}
				if next == "" {
					break
				}
				c.q.Before = next
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
		f, err := s.OpenRecording("r5")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if b, _ := io.ReadAll(f); string(b) != "r5" {
			t.Errorf("file holds %q", b)
		}
		if r5.Caller.Number != "02162345678" || r5.Call != "1-r5" {
			t.Errorf("recording %+v", r5)
		}
	})
}

// A9.1: a message is new until somebody heard it, and again if somebody says so; the mark outlives a start, and one that comes too late
// brings no message back.
func TestMessagesAreMarked(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, policy(0, 0, 0))
	record(t, s, "r1", "voicemail", "")
	record(t, s, "r2", "call", "1001")
	mark := func(id string, heard bool, want telephony.Code, by string) {
		t.Helper()
		if err := s.MarkMessage(t.Context(), "lihua", id, heard); code(err) != want {
			t.Errorf("%s: %v", id, err)
		}
		if r, _ := s.Recording(id); r.HeardBy != by {
			t.Errorf("%s is heard by %q", id, r.HeardBy)
		}
	}
	mark("r1", false, "", "")
	mark("r1", true, "", "lihua")
	mark("r1", false, "", "")
	mark("r1", true, "", "lihua")
	mark("r2", true, telephony.NotFound, "")
	mark("r3", true, telephony.NotFound, "")
	s.Close()
	s = openStore(t, dir, Options{})
	if r, _ := s.Recording("r1"); r.HeardBy != "lihua" {
		t.Errorf("after a start: %+v", r)
	}
	if err := s.DeleteRecording(t.Context(), "lihua", "r1"); err != nil {
		t.Fatal(err)
	}
	s.Append(telephony.Entry{Call: "1-r1", Fact: telephony.VoicemailHeard{Recording: "r1", By: "phone/801"}})
	syncStore(t, s)
	if _, err := s.Message("r1"); code(err) != telephony.NotFound {
		t.Errorf("a message that was deleted: %v", err)
	}
}

// A name in the journal opens nothing outside the recordings folder.
func TestRecordingOutsideIsRefused(t *testing.T) {
	s := openStore(t, t.TempDir(), policy(0, 0, 0))
	s.Append(telephony.Entry{Fact: telephony.Recorded{Recording: "evil", File: "../config.db"}})
	syncStore(t, s)
	if f, err := s.OpenRecording("evil"); code(err) != telephony.NotFound {
		t.Errorf("opened %v, %v", f, err)
	}
	if err := s.DeleteRecording(t.Context(), "lihua", "evil"); err == nil {
		t.Error("deleted what is outside")
	}
}
