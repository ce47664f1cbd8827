package sip

import (
	"callbox/telephony"
)

// A directory is the phones and trunks of one configuration. It is never changed once it is made.
type directory struct {
	phones map[string]*phone // by extension
	trunks []*trunk          // in the configuration's order
	byID   map[string]telephony.Line

	isEmergency func(number string) bool
}

func newDirectory() *directory {
	return &directory{phones: map[string]*phone{}, byID: map[string]telephony.Line{}, isEmergency: func(string) bool { return false }}
}

// next makes the directory of a new configuration. What stays keeps its line, its registration and its legs; it gives the
// trunks that are new and those that are no more (or are to be reached in another way, which is the same to them).
func (d *directory) next(s *Stack, c *telephony.Config) (next *directory, added, removed []*trunk) {
	next = newDirectory()
	next.isEmergency = c.IsEmergency
	for i := range c.Phones {
		if c.Phones[i].Port != "" { // plugged into the box: nobody registers in its name
			continue
		}
		p := d.phones[c.Phones[i].Extension]
		if p == nil {
			p = newPhone(s, c.Phones[i].Extension)
		}
		p.configure(&c.Phones[i])
		next.phones[p.extension] = p
		next.byID[p.id] = p
	}
	for _, p := range d.phones {
		if next.phones[p.extension] == nil {
			p.retire()
		}
	}
	known := map[string]*trunk{}
	for _, t := range d.trunks {
		known[t.id] = t
	}
	for i := range c.Trunks {
		t := known["trunk/"+c.Trunks[i].ID]
		switch {
		case t == nil:
			t = newTrunk(s, &c.Trunks[i])
			added = append(added, t)
		case !t.config.Load().ReachedAs(&c.Trunks[i]):
			removed = append(removed, t)
			t = t.successor(&c.Trunks[i])
			added = append(added, t)
		default:
			t.configure(&c.Trunks[i])
		}
		delete(known, t.id)
		next.trunks = append(next.trunks, t)
		next.byID[t.id] = t
	}
	for _, t := range known {
		t.retire()
		removed = append(removed, t)
	}
	return next, added, removed
}
