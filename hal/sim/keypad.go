package sim

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// eventKeys are the keys in the order of their event codes (RFC 4733 3.2).
const eventKeys = "0123456789*#ABCD"

var errNotKeys = errors.New("these are not keys: press 0-9, *, #, A-D, and comma for a pause")

// A keypad is keys waiting to be sent as events: 100 ms each, and 100 ms between them.
type keypad struct {
	timed []KeyAt
	queue chan byte
	down  byte // now sent; 0: none
	part  int
	rest  int // ticks until the next key
}

// The parts of a key and the pause after it, and the pause that a comma is, in ticks.
const (
	keyParts   = 5
	keyPause   = 5
	commaPause = 100
)

// A keyPart is 20 ms of a key.
type keyPart struct {
	event uint8
	part  int
}

func newKeypad(keys []KeyAt) keypad {
	timed := slices.Clone(keys)
	slices.SortStableFunc(timed, func(a, b KeyAt) int { return int(a.At - b.At) })
	return keypad{timed: timed, queue: make(chan byte, mostKeys)}
}

func (k *keypad) press(digits string) error {
	if strings.Trim(digits, eventKeys+",") != "" {
		return errNotKeys
	}
	for i := range len(digits) {
		select {
		case k.queue <- digits[i]:
		default:
			return errTooManyKeys
		}
	}
	return nil
}

// next is what to send in this tick of a key, if anything.
func (k *keypad) next(talked time.Duration) (keyPart, bool) {
	if k.rest > 0 {
		k.rest--
		return keyPart{}, false
	}
	if k.down == 0 && !k.choose(talked) {
		return keyPart{}, false
	}
	if k.down == ',' {
		k.down, k.rest = 0, commaPause
		return keyPart{}, false
	}
	p := keyPart{uint8(strings.IndexByte(eventKeys, k.down)), k.part}
	if k.part++; k.part == keyParts {
		k.down, k.part, k.rest = 0, 0, keyPause
	}
	return p, true
}

// tones presses the keys that are due on a handset instead.
func (k *keypad) tones(talked time.Duration, h *handset) {
	for k.choose(talked) {
		_ = h.Press(string(k.down))
		k.down = 0
	}
}

// choose takes the next key that is due.
func (k *keypad) choose(talked time.Duration) bool {
	if len(k.timed) > 0 && talked >= k.timed[0].At {
		k.down, k.timed = k.timed[0].Digit, k.timed[1:]
		return true
	}
	select {
	case k.down = <-k.queue:
		return true
	default:
		return false
	}
}
