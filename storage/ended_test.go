package storage

import (
	"slices"
	"testing"
	"testing/synctest"

	"callbox/telephony"
)

// A15.2: whoever goes on from where the last answer ended has each call once, in the order of their ends, and again when something was
// added to it; one in progress is not there, and not lost.
func TestCallsAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		tell := func(call telephony.CallID, facts ...telephony.Fact) {
			for _, f := range facts {
				s.Append(telephony.Entry{Call: call, Fact: f})
			}
		}
		var cursor uint64
		more := func(limit int, want ...telephony.CallID) []Record {
			t.Helper()
			calls, next, err := s.CallsAfter(t.Context(), EndedQuery{After: cursor, Limit: limit})
			var got []telephony.CallID
			for _, r := range calls {
				got = append(got, r.ID)
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%v, %v, want %v", got, err, want)
			}
			cursor = next
			return calls
		}
		more(9)
		tell("1-1", arrive("1"))
		tell("1-2", arrive("2"), end(telephony.OutcomeLostRinging, "caller"))
		tell("1-3", arrive("3"), end(telephony.OutcomeLostRinging, "caller"))
		tell("1-1", end(telephony.OutcomeLostRinging, "caller"))
		more(2, "1-2", "1-3")
		more(2, "1-1")
		more(2)
		tell("1-4", arrive("4"))
		more(2)
		tell("1-3", telephony.CallScored{Arrived: allRecords(t, s)[0].Arrived, Agent: "1001", Points: 70})
		tell("1-4", end(telephony.OutcomeLostRinging, "caller"))
		if calls := more(1, "1-3"); len(calls) == 1 && (calls[0].Score == nil || calls[0].Score.Points != 70) {
			t.Errorf("scored: %+v", calls[0].Score)
		}
		more(1, "1-4")
		arrived := allRecords(t, s)[0].Arrived // of the newest, 1-4
		tell("1-4", telephony.CallNoted{Arrived: arrived, Complaint: true, Code: "投诉", By: "1001"}, telephony.CallJudged{Arrived: arrived, Founded: true, By: "boss"})
		if calls := more(2, "1-4"); len(calls) == 1 && calls[0].Complaint.State() != ComplaintFounded {
			t.Errorf("judged: %+v", calls[0].Complaint)
		}
		if _, _, err := s.CallsAfter(t.Context(), EndedQuery{After: cursor + 1, Limit: 1}); code(err) != telephony.Invalid {
			t.Errorf("a cursor of another box: %v", err)
		}
	})
}
