package main

import (
	"fmt"
	"strconv"
	"strings"

	"callbox/board"
	"callbox/hal/sim"
)

// spanWires is the value of --span-wire, which may be given for each span, and of --span-side.
type spanWires struct{ board.Wires }

func (w *spanWires) String() string { return "" }

// Set reads "1=frames:LOCAL,REMOTE,slots:LOCAL,REMOTE".
func (w *spanWires) Set(s string) error {
	number, wire, _ := strings.Cut(s, "=")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > 16 {
		return fmt.Errorf("%q is no span: write its number, 1 to 16, then = and the wire", number)
	}
	if _, err := sim.ParseSpanWire(wire); err != nil {
		return err
	}
	if w.Spans == nil {
		w.Spans = map[int]string{}
	}
	w.Spans[n] = wire
	return nil
}

func (w *spanWires) check() error {
	switch w.Side {
	case "", "user", "network":
		return nil
	}
	return fmt.Errorf("--span-side %s: give user or network", w.Side)
}
