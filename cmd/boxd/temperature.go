package main

import (
	"fmt"
	"path/filepath"

	"callbox/telephony"
)

const (
	temperatureAlarm = "temperature"
	cooler           = 5.0 // °C below what raised the alarm clear it
)

// temperatureC is that of the hottest of the computer's sensors, which the kernel tells in thousandths of a degree (Linux,
// Documentation/driver-api/thermal/sysfs-api.rst); 0: there is none. What no computer survives is no temperature.
func temperatureC(thermal string) (hottest float64) {
	zones, _ := filepath.Glob(filepath.Join(thermal, "thermal_zone*", "temp"))
	for _, z := range zones {
		var milli float64
		if _, err := fmt.Sscan(line(z), &milli); err == nil && milli < 150_000 {
			hottest = max(hottest, milli/1000)
		}
	}
	return hottest
}

// temperature is that of this computer.
func temperature() float64 { return temperatureC("/sys/class/thermal") }

// tooHot is the alarm while the computer is.
func tooHot(look, limit func() float64) func(telephony.Alarm) telephony.Alarm {
	return func(was telephony.Alarm) telephony.Alarm {
		celsius := look()
		hot := celsius >= limit() || was.On && celsius > limit()-cooler
		if hot == was.On {
			return was
		}
		a := telephony.Alarm{Name: temperatureAlarm, On: hot}
		if hot {
			a.Message = telephony.Text{
				ZH: fmt.Sprintf("设备温度 %.0f °C，过高。请检查风扇和通风口，并远离热源。", celsius),
				EN: fmt.Sprintf("The box has %.0f °C, which is too hot. Look after its fan and vents, and keep it away from heat.", celsius),
			}
		}
		return a
	}
}
