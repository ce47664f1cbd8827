package hal

import "image"

// A Panel is the box's front: a few keys, lamps, a buzzer and a display of characters. One owner (cmd/boxd) calls it.
type Panel interface {
	// Size is the display's columns and rows, such as 20 and 4.
	Size() (columns, rows int)
	// Show writes the display's rows; what does not fit is cut at the edge. A display that has no glyph for a character shows
	// a question mark. It may take 100 ms: displays hang on slow wires.
	Show(rows []string) error
	// Lamp sets a lamp by the name that the board gives it: "power", "ready", "alarm", "fxo/1", "fxo/1/fault". A front without that lamp
	// takes no notice.
	Lamp(name string, on bool) error
	// Buzz turns the buzzer on or off; a front without one takes no notice.
	Buzz(on bool) error
	// Keys tells each key as it goes down and as it comes up. Bouncing is over before it is told.
	Keys() <-chan KeyEvent
}

// A DotPanel is a front whose display is made of dots: it shows pictures, and Han characters, which take two columns each.
type DotPanel interface {
	Panel
	// Dots is the display's size.
	Dots() (width, height int)
	// Draw shows a picture; dots of at least half white are lit.
	Draw(picture *image.Gray) error
}

// A KeyEvent is a key that went down or came up.
type KeyEvent struct {
	Key  Key
	Down bool
}

// Key is a key of the front panel.
type Key uint8

// The keys of the front panel.
const (
	KeyUp Key = iota + 1
	KeyDown
	KeyOK
	KeyBack
)

// String is the key's name: "up".
func (k Key) String() string {
	switch k {
	case KeyUp:
		return "up"
	case KeyDown:
		return "down"
	case KeyOK:
		return "ok"
	case KeyBack:
		return "back"
	}
	return "no key"
}
