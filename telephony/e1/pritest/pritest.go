// Package pritest is a far end for tests of PRI that we did not write: libpri (Debian's libpri-dev), in a process of its own,
// on the E1 wire between processes. A test gives it orders and waits for what it tells.
//
// Orders; calls are named by the numbers that "calling" and "ring" tell:
//
//	call channel=3 [exclusive] called=8001 [more=017] [calling=..] [name=..] [redirecting=.. reason=15]
//	     [calledplan=33] [plan=33] [pres=32]   with more, the call is overlap: its digits go one by one after SETUP ACKNOWLEDGE
//	incoming [digits=5] VERB...          what is done with each incoming call: SETUP ACKNOWLEDGE until there are 5 digits, and
//	                                     then the verbs below, all at once; nothing: the test does it by hand
//	ack|proceed|progress|alert|answer 1 [channel=7] [inband]
//	digits 1 called=017                  INFORMATION, one digit each
//	hangup 1 [cause=16]                  once: what follows is answered by itself
//	restart channel=3
//	cut seconds=2                        no frame passes, either way
//	lossy lose=5 twice=5 seed=1          percent of the frames, either way, that are lost and that come twice
//	tone channel=3 hz=425                -10 dBm0; 0 ends it
//	listen channel=3 hz=425              tells the level of 200 ms once they are heard
//	debug                                libpri's own trace, in the log of a test that fails
//
// What it tells, each with NAME=VALUE behind it, a channel and mostly the call reference:
//
//	dchan up|down, calling 1, ring 1, setup_ack 1, digits 1, proceeding 1, progress 1, alerting 1, answer 1,
//	disconnect 1 cause=16 (DISCONNECT came), hangup 1 cause=16 (RELEASE, RELEASE COMPLETE or libpri itself), hangup_ack 1,
//	restart, restart_ack, cut over, level channel=3 hz=425 dBm0=-10.0, failed 1 (libpri refused an order), config_error
//
// libpri 1.6.0 never sends what "hangup" says of a call that it has sent nothing for yet, but for causes 1, 6, 7, 26, 34, 44,
// 82 and 88: let it proceed first.
package pritest

import (
	"bufio"
	"embed"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

//go:embed testdata
var source embed.FS

// Build compiles the peer and returns the path of the program, which lives as long as the test.
func Build(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, source); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "testdata", "*.c"))
	if err != nil || len(files) == 0 {
		t.Fatal("no source", err)
	}
	program := filepath.Join(dir, "peer")
	args := append([]string{"-O1", "-Wall", "-Werror", "-o", program}, files...)
	if out, err := exec.Command("gcc", append(args, "-lpri", "-lm")...).CombinedOutput(); err != nil {
		t.Fatalf("the peer does not compile (make tools installs gcc and libpri): %v\n%s", err, out)
	}
	return program
}

// taken counts the ports that this process gave away.
var taken atomic.Uint32

// Ports are n free UDP ports on loopback that no other test gets: loopback is a /8, so each process has an address of its own,
// and counts its ports up. Two sockets that were merely found free at the same moment may be the same one.
func Ports(t testing.TB, n int) (addresses []string) {
	t.Helper()
	const low, high = 10000, 30000 // below those that the kernel gives to sockets without a port
	pid := os.Getpid()
	for len(addresses) < n {
		address := fmt.Sprintf("127.%d.%d.1:%d", 1+pid>>8&0x7f, pid&0xff, low+taken.Add(1)%(high-low))
		c, err := net.ListenPacket("udp", address)
		if err != nil {
			continue // in use
		}
		c.Close()
		addresses = append(addresses, address)
	}
	return addresses
}

// Options say what a peer is.
type Options struct {
	Program       string // of Build
	Role          string // "user" or "network"
	Local, Remote string // addresses of the D-channel, "127.0.0.1:29001"
	// Addresses of the bearers, both or none, and the number of the span that they belong to.
	SlotsLocal, SlotsRemote string
	Span                    int
}

// A Peer is a running far end. It ends with the test.
type Peer struct {
	orders io.WriteCloser
	done   chan struct{} // closed when it told its last line

	mu    sync.Mutex
	lines []string // that no Expect has taken
	all   []string
	came  chan struct{} // closed, and made anew, with each line
}

// Start runs a peer. It begins to establish the D-channel by itself.
func Start(t testing.TB, o Options) *Peer {
	t.Helper()
	args := []string{o.Role, strconv.Itoa(o.Span), o.Local, o.Remote}
	if o.SlotsLocal != "" {
		args = append(args, o.SlotsLocal, o.SlotsRemote)
	}
	cmd := exec.Command(o.Program, args...)
	orders, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var trace strings.Builder
	cmd.Stderr = &trace
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &Peer{orders: orders, done: make(chan struct{}), came: make(chan struct{})}
	go p.read(out)
	t.Cleanup(func() {
		p.orders.Close() // that ends it
		select {
		case <-p.done:
		case <-time.After(5 * time.Second):
			cmd.Process.Kill()
			<-p.done
		}
		if err := cmd.Wait(); err != nil || t.Failed() {
			t.Logf("%s: %v\n%s\n%s", o.Role, err, strings.Join(p.all, "\n"), trace.String())
		}
	})
	return p
}

func (p *Peer) read(out io.Reader) {
	defer close(p.done)
	for s := bufio.NewScanner(out); s.Scan(); {
		p.mu.Lock()
		p.lines, p.all = append(p.lines, s.Text()), append(p.all, s.Text())
		close(p.came)
		p.came = make(chan struct{})
		p.mu.Unlock()
	}
}

// Do gives the peer an order.
func (p *Peer) Do(t testing.TB, format string, args ...any) {
	t.Helper()
	if _, err := fmt.Fprintf(p.orders, format+"\n", args...); err != nil {
		t.Fatalf("the peer is gone: %v", err)
	}
}

// An Event is a line that a peer told.
type Event string

// Call is the number of the call that the event is of, 0: none.
func (e Event) Call() int {
	if words := strings.Fields(string(e)); len(words) > 1 {
		n, _ := strconv.Atoi(words[1])
		return n
	}
	return 0
}

// Value is what stands behind name=.
func (e Event) Value(name string) string {
	for _, w := range strings.Fields(string(e)) {
		if v, ok := strings.CutPrefix(w, name+"="); ok {
			return v
		}
	}
	return ""
}

// Number is Value as a number, 0 where it is none.
func (e Event) Number(name string) float64 {
	n, _ := strconv.ParseFloat(e.Value(name), 64)
	return n
}

// Expect waits for a line that begins as pattern, a regular expression, says, and takes it: the next Expect does not see it.
// Other lines stay for others, so that many calls may be followed at once.
func (p *Peer) Expect(t testing.TB, pattern string, limit time.Duration) Event {
	t.Helper()
	want := regexp.MustCompile(`^(?:` + pattern + `)(?: |$)`)
	for end := time.After(limit); ; {
		p.mu.Lock()
		came := p.came
		i := slices.IndexFunc(p.lines, want.MatchString)
		if i >= 0 {
			line := p.lines[i]
			p.lines = slices.Delete(p.lines, i, i+1)
			p.mu.Unlock()
			return Event(line)
		}
		rest := strings.Join(p.lines, "\n")
		p.mu.Unlock()
		select {
		case <-came:
		case <-end:
			t.Fatalf("no %q within %v; there was:\n%s", pattern, limit, rest)
		}
	}
}
