package telephony

import (
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
