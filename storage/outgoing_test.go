package storage

import (
	"testing"
	"time"

	"callbox/telephony"
)

// TestShelf: what an outbox was given outlives the program, oldest first, and two outboxes do not mix.
func TestShelf(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, Options{Initial: officeConfig()})
	at := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	kept := func(id string, minute int, text string) telephony.KeptMessage {
		return telephony.KeptMessage{
			Message: telephony.Outgoing{ID: id, To: []string{"13800138000"}, Text: text},
			Told:    telephony.Sending{ID: id, State: "queued", Time: at.Add(time.Duration(minute) * time.Minute)},
		}
	}
	if list, err := s.Shelf("sms").Kept(); err != nil || len(list) > 0 {
		t.Fatalf("a new box: %v, %v", list, err)
	}
	for _, k := range []telephony.KeptMessage{kept("z", 1, "first"), kept("a", 2, "second"), kept("b", 3, "gone"), kept("a", 2, "second again")} {
		if err := s.Shelf("sms").Keep(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Shelf("sms").Forget(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	if err := s.Shelf("mail").Keep(t.Context(), kept("m", 0, "a letter")); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = openStore(t, dir, Options{})
	list, err := s.Shelf("sms").Kept()
	if err != nil || len(list) != 2 || list[0].Message.Text != "first" || list[1].Message.Text != "second again" {
		t.Errorf("%+v, %v", list, err)
	}
}
