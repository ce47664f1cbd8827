package main

import (
	"golang.org/x/sys/unix"

	"callbox/webui"
)

// clock is how right the computer's clock is, as the kernel says (adjtimex(2)): whoever sets it tells the kernel how far off it may be,
// and the kernel adds to that as time goes by.
func (m computer) clock() webui.Clock {
	c := webui.Clock{By: webui.ClockByComputer}
	if m.opt.Requests != "" {
		c.Servers, c.By = timeServers(m.Store.Config().Network, settingsOf(networkState))
	}
	var t unix.Timex
	if _, err := unix.Adjtimex(&t); err == nil && t.Status&unix.STA_UNSYNC == 0 {
		c.Synchronized, c.ErrorMS = true, float64(t.Maxerror)/1000
	}
	return c
}
