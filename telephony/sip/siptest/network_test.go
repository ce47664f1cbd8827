package siptest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony/sip/siptest"
)

// send sends count numbered datagrams and gives the numbers that arrived within a second, in order.
func send(n *siptest.Network, count int) []byte {
	a, b := n.Listen("10.0.0.1:1000"), n.Listen("10.0.0.2:1000")
	defer a.Close()
	defer b.Close()
	for i := range count {
		a.WriteTo([]byte{byte(i)}, b.LocalAddr())
	}
	b.SetReadDeadline(time.Now().Add(time.Second))
	var got []byte
	for buf := make([]byte, 10); ; {
		k, _, err := b.ReadFrom(buf)
		if err != nil {
			return got
		}
		got = append(got, buf[:k]...)
	}
}

func TestDatagramsComeInOrderAfterTheLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNetwork(1)
		n.SetFaults(siptest.Faults{Latency: 30 * time.Millisecond})
		a, b := n.Listen("10.0.0.1:1000"), n.Listen("10.0.0.2:1000")
		start := time.Now()
		a.WriteTo([]byte("one"), b.LocalAddr())
		a.WriteTo([]byte("two"), b.LocalAddr())
		buf := make([]byte, 10)
		k, from, err := b.ReadFrom(buf)
		if err != nil || string(buf[:k]) != "one" || from.String() != "10.0.0.1:1000" {
			t.Fatalf("first: %q from %v, %v", buf[:k], from, err)
		}
		if took := time.Since(start); took != 30*time.Millisecond {
			t.Errorf("took %v", took)
		}
		if k, _, err := b.ReadFrom(buf); err != nil || string(buf[:k]) != "two" {
			t.Errorf("second: %q, %v", buf[:k], err)
		}
	})
}

func TestASeedReplaysItsFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults := siptest.Faults{Jitter: 50 * time.Millisecond, Loss: 0.2, Duplicate: 0.1}
		run := func(seed uint64) string {
			n := siptest.NewNetwork(seed)
			n.SetFaults(faults)
			return string(send(n, 200))
		}
		if first, second := run(7), run(7); first != second {
			t.Error("the same seed gave two stories")
		}
		if run(7) == run(8) {
			t.Error("two seeds gave one story")
		}
		clean := siptest.NewNetwork(7)
		if got := send(clean, 200); len(got) != 200 {
			t.Errorf("without faults %d of 200 came", len(got))
		}
		if got := run(7); len(got) < 140 || len(got) > 210 {
			t.Errorf("with 20 %% loss and 10 %% twins %d of 200 came", len(got))
		}
	})
}

func TestCloseAndDeadlineWakeTheReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := siptest.NewNetwork(1).Listen("10.0.0.1:1000")
		c.SetReadDeadline(time.Now().Add(time.Minute))
		if _, _, err := c.ReadFrom(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after the deadline: %v", err)
		}
		c.SetReadDeadline(time.Time{})
		time.AfterFunc(time.Minute, func() { c.Close() })
		if _, _, err := c.ReadFrom(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestStreamsConnectAndAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNetwork(1)
		l := n.ListenStream("10.0.0.1:5060")
		dial := n.Dialer(netip.MustParseAddr("10.0.0.2"))
		go func() {
			c, err := dial(context.Background(), netip.MustParseAddrPort("10.0.0.1:5060"))
			if err == nil {
				io.WriteString(c, "hello")
				c.Close()
			}
		}()
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := io.ReadAll(c); string(got) != "hello" {
			t.Errorf("got %q", got)
		}
		l.Close()
		if _, err := dial(context.Background(), netip.MustParseAddrPort("10.0.0.1:5060")); err == nil {
			t.Error("dialled a closed listener")
		}
	})
}

func TestMediaIsReadWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNetwork(1)
		n.SetFaults(siptest.Faults{Latency: 30 * time.Millisecond})
		host := netip.MustParseAddr("10.0.0.1")
		a, err := n.ListenMedia(host, 10001, 10004)
		if err != nil || a.LocalAddr().Port() != 10002 {
			t.Fatalf("first %v, %v", a.LocalAddr(), err)
		}
		b, err := n.ListenMedia(host, 10001, 10004)
		if err != nil || b.LocalAddr().Port() != 10004 {
			t.Fatalf("second: %v", err)
		}
		if _, err := n.ListenMedia(host, 10001, 10004); err == nil {
			t.Error("a third port was found")
		}
		a.WriteTo([]byte("speech"), b.LocalAddr())
		buf := make([]byte, 10)
		if _, _, ok := b.TryRead(buf); ok {
			t.Error("a datagram came before its time")
		}
		time.Sleep(30 * time.Millisecond)
		if k, from, ok := b.TryRead(buf); !ok || string(buf[:k]) != "speech" || from != a.LocalAddr() {
			t.Errorf("got %q from %v, %v", buf[:k], from, ok)
		}
	})
}
