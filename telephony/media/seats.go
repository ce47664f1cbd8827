package media

import (
	"slices"

	"callbox/telephony"
)

// Seats say who hears whom on a bridge. They never change: a verb puts new ones in their place, so that the tick of the
// change can be mixed by both.
type seats struct {
	joined  []*Party
	coaches []coach
}

// A coach hears those who are joined, and is heard by some of them: by nobody who listens, by an agent who whispers.
type coach struct {
	party   *Party
	heardBy []*Party
}

// join gives seats in which these hear each other. A coach among them is one no more.
func (s *seats) join(parties []*Party) *seats {
	next := &seats{joined: parties}
	for _, c := range s.coaches {
		if !slices.Contains(parties, c.party) {
			next.coaches = append(next.coaches, c)
		}
	}
	return next
}

// coach gives seats in which the party coaches.
func (s *seats) coach(p *Party, heardBy []*Party) *seats {
	next := s.without(p)
	next.coaches = append(next.coaches, coach{p, heardBy})
	return next
}

// without gives seats without the party.
func (s *seats) without(p *Party) *seats {
	next := &seats{}
	for _, j := range s.joined {
		if j != p {
			next.joined = append(next.joined, j)
		}
	}
	for _, c := range s.coaches {
		if c.party != p {
			next.coaches = append(next.coaches, c)
		}
	}
	return next
}

// mix puts down what everybody who has a seat is told.
func (s *seats) mix(sum *[telephony.FrameSamples]int32) {
	if len(s.joined) == 2 && len(s.coaches) == 0 {
		s.joined[0].told, s.joined[1].told = s.joined[1].said, s.joined[0].said
		return
	}
	clear(sum[:])
	for _, p := range s.joined {
		for i, v := range p.said {
			sum[i] += int32(v)
		}
	}
	for _, p := range s.joined {
		for i, v := range p.said {
			p.told[i] = saturate(sum[i] - int32(v))
		}
	}
	for _, c := range s.coaches {
		for i, v := range sum {
			c.party.told[i] = saturate(v)
		}
		for _, p := range c.heardBy {
			for i, v := range c.party.said {
				p.told[i] = saturate(int32(p.told[i]) + int32(v))
			}
		}
	}
}

func saturate(v int32) int16 { return int16(max(-32768, min(32767, v))) }
