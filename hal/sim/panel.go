package sim

import (
	"image"
	"slices"
	"sync"

	"callbox/hal"
	"callbox/hal/glyph"
)

// A Panel is a front panel in memory: what it shows can be read, and its keys can be pressed.
type Panel struct {
	columns, height int
	keys            chan hal.KeyEvent

	mu      sync.Mutex // guards what is shown
	rows    []string
	lamps   map[string]bool
	buzzing bool
}

// keyBox is how many events of keys wait for the box.
const keyBox = 16

// NewPanel is a dark panel of so many columns and rows.
func NewPanel(columns, rows int) *Panel {
	return &Panel{columns: columns, height: rows, keys: make(chan hal.KeyEvent, keyBox), lamps: map[string]bool{}}
}

// Size is the display's columns and rows.
func (p *Panel) Size() (columns, rows int) { return p.columns, p.height }

// Show writes the rows; what does not fit is cut at the edge.
func (p *Panel) Show(rows []string) error {
	shown := slices.Clone(rows[:min(len(rows), p.height)])
	for i, row := range shown {
		shown[i] = glyph.Cut(row, p.columns)
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

// Buzz turns the buzzer on or off.
func (p *Panel) Buzz(on bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buzzing = on
	return nil
}

// Keys tells each key as it goes down and comes up.
func (p *Panel) Keys() <-chan hal.KeyEvent { return p.keys }

// Press presses a key and lets it go; a box that does not listen misses it.
func (p *Panel) Press(k hal.Key) {
	p.Hold(k, true)
	p.Hold(k, false)
}

// Hold holds a key down, or lets it go.
func (p *Panel) Hold(k hal.Key, down bool) {
	select {
	case p.keys <- hal.KeyEvent{Key: k, Down: down}:
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

// Buzzing reports whether the buzzer is on.
func (p *Panel) Buzzing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buzzing
}

// A DotPanel is a front panel in memory whose display is made of dots.
type DotPanel struct {
	*Panel
	width, height int
	picture       *image.Gray // guarded by Panel.mu
}

// NewDotPanel is a dark panel of so many dots.
func NewDotPanel(width, height int) *DotPanel {
	return &DotPanel{Panel: NewPanel(width/glyph.Width, height/glyph.Height), width: width, height: height}
}

// Dots is the display's size.
func (p *DotPanel) Dots() (width, height int) { return p.width, p.height }

// Show writes rows of text.
func (p *DotPanel) Show(rows []string) error {
	if err := p.Panel.Show(rows); err != nil {
		return err
	}
	return p.Draw(glyph.Picture(p.width, p.height, rows))
}

// Draw shows a picture.
func (p *DotPanel) Draw(picture *image.Gray) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.picture = picture
	return nil
}

// Picture is what the display shows; it belongs to whoever drew it.
func (p *DotPanel) Picture() *image.Gray {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.picture
}
