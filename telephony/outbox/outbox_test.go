package outbox

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

func message(id string) telephony.Outgoing {
	return telephony.Outgoing{ID: id, To: []string{"a", "b"}, Time: time.Now()}
}

// What is taken is sent; what is refused for good is given up at once, and what fails is tried again for a day, holding up nobody.
func TestOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		answers := map[string]telephony.Posting{
			"good": {Refused: []string{"b"}}, "bad": {Problem: telephony.Text{EN: "no"}, Final: true}, "down": {Problem: telephony.Text{EN: "down"}},
		}
		o := New(func(_ context.Context, m telephony.Outgoing) telephony.Posting { return answers[m.ID] })
		go o.Run(ctx)
		for _, id := range []string{"down", "good", "bad"} {
			if s, err := o.Post(message(id)); err != nil || s.State != "queued" || s.To != 2 {
				t.Errorf("%s: %+v, %v", id, s, err)
			}
		}
		state := func(id, want string) {
			t.Helper()
			s, err := o.Sending(id)
			if got := fmt.Sprint(s.State, " ", s.Tries, " ", s.Problem.EN, s.Refused); err != nil || got != want {
				t.Errorf("%s: %s, %v, want %s", id, got, err, want)
			}
		}
		synctest.Wait()
		state("good", "sent 1 [b]")
		state("bad", "failed 1 no[]")
		state("down", "queued 1 down[]")
		time.Sleep(16 * time.Second)
		state("down", "queued 3 down[]")
		time.Sleep(25 * time.Hour)
		state("down", "failed 151 down[]")
		if _, err := o.Sending("other"); err == nil {
			t.Error("a message that never was is known")
		}
		stop()
		synctest.Wait()
	})
}

// No more wait than fit, and no more are remembered.
func TestOutboxIsBounded(t *testing.T) {
	o := New(nil)
	for n := range maxWaiting {
		if _, err := o.Post(message(fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Post(message("more")); err == nil {
		t.Fatal("no bound")
	}
	for n := range kept + 50 {
		i := &item{message(fmt.Sprint("k", n)), telephony.Sending{ID: fmt.Sprint("k", n)}}
		o.note(i, telephony.Posting{})
	}
	if len(o.over) != kept {
		t.Errorf("%d are remembered", len(o.over))
	}
}
