package board

import (
	"errors"
	"fmt"

	"periph.io/x/conn/v3/i2c"

	"callbox/hal"
	"callbox/hal/console"
	"callbox/hal/gpio"
	hali2c "callbox/hal/i2c"
	"callbox/hal/sim"
)

// A Panel is one way in which a board may have a front: in memory, on terminals, or a display on an I2C bus with keys and
// lamps on GPIO.
type Panel struct {
	Sim        *Size       `json:"sim"`
	Console    []string    `json:"console"` // files of terminals
	I2C        string      `json:"i2c"`     // the bus, as i2c.OpenBus takes it
	Characters *Characters `json:"characters"`
	Dots       *Dots       `json:"dots"`
	GPIO       gpio.Wiring `json:"gpio"`
}

// Size is that of a display of characters.
type Size struct {
	Columns int `json:"columns"`
	Rows    int `json:"rows"`
}

// Characters is an HD44780 behind a PCF8574.
type Characters struct {
	Address uint16 `json:"address"`
	Size
}

// Dots is an SSD1306 of 128 by 64.
type Dots struct {
	Address uint16 `json:"address"`
}

// Fronts of hardware.
type (
	characterFront struct {
		*gpio.Front
		*hali2c.CharacterDisplay
	}
	dotFront struct {
		*gpio.Front
		*hali2c.DotDisplay
	}
)

var (
	_ hal.Panel    = characterFront{}
	_ hal.DotPanel = dotFront{}
)

// openPanel opens the first front that is there. A box without one works all the same; its panel is in memory.
func (b *Board) openPanel(list []Panel) {
	for i, p := range list {
		err := b.openFront(p)
		if err == nil {
			return
		}
		b.Missing = errors.Join(b.Missing, fmt.Errorf("panel %d: %w", i+1, err))
	}
	b.Panel = sim.NewPanel(20, 4)
}

func (b *Board) openFront(p Panel) error {
	switch {
	case p.Sim != nil:
		b.Panel = sim.NewPanel(p.Sim.Columns, p.Sim.Rows)
		return nil
	case p.Console != nil:
		c, err := console.Open(p.Console)
		if err == nil {
			b.Panel, b.closers = c, append(b.closers, func() { c.Close() })
		}
		return err
	}
	bus, err := hali2c.OpenBus(p.I2C)
	if err != nil {
		return err
	}
	front, err := gpio.Open(p.GPIO)
	if err != nil {
		return errors.Join(err, bus.Close())
	}
	if b.Panel, err = withDisplay(p, bus, front); err != nil {
		return errors.Join(err, front.Close(), bus.Close())
	}
	b.closers = append(b.closers, func() { front.Close(); bus.Close() })
	return nil
}

func withDisplay(p Panel, bus i2c.Bus, front *gpio.Front) (hal.Panel, error) {
	if p.Dots != nil {
		d, err := hali2c.OpenDots(bus, p.Dots.Address)
		return dotFront{front, d}, err
	}
	if p.Characters == nil {
		return nil, errors.New("the profile gives the panel no display")
	}
	c, err := hali2c.OpenCharacters(bus, p.Characters.Address, p.Characters.Columns, p.Characters.Rows)
	return characterFront{front, c}, err
}
