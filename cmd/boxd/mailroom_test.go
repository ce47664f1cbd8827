package main

import (
	"testing"

	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/call"
)

// TestAPhoneHearsLikeThePage (A9.1, A18.20): what a phone hears and deletes is in the audit, what it marks is marked for all, and the new
// come first.
func TestAPhoneHearsLikeThePage(t *testing.T) {
	s, err := storage.Open(t.TempDir(), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, id := range []string{"r1", "r2", "r3"} {
		for _, fact := range []telephony.Fact{
			telephony.RecordingStarted{Recording: id, Purpose: "voicemail"},
			telephony.VoicemailLeft{Mailbox: "office", Recording: id},
			telephony.Recorded{Recording: id, Purpose: "voicemail"},
		} {
			s.Append(telephony.Entry{Call: telephony.CallID("1-" + id), Fact: fact})
		}
	}
	if err := s.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	room := mailroom{s}
	waiting := func(want ...call.Message) {
		t.Helper()
		got, err := room.Waiting("office")
		if err != nil || len(got) != len(want) {
			t.Fatalf("%+v, %v", got, err)
		}
		for i, m := range got {
			if m.Recording != want[i].Recording || m.New != want[i].New {
				t.Errorf("message %d: %+v, want %+v", i, m, want[i])
			}
		}
	}
	waiting(call.Message{Recording: "r3", New: true}, call.Message{Recording: "r2", New: true}, call.Message{Recording: "r1", New: true})
	_, _ = room.Voice(call.Message{Recording: "r3"}, "phone/801") // its file is missing: that is noted before
	if err := room.Heard(call.Message{Recording: "r3"}, "phone/801"); err != nil {
		t.Error(err)
	}
	waiting(call.Message{Recording: "r2", New: true}, call.Message{Recording: "r1", New: true}, call.Message{Recording: "r3"})
	if err := room.Discard(call.Message{Recording: "r3"}, "phone/801"); err != nil {
		t.Error(err)
	}
	waiting(call.Message{Recording: "r2", New: true}, call.Message{Recording: "r1", New: true})
	lines, err := s.AuditLines(0, 2)
	if err != nil || len(lines) != 2 || lines[0].Action != "recording.deleted" || lines[1].Action != "recording.heard" || lines[1].Who != "phone/801" || lines[1].On != "r3" {
		t.Errorf("audit %+v, %v", lines, err)
	}
}
