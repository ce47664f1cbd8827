package sip

import (
	"context"
	"net"
	"net/netip"
	"slices"
)

// networkWS is SIP over WebSocket as Via spells it (RFC 7118 5.2). Over TLS too: the connection came by the page, and with it.
const networkWS = "WS"

// isPrivate reports whether what goes by a hop can be read by nobody on its way, or came by a session of the page.
func (h hop) isPrivate() bool { return h.network == networkTLS || h.network == networkWS }

// ServeBrowser speaks SIP over WebSocket (RFC 7118) with a browser that is the phone of an extension, until ctx or the connection
// ends. A Read of the connection is one message, and so is a Write. Whoever calls answers for it that the browser is that of
// whom the phone belongs to. With the connection goes the registration.
func (s *Stack) ServeBrowser(ctx context.Context, conn net.Conn, extension string) error {
	defer conn.Close()
	remote, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return err
	}
	from := hop{networkWS, netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port()), extension}
	st, err := s.transport.add(conn, from)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		st.close()
	case <-st.ended:
	}
	return s.desk.do(context.WithoutCancel(ctx), func(*desk) { s.unbind(from) })
}

// unbind forgets where a phone was registered by a connection that is gone, and ends what rings there: nobody hears it any more.
func (s *Stack) unbind(at hop) {
	s.legs.each(func(l *leg) { l.post(wayGone{at}) })
	p := s.lines.Load().phones[at.phone]
	if p == nil || !p.registeredAt(at) {
		return
	}
	p.bind(slices.DeleteFunc(slices.Clone(p.bindings()), func(b binding) bool { return b.flow == at }))
}

// wholeMessage is the next message of a WebSocket: the frames keep them apart (RFC 7118 5). Empty lines keep the way open.
func wholeMessage(conn net.Conn, pong func()) ([]byte, error) {
	room := make([]byte, maxMessage+1)
	for {
		n, err := conn.Read(room)
		switch {
		case err != nil:
			return nil, err
		case n > maxMessage:
			return nil, errTooLong
		case !isKeepalive(room[:n]):
			return room[:n:n], nil
		}
		pong()
	}
}
