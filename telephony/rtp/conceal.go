package rtp

import "callbox/telephony"

const (
	recall = telephony.FrameSamples // what is played into a gap: the last 20 ms, to and fro
	fadeBy = 480                    // after 60 ms of it there is silence
	blend  = 40                     // 5 ms from what was made up to what came
)

// A concealer fills gaps with what was heard last, mirrored back and forth so that it joins without a click, and fading
// (the gap's length and the fade follow G.711 Appendix I).
type concealer struct {
	past    [2 * recall]int16 // the newest samples that came, as a ring
	at      int               // where the next one goes
	missing int               // samples since the last one that came; 0: none are
	back    int               // samples of the blend after a gap
}

// mend puts something into the holes and counts those that were still audible.
func (c *concealer) mend(s []int16) (concealed int) {
	if c.missing == 0 && len(s) >= recall && !hasHole(s) {
		c.at = copy(c.past[:], s) % len(c.past)
		return 0
	}
	for i, v := range s {
		switch {
		case v == hole:
			if c.missing < fadeBy {
				concealed++
			}
			c.back = 0
			s[i] = c.next()
		case c.missing > 0:
			c.back++
			s[i] = int16((int(v)*c.back + int(c.next())*(blend-c.back)) / blend)
			c.keep(v)
			if c.back == blend {
				c.missing = 0
			}
		default:
			c.keep(v)
		}
	}
	return concealed
}

func hasHole(s []int16) bool {
	for _, v := range s {
		if v == hole {
			return true
		}
	}
	return false
}

func (c *concealer) keep(v int16) {
	c.past[c.at] = v
	c.at = (c.at + 1) % len(c.past)
}

// next makes up a sample.
func (c *concealer) next() int16 {
	gain := max(fadeBy-c.missing, 0)
	back := c.missing % (2 * recall)
	if back >= recall {
		back = 2*recall - 1 - back
	}
	c.missing++
	v := c.past[(c.at-1-back+2*len(c.past))%len(c.past)]
	return int16(int(v) * gain / fadeBy)
}
