package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
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
		shelf := memoryShelf{}
		o := New(func(_ context.Context, m telephony.Outgoing) telephony.Posting { return answers[m.ID] }, shelf, slog.New(slog.DiscardHandler))
		go o.Run(ctx)
		for _, id := range []string{"down", "good", "bad"} {
			if s, err := o.Post(t.Context(), message(id)); err != nil || s.State != "queued" || s.To != 2 {
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

// What waits when the box goes down is sent after its start, and what was over is still known. A disk that refuses takes no message.
func TestOutboxOutlivesTheBox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shelf, sent := memoryShelf{}, []string{}
		answer := telephony.Posting{Problem: telephony.Text{EN: "down"}}
		send := func(_ context.Context, m telephony.Outgoing) telephony.Posting {
			sent = append(sent, m.ID+m.Text)
			return answer
		}
		life := func(during func(*Outbox)) {
			ctx, stop := context.WithCancel(t.Context())
			o := New(send, shelf, slog.New(slog.DiscardHandler))
			go o.Run(ctx)
			during(o)
			synctest.Wait()
			stop()
			synctest.Wait()
		}
		life(func(o *Outbox) {
			m := message("1")
			m.Text = " late"
			if _, err := o.Post(t.Context(), m); err != nil {
				t.Error(err)
			}
			shelf["full"] = telephony.KeptMessage{}
			if _, err := o.Post(t.Context(), message("2")); err == nil {
				t.Error("a message that is not on the disk was taken")
			}
			delete(shelf, "full")
		})
		answer = telephony.Posting{}
		life(func(*Outbox) { time.Sleep(time.Minute) })
		life(func(o *Outbox) {
			time.Sleep(time.Minute)
			if s, err := o.Sending("1"); err != nil || s.State != "sent" || s.Tries != 2 {
				t.Errorf("%+v, %v", s, err)
			}
		})
		if want := []string{"1 late", "1 late"}; !slices.Equal(sent, want) {
			t.Errorf("sent %q, want %q", sent, want)
		}
		if shelf["1"].Message.Text != "" {
			t.Error("what was sent keeps its text")
		}
	})
}

// A memoryShelf is a shelf that takes nothing while "full" is on it.
type memoryShelf map[string]telephony.KeptMessage

func (s memoryShelf) Kept() ([]telephony.KeptMessage, error) {
	return slices.SortedFunc(maps.Values(s), func(a, b telephony.KeptMessage) int { return a.Told.Time.Compare(b.Told.Time) }), nil
}

func (s memoryShelf) Keep(_ context.Context, k telephony.KeptMessage) error {
	if _, full := s["full"]; full {
		return errors.New("the disk is full")
	}
	s[k.Told.ID] = k
	return nil
}

func (s memoryShelf) Forget(_ context.Context, id string) error {
	delete(s, id)
	return nil
}

// No more wait than fit, and no more are remembered.
func TestOutboxIsBounded(t *testing.T) {
	shelf := memoryShelf{}
	o := New(nil, shelf, slog.New(slog.DiscardHandler))
	for n := range maxWaiting {
		if _, err := o.Post(t.Context(), message(fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Post(t.Context(), message("more")); err == nil || o.Room() == nil {
		t.Fatal("no bound")
	}
	for n := range kept + 50 {
		i := &item{message(fmt.Sprint("k", n)), telephony.Sending{ID: fmt.Sprint("k", n)}}
		k, forgotten := o.note(i, telephony.Posting{})
		if err := o.keep(t.Context(), k, forgotten); err != nil {
			t.Fatal(err)
		}
	}
	if len(o.over) != kept || len(shelf) != maxWaiting+kept {
		t.Errorf("%d are remembered, %d on the shelf", len(o.over), len(shelf))
	}
}
