package fxo

import (
	"math"
	"time"

	"callbox/hal"
	"callbox/telephony"
)

// A memory is what a line remembers of its last calls, for its doctor. The line's goroutine owns it.
type memory struct {
	calls [mostCalls]callMemory
	count int // of all calls
	rang  time.Time
	quiet time.Time
}

const mostCalls = 20

// A callMemory is one call.
type callMemory struct {
	incoming, identified, ended, silent bool
	rings, lost, pauses                 int
	ringing, pausing                    time.Duration
	sure                                float64
}

// lostPause is longer than a pause between two rings of any cadence: a ring of China's in it was lost.
const lostPause = 6 * time.Second

// begin is a call that comes in or goes out.
func (m *memory) begin(incoming bool) {
	m.count++
	*m.now() = callMemory{incoming: incoming}
}

// now is the newest call.
func (m *memory) now() *callMemory { return &m.calls[(m.count+mostCalls-1)%mostCalls] }

// wire notes the edges of ringing voltage. The first ring after a long pause is a call that comes in.
func (m *memory) wire(e hal.FXOEvent) {
	now := time.Now()
	if e == hal.RingOn && now.Sub(m.quiet) > 3*lostPause {
		m.begin(true)
		m.quiet = time.Time{}
	}
	c := m.now()
	switch {
	case e == hal.RingOn:
		m.rang = now
		pause := now.Sub(m.quiet)
		switch {
		case m.quiet.IsZero():
		case pause > lostPause:
			c.lost++
		default:
			c.pauses++
			c.pausing += pause
		}
	case e == hal.RingOff && !m.rang.IsZero():
		c.rings++
		c.ringing += now.Sub(m.rang)
		m.rang, m.quiet = time.Time{}, now
	}
}

// rangOut is the end of ringing: a ring from here on is of another call.
func (m *memory) rangOut() { m.rang, m.quiet = time.Time{}, time.Time{} }

// named is a call whose caller is known, or known to be withheld.
func (m *memory) named(c telephony.Caller) {
	if c.Number != "" || c.Withheld {
		m.now().identified = true
	}
}

// over is the end of a call.
func (m *memory) over(r telephony.Released) {
	c := m.now()
	c.ended = !r.ByBox && r.Confidence > 0
	c.silent = c.ended && r.Witness == telephony.BySilence
	c.sure = r.Confidence
	if r.Witness == telephony.ByRingStop {
		m.rangOut()
	}
}

// sum adds up the last calls.
func (m *memory) sum() (s telephony.LineMemory) {
	var ringing, pausing time.Duration
	pauses, sure := 0, 0.0
	for i := range min(m.count, mostCalls) {
		c := &m.calls[i]
		s.Rings += c.rings
		s.LostRings += c.lost
		ringing, pausing, pauses = ringing+c.ringing, pausing+c.pausing, pauses+c.pauses
		if c.incoming {
			s.Incoming++
			s.Identified += one(c.identified)
		}
		s.Ended += one(c.ended)
		s.Silent += one(c.silent)
		if c.ended && !c.silent {
			sure += c.sure
		}
	}
	s.RingMS = int((ringing / time.Duration(max(1, s.Rings))).Milliseconds())
	s.PauseMS = int((pausing / time.Duration(max(1, pauses))).Milliseconds())
	s.Sure = math.Round(100*sure/float64(max(1, s.Ended-s.Silent))) / 100
	return s
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
