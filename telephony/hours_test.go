package telephony

import (
	"testing"
	"time"
)

var shop = Hours{
	Week: []DaySpan{
		{Days: []int{1, 2, 3, 4, 5}, From: "09:00", To: "18:00"},
		{Days: []int{5}, From: "22:00", To: "02:00"}, // Friday's night shift
		{Days: []int{6}, From: "10:00", To: "24:00"},
	},
	Holidays: []SpecialDay{
		{Name: "国庆", From: "2026-10-01", To: "2026-10-08"},
		{Name: "国庆值班", From: "2026-10-05", To: "2026-10-05", Workday: true},
		{Name: "国庆调休", From: "2026-10-10", To: "2026-10-10", Workday: true}, // a Saturday worked as a Monday
	},
}

func TestPeriod(t *testing.T) {
	beijing, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ name, at, want string }{
		{"before opening", "2026-09-21 08:59", PeriodOff},
		{"opening", "2026-09-21 09:00", PeriodWork},
		{"the last minute", "2026-09-21 17:59", PeriodWork},
		{"closing", "2026-09-21 18:00", PeriodOff},
		{"Sunday", "2026-09-20 12:00", PeriodOff},
		{"Friday night", "2026-09-18 23:00", PeriodWork},
		{"past Friday midnight", "2026-09-19 01:59", PeriodWork},
		{"the night shift ends", "2026-09-19 02:00", PeriodOff},
		{"past Thursday midnight there is no night shift", "2026-09-18 01:00", PeriodOff},
		{"until midnight", "2026-09-19 23:59", PeriodWork},
		{"midnight", "2026-09-20 00:00", PeriodOff},
		{"first day of the holiday", "2026-10-01 12:00", PeriodHoliday},
		{"last minute of the holiday", "2026-10-08 23:59", PeriodHoliday},
		{"the day after the holiday", "2026-10-09 09:00", PeriodWork},
		{"no night shift on a holiday", "2026-10-02 23:00", PeriodHoliday},
		{"nor after it past midnight", "2026-10-03 01:00", PeriodHoliday},
		{"a working day inside the holiday", "2026-10-05 12:00", PeriodWork},
		{"and its evening", "2026-10-05 20:00", PeriodOff},
		{"调休: a Saturday worked as a Monday", "2026-10-10 09:30", PeriodWork},
		{"调休: closes as on a Monday", "2026-10-10 18:30", PeriodOff},
		{"调休: Friday's night shift runs into it", "2026-10-10 01:00", PeriodWork},
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", row.at, beijing)
		if err != nil {
			t.Fatal(err)
		}
		if got := shop.Period(at); got != row.want {
			t.Errorf("%s (%s): %s, want %s", row.name, row.at, got, row.want)
		}
	}
}

func TestTheNightShiftBeforeAHolidayIsWorkedToItsEnd(t *testing.T) {
	h := Hours{
		Week:     []DaySpan{{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "20:00", To: "08:00"}},
		Holidays: []SpecialDay{{From: "2026-10-01", To: "2026-10-01"}},
	}
	for at, want := range map[string]string{
		"2026-09-30 23:00": PeriodWork, "2026-10-01 07:59": PeriodWork, "2026-10-01 08:00": PeriodHoliday,
		"2026-10-01 20:00": PeriodHoliday, "2026-10-02 07:00": PeriodOff, "2026-10-02 20:00": PeriodWork,
	} {
		when, err := time.Parse("2006-01-02 15:04", at)
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Period(when); got != want {
			t.Errorf("%s: %s, want %s", at, got, want)
		}
	}
}

func TestRoundTheClock(t *testing.T) {
	for _, to := range []string{"00:00", "24:00"} {
		h := Hours{Week: []DaySpan{{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "00:00", To: to}}}
		for at := time.Date(2026, 9, 21, 0, 0, 0, 0, time.UTC); at.Day() < 28; at = at.Add(7 * time.Minute) {
			if got := h.Period(at); got != PeriodWork {
				t.Fatalf("to %s, %s: %s", to, at, got)
			}
		}
	}
}

func TestLocation(t *testing.T) {
	c := DefaultConfig()
	if _, offset := time.Date(2026, 1, 1, 0, 0, 0, 0, c.Location()).Zone(); offset != 8*3600 {
		t.Errorf("offset %d s", offset)
	}
	c.Site.TimeZone = "Asia/Nowhere"
	if c.Location() != time.UTC {
		t.Error("an unknown zone is not UTC")
	}
}

// A11.11: what Work tells as work is, minute by minute, what Period says, over holidays, night shifts and changes of the clock.
func TestWorkIsWhatPeriodSays(t *testing.T) {
	nights := Hours{Week: []DaySpan{
		{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "22:00", To: "06:00"},
		{Days: []int{7}, From: "12:00", To: "12:00"}, // around the clock
		{Days: []int{1}, From: "05:00", To: "09:00"}, // overlaps the night
	}}
	for _, row := range []struct {
		name, zone, from string
		days             int
		hours            *Hours
		want             time.Duration // by the calendar; 0: not said
	}{
		{"an ordinary week", "Asia/Shanghai", "2026-09-14", 7, &shop, 5*9*time.Hour + 4*time.Hour + 14*time.Hour},
		{"a holiday with a day of it worked, and a day moved", "Asia/Shanghai", "2026-09-30", 14, &shop, 0},
		{"nights", "Asia/Shanghai", "2026-09-14", 9, &nights, 0},
		{"the clock goes forward", "Europe/Berlin", "2026-03-28", 3, &nights, 0},
		{"the clock goes back", "Europe/Berlin", "2026-10-24", 3, &nights, 0},
		{"a day without a midnight", "America/Havana", "2026-03-07", 3, &nights, 0},
	} {
		zone, err := time.LoadLocation(row.zone)
		if err != nil {
			t.Fatal(err)
		}
		from, err := time.ParseInLocation(time.DateOnly, row.from, zone)
		if err != nil {
			t.Fatal(err)
		}
		to := from.AddDate(0, 0, row.days)
		var sum time.Duration
		at := from
		within := func(until time.Time, period bool) {
			for ; at.Before(until); at = at.Add(time.Minute) {
				if (row.hours.Period(at) == PeriodWork) != period {
					t.Fatalf("%s: work is %v at %v", row.name, period, at)
				}
			}
		}
		for begin, end := range row.hours.Work(from, to) {
			within(begin, false)
			within(end, true)
			sum += end.Sub(begin)
		}
		within(to, false)
		if row.want != 0 && sum != row.want {
			t.Errorf("%s: %v of work, want %v", row.name, sum, row.want)
		}
	}
}
