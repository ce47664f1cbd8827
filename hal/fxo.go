package hal

import "fmt"

// An FXO is one analogue line to a telephone exchange, loop start or kewlstart: the box is the telephone. One owner (the
// line in telephony/fxo) calls CancelEcho, Seize, Release, Flash, Pulse and receives Events; Hear and Say are called by the media loop
// alone, once in 20 ms while the line is in use, and neither waits nor allocates.
type FXO interface {
	// Name is the port's name on the board: "fxo/1".
	Name() string
	// Events tells what the exchange does on the wire, in order. The box is bounded at FXOEventBox; a driver that finds it
	// full drops the oldest ring events, never a battery event.
	Events() <-chan FXOEvent
	// CancelEcho says, before Seize, whether the card is to take out the echo of what is said. It tells whether the card will:
	// one that has no canceller leaves that to the owner.
	CancelEcho(on bool) bool
	// Seize closes the loop (off hook).
	Seize() error
	// Release opens the loop (on hook).
	Release() error
	// Flash opens the loop for a hook flash of 90 ms (China's R key; dahdi.md) and closes it again.
	Flash() error
	// Pulse dials 0-9 by opening the closed loop: ten pulses a second, 1.6:1 (signalling.md 6.7). It returns at once, and
	// Pulsed tells that the last pulse is out. It fails with errors.ErrUnsupported on a card that cannot.
	Pulse(digits string) error
	// Hear fills the block with what came from the line since the last tick, on hook too (caller ID between rings).
	Hear(*Block)
	// Say sends a block to the line; it is heard only while the loop is closed.
	Say(*Block)
}

// FXOEventBox is the least number of events that a driver keeps for a slow owner.
const FXOEventBox = 64

// FXOEvent is one thing that happened on the wire of an analogue line.
type FXOEvent uint8

// The events of an analogue line. Polarity is told as a change; battery tells the exchange's feed.
const (
	RingOn      FXOEvent = iota + 1 // ringing voltage began
	RingOff                         // ringing voltage ended
	Reversed                        // the battery was turned (answer, or caller ID follows)
	Normal                          // the battery is as at rest again
	BatteryLost                     // the loop is open at the exchange: release, or a cut wire
	BatteryBack
	Pulsed // the digits of Pulse are out
)

var fxoEventNames = [...]string{"?", "RingOn", "RingOff", "Reversed", "Normal", "BatteryLost", "BatteryBack", "Pulsed"}

// String is the event's name.
func (e FXOEvent) String() string {
	if int(e) < len(fxoEventNames) {
		return fxoEventNames[e]
	}
	return fmt.Sprintf("FXOEvent(%d)", uint8(e))
}
