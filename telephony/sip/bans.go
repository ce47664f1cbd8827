package sip

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
)

// Bans lists whom the box does not listen to, those that last longest first.
func (s *Stack) Bans(ctx context.Context) ([]telephony.Ban, error) {
	now := time.Now()
	list := []telephony.Ban{}
	err := s.desk.do(ctx, func(d *desk) { list = append(list, d.door.guesses.bans(now)...) })
	list = append(list, s.transport.sources.bans(now)...)
	slices.SortFunc(list, func(a, b telephony.Ban) int {
		return cmp.Or(b.Until.Compare(a.Until), cmp.Compare(a.Address, b.Address), cmp.Compare(a.Account, b.Account))
	})
	return list, err
}

// Unban listens to an address again, as Bans names it, with whatever was counted against it forgotten. NotFound when it is
// not banned.
func (s *Stack) Unban(ctx context.Context, address string) error {
	now := time.Now()
	a, err := netip.ParseAddr(strings.TrimSuffix(address, "/64"))
	if err != nil {
		return telephony.Errorf(telephony.Invalid, "%q 不是地址", "%q is not an address", address)
	}
	a = guesserAt(a.Unmap())
	banned := s.transport.sources.forgive(a, now)
	if err := s.desk.do(ctx, func(d *desk) { banned = d.door.guesses.forgive(a, now) || banned }); err != nil {
		return err
	}
	if !banned {
		return telephony.Errorf(telephony.NotFound, "地址 %s 未被封禁", "the address %s is not blocked", address)
	}
	return nil
}

// do has the desk's goroutine do something with what it owns, and waits for that.
func (d *desk) do(ctx context.Context, act func(*desk)) error {
	done := make(chan struct{})
	select {
	case d.acts <- func() { defer close(done); act(d) }:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-d.stack.transport.done:
		return telephony.Errorf(telephony.Unavailable, "系统正在停止", "the box is about to stop")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// acquaint tells the transport whom the box knows, and the journal who was banned for not being among them.
func (d *desk) acquaint() {
	lines := d.stack.lines.Load()
	k := known{hosts: map[netip.Addr]bool{guesserAt(d.stack.localAddr("UDP").Addr()): true}}
	for _, p := range lines.phones {
		for _, b := range p.bindings() {
			k.hosts[guesserAt(b.flow.addr.Addr())] = true
		}
	}
	for _, t := range lines.trunks {
		hosts, networks := t.places()
		for _, a := range hosts {
			k.hosts[guesserAt(a)] = true
		}
		k.networks = append(k.networks, networks...)
	}
	d.stack.transport.sources.know(k)
	for _, a := range d.stack.transport.sources.news() {
		d.stack.odd("sip/door", fmt.Sprintf("%v is blocked for %v: it is not known here and sends more than %d messages a second",
			guesserName(a), floodBan, strangerRate))
	}
}

// places are where a trunk's messages may come from.
func (t *trunk) places() (hosts []netip.Addr, networks []netip.Prefix) {
	for _, s := range t.config.Load().Sources {
		if p, err := netip.ParsePrefix(s); err == nil {
			networks = append(networks, p)
		} else if a, err := netip.ParseAddr(s); err == nil {
			hosts = append(hosts, a.Unmap())
		}
	}
	if peers := t.peers.Load(); peers != nil {
		for _, p := range *peers {
			hosts = append(hosts, p.Addr())
		}
	}
	return hosts, networks
}
