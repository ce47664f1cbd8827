package main

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// What disks say of themselves (A14.7). The reports are parts of smartctl 7.3's.
func TestDiskState(t *testing.T) {
	for name, row := range map[string]struct {
		report string
		want   diskState
	}{
		"NVMe, half used":    {`{"smart_status":{"passed":true},"nvme_smart_health_information_log":{"critical_warning":0,"percentage_used":51}}`, diskState{diskGood, 51}},
		"NVMe, spares low":   {`{"smart_status":{"passed":true},"nvme_smart_health_information_log":{"critical_warning":1,"percentage_used":3}}`, diskState{diskFailing, 3}},
		"SSD, worn":          {`{"smart_status":{"passed":true},"ata_device_statistics":{"pages":[{"number":7,"table":[{"name":"Percentage Used Endurance Indicator","value":80}]}]}}`, diskState{diskWorn, 80}},
		"SSD, spent":         {`{"smart_status":{"passed":true},"ata_device_statistics":{"pages":[{"number":7,"table":[{"name":"Percentage Used Endurance Indicator","value":104}]}]}}`, diskState{diskFailing, 104}},
		"sectors wait":       {`{"smart_status":{"passed":true},"ata_smart_attributes":{"table":[{"id":197,"raw":{"value":8}}]}}`, diskState{diskWorn, 0}},
		"it gives itself up": {`{"smart_status":{"passed":false}}`, diskState{diskFailing, 0}},
		"it tells nothing":   {`{"smartctl":{"exit_status":2}}`, diskState{}},
		"no report":          {``, diskState{}},
	} {
		if got := readSMART([]byte(row.report)); got != row.want {
			t.Errorf("%s: %+v, want %+v", name, got, row.want)
		}
	}
	for life, want := range map[string]diskState{
		"0x01 0x00\n 0x01\n": {diskGood, 0}, "0x02 0x09\n 0x01": {diskWorn, 80}, "0x0b 0x01\n 0x01": {diskFailing, 100},
		"0x01 0x01\n 0x02": {diskWorn, 0}, "0x01 0x01\n 0x03": {diskFailing, 0}, "\n ": {},
	} {
		times, spare, _ := strings.Cut(life, "\n ")
		if got := readEMMC(times, spare); got != want {
			t.Errorf("eMMC %q: %+v, want %+v", life, got, want)
		}
	}
}

// An alarm stands from when the disk says so until another disk is there.
func TestWatchDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telephony.DefaultConfig())
		defer w.close()
		var state atomic.Value
		state.Store(diskGood)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go w.box.alarm(ctx, worn(func() diskState { return diskState{State: state.Load().(string)} }))
		for _, row := range []struct {
			state, says string
			severity    telephony.Severity
		}{{diskGood, "", ""}, {diskWorn, "near the end", telephony.Warning}, {diskFailing, "about to fail", telephony.Fault}, {diskUnknown, "", ""}} {
			state.Store(row.state)
			time.Sleep(2 * alarmLook)
			said, severity := "", telephony.Severity("")
			for _, a := range w.box.Store.Alarms() {
				said, severity = said+a.Message.EN, severity+a.Severity
			}
			if (said == "") != (row.says == "") || !strings.Contains(said, row.says) || severity != row.severity {
				t.Errorf("a disk that is %q: %s, %q", row.state, severity, said)
			}
		}
	})
}
