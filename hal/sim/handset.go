package sim

import (
	"errors"
	"sync/atomic"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A handset is a person's mouth and ear on the wire: a Source and an ear. The media loop owns it; verbs of others reach
// it through two small boxes.
type handset struct {
	speech telephony.Source // nil: silent
	keys   []timedKey       // not yet pressed
	press  telephony.Source // the keys that sound now
	talked time.Duration

	nextSpeech chan telephony.Source
	nextPress  chan telephony.Source
	tape       *tape
}

// A timedKey is a key that is pressed after so long a talk.
type timedKey struct {
	at    time.Duration
	press telephony.Source
}

var errTooManyKeys = errors.New("keys still wait to be pressed: press more when these are heard")

// What a tape keeps when nobody says how long the talk lasts, and at most.
const (
	usualTape = 2 * time.Minute
	longTape  = 10 * time.Minute
)

func newHandset(speech telephony.Source, keys []timedKey, talk time.Duration) handset {
	if talk == 0 {
		talk = usualTape
	}
	return handset{
		speech: speech, keys: keys,
		nextSpeech: make(chan telephony.Source, 1), nextPress: make(chan telephony.Source, 8),
		tape: newTape(min(talk+time.Second, longTape)),
	}
}

// Say replaces what the person says; the newest wins.
func (h *handset) Say(s telephony.Source) {
	for {
		select {
		case h.nextSpeech <- s:
			return
		case <-h.nextSpeech:
		}
	}
}

// Press adds keys to those to be pressed.
func (h *handset) Press(digits string) error {
	g, err := dsp.NewDTMF(digits)
	if err != nil {
		return err
	}
	select {
	case h.nextPress <- g:
		return nil
	default:
		return errTooManyKeys
	}
}

// Next is 20 ms of what the person says or presses; who presses does not talk.
func (h *handset) Next(f *telephony.Frame) bool {
	h.listen()
	h.talked += telephony.Tick
	switch {
	case h.press != nil:
		if !h.press.Next(f) {
			h.press = nil
		}
	case h.speech != nil:
		if !h.speech.Next(f) {
			h.speech = nil
		}
	default:
		clear(f[:])
	}
	return true
}

// listen takes in what others asked the person to do.
func (h *handset) listen() {
	select {
	case h.speech = <-h.nextSpeech:
	default:
	}
	if h.press != nil {
		return
	}
	if len(h.keys) > 0 && h.talked >= h.keys[0].at {
		h.press, h.keys = h.keys[0].press, h.keys[1:]
		return
	}
	select {
	case h.press = <-h.nextPress:
	default:
	}
}

// hear is 20 ms of what the person hears.
func (h *handset) hear(b *hal.Block) {
	h.tape.add(b[:])
	if e, ok := h.speech.(ear); ok {
		e.hear(b)
	}
}

// A tape keeps what somebody heard. One goroutine adds to it and any may read it.
type tape struct {
	samples []int16
	length  atomic.Int64
}

func newTape(d time.Duration) *tape {
	return &tape{samples: make([]int16, d*telephony.SampleRate/time.Second)}
}

// add appends what still fits.
func (t *tape) add(samples []int16) {
	n := t.length.Load()
	t.length.Store(n + int64(copy(t.samples[n:], samples)))
}

// heard is all that was added so far.
func (t *tape) heard() []int16 { return append([]int16(nil), t.samples[:t.length.Load()]...) }
