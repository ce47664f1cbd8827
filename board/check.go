package board

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"callbox/hal/gpio"
	hali2c "callbox/hal/i2c"
)

// A Finding is one thing that a board's profile wants, and whether it is there.
type Finding struct {
	What  string `json:"what"`  // "panel 1: key ok"
	Found bool   `json:"found"` //
	Where string `json:"where"` // where it is, or why not
}

// Check looks for everything that the named board wants. It changes nothing, and may run beside the box.
func Check(name string) ([]Finding, error) {
	p, err := profile(name)
	if err != nil {
		return nil, err
	}
	list := []Finding{p.checkLines()}
	for i, panel := range p.Panels {
		list = append(list, panel.check(fmt.Sprintf("panel %d: ", i+1))...)
	}
	if p.Watchdog {
		dogs, _ := filepath.Glob("/sys/class/watchdog/watchdog*") // a good pattern
		f := Finding{What: "watchdog", Found: len(dogs) > 0, Where: "no driver found one"}
		if f.Found {
			f.Where = "/dev/" + filepath.Base(dogs[0])
			if who, err := os.ReadFile(filepath.Join(dogs[0], "identity")); err == nil {
				f.Where += ", " + string(who[:max(len(who)-1, 0)])
			}
		}
		list = append(list, f)
	}
	return list, nil
}

// checkLines looks for the driver of the lines.
func (p Profile) checkLines() Finding {
	f := Finding{What: "lines: driver " + p.Driver, Found: true}
	switch p.Driver {
	case "sim":
		f.Where = "simulated"
	case "none":
		f.Where = "SIP alone"
	case "dahdi":
		cards, _ := filepath.Glob("/sys/bus/dahdi_devices/devices/*") // a good pattern
		switch {
		case len(cards) > 0:
			f.Where = strings.Join(cards, ", ")
		case p.DAHDI == nil:
			f.Where = "no card: SIP alone"
		default:
			f.Found, f.Where = false, "DAHDI has no card: is its driver loaded?"
		}
	}
	return f
}

func (p Panel) check(which string) (list []Finding) {
	found := func(what, where string, err error) {
		if err != nil {
			where = err.Error()
		}
		list = append(list, Finding{which + what, err == nil, where})
	}
	if p.Sim != nil {
		found("display", "simulated", nil)
		return list
	}
	for _, file := range p.Console {
		_, err := os.Stat(file)
		found("terminal "+file, "there", err)
	}
	if p.I2C != "" {
		where, err := hali2c.FindBus(p.I2C)
		found("I2C bus "+p.I2C, where, err)
		if err == nil {
			found("display", where, p.answers())
		}
	}
	for _, line := range p.GPIO.Lines() {
		chip, offset, err := gpio.Find(line)
		found("GPIO line "+line, fmt.Sprintf("%s:%d", chip, offset), err)
	}
	return list
}

// answers reports whether the display does: it is asked for an octet, which changes nothing.
func (p Panel) answers() error {
	bus, err := hali2c.OpenBus(p.I2C)
	if err != nil {
		return err
	}
	defer bus.Close()
	var octet [1]byte
	switch {
	case p.Dots != nil:
		return bus.Tx(p.Dots.Address, nil, octet[:])
	case p.Characters != nil:
		return bus.Tx(p.Characters.Address, nil, octet[:])
	}
	return fmt.Errorf("the profile names none")
}
