package hal

// A Panel is the box's front: a few keys, lamps and a character display. One owner (cmd/boxd) calls it; verbs return at once.
type Panel interface {
	// Size is the display's columns and rows, such as 20 and 4.
	Size() (columns, rows int)
	// Show writes the display's rows; what does not fit is cut at the edge.
	Show(rows []string) error
	// Lamp sets a lamp by the name that the board gives it: "power", "ready", "alarm", "fxo/1".
	Lamp(name string, on bool) error
	// Keys tells each key as it is pressed.
	Keys() <-chan Key
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
