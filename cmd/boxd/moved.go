package main

import (
	"context"
	"net/netip"
	"time"
)

// moveLook is how often the box looks for the address that phones are told.
const moveLook = 2 * time.Second

// moved starts the box again when own gives another address than the one that phones are told, to which the sockets of speech
// are bound, as soon as no call is in progress: a box answers its analogue lines before DHCP has given it an address.
func (b *Box) moved(ctx context.Context, own func() (netip.Addr, error), restart func()) error {
	look := time.NewTicker(moveLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		now, err := own()
		was := b.opt.Advertise
		gone := now.IsLoopback() || now.Is6() && was.Is4() && !was.IsLoopback()
		if err != nil || now == was || gone || len(b.Exchange.Live().Calls) > 0 {
			continue // an address that is gone may come back, though there is another of IPv6; calls that go on do without
		}
		b.opt.Log.Info("the computer has another address: the box starts again with it", "was", was, "is", now)
		restart()
		return nil
	}
}
