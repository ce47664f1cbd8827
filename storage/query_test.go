package storage

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"callbox/telephony"
)

// play appends a tape's facts in the bubble's time.
func play(s *Store, tp *tape) {
	last := time.Duration(0)
	for _, e := range tp.entries {
		time.Sleep(e.Mono - last)
		last = e.Mono
		s.Append(telephony.Entry{Call: e.Call, Fact: e.Fact})
	}
}

func syncStore(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func allRecords(t *testing.T, s *Store) []Record {
	t.Helper()
	syncStore(t, s)
	var list []Record
	for r, err := range s.EachCall(t.Context(), Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// someDays is a busy time of n calls with every outcome.
func someDays(n int, seed uint64) *tape {
	tp, dice := newTape(), rand.New(rand.NewPCG(seed, 0))
	outcomes := []telephony.Outcome{
		telephony.OutcomeVoicemail, telephony.OutcomeSelfService, telephony.OutcomeForwarded, telephony.OutcomeLostInMenu,
		telephony.OutcomeLostRinging, telephony.OutcomeNoAnswer, telephony.OutcomeBusy, telephony.OutcomeRefused,
		telephony.OutcomeCongestion, telephony.OutcomeFailed,
	}
	for i := range n {
		call := telephony.NewCallID(1, uint64(i+1))
		switch k := dice.IntN(3 * len(outcomes)); {
		case k < len(outcomes):
			tp.tell(call, arrive("0216234"+string(call[2:])), end(outcomes[k], "caller"))
		case k < 2*len(outcomes):
			tp.tell(call, arrive("13800138000"), telephony.Queued{Queue: "sales"})
			tp.after(45).tell(call, telephony.Unqueued{Queue: "sales", Reason: "left", Waited: 45 * time.Second},
				end(telephony.OutcomeLostInQueue, "caller"))
		default:
			aServedCall(tp, call)
		}
		tp.after(dice.IntN(7200))
	}
	return tp
}

// Idea 4: records rebuilt from the journal alone are the records that were kept; ring 4's invariant.
func TestRebuildEqualsLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := openStore(t, dir, Options{})
		play(s, someDays(150, 1))
		live := allRecords(t, s)
		if len(live) != 150 {
			t.Fatalf("%d records of 150 calls", len(live))
		}
		s.Close()
		for _, lose := range []string{"state.db", "calls/calls-2000-01.db", "*"} {
			paths, _ := filepath.Glob(filepath.Join(dir, lose))
			if lose == "*" {
				paths, _ = filepath.Glob(filepath.Join(dir, "calls/*.db"))
				paths = append(paths, filepath.Join(dir, "state.db"))
			}
			for _, p := range paths {
				if err := os.WriteFile(p, bytes.Repeat([]byte("damage"), 4000), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s = openStore(t, dir, Options{})
			if diff := cmp.Diff(live, eventually(t, s, len(live))); diff != "" {
				t.Errorf("without %s (-live +rebuilt):\n%s", lose, diff)
			}
			if a := s.Alarms(); len(a) == 0 || !strings.HasPrefix(a[0].Name, "storage_damaged/") {
				t.Errorf("without %s: alarms %v", lose, a)
			}
			s.Close()
		}
	})
}

// eventually reads the records once, which finds a damaged month, and again until the rebuild is through.
func eventually(t *testing.T, s *Store, n int) []Record {
	t.Helper()
	for range 100 {
		if list := allRecords(t, s); len(list) == n {
			return list
		}
		time.Sleep(time.Second)
	}
	return nil
}

func TestQueries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		play(s, someDays(200, 2))
		all := allRecords(t, s)
		middle := all[80].Arrived
		cases := []struct {
			name string
			q    Query
			fits func(*Record) bool
		}{
			{"all", Query{}, func(*Record) bool { return true }},
			{"time", Query{From: all[120].Arrived, To: middle}, func(r *Record) bool {
				return !r.Arrived.Before(all[120].Arrived) && r.Arrived.Before(middle)
			}},
			{"number", Query{Number: "0013"}, func(r *Record) bool { return strings.Contains(r.Caller.Number, "0013") }},
			{"agent", Query{Agent: "1001"}, func(r *Record) bool { return r.Agent == "1001" }},
			{"queue", Query{Queue: "sales"}, func(r *Record) bool { return r.Queue == "sales" }},
			{"outcome", Query{Outcome: telephony.OutcomeBusy}, func(r *Record) bool { return r.Outcome == telephony.OutcomeBusy }},
			{"text", Query{Text: "route/day"}, func(r *Record) bool { return r.Rule == "route/day" }},
			{"direction", Query{Direction: telephony.Outbound}, func(*Record) bool { return false }},
			{"two", Query{Agent: "1001", To: middle}, func(r *Record) bool { return r.Agent == "1001" && r.Arrived.Before(middle) }},
		}
		for _, c := range cases {
			want := []telephony.CallID{}
			for i := range all {
				if c.fits(&all[i]) {
					want = append(want, all[i].ID)
				}
			}
			if diff := cmp.Diff(want, pageThrough(t, s, c.q)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
		}
		if _, err := s.Call(t.Context(), "9-9"); code(err) != telephony.NotFound {
			t.Errorf("an unknown call: %v", err)
		}
	})
}

// pageThrough reads page after page of seven.
func pageThrough(t *testing.T, s *Store, q Query) []telephony.CallID {
	t.Helper()
	ids := []telephony.CallID{}
	q.Limit = 7
	for {
		page, err := s.Calls(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Calls {
			ids = append(ids, r.ID)
		}
		if page.Next == "" {
			return ids
		}
		q.Before = page.Next
	}
}

// The story of a call is its journal, of one in progress too (idea 9).
func TestStory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		tp := newTape()
		aServedCall(tp, "1-1")
		tp.tell("1-2", arrive("1"), telephony.CallAnswered{})
		play(s, tp)
		syncStore(t, s)
		for call, want := range map[telephony.CallID]int{"1-1": 17, "1-2": 2} {
			if story, err := s.Story(t.Context(), call); err != nil || len(story) != want {
				t.Errorf("%s: %d entries, %v", call, len(story), err)
			}
		}
		if _, err := s.Story(t.Context(), "9-9"); code(err) != telephony.NotFound {
			t.Errorf("an unknown call: %v", err)
		}
		if _, err := s.Call(t.Context(), "1-2"); code(err) != telephony.NotFound {
			t.Errorf("the record of a call in progress: %v", err)
		}
		if r, err := s.SoFar(t.Context(), "1-2"); err != nil || r.ID != "1-2" || r.Answered.IsZero() || !r.Ended.IsZero() {
			t.Errorf("a call in progress: %+v, %v", r, err)
		}
		if r, err := s.SoFar(t.Context(), "1-1"); err != nil || r.Ended.IsZero() {
			t.Errorf("a call that is over: %+v, %v", r, err)
		}
		if _, err := s.SoFar(t.Context(), "9-9"); code(err) != telephony.NotFound {
			t.Errorf("an unknown call: %v", err)
		}
	})
}

// A box that went down in mid-call accounts for the call at the next start, and for its recording as it was found; a file
// that the journal never heard of is adopted (pain 23).
func TestInterruptedCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s := openStore(t, dir, Options{})
		s.Append(telephony.Entry{Call: "1-1", Fact: arrive("02162345678")})
		s.Append(telephony.Entry{Call: "1-1", Fact: telephony.RecordingStarted{Recording: "1-1.1", Purpose: "call", Agent: "1001"}})
		syncStore(t, s)
		unclean(t, s)
		found := []telephony.Recorded{
			{Recording: "1-1.1", File: "1-1.1.wav", Octets: 16000, Length: time.Second},
			{Recording: "1-2.2", File: "1-2.2.wav", Octets: 32000, Length: 2 * time.Second},
		}
		s = openStore(t, dir, Options{Repair: func(length func(string) (int64, bool)) []telephony.Recorded {
			if _, known := length("1-1.1"); known {
				t.Error("the length of an open recording is known")
			}
			return found
		}})
		r := allRecords(t, s)
		if len(r) != 1 || r[0].Outcome != telephony.OutcomeInterrupted || r[0].EndedBy != "box" {
			t.Errorf("records %+v", r)
		}
		list, _, err := s.Recordings(t.Context(), RecordingQuery{})
		if err != nil || len(list) != 2 {
			t.Fatalf("recordings %+v, %v", list, err)
		}
		for _, rec := range list {
			if !rec.Done || rec.Purpose != "call" || rec.ID == "1-1.1" && (rec.Octets != 16000 || rec.Problem != "interrupted") {
				t.Errorf("recording %+v", rec)
			}
		}
		s.Close()
		s = openStore(t, dir, Options{Repair: func(func(string) (int64, bool)) []telephony.Recorded {
			t.Error("repair after a clean stop")
			return nil
		}})
		if again := allRecords(t, s); len(again) != 1 || cmp.Diff(r, again) != "" {
			t.Errorf("the call is told twice: %+v", again)
		}
		s.Close()
	})
}

// unclean closes a store as a crash would.
func unclean(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.boot.write(s.dir); err != nil {
		t.Fatal(err)
	}
}

// What a spreadsheet calculates becomes text (OWASP, CSV injection): Chinese and Japanese Excel takes the wide forms, too.
func TestFormulasBecomeText(t *testing.T) {
	for _, formula := range []string{"=1+1", "+8613", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "＝1+1", "＋1", "－1", "＠SUM(A1)"} {
		if got := guardFormula(formula); got != "'"+formula {
			t.Errorf("%q leaves as %q", formula, got)
		}
	}
	for _, text := range []string{"", "张三", "O'Brien", "13800138000", "a=b", "é"} {
		if got := guardFormula(text); got != text {
			t.Errorf("%q leaves as %q", text, got)
		}
	}
}

// An exported name is text for every spreadsheet, whatever a caller calls himself.
func TestExport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		s.Append(telephony.Entry{Call: "1-1", Fact: telephony.CallArrived{
			Direction: telephony.Inbound, Line: "fxo/1", Caller: telephony.Caller{Number: "+8613800138000", Name: `=cmd|' /C calc'!A0`},
		}})
		s.Append(telephony.Entry{Call: "1-1", Fact: end(telephony.OutcomeLostRinging, "caller")})
		syncStore(t, s)
		var b bytes.Buffer
		if err := s.Export(context.Background(), &b, "csv", "zh", Query{}); err != nil {
			t.Fatal(err)
		}
		text, marked := strings.CutPrefix(b.String(), "\uFEFF")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || !marked || len(rows) != 2 || rows[0][0] != "编号" {
			t.Fatalf("%q, %v", rows, err)
		}
		if rows[1][6] != "'+8613800138000" || rows[1][7] != `'=cmd|' /C calc'!A0` {
			t.Errorf("row %q", rows[1])
		}
		b.Reset()
		if err := s.Export(context.Background(), &b, "xlsx", "en", Query{}); err != nil {
			t.Fatal(err)
		}
		if _, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len())); err != nil {
			t.Errorf("the sheet is no zip: %v", err)
		}
	})
}

// A11.11, A5.4: an export says what points a call was given and whether it came outside of opening hours, and can be of such calls alone.
func TestExportOfPointsAndHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		tp := newTape()
		for i, closed := range []string{"", "off", "holiday"} {
			tp.tell(telephony.NewCallID(1, uint64(i+1)), arrive("1"), telephony.Routed{Target: "queue:sales", Closed: closed}, end(telephony.OutcomeAnswered, "agent")).after(1)
		}
		play(s, tp)
		list := allRecords(t, s)
		s.Append(telephony.Entry{Call: list[1].ID, Fact: telephony.CallScored{Arrived: list[1].Arrived, Agent: "1001", Points: 85, By: "boss"}})
		syncStore(t, s)
		for closed, want := range map[string][]string{
			"":        {"Closed,Points,Points of,Complaint", "holiday,,,", "after hours,85,1001,", ",,,"},
			Any:       {"Closed,Points,Points of,Complaint", "holiday,,,", "after hours,85,1001,"},
			"off":     {"Closed,Points,Points of,Complaint", "after hours,85,1001,"},
			"holiday": {"Closed,Points,Points of,Complaint", "holiday,,,"},
		} {
			var b bytes.Buffer
			if err := s.Export(t.Context(), &b, "csv", "en", Query{Closed: closed}); err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(&b).ReadAll()
			var got []string
			for _, row := range rows {
				got = append(got, strings.Join(row[len(row)-4:], ","))
			}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("closed %q: %v\n%s", closed, err, diff)
			}
		}
	})
}
