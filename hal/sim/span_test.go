package sim

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
	"callbox/hal/haltest"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// TestSpan is the suite of an E1 on the exchange's cable, without the exchange.
func TestSpan(t *testing.T) {
	haltest.Span(t, synctest.Test, func(t *testing.T) (hal.Span, haltest.FarSpan, hal.Clock) {
		stop := make(chan struct{})
		t.Cleanup(func() { close(stop) })
		far := &bareEnd{span: newSpan("e1/1", stop)}
		for n, b := range far.slots {
			if b != nil {
				far.ends[n] = &octets{}
				b.connect(far.ends[n], far.ends[n])
			}
		}
		go far.teller.run()
		go func() {
			for {
				select {
				case f := <-far.frames:
					far.mu.Lock()
					far.received = append(far.received, f)
					far.mu.Unlock()
				case <-stop:
					return
				}
			}
		}()
		return far.span, far, hal.SystemClock{}
	})
}

// A bareEnd is the exchange's end of a span, worked by hand.
type bareEnd struct {
	*span
	ends     [32]*octets
	mu       sync.Mutex
	received [][]byte
}

func (e *bareEnd) Send(frame []byte) { e.frame(frame) }

func (e *bareEnd) Received() [][]byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.received
}

func (e *bareEnd) Play(n int, o []byte) { e.ends[n].play, e.ends[n].began = o, time.Now() }
func (e *bareEnd) Heard(n int) []byte   { return e.ends[n].heard }
func (e *bareEnd) Mute(on bool)         { e.set(map[bool]hal.SpanAlarm{true: hal.LOS, false: hal.Clear}[on]) }

func (e *bareEnd) Yellow(on bool) {
	e.set(map[bool]hal.SpanAlarm{true: hal.Yellow, false: hal.Clear}[on])
}
func (e *bareEnd) Spoil(_ []byte) bool { return false }

// octets are one bearer's far end: what is played goes by whether or not anybody hears it.
type octets struct {
	play, heard []byte
	began       time.Time
}

func (o *octets) Next(f *telephony.Frame) bool {
	at := int((time.Since(o.began)-1)/telephony.Tick) * len(f) // what is played is due at the tick after it
	clear(f[:])
	if at < len(o.play) {
		part := o.play[at:min(at+len(f), len(o.play))]
		dsp.DecodeALaw(f[:len(part)], part)
	}
	return true
}

func (o *octets) hear(b *hal.Block) {
	n := len(o.heard)
	o.heard = append(o.heard, make([]byte, len(b))...)
	dsp.EncodeALaw(o.heard[n:], b[:])
}
