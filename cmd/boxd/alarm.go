package main

import (
	"context"
	"time"

	"callbox/telephony"
)

// alarmLook is how often the box looks after what may need somebody.
const alarmLook = time.Minute

// alarm asks each minute which alarm is called for, given the one that was told last, and tells a change, until ctx ends: one with
// another name takes its place. Like all alarms it goes to the page, the panel, by mail and by webhook.
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
		if was.On && (!now.On || now.Name != was.Name) {
			b.Store.Append(telephony.Entry{Fact: telephony.Alarm{Name: was.Name}})
		}
		if now.On && now != was {
			b.Store.Append(telephony.Entry{Fact: now})
		}
		was = now
	}
}
