package sim

import (
	"time"

	"callbox/hal"
	"callbox/telephony/dsp"
)

// Chinese ringing is one second in five (GB/T 3380-1982), the caller's number at least half a second after the first ring
// and done well before the second (YDN 069-1997).
const (
	ringOn        = time.Second
	ringOff       = 4 * time.Second
	callerIDAfter = 600 * time.Millisecond
)

// ringing rings the box until it seizes the line or the caller gives up.
func (l *line) ringing() state {
	switch came := l.ringUntil(); came {
	case seized:
		l.turn(false)
		return l.talking
	case hungUp:
		l.end(GaveUp)
		return l.idle
	}
	return nil
}

// ringUntil says what ended the ringing.
func (l *line) ringUntil() kind {
	if came := l.numberBeforeRing(); came != elapsed {
		return came
	}
	for n := 1; ; n++ {
		if came := l.burst(); came != elapsed {
			return came
		}
		if came := l.pause(n == 1); came != elapsed {
			return came
		}
	}
}

// burst is one ring, unless the line loses it.
func (l *line) burst() kind {
	if l.chance.Float64() < l.serves.Faults.LostRing {
		return l.await(ringOn, seized, hungUp)
	}
	l.tell(hal.RingOn)
	came := l.await(ringOn, seized, hungUp)
	l.tell(hal.RingOff)
	return came
}

// pause is the silence between two rings; the first carries the caller's number.
func (l *line) pause(first bool) kind {
	form, fsk := fskForms[l.serves.CallerID]
	if !first || !fsk || l.serves.Faults.NoCallerID {
		return l.await(ringOff, seized, hungUp)
	}
	if came := l.await(callerIDAfter, seized, hungUp); came != elapsed {
		return came
	}
	l.connect(dsp.EncodeCallerID(l.party.identity(), form), nil)
	defer l.disconnect()
	return l.await(ringOff-callerIDAfter, seized, hungUp)
}

var fskForms = map[CallerIDForm]dsp.CallerIDForm{FSK: dsp.FormMDMF, SDMF: dsp.FormSDMF}

// numberBeforeRing is the DTMF form: the battery is turned, on most lines, the digits follow, and then it rings.
func (l *line) numberBeforeRing() kind {
	const settle, digit = 200 * time.Millisecond, 140 * time.Millisecond
	turns := l.serves.CallerID == DTMF
	if !turns && l.serves.CallerID != EarlyDTMF || l.serves.Faults.NoCallerID {
		return elapsed
	}
	l.turn(turns)
	defer l.turn(false)
	if came := l.await(settle, seized, hungUp); came != elapsed {
		return came
	}
	l.connect(dsp.EncodeCallerID(l.party.identity(), dsp.FormDTMF), nil)
	defer l.disconnect()
	return l.await(time.Duration(len(l.party.call.From)+2)*digit+settle, seized, hungUp)
}
