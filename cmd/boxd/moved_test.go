package main

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"callbox/webui"
)

// A box that started before its network has the address that comes, but ends no call for it (A14.2).
func TestMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.close()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		own, restarts := w.box.opt.Advertise, 0
		go w.box.moved(ctx, func() (netip.Addr, error) { return own, nil }, func() { restarts++ })
		pause := func(d time.Duration, want int, when string) {
			t.Helper()
			time.Sleep(d)
			if restarts != want {
				t.Errorf("%s it has started again %d times", when, restarts)
			}
		}
		pause(time.Minute, 0, "at its address")
		own = netip.MustParseAddr("127.0.0.1")
		pause(time.Minute, 0, "when the wire is out")
		own = netip.MustParseAddr("2001:db8::10")
		pause(time.Minute, 0, "when DHCP has given no new lease")
		go (&simulation{Box: w.box}).Ring(ctx, webui.Ring{Line: "fxo/1", ForSeconds: 20})
		time.Sleep(5 * time.Second)
		own = netip.MustParseAddr("10.0.0.99")
		pause(5*time.Second, 0, "in a call")
		pause(time.Minute, 1, "after the call")
	})
}
