package main

import (
	"context"
	"math/rand/v2"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/webui"
)

// How the simulated agents of a busy hour work.
const (
	answerSlowest = 6 * time.Second
	talkShortest  = 15 * time.Second
	talkLongest   = 70 * time.Second
)

// StartDay runs a busy hour: every configured agent gets a phone and signs in, and callers call by the seed's schedule.
func (s *simulation) StartDay(d webui.Day) error {
	ctx, cancel := context.WithCancel(context.Background())
	s.mu.Lock()
	if s.day != nil {
		s.day()
	}
	s.day = cancel
	s.mu.Unlock()
	if d.Stop {
		s.endDay(ctx)
		return nil
	}
	if d.Seed == 0 {
		d.Seed = rand.Uint64()
	}
	if err := s.StartPhones(s.crew(rand.New(rand.NewPCG(d.Seed, 1)))); err != nil {
		s.endDay(ctx)
		return err
	}
	go s.runDay(ctx, sim.Day(d.Seed, time.Duration(d.Minutes)*time.Minute, d.Calls))
	return nil
}

// runDay plays the schedule and ends by itself.
func (s *simulation) runDay(ctx context.Context, calls []sim.DayCall) {
	defer s.endDay(ctx)
	began := time.Now()
	for i, c := range calls {
		if spans := s.opt.Board.Spans; i%2 == 1 && len(spans) > 0 { // half of them come over the spans, in turn
			c.Call.Line = spans[i/2%len(spans)].Name()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Until(began.Add(c.At))):
		}
		if _, err := s.opt.Board.Sim.Ring(c.Call); err != nil {
			s.opt.Log.Debug("busy hour: no line is free", "from", c.Call.From)
		}
	}
}

// endDay notes that this day is over, unless another has begun.
func (s *simulation) endDay(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() == nil {
		s.day()
		s.day = nil
	}
}

// crew is a phone for each agent, each with its own pace.
func (s *simulation) crew(r *rand.Rand) []webui.SimPhone {
	var list []webui.SimPhone
	for _, a := range s.Store.Config().Agents {
		if a.Phone.Kind() != telephony.ToPhone {
			continue
		}
		talk := talkShortest + time.Duration(r.Int64N(int64(talkLongest-talkShortest)))
		list = append(list, webui.SimPhone{
			Extension: a.Phone.ID(), TalkMS: int(talk.Milliseconds()),
			AnswerAfterMS: int(time.Duration(r.Int64N(int64(answerSlowest))).Milliseconds()),
		})
	}
	return list
}
