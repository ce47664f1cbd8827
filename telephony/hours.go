package telephony

import "time"

// The periods that hours divide time into.
const (
	PeriodWork    = "work"
	PeriodOff     = "off"
	PeriodHoliday = "holiday"
)

// Period says what kind of time it is at t, which must be in the site's zone.
func (h *Hours) Period(t time.Time) string {
	workday := false
	day := t.Format(time.DateOnly)
	for _, d := range h.Holidays {
		if day >= d.From && day <= d.To {
			if !d.Workday {
				return PeriodHoliday
			}
			workday = true
		}
	}
	weekday := isoWeekday(t)
	if workday {
		weekday = 1
	}
	yesterday := (weekday+5)%7 + 1
	clock := t.Format("15:04")
	for _, s := range h.Week {
		over := s.To <= s.From // runs past midnight, or around the clock
		switch {
		case s.on(weekday) && clock >= s.From && (over || clock < s.To),
			over && s.on(yesterday) && clock < s.To:
			return PeriodWork
		}
	}
	return PeriodOff
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
