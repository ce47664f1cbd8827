package dahdi

import "slices"

// A box takes a port's events to its owner. The loop puts them in and never waits; what the owner had no room for waits here.
type box[E any] struct {
	out     chan E
	waiting []E
	least   func(E) bool // tells what may be dropped for the sake of others
}

func newBox[E any](size int, least func(E) bool) *box[E] {
	return &box[E]{out: make(chan E, size), least: least}
}

// tell puts an event in. Of as many as the box has room for again, the oldest of the least is dropped for it, or the oldest.
func (b *box[E]) tell(e E) {
	if len(b.waiting) == cap(b.out) {
		i := max(slices.IndexFunc(b.waiting, b.least), 0)
		b.waiting = slices.Delete(b.waiting, i, i+1)
	}
	b.waiting = append(b.waiting, e)
	b.flush()
}

// flush hands over what there is room for now, and reports whether nothing is left.
func (b *box[E]) flush() bool {
	for len(b.waiting) > 0 {
		select {
		case b.out <- b.waiting[0]:
			b.waiting = b.waiting[1:]
		default:
			return false
		}
	}
	return true
}
