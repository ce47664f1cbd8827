package main

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
	"callbox/webui"
)

// TestCertificateExpiry: the alarm comes 30 days before a certificate ends and again when it has, each once, and goes with another
// certificate.
func TestCertificateExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telephony.DefaultConfig())
		defer w.close()
		c := certificates{w.box, w.box.identity}
		put := func(left time.Duration) {
			chain, key := authorized(t, time.Now().Add(left), "pbx.example.cn")
			if err := c.PutCertificate(t.Context(), chain, key, webui.By{Who: "admin"}); err != nil {
				t.Fatal(err)
			}
		}
		for _, row := range []struct {
			title string
			do    func()
			want  string
		}{
			{"the box's own, at first", func() {}, ""},
			{"30 days and an hour are left", func() { put(expiryAhead + time.Hour) }, ""},
			{"two hours later", func() { time.Sleep(2 * time.Hour) }, "is good until"},
			{"another one", func() { put(90 * 24 * time.Hour) }, ""},
			{"one that ends soon", func() { put(2 * time.Hour) }, "is good until"},
			{"it has ended", func() { time.Sleep(3 * time.Hour) }, "was good until"},
			{"the box's own again", func() { _ = c.DeleteCertificate(t.Context(), webui.By{}) }, ""},
		} {
			row.do()
			time.Sleep(2 * alarmLook)
			said := ""
			for _, a := range w.box.Store.Alarms() {
				said += a.Message.EN
			}
			if (said == "") != (row.want == "") || !strings.Contains(said, row.want) {
				t.Errorf("%s: %q", row.title, said)
			}
		}
		var told []telephony.Severity
		for e := range w.box.Store.Entries(0, ^uint64(0)) {
			if a, ok := e.Fact.(telephony.Alarm); ok && (a.Name == expiryAlarm || a.Name == endedAlarm) && a.On {
				told = append(told, a.Severity)
			}
		}
		if want := []telephony.Severity{telephony.Warning, telephony.Warning, telephony.Fault}; !slices.Equal(told, want) {
			t.Errorf("it is told as %v, want %v", told, want)
		}
	})
}
