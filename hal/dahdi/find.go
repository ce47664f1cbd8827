package dahdi

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A socketKind is what is plugged into a socket of an analogue card.
type socketKind int

const (
	emptySocket socketKind = iota
	fxoSocket
	fxsSocket
)

// findPorts makes the options of a box that uses whatever its cards have, card by card in the order of their places in the computer: every
// E1, with CRC4, the carrier's clock taken from the first that is in order; and every socket of analogue cards by what is plugged into it.
// kind looks at a channel by the kernel's number.
func findPorts(root string, kind func(channel int) (socketKind, error)) (o Options, err error) {
	folders, err := filepath.Glob(filepath.Join(root, "*"))
	if err != nil {
		return o, err
	}
	slices.Sort(folders)
	for _, folder := range folders {
		c := card(folder)
		timing := 0
		for _, p := range c.ports() {
			switch p.kind {
			case "E1", "T1", "J1":
				timing++
				o.Spans = append(o.Spans, SpanOptions{Card: c.id(), Port: p.number, CRC4: true, Timing: timing})
			case "FXS", "FXO", "ANALOG_MIXED":
				if err := c.findSockets(p.number, kind, &o); err != nil {
					return o, err
				}
			}
		}
	}
	return o, nil
}

// A cardPort is a span of a card, and what the kernel calls its kind.
type cardPort struct {
	number int
	kind   string
}

func (c card) ports() (list []cardPort) {
	text := c.read("spantype")
	if text == "" {
		text = c.read("dahdi_spantype") // Linux 4.13 and before
	}
	for line := range strings.Lines(text) {
		number, kind, _ := strings.Cut(strings.TrimSpace(line), ":")
		if n, err := strconv.Atoi(number); err == nil {
			list = append(list, cardPort{n, kind})
		}
	}
	return list
}

// id is what options call the card: its hardware id, or its place where it has none.
func (c card) id() string {
	if id := c.read("hardware_id"); id != "" {
		return id
	}
	return c.read("location")
}

func (c card) findSockets(port int, kind func(int) (socketKind, error), o *Options) error {
	a, err := c.assign(port)
	if err != nil {
		return err
	}
	for n := 1; n <= a.channels; n++ {
		switch k, err := kind(a.first + n - 1); {
		case err != nil:
			return err
		case k == fxoSocket:
			o.FXO = append(o.FXO, PortOptions{Card: c.id(), Port: n})
		case k == fxsSocket:
			o.FXS = append(o.FXS, PortOptions{Card: c.id(), Port: n})
		}
	}
	return nil
}
