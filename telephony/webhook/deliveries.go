package webhook

import (
	"slices"
	"sync"

	"callbox/telephony"
)

const keptDeliveries = 30

// deliveries are the last of one webhook, for the page.
type deliveries struct {
	mu   sync.Mutex
	last []telephony.Delivery
}

func (d *deliveries) add(one telephony.Delivery) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = append(d.last, one)
	d.last = slices.Clone(d.last[max(0, len(d.last)-keptDeliveries):])
}

// list gives them newest first.
func (d *deliveries) list() []telephony.Delivery {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := slices.Clone(d.last)
	slices.Reverse(list)
	return list
}
