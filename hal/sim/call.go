package sim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"callbox/telephony/dsp"
)

// A Call is one call into the box: who rings, what they say and press, and how long their patience lasts.
type Call struct {
	Line     string        // "fxo/3", "e1/1"; empty: the first analogue line that is free
	To       string        // the number that the caller dials, on a span; empty: the span's own
	From     string        // the caller's number; empty: the exchange does not know it
	Name     string        // the caller's name, if the network tells one
	Withheld bool          // the caller asked not to be shown
	Play     []int16       // what the caller says once answered, 8 kHz
	Keys     []KeyAt       // what the caller presses
	For      time.Duration // the caller hangs up so long after the answer; 0: when the box does
	GiveUp   time.Duration // the caller stops ringing after so long without an answer; 0: never
	Faults   *Faults       // of the line during this call; nil: those that the line has
}

// A KeyAt is one key that is pressed so long after the answer.
type KeyAt struct {
	Digit byte // 0-9 * # A-D
	At    time.Duration
}

// ParseKeys reads keys as boxctl and the page write them, "1@4s,#@6s".
func ParseKeys(s string) ([]KeyAt, error) {
	var keys []KeyAt
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		digit, after, _ := strings.Cut(part, "@")
		at, err := time.ParseDuration(after)
		if len(digit) != 1 || err != nil || at < 0 {
			return nil, fmt.Errorf("key %q is not understood: write the key, @ and the time after the answer, such as 1@4s,#@6s", part)
		}
		keys = append(keys, KeyAt{digit[0], at})
	}
	return keys, nil
}

// timedKeys are keys ready to be pressed, the first first.
func timedKeys(keys []KeyAt) ([]timedKey, error) {
	var timed []timedKey
	for _, k := range keys {
		g, err := dsp.NewDTMF(string(k.Digit))
		if err != nil {
			return nil, err
		}
		timed = append(timed, timedKey{k.At, g})
	}
	slices.SortStableFunc(timed, func(a, b timedKey) int { return int(a.at - b.at) })
	return timed, nil
}
