package mail

import (
	"context"
	"fmt"
	"strings"
	"time"

	"callbox/telephony"
)

const (
	alarmProgress = "mail/alarms"
	maxLines      = 50     // alarms in one message; of more, the number is told
	keepEntries   = 10_000 // entries without an alarm, between two notes of how far the journal is read
)

// beginAlarms finds how far alarms were sent: a box that never did begins with what happens from now on.
func (p *Postman) beginAlarms(ctx context.Context) {
	newest := p.opt.Newest()
	if found, err := p.opt.Progress.Progress(alarmProgress, &p.read); err != nil || !found || p.read > newest {
		p.read = newest
		p.keepRead(ctx, newest)
	}
}

// keepRead notes that the alarms up to an entry need no mail any more. What a disk refuses to note is sent once more after a restart.
func (p *Postman) keepRead(ctx context.Context, seq uint64) {
	p.read = seq
	_ = p.opt.Progress.PutProgress(ctx, alarmProgress, seq)
}

// sendAlarms sends the alarms of the last minute in one message.
func (p *Postman) sendAlarms(ctx context.Context, c *telephony.Config) {
	var lines []string
	more, seq := 0, p.read
	for e := range p.opt.Entries(p.read) {
		seq = e.Seq
		a, ok := e.Fact.(telephony.Alarm)
		switch {
		case !ok || a.Name == alarmName: // no mail tells that no mail can be sent
		case len(lines) == maxLines:
			more++
		default:
			lines = append(lines, alarmLine(a, e.Time.In(c.Location()), c.Site.Language))
		}
	}
	if len(lines) == 0 || c.Mail.Server == "" || len(c.Mail.Alarms) == 0 {
		if seq > p.read+keepEntries || len(lines) > 0 {
			p.keepRead(ctx, seq)
		}
		return
	}
	if more > 0 {
		lines = append(lines, fmt.Sprintf(telephony.Text{ZH: "另有 %d 条", EN: "and %d more"}.In(c.Site.Language), more))
	}
	m := message{to: c.Mail.Alarms, subject: lines[0], text: strings.Join(lines, "\r\n")}
	if p.attempt(ctx, alarmProgress, func() error { return p.send(ctx, c, m) }) {
		p.keepRead(ctx, seq)
	}
}

func alarmLine(a telephony.Alarm, at time.Time, language string) string {
	what := telephony.SeverityOf(a.Name).In(language)
	if !a.On {
		what = telephony.Text{ZH: "恢复", EN: "Over"}.In(language)
	}
	return at.Format("15:04") + " " + what + ": " + a.Message.In(language)
}
