package main

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"callbox/telephony"
)

// realKeepAlive: a telephone reaches the box over TCP through something in between, as a NAT is. It asks within half a minute
// whether the box is there, because the box told it to, and is answered (RFC 5626 3.5.1, 4.4.1); it need not register anew.
func realKeepAlive(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	between := newRelay(t, b.far(relayEnd)+":5060", b.host+":5060")
	newBaresip(t, handset{Host: b.far(phoneEnd), Speech: "/dev/null", Account: "<sip:804@" + b.host + ";transport=tcp>" +
		";auth_user=804;auth_pass=" + phonePassword("804") + `;regint=600;sipnat=outbound;outbound="sip:` + b.far(relayEnd) + `;transport=tcp"`})
	b.lineIs("phone/804", telephony.LineIdle)
	b.until("the telephone asks and is answered", func() bool { return between.pings.Load() > 0 && between.pongs.Load() > 0 })
	if n := between.ways.Load(); n != 1 {
		t.Errorf("the telephone has come %d times", n)
	}
}

// A relay passes streams on, and counts the keep-alives in them.
type relay struct {
	ways, pings, pongs atomic.Int32
}

func newRelay(t *testing.T, at, to string) *relay {
	t.Helper()
	door, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { door.Close() })
	r := &relay{}
	go func() {
		for {
			near, err := door.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			r.ways.Add(1)
			go carry(far, near, "\r\n\r\n", &r.pings)
			go carry(near, far, "\r\n", &r.pongs)
		}
	}()
	return r
}

// carry passes on what comes, and counts what is a keep-alive and nothing else.
func carry(to io.WriteCloser, from io.Reader, keepAlive string, seen *atomic.Int32) {
	defer to.Close()
	chunk := make([]byte, 64<<10)
	for {
		n, err := from.Read(chunk)
		if bytes.Equal(chunk[:n], []byte(keepAlive)) {
			seen.Add(1)
		}
		if _, failed := to.Write(chunk[:n]); err != nil || failed != nil {
			return
		}
	}
}
