package sim

import (
	"time"

	"callbox/hal"
	"callbox/telephony/dsp"
)

// loopDrop is how long a kewlstart exchange opens the loop (signalling.md 6.7: 500 to 1000 ms).
const loopDrop = 750 * time.Millisecond

// talking joins the box and the party until one of them hangs up. A flash parks the party behind special dial tone, and
// the next one brings it back.
func (l *line) talking() state {
	p := l.party
	p.answer()
	l.turn(l.serves.Polarity)
	parked := false
	for {
		if parked {
			p.tell(Parked)
			l.tone(dsp.SpecialDial, nil)
		} else {
			p.tell(Talking)
			l.connect(&p.handset, &p.handset)
		}
		switch l.await(forever, released, hungUp, flashed) {
		case flashed:
			parked = !parked
		case released:
			return l.idle
		case hungUp:
			l.end(HungUp)
			return l.clearing
		case stopped:
			return nil
		}
	}
}

// clearing keeps the line until the box has hung up too.
func (l *line) clearing() state {
	l.disconnect()
	return l.after(l.tellGone())
}

// tellGone tells the box, in the way that the line has, that the far end is gone: late, by polarity, by an open loop, and
// in the end by busy tone, which in China is often the only sign. It says what ended the telling.
func (l *line) tellGone() kind {
	if l.serves.Faults.NoRelease {
		return l.await(forever, released)
	}
	if came := l.await(l.serves.lateClear(), released); came != elapsed {
		return came
	}
	l.turn(false)
	if l.serves.LoopDrop {
		l.tell(hal.BatteryLost)
		came := l.await(loopDrop, released)
		l.tell(hal.BatteryBack)
		if came != elapsed {
			return came
		}
	}
	return l.toneUntilReleased(dsp.Busy)
}

// toneUntilReleased plays the tone for as long as the box listens to it.
func (l *line) toneUntilReleased(s dsp.Signal) kind {
	l.tone(s, nil)
	return l.await(forever, released)
}

// after is the state that follows when nothing more can happen in a call.
func (l *line) after(came kind) state {
	if came == stopped {
		return nil
	}
	return l.idle
}
