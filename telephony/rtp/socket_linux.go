package rtp

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// expedited is the DSCP of speech, EF (RFC 3246), as the octet of the IP header.
const expedited = 46 << 2

// A socket is a UDP socket outside Go's poller, which would wake a thread for each packet that arrives. It reads one
// datagram a system call, straight into the reader's buffer: recvmmsg with its buffers for each socket, cold in the cache
// every time, costs half as much again.
type socket struct {
	local   netip.AddrPort
	control *socket // nil: this is one itself

	mu   sync.Mutex     // guards what follows against Close; held for one system call that does not wait
	fd   int            // -1 when closed
	far  netip.AddrPort // of a locked socket
	pure bool           // nothing is left in it from before it was locked
	to   sockaddr
	from sockaddr
	size uint32 // of from
}

// listenPair opens a port and the one after it.
func listenPair(addr netip.Addr, port uint16) (*socket, error) {
	s, err := listen(netip.AddrPortFrom(addr, port))
	if err != nil {
		return nil, err
	}
	if s.control, err = listen(netip.AddrPortFrom(addr, port+1)); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Connect opens a socket at a port that another socket shares (SO_REUSEPORT), for one far end alone: the kernel gives what comes
// from there to this one. There is no port for RTCP beside it.
func Connect(local, far netip.AddrPort) (Conn, error) {
	s, err := listen(local, unix.SO_REUSEPORT)
	if err != nil {
		return nil, err
	}
	if s.Lock(far); s.far != far {
		return nil, errors.Join(errors.New("no way to "+far.String()), s.Close())
	}
	return s, nil
}

func listen(addr netip.AddrPort, options ...int) (*socket, error) {
	var name sockaddr
	size := name.put(addr)
	fd, err := unix.Socket(int(name.family()), unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_UDP)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	// The mark is a wish: speech goes without it too.
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_TOS, expedited)
	_ = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_TCLASS, expedited)
	for _, o := range options {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, o, 1); err != nil {
			return nil, errors.Join(os.NewSyscallError("setsockopt", err), unix.Close(fd))
		}
	}
	if _, _, errno := unix.Syscall(unix.SYS_BIND, uintptr(fd), uintptr(unsafe.Pointer(&name)), uintptr(size)); errno != 0 {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("bind", errno)
	}
	return &socket{fd: fd, local: addr}, nil
}

func (s *socket) Control() Conn {
	if s.control == nil {
		return nil
	}
	return s.control
}

func (s *socket) LocalAddr() netip.AddrPort { return s.local }

func (s *socket) TryRead(b []byte) (n int, from netip.AddrPort, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return 0, from, false
	}
	got, errno := s.receive(b)
	if errno == unix.ECONNREFUSED { // the far end's port was closed: told once, in the place of a datagram
		got, errno = s.receive(b)
	}
	switch {
	case errno != 0:
		s.pure = s.far.IsValid()
		return 0, from, false
	case s.pure:
		return int(got), s.far, true
	}
	return int(got), s.from.get(), true
}

func (s *socket) receive(b []byte) (n uintptr, errno unix.Errno) {
	var name, size unsafe.Pointer
	if !s.pure { // else the kernel would copy what is known
		s.size = uint32(len(s.from))
		name, size = unsafe.Pointer(&s.from), unsafe.Pointer(&s.size)
	}
	n, _, errno = unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))),
		uintptr(len(b)), unix.MSG_DONTWAIT, uintptr(name), uintptr(size))
	return n, errno
}

// Lock connects the socket: the kernel drops what others send before it costs the loop anything, and finds the way to the
// far end once instead of for each packet.
func (s *socket) Lock(far netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 || far == s.far {
		return
	}
	size := s.to.put(far) // of the zero address: AF_UNSPEC, which dissolves the connection (connect(2))
	if _, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(s.fd), uintptr(unsafe.Pointer(&s.to)), uintptr(size)); errno == 0 {
		s.far, s.pure = far, false
	}
}

func (s *socket) WriteTo(b []byte, to netip.AddrPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return net.ErrClosed
	}
	var name unsafe.Pointer
	size := 0
	if to != s.far {
		name, size = unsafe.Pointer(&s.to), s.to.put(to)
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))),
		uintptr(len(b)), unix.MSG_DONTWAIT, uintptr(name), uintptr(size))
	if errno != 0 {
		return errno
	}
	return nil
}

func (s *socket) Close() error {
	s.mu.Lock()
	fd := s.fd
	s.fd = -1
	s.mu.Unlock()
	if fd < 0 {
		return nil
	}
	err := os.NewSyscallError("close", unix.Close(fd))
	if s.control != nil {
		err = errors.Join(err, s.control.Close())
	}
	return err
}

// sockaddr is room for a struct sockaddr_in or sockaddr_in6 (ip(7), ipv6(7)).
type sockaddr [unix.SizeofSockaddrInet6]byte

func (n *sockaddr) family() uint16 { return binary.NativeEndian.Uint16(n[:]) }

// put writes the address, or for the zero address AF_UNSPEC, and returns its size.
func (n *sockaddr) put(a netip.AddrPort) (size int) {
	if !a.IsValid() {
		*n = sockaddr{}
		return len(n)
	}
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
