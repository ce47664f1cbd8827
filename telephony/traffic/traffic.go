// Package traffic is a far end to measure a box with: a carrier that brings and takes calls over SIP and speaks in all of
// them, and phones that register. Whoever rates a box, soaks it or overloads it uses this one. A Far costs little beside the
// box: all its calls share one socket for speech, which is sent and read many packets a system call, by one loop on a thread
// of its own whose processor time is known. It is for a network that loses little, such as loopback.
package traffic

import (
	"context"
	"fmt"
	"net/netip"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"callbox/telephony"
	"callbox/telephony/thread"
)

const (
	slots     = 10 // of a tick: in each another tenth of the calls speaks
	slotWidth = telephony.Tick / slots
	orders    = 16 // that may wait for the loop
)

// A Far is a far end. Its loop, the goroutine that calls Run, owns all but the box of orders.
type Far struct {
	box    netip.AddrPort // SIP of the box
	at     netip.AddrPort // our own
	orders chan func()
	ended  chan struct{}

	sip     int // a socket
	speech  speech
	calls   map[string]*call // by Call-ID
	demands []*demand
	roll    *roll // of phones that register; nil: none do
	count   int   // calls and requests so far, for names
	tally   Tally
	thread  int // that of the loop, by its number
}

// A Tally is what came of it all since the start.
type Tally struct {
	Brought  int // calls to the box
	Answered int // of them
	Refused  int // of them, in good order: 503 with a time to come again (RFC 3261 21.5.4)
	Unclean  int // of them, refused in any other way
	Unheard  int // of them, not answered at all within 64*T1
	Dropped  int // of them, ended by the box though nobody hung up
	Taken    int // calls of the box
	Up       int // brought calls that are answered and not over

	Registered, NotRegistered int           // registrations that were asked for
	Slowest                   time.Duration // from a request to its final answer, since the tally that was taken before

	Sent    uint64 // packets of speech
	Heard   uint64 // that came
	Missing uint64 // of those that were to come, by their sequence numbers
	Late    uint64 // that came more than a tick later than the quickest of the last seconds of their stream
	Overrun uint64 // dropped here, because the loop came too late to read them: they are not missing by the box's doing

	Behind time.Duration // how late the far end itself was at the most, since the tally that was taken before

	Used time.Duration // processor time of the far end's thread
}

// Since is what came since an earlier tally. Up, Slowest and Behind stay as they are.
func (t Tally) Since(old Tally) Tally {
	t.Brought -= old.Brought
	t.Answered -= old.Answered
	t.Refused -= old.Refused
	t.Unclean -= old.Unclean
	t.Unheard -= old.Unheard
	t.Dropped -= old.Dropped
	t.Taken -= old.Taken
	t.Registered -= old.Registered
	t.NotRegistered -= old.NotRegistered
	t.Sent -= old.Sent
	t.Heard -= old.Heard
	t.Missing -= old.Missing
	t.Late -= old.Late
	t.Overrun -= old.Overrun
	t.Used -= old.Used
	return t
}

// Open makes a far end at an address of this computer, at a SIP port of its own choosing where the given one is 0, for the box
// whose SIP is at another. Run runs it and closes it.
func Open(at, box netip.AddrPort) (*Far, error) {
	f := &Far{box: box, orders: make(chan func(), orders), ended: make(chan struct{}), calls: map[string]*call{}}
	var err error
	if f.sip, f.at, err = listen(at); err != nil {
		return nil, fmt.Errorf("cannot listen for SIP on %s: %w", at, err)
	}
	if err = f.speech.open(at.Addr()); err != nil {
		_ = unix.Close(f.sip)
		return nil, fmt.Errorf("cannot listen for speech on %s: %w", at.Addr(), err)
	}
	return f, nil
}

// Addr is where the far end takes calls.
func (f *Far) Addr() netip.AddrPort { return f.at }

// Run serves until ctx ends.
func (f *Far) Run(ctx context.Context) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(f.ended)
	defer unix.Close(f.sip)
	defer f.speech.close()
	f.thread = unix.Gettid()
	began := time.Now()
	for n := 0; ctx.Err() == nil; n++ {
		due := began.Add(time.Duration(n) * slotWidth)
		thread.SleepUntil(due)
		f.tally.Behind = max(f.tally.Behind, time.Since(due))
		for range len(f.orders) {
			(<-f.orders)()
		}
		f.speech.tick(n%slots, &f.tally)
		f.readSIP()
		now := time.Now()
		f.meet(now)
		if n%(5*slots) == 0 {
			f.repeat(now)
		}
	}
}

// ask has the loop do something, and waits until it has. After the end of Run nothing is done.
func (f *Far) ask(act func()) {
	done := make(chan struct{})
	select {
	case f.orders <- func() { act(); close(done) }:
	case <-f.ended:
		return
	}
	select {
	case <-done:
	case <-f.ended:
	}
}

// Tally is how it stands.
func (f *Far) Tally() (t Tally) {
	f.ask(func() {
		f.tally.Used = thread.Used(f.thread)
		t = f.tally
		f.tally.Slowest, f.tally.Behind = 0, 0
	})
	return t
}

// listen opens a datagram socket that does not wait.
func listen(at netip.AddrPort) (fd int, bound netip.AddrPort, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_UDP)
	if err != nil {
		return 0, bound, err
	}
	const room = 8 << 20 // octets; without rights the kernel gives less
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, room) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, room)
	}
	if err = unix.Bind(fd, &unix.SockaddrInet4{Addr: at.Addr().As4(), Port: int(at.Port())}); err == nil {
		var name unix.Sockaddr
		if name, err = unix.Getsockname(fd); err == nil {
			return fd, netip.AddrPortFrom(at.Addr(), uint16(name.(*unix.SockaddrInet4).Port)), nil
		}
	}
	_ = unix.Close(fd)
	return 0, bound, err
}
