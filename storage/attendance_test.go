package storage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// A11.11: who was planned and who was there, on two days of three agents; each row is the sum of its days, and those who left are told.
func TestAttendance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, t.TempDir(), Options{Initial: officeConfig()})
		zone := s.Config().Location()
		at := func(day, hour, minute int) time.Time { return time.Date(2000, 1, day, hour, minute, 0, 0, zone) }
		until := func(day, hour, minute int) { time.Sleep(time.Until(at(day, hour, minute))) }
		set := func(agent string, state telephony.AgentState) {
			s.Append(telephony.Entry{Fact: telephony.AgentChanged{Agent: agent, State: state, Phone: "phone:801", By: "page"}})
		}
		until(3, 8, 0) // a Monday
		put(t, s, func(c *telephony.Config) { c.Agents = people("1001:office", "1002", "1003:office") })
		until(3, 8, 30)
		set("1001", telephony.AgentReady)
		until(3, 9, 0)
		set("1002", telephony.AgentReady)
		until(3, 10, 0)
		set("1002", telephony.AgentSignedOut)
		until(3, 12, 0)
		set("1001", telephony.AgentBreak)
		until(3, 13, 0)
		set("1001", telephony.AgentBusy)
		until(3, 13, 30)
		set("1001", telephony.AgentTalking)
		until(3, 17, 0)
		set("1001", telephony.AgentSignedOut)
		until(4, 10, 0)
		set("1001", telephony.AgentReady)
		until(4, 11, 0)
		put(t, s, func(c *telephony.Config) { c.Agents = people("1001:office", "1002") })
		until(4, 12, 0)
		syncStore(t, s)

		q := StaffQuery{From: at(3, 0, 0), To: at(5, 0, 0)}
		days, err := s.Attendance(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		clock := func(t time.Time) string {
			if t.IsZero() {
				return "-"
			}
			return t.In(zone).Format("15:04")
		}
		var told []string
		sums := map[string]Attendance{}
		for _, d := range days {
			told = append(told, fmt.Sprintf("%s %d: %v of %v, %v of %v, %s-%s %v", d.Agent, d.Day.Day(),
				d.Present, d.Planned, d.Worked, d.Online, clock(d.In), clock(d.Out), d.Open))
			for _, who := range []string{d.Agent, ""} {
				sum := sums[who]
				sum.add(d.Attendance)
				sums[who] = sum
			}
		}
		want := []string{
			"1001 3: 8h0m0s of 9h0m0s, 7h0m0s of 8h30m0s, 08:30-17:00 false", // a break is presence and no work; half an hour before nine is neither
			"1001 4: 2h0m0s of 3h0m0s, 2h0m0s of 2h0m0s, 10:00-12:00 true",   // up to now
			"1002 3: 0s of 0s, 1h0m0s of 1h0m0s, 09:00-10:00 false",
			"1003 3: 0s of 9h0m0s, 0s of 0s, --- false",
			"1003 4: 0s of 2h0m0s, 0s of 0s, --- false", // until they went
		}
		if got := strings.Join(told, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("days:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
		}
		rep, err := s.StaffReport(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range append(rep.Rows, rep.Total) {
			if row.Attendance != sums[row.Agent] {
				t.Errorf("%q: %+v, its days are %+v", row.Agent, row.Attendance, sums[row.Agent])
			}
		}
		rate, there := rep.Rows[0].Rate()
		work, _ := rep.Rows[0].WorkRate()
		if _, unplanned := rep.Rows[1].Rate(); tenth(rate) != 83.3 || !there || tenth(work) != 85.7 || unplanned {
			t.Errorf("1001: %.1f %% attendance, %.1f %% at work; 1002 has an attendance: %v", rate, work, unplanned)
		}
		// Three from Monday at eight, of the 36 hours up to now; one left in the last.
		turnover, _ := rep.Turnover.Rate()
		if rep.Turnover.Left != 1 || tenth(rep.Turnover.Mean) != 2.3 || tenth(turnover) != 43.4 || len(rep.Turnover.Stays) != 3 {
			t.Errorf("turnover %.1f %%: %+v", turnover, rep.Turnover)
		}
		for _, row := range []struct{ language, want string }{
			{"zh", "座席,计划（秒）,出勤（秒）,出勤率（%）,在线（秒）,实际工作（秒）,实际工作率（%）,质检通话,质检平均分,离职,平均在职人数,人员流动率（%）\n" +
				"N1001 1001,43200,36000,83.3,37800,32400,85.7,0,,,,\nN1002 1002,0,0,,3600,3600,100.0,0,,,,\nN1003 1003,39600,0,0.0,0,0,,0,,,,\n" +
				"合计,82800,36000,43.5,41400,36000,87.0,0,,1,2.3,43.4\n"},
			{"en", "Agent,Planned (s),Present (s),Attendance (%)"},
		} {
			exports(t, s.ExportStaffReport, row.language, q, row.want)
		}
		exports(t, s.ExportAttendance, "zh", q, "座席,日期,计划（秒）,出勤（秒）,出勤率（%）,在线（秒）,实际工作（秒）,实际工作率（%）,首次签入,最后签出\n"+
			"N1001 1001,2000-01-03,32400,28800,88.9,30600,25200,82.4,2000-01-03 08:30:00 +08:00,2000-01-03 17:00:00 +08:00\n"+
			"N1001 1001,2000-01-04,10800,7200,66.7,7200,7200,100.0,2000-01-04 10:00:00 +08:00,\n")
		exports(t, s.ExportAttendance, "en", q, "Agent,Day,Planned (s),Present (s),Attendance (%),")
	})
}

// exports holds the beginning of an exported table to what it is to be.
func exports(t *testing.T, export func(context.Context, io.Writer, string, string, StaffQuery) error, language string, q StaffQuery, want string) {
	t.Helper()
	var file bytes.Buffer
	err := export(t.Context(), &file, "csv", language, q)
	got := strings.ReplaceAll(strings.TrimPrefix(file.String(), "\uFEFF"), "\r", "")
	if err != nil || !strings.HasPrefix(got, want) {
		t.Errorf("%v:\n%s\nwant\n%s", err, got, want)
	}
}

// Pain 26: a planned night is as long as it lasts, whatever the clock does, and belongs to its days.
func TestAttendanceWhenTheClockChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := officeConfig()
		c.Site.TimeZone = "Europe/Berlin"
		c.Hours[0].Week = []telephony.DaySpan{{Days: []int{1, 2, 3, 4, 5, 6, 7}, From: "22:00", To: "06:00"}}
		s := openStore(t, t.TempDir(), Options{Initial: c})
		time.Sleep(400 * 24 * time.Hour)
		r := register{Terms: []Term{{Agent: "1001", Hours: "office"}}}
		for _, row := range []struct {
			name       string
			month      time.Month
			day, hours int
		}{
			{"an ordinary day", time.March, 25, 8},
			{"the clock goes forward", time.March, 26, 7},
			{"the clock goes back", time.October, 29, 9},
		} {
			from := time.Date(2000, row.month, row.day, 0, 0, 0, 0, c.Location())
			days, err := s.attendance(t.Context(), r, StaffQuery{From: from, To: from.AddDate(0, 0, 1)}, false)
			if err != nil || len(days) != 1 || days[0].Planned != time.Duration(row.hours)*time.Hour {
				t.Errorf("%s: %+v, %v", row.name, days, err)
			}
		}
	})
}

// A day whose midnight the clock leaves out begins an hour later, and comes to an end.
func TestDaysWithoutMidnight(t *testing.T) {
	havana, err := time.LoadLocation("America/Havana")
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	for from, to := range eachDay(time.Date(2026, 3, 7, 23, 30, 0, 0, havana), time.Date(2026, 3, 9, 1, 0, 0, 0, havana)) {
		days = append(days, fmt.Sprint(from.Format("02 15:04"), " ", to.Sub(from)))
	}
	if got, want := strings.Join(days, ", "), "07 23:30 30m0s, 08 01:00 23h0m0s, 09 00:00 1h0m0s"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
