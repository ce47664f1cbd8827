package storage

import (
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// What an agent wrote down of a call is there at the next call of that number (A5.7), and the journal alone gives it back.
func TestNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{})
		defer s.Close()
		note := func(call telephony.CallID, number, text string) {
			time.Sleep(time.Second)
			s.Append(telephony.Entry{Call: call, Fact: telephony.CallNoted{Number: number, Agent: "1001", By: "lihua", Text: text}})
		}
		note("1-1", "13800138000", "first")
		note("1-2", "13800138000", "second")
		note("1-3", "138001380001", "of another")
		note("1-1", "13800138000", "first, mended")
		syncStore(t, s)
		notes, err := s.Notes("13800138000", 10)
		if err != nil || len(notes) != 2 || notes[0].Text != "first, mended" || notes[1].Text != "second" {
			t.Errorf("%+v, %v", notes, err)
		}
		if notes, err = s.Notes("13800138000", 1); err != nil || len(notes) != 1 {
			t.Errorf("one of them: %+v, %v", notes, err)
		}
		if notes, err = s.Notes("", 10); err != nil || len(notes) != 0 {
			t.Errorf("of a caller without a number: %+v, %v", notes, err)
		}
	})
}
