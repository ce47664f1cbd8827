package storage

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"callbox/telephony"
)

// A StaffQuery chooses a time and, unless it is empty, one agent.
type StaffQuery struct {
	From, To time.Time
	Agent    string
	Team     *telephony.Team // agents of it alone
}

// An Attendance is what an agent was there of a time (A11.11).
type Attendance struct {
	Planned time.Duration // by the hours that the agent had
	Present time.Duration // of it, signed in, breaks included
	Online  time.Duration // signed in, planned or not
	Worked  time.Duration // of it ready, ringing, talking or wrapping up
}

func (a *Attendance) add(b Attendance) {
	a.Planned, a.Present, a.Online, a.Worked = a.Planned+b.Planned, a.Present+b.Present, a.Online+b.Online, a.Worked+b.Worked
}

// atWork are the states of actual work: neither busy nor on a break.
var atWork = map[telephony.AgentState]bool{
	telephony.AgentReady: true, telephony.AgentRinging: true, telephony.AgentTalking: true, telephony.AgentWrapUp: true,
}

// A StaffDay is the attendance of an agent on one day of the site's.
type StaffDay struct {
	Agent string
	Day   time.Time // its beginning
	Attendance
	In, Out time.Time // the first sign-in and the last sign-out, cut at the day's ends; zero: there was none
	Open    bool      // signed in until now
}

// Attendance tells the days on which agents were planned or signed in, by agent and then by day. It ends now.
func (s *Store) Attendance(ctx context.Context, q StaffQuery) ([]StaffDay, error) {
	r, err := s.register()
	if err != nil {
		return nil, err
	}
	q, running := r.clip(q)
	return s.attendance(ctx, r, q, running)
}

// clip ends a query now where it is running, and begins one without a beginning with the register.
func (r *register) clip(q StaffQuery) (clipped StaffQuery, running bool) {
	if now := time.Now(); q.To.IsZero() || q.To.After(now) {
		q.To, running = now, true
	}
	if q.From.IsZero() {
		q.From = r.Since
	}
	return q, running
}

func (s *Store) attendance(ctx context.Context, r register, q StaffQuery, running bool) ([]StaffDay, error) {
	c := s.Config()
	days := attending{zone: c.Location(), running: running, of: map[string]map[time.Time]*StaffDay{}}
	planned := map[string][]moments{}
	for i := range r.Terms {
		t := &r.Terms[i]
		hours := c.HoursOf(t.Hours)
		if hours == nil || !one(q.Agent, t.Agent) || !q.Team.HasAgent(t.Agent) {
			continue
		}
		for from, to := range hours.Work(later(t.From, q.From).In(days.zone), t.end(q.To).In(days.zone)) {
			planned[t.Agent] = append(planned[t.Agent], moments{from, to})
			for from, to := range eachDay(from, to) {
				days.at(t.Agent, from).Planned += to.Sub(from)
			}
		}
	}
	stretches, err := s.Stretches(ctx, StretchQuery{From: q.From, To: q.To, Agent: q.Agent, Team: q.Team})
	if err != nil {
		return nil, err
	}
	for i := range stretches {
		days.stretch(&stretches[i], planned[stretches[i].Agent])
	}
	return days.list(), nil
}

type moments struct{ from, to time.Time }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// within is how much of a time lies in some that are in order.
func within(times []moments, from, to time.Time) (sum time.Duration) {
	i, _ := slices.BinarySearchFunc(times, from, func(m moments, at time.Time) int { return m.to.Compare(at) })
	for ; i < len(times) && times[i].from.Before(to); i++ {
		end := times[i].to
		if end.After(to) {
			end = to
		}
		sum += end.Sub(later(times[i].from, from))
	}
	return sum
}

// eachDay cuts a time at the midnights of from's zone.
func eachDay(from, to time.Time) iter.Seq2[time.Time, time.Time] {
	return func(yield func(from, to time.Time) bool) {
		for from.Before(to) {
			end := dayAfter(from, 1)
			if end.After(to) {
				end = to
			}
			if !yield(from, end) {
				return
			}
			from = end
		}
	}
}

// dayOf is the beginning of a moment's day, which is not midnight where the clock goes forward then.
func dayOf(t time.Time) time.Time {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
	if day.Day() != t.Day() {
		return day.Add(time.Hour)
	}
	return day
}

// dayAfter is the beginning of the day so many days after a moment's.
func dayAfter(t time.Time, days int) time.Time {
	return dayOf(time.Date(t.Year(), t.Month(), t.Day()+days, 12, 0, 0, 0, t.Location()))
}

// attending are the days of agents.
type attending struct {
	zone    *time.Location
	running bool // it ends now
	of      map[string]map[time.Time]*StaffDay
}

// at is the day of an agent that a moment of the site's zone falls in.
func (a *attending) at(agent string, at time.Time) *StaffDay {
	days := a.of[agent]
	if days == nil {
		days = map[time.Time]*StaffDay{}
		a.of[agent] = days
	}
	day := dayOf(at)
	if days[day] == nil {
		days[day] = &StaffDay{Agent: agent, Day: day}
	}
	return days[day]
}

// stretch counts a time that an agent was signed in; they come in order.
func (a *attending) stretch(s *Stretch, planned []moments) {
	for from, to := range eachDay(s.From.In(a.zone), s.To.In(a.zone)) {
		day, long := a.at(s.Agent, from), to.Sub(from)
		day.Present += within(planned, from, to)
		day.Online += long
		if atWork[s.State] {
			day.Worked += long
		}
		if day.In.IsZero() {
			day.In = from
		}
		day.Out, day.Open = later(day.Out, to), a.running && s.Open && to.Equal(s.To)
	}
}

func (a *attending) list() (days []StaffDay) {
	for _, of := range a.of {
		for _, d := range of {
			days = append(days, *d)
		}
	}
	slices.SortFunc(days, func(a, b StaffDay) int {
		return cmp.Or(cmp.Compare(a.Agent, b.Agent), a.Day.Compare(b.Day))
	})
	return days
}
