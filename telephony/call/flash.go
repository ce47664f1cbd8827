package call

import (
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// dialling is somebody who flashed the hook and dials whom to consult.
type dialling struct {
	by     *party
	digits string
}

type dialKey struct{}

// dialTime is how long a party may take from one digit to the next.
const dialTime = 4 * time.Second

// flash is what an ordinary telephone has for consultation: the first flash gives dial tone while the others hear music, one
// in the consultation brings all together, and one before it comes to that goes back. Hanging up transfers, and a telephone
// that has called nobody is rung again for the one on hold (A2.10, A2.12). A party outside of the office consults nobody
// (rule 6).
func (c *Call) flash(p *party) {
	t := c.table
	switch s := t.consult; {
	case !p.inside() || t.holder != nil && t.holder != p:
		return
	case s != nil && s.with.answered:
		_ = c.conference(p) // it is p's
		return
	case t.holder == p:
		c.stopDialling(p)
		_ = c.back(p) // it is p's
		return
	}
	c.sendAway(p)
	t.dialling = &dialling{by: p}
	c.seat()
	p.media.Play(c.signal(dsp.Dial))
	c.set(dialKey{}, 3*dialTime)
	c.showTable()
}

// dialled takes a digit of whom somebody wants to consult. A number inside is called as soon as it is whole.
func (c *Call) dialled(key byte) {
	d := c.table.dialling
	d.by.media.Stop()
	if key != '#' && len(d.digits) < telephony.MaxNumberLen {
		d.digits += string(key)
	}
	wait := dialTime
	if _, found, more := c.Config.Inside(d.digits); key == '#' || found && !more {
		wait = 0
	}
	c.set(dialKey{}, wait)
}

// callDialled calls whom somebody dialled.
func (c *Call) callDialled() state {
	d := c.table.dialling
	if d == nil {
		return nil
	}
	c.stopDialling(d.by)
	if slot, park := parkCode(d.digits); park {
		return c.parkOrdered(d.by, slot)
	}
	t, err := c.house.Switch.Dialled(c.Config, d.digits, c.permitOf(d.by))
	switch {
	case err == nil && !consultable(t) && c.mayTransfer(d.by, t) == nil: // a queue, a room: nobody to have a word with
		return c.transfer(d.by, t, nil)
	case err == nil:
		err = c.consultWith(d.by, t)
	}
	if err != nil {
		d.by.media.Play(c.signal(dsp.Congestion))
		c.showTable()
	}
	return nil
}

// stopDialling ends the dialling of a party.
func (c *Call) stopDialling(p *party) {
	if d := c.table.dialling; d != nil && d.by == p {
		c.table.dialling = nil
		c.cancel(dialKey{})
	}
}
