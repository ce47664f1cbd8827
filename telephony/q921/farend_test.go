package q921

import (
	"net"
	"os"
	"testing"
	"time"

	"callbox/telephony/e1/pritest"
	"callbox/telephony/machine"
)

// TestFarEnd talks to libpri's data link, over a good wire and over one that loses 5 % of the frames and doubles 5 %, each
// way. Every message is a STATUS ENQUIRY for a call that does not exist, and each is answered once and in order.
func TestFarEnd(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("this runs libpri: CALLBOX_REAL=1 go test ./telephony/q921")
	}
	program := pritest.Build(t)
	for _, row := range []struct {
		name   string
		side   Side
		role   string
		spoilt bool
	}{
		{"we are the user", User, "network", false},
		{"we are the network", Network, "user", false},
		{"we are the user on a bad wire", User, "network", true},
		{"we are the network on a bad wire", Network, "user", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			conn, remote := wireTo(t)
			p := pritest.Start(t, pritest.Options{Program: program, Role: row.role, Local: remote.String(), Remote: conn.LocalAddr().String()})
			answers := enquire(t, row.side, conn, remote, 200, func() {
				if row.spoilt { // from here on: a SABME that came twice would start the link anew, and no E1 doubles frames
					p.Do(t, "lossy lose=5 twice=5 seed=%d", 3+row.side)
				}
			})
			p.Expect(t, "dchan up", time.Second)
			for i, got := range answers {
				if len(got) < 5 || got[2] != byte(i>>8)|0x80 || got[3] != byte(i) {
					t.Fatalf("answer %d is % X", i, got)
				}
			}
		})
	}
}

// wireTo opens our end of a wire and finds a port for the other.
func wireTo(t *testing.T) (net.PacketConn, net.Addr) {
	t.Helper()
	ours, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	theirs, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	return ours, theirs.LocalAddr()
}

// enquire brings the link up, calls up, and sends n enquiries; it returns the answers.
func enquire(t *testing.T, side Side, conn net.PacketConn, remote net.Addr, n int, up func()) (answers [][]byte) {
	link := New(side)
	var h *machine.Host[Event, Action]
	h = machine.New(link.Step, func(t machine.Timer) Event { return Expired{t} }, func(a Action) {
		switch a := a.(type) {
		case Send:
			conn.WriteTo(a.Octets, remote)
		case Established:
			up()
			for i := range n {
				h.Step(Data{[]byte{8, 2, byte(i >> 8), byte(i), 0x75}})
			}
		case Indicate:
			answers = append(answers, a.Octets)
		case Released:
			h.Step(Establish{})
		}
	})
	defer h.Close()
	frames := receive(conn)
	h.Step(PhysicalUp{})
	h.Step(Establish{})
	for limit := time.After(time.Minute); len(answers) < n; {
		select {
		case f := <-frames:
			h.Step(Received{f})
		case <-h.Alarm():
			h.Expire()
		case <-limit:
			t.Fatalf("%d of %d answers within a minute", len(answers), n)
		}
	}
	return answers
}

// receive reads frames until the socket is closed.
func receive(conn net.PacketConn) <-chan []byte {
	frames := make(chan []byte, 1024)
	go func() {
		for buffer := make([]byte, 1024); ; {
			n, _, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			frames <- append([]byte(nil), buffer[:n]...)
		}
	}()
	return frames
}
