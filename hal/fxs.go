package hal

import "fmt"

// An FXS is a port for one analogue telephone: the box is the exchange, and feeds it. One owner (the extension in
// telephony/fxs) calls its verbs and receives Events; Hear and Say are called by the media loop alone, once in 20 ms while
// the port is in use, and neither waits nor allocates.
type FXS interface {
	// Name is the port's name on the board: "fxs/1".
	Name() string
	// Events tells what the telephone does, in order. The box is bounded at FXSEventBox; a driver that finds it full drops
	// the oldest events and keeps the newest of the hook.
	Events() <-chan FXSEvent
	// Ring puts ringing voltage on the line or takes it off; the cadence is the owner's. A telephone that is lifted ends the
	// ringing by itself, and none is rung that is off hook.
	Ring(on bool) error
	// Disconnect opens the loop for 500 ms (kewlstart): the other party has hung up. It does nothing while the telephone is
	// on hook.
	Disconnect() error
	// Reverse turns the battery or turns it back: an answer, for a telephone that counts. It fails with
	// errors.ErrUnsupported on a card that cannot.
	Reverse(on bool) error
	// Lamp lights the telephone's message lamp. It fails with errors.ErrUnsupported on a card that cannot.
	Lamp(on bool) error
	// Hear fills the block with what came from the telephone since the last tick.
	Hear(*Block)
	// Say sends a block to the telephone; on hook it is heard for some seconds after a ring (caller ID).
	Say(*Block)
}

// FXSEventBox is the least number of events that a driver keeps for a slow owner.
const FXSEventBox = 64

// FXSEvent is one thing that a telephone did.
type FXSEvent uint8

// The events of a telephone.
const (
	OffHook   FXSEvent = iota + 1
	OnHook             // for longer than a flash
	HookFlash          // the R key, or a tap on the hook
)

var fxsEventNames = [...]string{"?", "OffHook", "OnHook", "HookFlash"}

// String is the event's name.
func (e FXSEvent) String() string {
	if int(e) < len(fxsEventNames) {
		return fxsEventNames[e]
	}
	return fmt.Sprintf("FXSEvent(%d)", uint8(e))
}
