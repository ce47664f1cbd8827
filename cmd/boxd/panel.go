package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"callbox/telephony"
)

// panelPause is the least time between two pictures on the front panel.
const panelPause = 500 * time.Millisecond

// panel keeps the front panel's display and lamps true until ctx ends.
func (b *Box) panel(ctx context.Context) {
	p := b.opt.Board.Panel
	changes, stop := b.Exchange.Watch()
	defer stop()
	columns, rows := p.Size()
	for {
		live := b.Exchange.Live()
		if err := p.Show(panelRows(live, b.Store.ClaimCode(), columns, rows)); err != nil {
			b.opt.Log.Warn("front panel", "error", err)
		}
		p.Lamp("power", true)
		p.Lamp("ready", true)
		p.Lamp("alarm", len(live.Alarms) > 0)
		for _, l := range live.Lines {
			if strings.HasPrefix(l.ID, "fxo/") {
				p.Lamp(l.ID, l.State != telephony.LineIdle)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(panelPause):
		}
		select {
		case <-ctx.Done():
			return
		case <-changes:
		case <-time.After(time.Minute):
		}
	}
}

// panelRows is what the display shows: the claim code while the box has no owner, else what goes on.
func panelRows(live telephony.Live, claimCode string, columns, rows int) []string {
	waiting, busy := 0, 0
	for _, q := range live.Queues {
		waiting += len(q.Waiting)
	}
	for _, l := range live.Lines {
		if l.Busy > 0 {
			busy++
		}
	}
	lines := []string{"Callbox"}
	if claimCode != "" {
		lines = append(lines, "Claim code", claimCode)
	} else {
		lines = append(lines, fmt.Sprintf("Waiting %d  Busy %d", waiting, busy), fmt.Sprintf("Calls %d", len(live.Calls)))
	}
	if n := len(live.Alarms); n > 0 {
		lines = append(lines, "! "+live.Alarms[n-1].Name)
	}
	for len(lines) < rows {
		lines = append(lines, "")
	}
	for i, l := range lines {
		if r := []rune(l); len(r) > columns {
			lines[i] = string(r[:columns])
		}
	}
	return lines[:rows]
}
