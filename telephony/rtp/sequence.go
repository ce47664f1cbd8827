package rtp

const (
	maxDropout = 3000 // a greater jump in sequence is a restart of the far end, once two packets agree (RFC 3550 A.1)
	window     = 64   // packets behind the newest that can be told from their copies
)

// A sequence follows a source's sequence numbers: which packets are new, and how many are missing (RFC 3550 A.1, A.3).
type sequence struct {
	begun    bool
	newest   uint16
	cycles   uint16 // times that newest wrapped
	seen     uint64 // bit n: the packet n before the newest came
	restart  uint16 // what follows the last packet that was out of all order
	expected uint64
	received uint64
}

type order uint8

const (
	inOrder   order = iota
	reordered       // new, but behind one that came before
	duplicate       // a copy, or too far behind to tell
	astray          // out of all order: not to be heard unless the next one follows it
)

// note takes in the next packet's number.
func (s *sequence) note(seq uint16) order {
	ahead := int16(seq - s.newest)
	switch {
	case !s.begun:
		s.begin(seq)
	case ahead > maxDropout || ahead < -maxDropout:
		if seq != s.restart {
			s.restart = seq + 1
			return astray
		}
		s.begin(seq)
	case ahead > 0:
		s.seen = s.seen<<uint(ahead) | 1
		if seq < s.newest {
			s.cycles++
		}
		s.newest = seq
		s.expected += uint64(ahead)
	case ahead <= -window || s.seen>>uint(-ahead)&1 == 1:
		return duplicate
	default:
		s.seen |= 1 << uint(-ahead)
		s.received++
		return reordered
	}
	s.received++
	return inOrder
}

// begin takes up a sequence that has no past. A packet from before the beginning is new, though none was missed.
func (s *sequence) begin(seq uint16) {
	s.begun, s.newest, s.seen = true, seq, 1
	s.expected++
}

// gapless tells that nothing is missing just before the newest.
func (s *sequence) gapless() bool { return s.seen&3 == 3 }

// lost is how many packets never came, those still on their way included.
func (s *sequence) lost() uint64 { return s.expected - min(s.received, s.expected) }

// A source is the one SSRC that is heard. A far end may change it in mid-call; two packets in sequence are believed.
type source struct {
	begun     bool
	ssrc      uint32
	candidate uint32
	next      uint16 // of the candidate
}

// note tells whether a packet is of the source, and whether the source has just changed.
func (s *source) note(ssrc uint32, seq uint16) (same, changed bool) {
	switch {
	case s.begun && ssrc == s.ssrc:
		return true, false
	case !s.begun || ssrc == s.candidate && seq == s.next:
		changed = s.begun
		*s = source{begun: true, ssrc: ssrc, candidate: ssrc}
		return true, changed
	}
	s.candidate, s.next = ssrc, seq+1
	return false, false
}
