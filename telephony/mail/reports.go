package mail

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"time"

	"callbox/telephony"
)

// contentTypes are those of telephony.ReportForms.
var contentTypes = map[string]string{
	"csv":  "text/csv; charset=utf-8",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// sendReports sends the reports whose time has come. A new one begins with its next time; so does one that was off.
func (p *Postman) sendReports(ctx context.Context, c *telephony.Config) {
	for i := range c.Mail.Reports {
		r := &c.Mail.Reports[i]
		from, to := lastStretch(r, time.Now().In(c.Location()))
		name := "report/" + r.ID
		sent, found, err := p.lastSent(name)
		switch {
		case err != nil || ctx.Err() != nil:
			return
		case !found || r.Disabled:
			if !sent.Equal(to) {
				p.keepSent(ctx, name, to)
			}
		case sent.Before(to):
			if p.attempt(ctx, name, func() error { return p.sendReport(ctx, c, r, from, to) }) {
				p.keepSent(ctx, name, to)
			}
		}
	}
}

// lastSent is the end of the stretch of time of which a report was sent last. What the disk refused to note is known until a restart.
func (p *Postman) lastSent(name string) (sent time.Time, found bool, err error) {
	if sent, found = p.sent[name]; found {
		return sent, true, nil
	}
	found, err = p.opt.Progress.Progress(name, &sent)
	return sent, found, err
}

// keepSent notes it. A restart sends once more what could not be noted on disk.
func (p *Postman) keepSent(ctx context.Context, name string, to time.Time) {
	p.sent[name] = to
	_ = p.opt.Progress.PutProgress(ctx, name, to)
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
	var file bytes.Buffer
	language, form := c.Site.Language, cmp.Or(r.Form, "csv")
	if err := p.opt.Report(ctx, &file, form, r, from, to, language); err != nil {
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
		name: r.Report + "-" + first + "." + form, contentType: contentTypes[form], file: file.Bytes(),
	})
}
