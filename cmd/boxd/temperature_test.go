package main

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

func TestTemperatureIsOfTheHottestSensor(t *testing.T) {
	for name, row := range map[string]struct {
		zones map[string]string
		want  float64
	}{
		"none":                        {nil, 0},
		"one":                         {map[string]string{"0": "41500\n"}, 41.5},
		"the hottest":                 {map[string]string{"0": "41500\n", "1": "63000\n", "10": "52000\n"}, 63},
		"one that is not there":       {map[string]string{"0": "41500\n", "1": "-274000\n"}, 41.5},
		"one that is out of its mind": {map[string]string{"0": "2147483647\n", "1": "50000\n"}, 50},
		"one that says nothing":       {map[string]string{"0": ""}, 0},
	} {
		dir := t.TempDir()
		for zone, text := range row.zones {
			folder := filepath.Join(dir, "thermal_zone"+zone)
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, "temp"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := temperatureC(dir); got != row.want {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}

// TestTemperatureAlarm (issue 6): it is raised once, stands until the box is well below what raised it, and comes again.
func TestTemperatureAlarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telephony.DefaultConfig())
		defer w.close()
		var celsius, limit atomic.Int64
		go w.box.alarm(t.Context(), tooHot(func() float64 { return float64(celsius.Load()) }, func() float64 { return float64(limit.Load()) }))
		for _, row := range []struct {
			limit, celsius int64
			stands         bool
		}{{85, 0, false}, {85, 84, false}, {85, 85, true}, {85, 90, true}, {85, 81, true}, {85, 80, false}, {70, 69, false}, {70, 70, true}, {75, 70, false}, {75, 76, true}} {
			celsius.Store(row.celsius)
			limit.Store(row.limit)
			time.Sleep(2 * alarmLook)
			stands := false
			for _, a := range w.box.Store.Alarms() {
				stands = stands || a.Name == temperatureAlarm
			}
			if stands != row.stands {
				t.Errorf("at %d °C of %d the alarm stands: %v", row.celsius, row.limit, stands)
			}
		}
		raised := 0
		for e := range w.box.Store.Entries(0, ^uint64(0)) {
			if a, ok := e.Fact.(telephony.Alarm); ok && a.Name == temperatureAlarm && a.On {
				raised++
			}
		}
		if raised != 3 {
			t.Errorf("it was raised %d times", raised)
		}
	})
}
