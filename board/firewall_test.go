package board

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What boxd says is taken as it was written, and is gone.
func TestServices(t *testing.T) {
	file := filepath.Join(t.TempDir(), "services")
	for _, want := range [][]Service{nil, {ServiceSIP, ServiceSpeech}, {ServiceSIP, ServiceSIPS, ServiceSpeech, ServiceBrowsers}} {
		if err := os.WriteFile(file, WriteServices(want), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := TakeServices(file)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%v, %v; written %v", got, err, want)
		}
		if _, err := os.Lstat(file); err == nil {
			t.Error("the file is still there")
		}
	}
}

// A box that was taken over opens no port that is no service's, reads no file by the reader's rights, and keeps nobody waiting.
func TestHostileServices(t *testing.T) {
	text := func(s string) func(string) error {
		return func(file string) error { return os.WriteFile(file, []byte(s), 0o644) }
	}
	for name, put := range map[string]func(file string) error{
		"a port":             text("22\n"),
		"a rule":             text("sip }; add rule inet callbox input accept; #"),
		"another line of it": text("sip\nflush ruleset\n"),
		"a word with more":   text("sip,22"),
		"a letter more":      text("SIP"),
		"octets":             text("sip\x00speech"),
		"too much":           text(strings.Repeat("sip\n", 100)),
		"a link":             func(file string) error { return os.Symlink("/etc/hostname", file) },
		"a pipe":             func(file string) error { return syscall.Mkfifo(file, 0o644) },
		"a folder":           func(file string) error { return os.Mkdir(file, 0o755) },
		"nothing":            func(string) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "services")
			if err := put(file); err != nil {
				t.Fatal(err)
			}
			if got, err := TakeServices(file); err == nil || got != nil {
				t.Errorf("%v, %v", got, err)
			}
			if _, err := os.Lstat(file); err == nil {
				t.Error("what is refused stays, and is asked for again and again")
			}
		})
	}
}

// The ruleset of the image as the kernel has it, seen from another computer on the wire: before boxd has spoken the page alone comes in, then
// what it uses and nothing more, and a connection that is there outlives the rule that let it in (A14.1).
func TestFirewall(t *testing.T) {
	if _, err := exec.LookPath("nft"); err != nil || os.Getuid() != 0 {
		t.Skip("it takes root and nft: .ci/install nft:nftables")
	}
	box, outside := newWire(t)
	box.run(t, "", "nft", "-f", "../image/files/etc/nftables.conf")
	ports := []string{"tcp 22", "tcp 80", "tcp 443", "tcp 5060", "tcp 5061", "udp 5060", "udp 19999", "udp 20000", "udp 29999", "udp 30000", "udp 30001"}
	for _, p := range ports {
		box.serve(t, p)
	}
	var call net.Conn // a telephone's, over TCP
	for _, step := range []struct {
		services []Service
		open     []string // beside the page
	}{
		{nil, nil},
		{[]Service{ServiceSIP, ServiceSpeech}, []string{"tcp 5060", "udp 5060", "udp 20000", "udp 29999"}},
		{[]Service{ServiceSIPS, ServiceSpeech, ServiceBrowsers}, []string{"tcp 5061", "udp 20000", "udp 29999", "udp 30000"}},
		{[]Service{ServiceBrowsers}, []string{"udp 30000"}},
		{[]Service{ServiceSIP, ServiceSIPS, ServiceSpeech, ServiceBrowsers}, []string{"tcp 5060", "tcp 5061", "udp 5060", "udp 20000", "udp 29999", "udp 30000"}},
		{[]Service{}, nil},
	} {
		if step.services != nil {
			box.run(t, Firewall(step.services), "nft", "-f", "-")
		}
		want := append([]string{"tcp 80", "tcp 443"}, step.open...)
		var all sync.WaitGroup
		for _, p := range ports {
			all.Go(func() {
				if got := outside.reaches(t, p); got != slices.Contains(want, p) {
					t.Errorf("%v: %s comes in: %v", step.services, p, got)
				}
			})
		}
		all.Wait()
		if call == nil && slices.Contains(step.services, ServiceSIP) {
			call = outside.dial(t, "tcp 5060")
		}
		if call != nil && !echoes(call) {
			t.Errorf("%v: a connection that was there is cut", step.services)
		}
	}
}

// The wire beneath a VLAN lets in nothing, as cmd/boxd/network.go marks it: what comes without the VLAN's tag is not from there.
func TestFirewallBeneathVLAN(t *testing.T) {
	if _, err := exec.LookPath("nft"); err != nil || os.Getuid() != 0 {
		t.Skip("it takes root and nft: .ci/install nft:nftables")
	}
	box, outside := newWire(t)
	box.run(t, "", "nft", "-f", "../image/files/etc/nftables.conf")
	box.serve(t, "tcp 80")
	for _, group := range []string{"0", "8021", "0"} {
		box.run(t, "", "ip", "link", "set", "wire", "group", group)
		if got := outside.reaches(t, "tcp 80"); got != (group == "0") {
			t.Errorf("in group %s the page is reached: %v", group, got)
		}
	}
}

// patience is how long a port that does not answer is waited for.
const patience = time.Second

// An end is a computer on a wire of two: a network namespace, open as a file.
type end struct{ *os.File }

const boxAddress = "192.0.2.1"

// newWire makes both ends. They are gone with the test.
func newWire(t *testing.T) (box, outside end) {
	t.Helper()
	box, outside = newEnd(t), newEnd(t)
	other := fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), outside.Fd())
	box.run(t, "", "ip", "link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", other)
	box.run(t, "", "ip", "address", "add", boxAddress+"/24", "dev", "wire")
	outside.run(t, "", "ip", "address", "add", "192.0.2.2/24", "dev", "wire")
	for _, e := range []end{box, outside} {
		e.run(t, "", "ip", "link", "set", "wire", "up")
	}
	return box, outside
}

func newEnd(t *testing.T) (e end) {
	t.Helper()
	var err error
	onThread(func() {
		if err = unix.Unshare(unix.CLONE_NEWNET); err == nil {
			e.File, err = os.Open("/proc/thread-self/ns/net")
		}
	})
	if err != nil {
		t.Skip("no network namespace here: ", err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// onThread runs something on a thread of its own, which ends with it.
func onThread(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		do()
	}()
	<-done
}

// in runs something at this end.
func (e end) in(t *testing.T, do func()) {
	onThread(func() {
		if err := unix.Setns(int(e.Fd()), unix.CLONE_NEWNET); err != nil {
			t.Error(err)
			return
		}
		do()
	})
}

func (e end) run(t *testing.T, in string, args ...string) {
	t.Helper()
	e.in(t, func() {
		c := exec.Command(args[0], args[1:]...)
		c.Stdin = strings.NewReader(in)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v: %v: %s", args, err, out)
		}
	})
	if t.Failed() {
		t.FailNow()
	}
}

// serve sends back what comes to a port, such as "tcp 80".
func (e end) serve(t *testing.T, port string) {
	t.Helper()
	network, number, _ := strings.Cut(port, " ")
	var err error
	e.in(t, func() {
		if network == "tcp" {
			var l net.Listener
			if l, err = net.Listen("tcp", boxAddress+":"+number); err == nil {
				t.Cleanup(func() { l.Close() })
				go sendBack(l)
			}
			return
		}
		var c net.PacketConn
		if c, err = net.ListenPacket("udp", boxAddress+":"+number); err == nil {
			t.Cleanup(func() { c.Close() })
			go func() {
				b := make([]byte, 16)
				for n, from, err := c.ReadFrom(b); err == nil; n, from, err = c.ReadFrom(b) {
					c.WriteTo(b[:n], from)
				}
			}()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sendBack(l net.Listener) {
	for c, err := l.Accept(); err == nil; c, err = l.Accept() {
		go func() {
			defer c.Close()
			b := make([]byte, 16)
			for n, err := c.Read(b); err == nil; n, err = c.Read(b) {
				c.Write(b[:n])
			}
		}()
	}
}

// dial connects to a port of the box; nil: it is not let in.
func (e end) dial(t *testing.T, port string) (c net.Conn) {
	network, number, _ := strings.Cut(port, " ")
	e.in(t, func() {
		dialer := net.Dialer{Timeout: patience}
		c, _ = dialer.Dial(network, boxAddress+":"+number)
	})
	if c != nil {
		t.Cleanup(func() { c.Close() })
	}
	return c
}

func (e end) reaches(t *testing.T, port string) bool {
	c := e.dial(t, port)
	return c != nil && echoes(c)
}

func echoes(c net.Conn) bool {
	c.SetDeadline(time.Now().Add(patience))
	b := make([]byte, 4)
	if _, err := c.Write([]byte("ping")); err != nil {
		return false
	}
	n, err := c.Read(b)
	return err == nil && string(b[:n]) == "ping"
}
