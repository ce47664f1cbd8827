package storage

import (
	"testing"
	"testing/synctest"

	"callbox/telephony"
)

// A11.13: a complaint is made by a note's code and taken back by a later note; what a supervisor judged stands.
func TestComplaints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		play(s, someDays(5, 5))
		list := allRecords(t, s)
		note := func(r *Record, complaint bool) {
			s.Append(telephony.Entry{Call: r.ID, Fact: telephony.CallNoted{Arrived: r.Arrived, Complaint: complaint, Code: "投诉", By: "lihua"}})
		}
		judge := func(r *Record, founded bool) {
			s.Append(telephony.Entry{Call: r.ID, Fact: telephony.CallJudged{Arrived: r.Arrived, Founded: founded, By: "boss"}})
		}
		all := func() {
			note(&list[0], true) // and nobody judges
			note(&list[1], true)
			note(&list[1], false)
			judge(&list[1], true) // of what is no complaint any more
			note(&list[2], true)
			judge(&list[2], false)
			judge(&list[2], true)
			note(&list[2], false)
			note(&list[3], false)
			judge(&list[4], true)
		}
		check := func() {
			t.Helper()
			syncStore(t, s)
			for asked, want := range map[string]int{Any: 2, ComplaintOpen: 1, ComplaintFounded: 1, ComplaintUnfounded: 0} {
				if page, err := s.Calls(t.Context(), Query{Complaint: asked}); err != nil || len(page.Calls) != want {
					t.Errorf("%s: %d complaints, %v, want %d", asked, len(page.Calls), err, want)
				}
			}
			for i, want := range []string{ComplaintOpen, "", ComplaintFounded, "", ""} {
				if r, err := s.Call(t.Context(), list[i].ID); err != nil || r.Complaint.State() != want {
					t.Errorf("call %d: %+v, %v, want %q", i, r.Complaint, err, want)
				}
			}
		}
		all()
		check()
		s.reader.again <- struct{}{} // read the whole journal once more
		s.Append(telephony.Entry{Fact: telephony.CallNoted{}})
		check()
	})
}

// A11.11: the newest score of a call stands, is found with the call, and comes from the journal alone.
func TestScores(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		play(s, someDays(3, 5))
		list := allRecords(t, s)
		score := func(r *Record, agent string, points int) {
			s.Append(telephony.Entry{Call: r.ID, Fact: telephony.CallScored{Arrived: r.Arrived, Agent: agent, Points: points, By: "boss"}})
		}
		score(&list[0], "1001", 10)
		score(&list[0], "1001", 90)
		score(&list[2], "1002", 50)
		found := func(scored string) (calls []telephony.CallID) {
			t.Helper()
			page, err := s.Calls(t.Context(), Query{Scored: scored})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Calls {
				calls = append(calls, r.ID)
			}
			return calls
		}
		check := func() {
			t.Helper()
			syncStore(t, s)
			if got := found("1001"); len(got) != 1 || got[0] != list[0].ID {
				t.Errorf("of 1001: %v, want %s", got, list[0].ID)
			}
			if got := found(Any); len(got) != 2 {
				t.Errorf("scored at all: %v", got)
			}
			for i, want := range []int{90, 0, 50} {
				r, err := s.Call(t.Context(), list[i].ID)
				if err != nil || (r.Score == nil) != (want == 0) || want > 0 && r.Score.Points != want {
					t.Errorf("call %d: %+v, %v, want %d points", i, r.Score, err, want)
				}
			}
		}
		check()
		s.reader.again <- struct{}{} // read the whole journal once more
		score(&list[2], "1002", 50)
		check()
	})
}
