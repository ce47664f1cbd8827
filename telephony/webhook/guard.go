package webhook

import (
	"net"
	"net/netip"
	"slices"
	"syscall"

	"callbox/telephony"
)

// A webhook makes the box speak to an address of somebody's choosing. It must not reach what only the box reaches (server-side
// request forgery): the box itself, and what answers without asking who asks. The company's own network is open to it, because
// that is where a customer system stands, and only an administrator, who owns the box, writes the address; over TLS alone and with
// no word of the answer shown, it is no way to look around there. The address is checked when it is dialled, after the look-up of
// the name, so that a name which changes its mind (DNS rebinding) gains nothing.

// forbidden refuses an address.
type forbidden struct{ why telephony.Text }

func (f *forbidden) Error() string { return f.why.EN }

var (
	errSelf = &forbidden{telephony.Text{ZH: "这个地址是本机自己，不允许推送", EN: "the address is the box itself, where no webhook may go"}}
	errKind = &forbidden{telephony.Text{ZH: "这个地址不是普通主机地址（链路本地、组播或保留），不允许推送", EN: "the address is not an ordinary host's (link-local, multicast or reserved): no webhook may go there"}}
)

// closedTo are ranges that are no host of a company's network or of the internet's, and forms that hide another address in theirs.
var closedTo = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),      // this network (RFC 1122 3.2.1.3)
	netip.MustParsePrefix("240.0.0.0/4"),    // reserved, and the broadcast address (RFC 1112 4)
	netip.MustParsePrefix("::/96"),          // an IPv4 address within (RFC 4291 2.5.5.1)
	netip.MustParsePrefix("64:ff9b::/96"),   // the same, NAT64 (RFC 6052 2.1)
	netip.MustParsePrefix("64:ff9b:1::/48"), // (RFC 8215)
	netip.MustParsePrefix("2001::/32"),      // Teredo (RFC 4380 2.6)
	netip.MustParsePrefix("2002::/16"),      // 6to4 (RFC 3056 2)
}

// closed says why no webhook may go to an address; nil: it may. Own are the addresses of the box.
func closed(a netip.Addr, own []netip.Addr) *forbidden {
	a = a.Unmap().WithZone("")
	switch {
	case a.IsLoopback(), a.IsUnspecified(), slices.Contains(own, a):
		return errSelf
	case !a.IsValid(), a.IsLinkLocalUnicast(), a.IsMulticast(),
		slices.ContainsFunc(closedTo, func(p netip.Prefix) bool { return p.Contains(a) }):
		return errKind
	}
	return nil
}

// guarded dials what closed lets pass. Control sees each address after the look-up, just before it is connected to.
func guarded(own func() []netip.Addr) *net.Dialer {
	return &net.Dialer{Timeout: sendTime, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return errKind
		}
		if why := closed(to.Addr(), own()); why != nil {
			return why
		}
		return nil
	}}
}

// ownAddresses are those of the box's interfaces at this moment.
func ownAddresses() []netip.Addr {
	list, _ := net.InterfaceAddrs()
	var own []netip.Addr
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			own = append(own, p.Addr().Unmap())
		}
	}
	return own
}
