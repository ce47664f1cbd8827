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
