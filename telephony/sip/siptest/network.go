// Package siptest is a network in memory for tests of SIP and RTP: datagrams and streams between made-up addresses, with
// latency, loss, duplication and reordering by seed. It runs on package time and channels only, so it lives inside a
// testing/synctest bubble, where a real socket would stop the clock.
package siptest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"
)

// Faults are what the network does to datagrams. The zero value delivers each one once, at once and in order.
type Faults struct {
	Latency   time.Duration // of every datagram
	Jitter    time.Duration // up to so much more, at random: reorders
	Loss      float64       // probability that a datagram is lost
	Duplicate float64       // probability that it comes twice
}

// A Network joins the sockets that listen on it. Its faults come from one generator per pair of addresses, so that a
// seed replays whatever the order in which unrelated parties send. Safe for use from any goroutine.
type Network struct {
	seed uint64

	mu        sync.Mutex
	faults    Faults
	drop      func(from, to netip.AddrPort, payload []byte) bool
	sockets   map[netip.AddrPort]*PacketConn
	listeners map[netip.AddrPort]*Listener
	dice      map[[2]netip.AddrPort]*rand.Rand
	ephemeral uint16
	sequence  uint64
}

// NewNetwork makes a network without faults.
func NewNetwork(seed uint64) *Network {
	return &Network{
		seed: seed, sockets: map[netip.AddrPort]*PacketConn{}, listeners: map[netip.AddrPort]*Listener{},
		dice: map[[2]netip.AddrPort]*rand.Rand{}, ephemeral: 40000,
	}
}

// SetFaults changes what happens to datagrams from now on.
func (n *Network) SetFaults(f Faults) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults = f
}

// SetDrop installs a filter that loses the datagrams for which it returns true; nil takes it away.
func (n *Network) SetDrop(drop func(from, to netip.AddrPort, payload []byte) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.drop = drop
}

// Listen opens a datagram socket on "10.0.0.1:5060"; port 0 picks a free one. It panics on an address in use, since a
// test's addresses are the test's own.
func (n *Network) Listen(addr string) *PacketConn {
	at := netip.MustParseAddrPort(addr)
	n.mu.Lock()
	defer n.mu.Unlock()
	if at.Port() == 0 {
		at = netip.AddrPortFrom(at.Addr(), n.nextPort())
	}
	c, err := n.open(at)
	if err != nil {
		panic(err)
	}
	return c
}

// ListenMedia opens the first free even port of the range for RTP.
func (n *Network) ListenMedia(addr netip.Addr, from, to uint16) (MediaConn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for port := uint32(from+1) &^ 1; port <= uint32(to); port += 2 {
		if c, err := n.open(netip.AddrPortFrom(addr, uint16(port))); err == nil {
			return MediaConn{c}, nil
		}
	}
	return MediaConn{}, fmt.Errorf("siptest: no free port from %d to %d on %v", from, to, addr)
}

// Sockets are the addresses of the datagram sockets that are open, in order.
func (n *Network) Sockets() []netip.AddrPort {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.SortedFunc(maps.Keys(n.sockets), netip.AddrPort.Compare)
}

func (n *Network) open(at netip.AddrPort) (*PacketConn, error) {
	if n.sockets[at] != nil {
		return nil, fmt.Errorf("siptest: %v is in use", at)
	}
	c := &PacketConn{network: n, addr: at, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	n.sockets[at] = c
	return c, nil
}

func (n *Network) nextPort() uint16 {
	n.ephemeral++
	return n.ephemeral
}

// send hands a datagram to the socket at the far end, if there is one, as the faults will have it.
func (n *Network) send(from, to netip.AddrPort, payload []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	far := n.sockets[to]
	if far == nil || n.drop != nil && n.drop(from, to, payload) {
		return
	}
	dice := n.diceOf(from, to)
	if dice.Float64() < n.faults.Loss {
		return
	}
	copies := 1
	if dice.Float64() < n.faults.Duplicate {
		copies = 2
	}
	for range copies {
		delay := n.faults.Latency
		if n.faults.Jitter > 0 {
			delay += time.Duration(dice.Int64N(int64(n.faults.Jitter)))
		}
		n.sequence++
		far.deliver(datagram{due: time.Now().Add(delay), sequence: n.sequence, from: from, payload: append([]byte(nil), payload...)})
	}
}

func (n *Network) diceOf(from, to netip.AddrPort) *rand.Rand {
	pair := [2]netip.AddrPort{from, to}
	if n.dice[pair] == nil {
		n.dice[pair] = rand.New(rand.NewPCG(n.seed, hash(from)*31+hash(to)))
	}
	return n.dice[pair]
}

func hash(a netip.AddrPort) uint64 {
	h := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(a.String()) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

var errTimeout = fmt.Errorf("siptest: %w", os.ErrDeadlineExceeded)

// closedError makes the error that package net gives for a closed socket.
func closedError(op string) error {
	return &net.OpError{Op: op, Net: "udp", Err: net.ErrClosed}
}

var errRefused = errors.New("siptest: connection refused")
