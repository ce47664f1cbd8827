package record

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A relay is the floor that a media engine is measured against: each tick it reads what waits by recvmmsg and passes it on
// by sendto, with nothing else done to a packet.
type relay struct {
	fds []int
	to  []unix.RawSockaddrInet4 // of what is read from the socket of the same place

	in   [4]mmsghdr
	iov  [4]unix.Iovec
	name [4]unix.RawSockaddrInet4
	data [4][768]byte
}

// mmsghdr is a struct mmsghdr (recvmmsg(2)).
type mmsghdr struct {
	header unix.Msghdr
	size   uint32
}

// newRelay makes a relay of so many pairs of calls. In each pair a packet is under way to each leg of the first call, whose
// relaying makes one for each leg of the second within the same tick: two received and two sent for each call.
func newRelay(b *testing.B, pairs int) *relay {
	r := &relay{fds: make([]int, 4*pairs), to: make([]unix.RawSockaddrInet4, 4*pairs)}
	bound := make([]unix.RawSockaddrInet4, len(r.fds))
	for i := range r.fds {
		r.fds[i], bound[i] = bareSocket(b)
	}
	for i := range r.to { // the legs of a call are i and i^1; the far end of leg i is i^2, of the pair's other call
		r.to[i] = bound[i^1^2]
	}
	for i := range r.in {
		r.iov[i] = unix.Iovec{Base: &r.data[i][0], Len: uint64(len(r.data[i]))}
		r.in[i].header = unix.Msghdr{Name: (*byte)(unsafe.Pointer(&r.name[i])), Iov: &r.iov[i], Iovlen: 1}
	}
	for i := 0; i < len(r.fds); i += 4 {
		r.send(i+2, 172)
		r.send(i+3, 172)
	}
	return r
}

func bareSocket(b *testing.B) (fd int, bound unix.RawSockaddrInet4) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { unix.Close(fd) })
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		b.Fatal(err)
	}
	size := uint32(unsafe.Sizeof(bound))
	if _, _, errno := unix.RawSyscall(unix.SYS_GETSOCKNAME, uintptr(fd), uintptr(unsafe.Pointer(&bound)), uintptr(unsafe.Pointer(&size))); errno != 0 {
		b.Fatal(errno)
	}
	return fd, bound
}

// tick passes on what has come to every socket.
func (r *relay) tick() {
	for i, fd := range r.fds {
		for n := len(r.in); n == len(r.in); {
			for m := range r.in {
				r.in[m].header.Namelen = uint32(unsafe.Sizeof(r.name[m]))
			}
			got, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&r.in)), uintptr(len(r.in)), unix.MSG_DONTWAIT, 0, 0)
			if errno != 0 {
				break
			}
			n = int(got)
			for m := range n {
				r.send(i, int(r.in[m].size))
			}
		}
	}
}

func (r *relay) send(from, size int) {
	_, _, _ = unix.RawSyscall6(unix.SYS_SENDTO, uintptr(r.fds[from^1]), uintptr(unsafe.Pointer(&r.data[0])), uintptr(size), unix.MSG_DONTWAIT,
		uintptr(unsafe.Pointer(&r.to[from])), unsafe.Sizeof(r.to[from]))
}
