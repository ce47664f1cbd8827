package telephony

import (
	"iter"
	"slices"
	"time"
	_ "time/tzdata" // the box's own table of zones, whatever its userland has
)

// The periods that hours divide time into.
const (
	PeriodWork    = "work"
	PeriodOff     = "off"
	PeriodHoliday = "holiday"
)

// Period says what kind of time it is at t, which must be in the site's zone. A span that runs past midnight belongs to
// the day on which it begins: the night shift before a holiday is worked to its end.
func (h *Hours) Period(t time.Time) string {
	today, yesterday := h.workedAs(t), h.workedAs(t.AddDate(0, 0, -1))
	clock := t.Format("15:04")
	for _, s := range h.Week {
		over := s.To <= s.From // runs past midnight, or around the clock
		switch {
		case s.on(today) && clock >= s.From && (over || clock < s.To),
			over && s.on(yesterday) && clock < s.To:
			return PeriodWork
		}
	}
	if today == 0 {
		return PeriodHoliday
	}
	return PeriodOff
}

// Work tells the stretches of work between two moments, in order, cut at both ends; those that touch are one. The days are those of
// from's zone, and a stretch is as long as it lasts: a night in which the clock goes back has an hour more.
func (h *Hours) Work(from, to time.Time) iter.Seq2[time.Time, time.Time] {
	return func(yield func(from, to time.Time) bool) {
		var begun, end time.Time // of the stretch that goes on
		last := to.AddDate(0, 0, 1)
		for day := noon(from).AddDate(0, 0, -1); day.Before(last); day = day.AddDate(0, 0, 1) {
			for _, s := range h.worked(day) {
				if s.from.Before(from) {
					s.from = from
				}
				if s.to.After(to) {
					s.to = to
				}
				switch {
				case !s.from.Before(s.to):
				case s.from.After(end):
					if !end.IsZero() && !yield(begun, end) {
						return
					}
					begun, end = s.from, s.to
				case s.to.After(end):
					end = s.to
				}
			}
		}
		if !end.IsZero() {
			yield(begun, end)
		}
	}
}

type moments struct{ from, to time.Time }

// noon stands for a day: every day has one, though not each has a midnight.
func noon(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, t.Location())
}

// worked are the spans that begin on a day, in order.
func (h *Hours) worked(day time.Time) (spans []moments) {
	weekday := h.workedAs(day)
	for _, s := range h.Week {
		if !s.on(weekday) {
			continue
		}
		m := moments{onDay(day, s.From), onDay(day, s.To)}
		if s.To <= s.From {
			m.to = onDay(day.AddDate(0, 0, 1), s.To)
		}
		spans = append(spans, m)
	}
	slices.SortFunc(spans, func(a, b moments) int { return a.from.Compare(b.from) })
	return spans
}

// onDay is the moment of a day at which its clock shows a time that Validate took.
func onDay(day time.Time, clock string) time.Time {
	digit := func(i int) int { return int(clock[i] - '0') }
	return time.Date(day.Year(), day.Month(), day.Day(), 10*digit(0)+digit(1), 10*digit(3)+digit(4), 0, 0, day.Location())
}

// workedAs is the weekday whose hours hold on t's day: 0, which no span has, on a holiday; Monday's on a working day moved
// to a weekend (调休), even inside a holiday.
func (h *Hours) workedAs(t time.Time) int {
	weekday, day := isoWeekday(t), t.Format(time.DateOnly)
	for _, d := range h.Holidays {
		if day < d.From || day > d.To {
			continue
		}
		if d.Workday {
			return 1
		}
		weekday = 0
	}
	return weekday
}

func (s DaySpan) on(weekday int) bool {
	for _, d := range s.Days {
		if d == weekday {
			return true
		}
	}
	return false
}

// isoWeekday is 1 on Monday to 7 on Sunday (ISO 8601).
func isoWeekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

// Location is the site's time zone; a zone that the box does not know reads as UTC (Validate refuses it).
func (c *Config) Location() *time.Location {
	loc, err := time.LoadLocation(c.Site.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}
