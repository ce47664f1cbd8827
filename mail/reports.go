package mail

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"callbox/telephony"
)

// sendReports sends the reports whose time has come. A new one begins with its next time; so does one that was off.
func (p *Postman) sendReports(ctx context.Context, c *telephony.Config) {
	for i := range c.Mail.Reports {
		r := &c.Mail.Reports[i]
		from, to := lastStretch(r, time.Now().In(c.Location()))
		name := "report/" + r.ID
		var sent time.Time
		found, err := p.opt.Progress.Progress(name, &sent)
		switch {
		case err != nil || ctx.Err() != nil:
			return
		case !found || r.Disabled:
			if !sent.Equal(to) {
				p.opt.Progress.PutProgress(ctx, name, to)
			}
		case sent.Before(to):
			if p.attempt(ctx, name, func() error { return p.sendReport(ctx, c, r, from, to) }) {
				p.opt.Progress.PutProgress(ctx, name, to)
			}
		}
	}
}

// lastStretch is the newest stretch of time whose report is due at a moment. Days are the calendar's, so that a change of the clock
// makes none longer or shorter.
func lastStretch(r *telephony.ReportMail, now time.Time) (from, to time.Time) {
	var hour, minute int
	fmt.Sscanf(r.At, "%d:%d", &hour, &minute) // Validate took it
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	if now.Before(time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, now.Location())) {
		day = day.AddDate(0, 0, -1)
	}
	switch r.Every {
	case "week":
		to = day.AddDate(0, 0, -(int(day.Weekday())+6)%7) // Monday
		return to.AddDate(0, 0, -7), to
	case "month":
		to = day.AddDate(0, 0, 1-day.Day())
		return to.AddDate(0, -1, 0), to
	}
	return day.AddDate(0, 0, -1), day
}

func (p *Postman) sendReport(ctx context.Context, c *telephony.Config, r *telephony.ReportMail, from, to time.Time) error {
	var csv bytes.Buffer
	language := c.Site.Language
	if err := p.opt.Report(ctx, &csv, r.Report, from, to, language); err != nil {
		return err
	}
	first, last := from.Format(time.DateOnly), to.AddDate(0, 0, -1).Format(time.DateOnly)
	days := first
	if first != last {
		days += telephony.Text{ZH: " 至 ", EN: " to "}.In(language) + last
	}
	name := r.Name
	if name == "" {
		name = telephony.Text{ZH: "报表", EN: "Report"}.In(language)
	}
	return p.send(ctx, c, message{
		to: r.To, subject: name + " " + days,
		text: telephony.Text{ZH: "附件是 " + days + " 的报表。各项含义见设备“报表”页。", EN: "Attached is the report of " + days + ". What each figure means stands on the page Reports of the box."}.In(language),
		name: r.Report + "-" + first + ".csv", file: csv.Bytes(),
	})
}
