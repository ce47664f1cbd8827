package rtp

import "sync/atomic"

// Stats counts what a session met since its start. The counters are read one by one and may be a tick apart.
type Stats struct {
	Received   uint64 // packets heard
	Lost       uint64 // packets missing in the sequence
	Late       uint64 // speech that came after its time
	Reordered  uint64
	Duplicate  uint64 // copies, and packets out of all order
	Malformed  uint64
	Forged     uint64 // not sealed with the far end's key, or copies (SRTP)
	Foreign    uint64 // from another address or source than the one that is heard
	Unknown    uint64 // of a payload type that was not negotiated
	Concealed  uint64 // samples made up for speech that was missing
	Sent       uint64
	SendErrors uint64
	Dropped    uint64 // keys and digits that did not fit their box
}

type counters struct {
	received, lost, late, reordered, duplicate, malformed, forged, foreign, unknown, concealed, sent, sendErrors, dropped atomic.Uint64
}

// Stats returns a snapshot.
func (s *Session) Stats() Stats {
	c := &s.stats
	return Stats{
		Received:   c.received.Load(),
		Lost:       c.lost.Load(),
		Late:       c.late.Load(),
		Reordered:  c.reordered.Load(),
		Duplicate:  c.duplicate.Load(),
		Malformed:  c.malformed.Load(),
		Forged:     c.forged.Load(),
		Foreign:    c.foreign.Load(),
		Unknown:    c.unknown.Load(),
		Concealed:  c.concealed.Load(),
		Sent:       c.sent.Load(),
		SendErrors: c.sendErrors.Load(),
		Dropped:    c.dropped.Load(),
	}
}
