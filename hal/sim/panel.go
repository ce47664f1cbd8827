package sim

import (
	"slices"
	"sync"

	"callbox/hal"
)

// A Panel is a front panel in memory: what it shows can be read, and its keys can be pressed.
type Panel struct {
	columns, height int
	keys            chan hal.Key

	mu    sync.Mutex // guards what is shown
	rows  []string
	lamps map[string]bool
}

// keyBox is how many keys wait for the box.
const keyBox = 16

// NewPanel is a dark panel of so many columns and rows.
func NewPanel(columns, rows int) *Panel {
	return &Panel{columns: columns, height: rows, keys: make(chan hal.Key, keyBox), lamps: map[string]bool{}}
}

// Size is the display's columns and rows.
func (p *Panel) Size() (columns, rows int) { return p.columns, p.height }

// Show writes the rows; what does not fit is cut at the edge.
func (p *Panel) Show(rows []string) error {
	shown := slices.Clone(rows[:min(len(rows), p.height)])
	for i, row := range shown {
		if runes := []rune(row); len(runes) > p.columns {
			shown[i] = string(runes[:p.columns])
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows = shown
	return nil
}

// Lamp sets a lamp.
func (p *Panel) Lamp(name string, on bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lamps[name] = on
	return nil
}

// Keys tells each key as it is pressed.
func (p *Panel) Keys() <-chan hal.Key { return p.keys }

// Press presses a key; a box that does not listen misses it.
func (p *Panel) Press(k hal.Key) {
	select {
	case p.keys <- k:
	default:
	}
}

// Rows is what the display shows.
func (p *Panel) Rows() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.rows)
}

// Lit reports whether a lamp is on.
func (p *Panel) Lit(lamp string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lamps[lamp]
}
