package main

import (
	"context"
	"time"

	"callbox/telephony"
)

// alarmLook is how often the box looks after what may need somebody.
const alarmLook = time.Minute

// alarm asks each minute which alarm is called for, given the one that was told last, and tells a change, until ctx ends. Like all
// alarms it goes to the page, the panel, by mail and by webhook.
func (b *Box) alarm(ctx context.Context, look func(was telephony.Alarm) telephony.Alarm) {
	var was telephony.Alarm
	ticker := time.NewTicker(alarmLook)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := look(was)
		if now != was && (now.On || was.On) {
			b.Store.Append(telephony.Entry{Fact: now})
		}
		was = now
	}
}
