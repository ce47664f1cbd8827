package rtp

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// expedited is the DSCP of speech, EF (RFC 3246), as the octet of the IP header.
const expedited = 46 << 2

// A socket is a UDP socket outside Go's poller, which would wake a thread for each packet that arrives. It reads all that
// waits, up to a few, in one system call, and so finds out for nothing that there is no more.
type socket struct {
	local netip.AddrPort

	mu   sync.Mutex // guards what follows against Close; held for one system call that does not wait
	fd   int        // -1 when closed
	to   sockaddr
	in   [atOnce]message
	name [atOnce]sockaddr
	data [atOnce][maxDatagram]byte
	iov  [atOnce]unix.Iovec
	next int  // of in to be taken out
	read int  // of in that are read
	dry  bool // no more was there than was read
}

const (
	atOnce      = 4
	maxDatagram = 768 // what is longer is no speech of ours, and cut
)

// message is a struct mmsghdr (recvmmsg(2)).
type message struct {
	header unix.Msghdr
	size   uint32
}

func listen(addr netip.AddrPort) (Conn, error) {
	var name sockaddr
	size := name.put(addr)
	fd, err := unix.Socket(int(name.family()), unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_UDP)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	// The mark is a wish: speech goes without it too.
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TOS, expedited)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, expedited)
	if _, _, errno := unix.Syscall(unix.SYS_BIND, uintptr(fd), uintptr(unsafe.Pointer(&name)), uintptr(size)); errno != 0 {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("bind", errno)
	}
	s := &socket{fd: fd, local: addr}
	for i := range s.in {
		s.iov[i] = unix.Iovec{Base: &s.data[i][0], Len: maxDatagram}
		s.in[i].header = unix.Msghdr{Name: &s.name[i][0], Iov: &s.iov[i], Iovlen: 1}
	}
	return s, nil
}

func (s *socket) LocalAddr() netip.AddrPort { return s.local }

func (s *socket) TryRead(b []byte) (n int, from netip.AddrPort, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == s.read && !s.fill() {
		return 0, from, false
	}
	n = copy(b, s.data[s.next][:s.in[s.next].size])
	from = s.name[s.next].get()
	s.next++
	return n, from, true
}

// fill reads what waits and tells whether anything did.
func (s *socket) fill() bool {
	if s.dry || s.fd < 0 {
		s.dry = false
		return false
	}
	for i := range s.in {
		s.in[i].header.Namelen = uint32(len(s.name[i]))
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.in)), atOnce, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return false
	}
	s.next, s.read, s.dry = 0, int(n), n < atOnce
	return n > 0
}

func (s *socket) WriteTo(b []byte, to netip.AddrPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return net.ErrClosed
	}
	size := s.to.put(to)
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))),
		uintptr(len(b)), unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&s.to)), uintptr(size))
	if errno != 0 {
		return errno
	}
	return nil
}

func (s *socket) Close() error {
	s.mu.Lock()
	fd := s.fd
	s.fd, s.read = -1, s.next
	s.mu.Unlock()
	if fd < 0 {
		return nil
	}
	return os.NewSyscallError("close", unix.Close(fd))
}

// sockaddr is room for a struct sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)).
type sockaddr [unix.SizeofSockaddrInet6]byte

func (n *sockaddr) family() uint16 { return binary.NativeEndian.Uint16(n[:]) }

// put writes the address and returns its size.
func (n *sockaddr) put(a netip.AddrPort) (size int) {
	binary.BigEndian.PutUint16(n[2:], a.Port())
	if ip := a.Addr().Unmap(); ip.Is4() {
		binary.NativeEndian.PutUint16(n[:], unix.AF_INET)
		as4 := ip.As4()
		copy(n[4:8], as4[:])
		clear(n[8:unix.SizeofSockaddrInet4])
		return unix.SizeofSockaddrInet4
	}
	binary.NativeEndian.PutUint16(n[:], unix.AF_INET6)
	as16 := a.Addr().As16()
	clear(n[4:8]) // flow
	copy(n[8:24], as16[:])
	clear(n[24:]) // scope
	return unix.SizeofSockaddrInet6
}

func (n *sockaddr) get() netip.AddrPort {
	port := binary.BigEndian.Uint16(n[2:])
	if n.family() == unix.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(n[4:8])), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16([16]byte(n[8:24])).Unmap(), port)
}
