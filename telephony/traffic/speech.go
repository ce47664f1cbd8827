package traffic

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

const (
	rtpHeader  = 12
	batch      = 64            // packets a system call
	PatternHz  = 1000          // of the beep in each second of speech
	patternLen = 50            // ticks: a second
	beepTicks  = 5             // at its beginning; then something like a voice follows
	payload    = uint8(8)      // A-law (RFC 3551 table 4)
	controlLen = 2 * (16 + 16) // of a packet that is read: when it came, and how many were dropped
)

// pattern is what everybody says: a beep at the beginning of each second, for who looks whether both directions of a
// recording lie side by side, and then a murmur.
var pattern = func() (p [patternLen][telephony.FrameSamples]byte) {
	r := rand.New(rand.NewPCG(1, 1))
	for tick := range p {
		var f telephony.Frame
		for i := range f {
			t := float64(tick*len(f)+i) / telephony.SampleRate
			if tick < beepTicks {
				f[i] = int16(8000 * math.Sin(2*math.Pi*PatternHz*t))
			} else {
				f[i] = int16(600*math.Sin(2*math.Pi*180*t) + 300*r.NormFloat64())
			}
		}
		dsp.EncodeALaw(p[tick][:], f[:])
	}
	return p
}()

// Speech is a second of what everybody says, in A-law.
func Speech() (octets []byte) {
	for tick := range pattern {
		octets = append(octets, pattern[tick][:]...)
	}
	return octets
}

// speech is that of all calls. It goes over one socket; the box's port tells which call a packet is of.
type speech struct {
	fd, control int // RTP, and RTCP, which nobody reads
	at          netip.AddrPort
	ticks       int
	slots       [slots][]*stream
	byPort      [1 << 16]*stream
	overrun     uint32

	headers  [batch]mmsghdr
	vectors  [batch][2]unix.Iovec
	names    [batch]unix.RawSockaddrInet4
	data     [batch][256]byte
	controls [batch][controlLen]byte
}

// A stream is the speech of one call, both ways.
type stream struct {
	to       unix.RawSockaddrInet4
	header   [rtpHeader]byte
	seq      uint16
	time     uint32
	far      uint16 // port of the box
	slot     int
	heard    bool
	next     uint16        // sequence number that is to come
	base     uint32        // timestamp of the first packet
	quickest time.Duration // of the packets of this spell: when one came, less when it was due by its timestamp
	before   time.Duration // the same of the spell before
}

// spell is how many packets the quickest is looked for among: a stream that was put off for good is late for so long.
const spell = 100

// mmsghdr is a struct mmsghdr (recvmmsg(2)).
type mmsghdr struct {
	header unix.Msghdr
	size   uint32
	_      uint32
}

// open opens an even port and the one after it (RFC 3550 11).
func (s *speech) open(at netip.Addr) (err error) {
	for {
		if s.fd, s.at, err = listen(netip.AddrPortFrom(at, 0)); err != nil {
			return err
		}
		if s.at.Port()%2 == 0 {
			if s.control, _, err = listen(netip.AddrPortFrom(at, s.at.Port()+1)); err == nil {
				break
			}
		}
		_ = unix.Close(s.fd)
	}
	if err = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err == nil {
		err = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)
	}
	return err
}

func (s *speech) close() {
	_ = unix.Close(s.fd)
	_ = unix.Close(s.control)
}

// begin speaks to where the box listens.
func (s *speech) begin(to netip.AddrPort) *stream {
	emptiest := 0
	for i := range s.slots {
		if len(s.slots[i]) < len(s.slots[emptiest]) {
			emptiest = i
		}
	}
	st := &stream{far: to.Port(), slot: emptiest, seq: uint16(rand.Uint32()), time: rand.Uint32(), quickest: math.MaxInt64, before: math.MaxInt64}
	st.to = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: swap(to.Port()), Addr: to.Addr().As4()}
	st.header[0], st.header[1] = 2<<6, payload
	binary.BigEndian.PutUint32(st.header[8:], rand.Uint32()) // SSRC
	s.slots[emptiest] = append(s.slots[emptiest], st)
	s.byPort[st.far] = st
	return st
}

// end falls silent.
func (s *speech) end(st *stream) {
	list := s.slots[st.slot]
	for i := range list {
		if list[i] == st {
			list[i] = list[len(list)-1]
			s.slots[st.slot] = list[:len(list)-1]
			break
		}
	}
	if s.byPort[st.far] == st {
		s.byPort[st.far] = nil
	}
}

// tick is a slot of a tick: its calls speak, and what came for any is read.
func (s *speech) tick(slot int, t *Tally) {
	if slot == 0 {
		s.ticks++
	}
	said := &pattern[s.ticks%patternLen]
	for list := s.slots[slot]; len(list) > 0; list = list[min(batch, len(list)):] {
		s.send(list[:min(batch, len(list))], said)
		t.Sent += uint64(min(batch, len(list)))
	}
	for s.read(t) == batch {
	}
}

func (s *speech) send(list []*stream, said *[telephony.FrameSamples]byte) {
	for i, st := range list {
		binary.BigEndian.PutUint16(st.header[2:], st.seq)
		binary.BigEndian.PutUint32(st.header[4:], st.time)
		st.seq++
		st.time += telephony.FrameSamples
		s.vectors[i] = [2]unix.Iovec{{Base: &st.header[0], Len: rtpHeader}, {Base: &said[0], Len: telephony.FrameSamples}}
		s.headers[i] = mmsghdr{header: unix.Msghdr{
			Name: (*byte)(unsafe.Pointer(&st.to)), Namelen: unix.SizeofSockaddrInet4, Iov: &s.vectors[i][0], Iovlen: 2,
		}}
	}
	for sent := 0; sent < len(list); {
		n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.headers[sent])), uintptr(len(list)-sent), 0, 0, 0)
		if errno != 0 { // this packet goes nowhere: its port was closed, or the kernel has no room
			n = 1
		}
		sent += int(n)
	}
}

// read takes in what came, at most a batch, and gives how many packets that were.
func (s *speech) read(t *Tally) int {
	for i := range s.headers {
		s.vectors[i][0] = unix.Iovec{Base: &s.data[i][0], Len: uint64(len(s.data[i]))}
		s.headers[i] = mmsghdr{header: unix.Msghdr{
			Name: (*byte)(unsafe.Pointer(&s.names[i])), Namelen: unix.SizeofSockaddrInet4, Iov: &s.vectors[i][0], Iovlen: 1,
			Control: &s.controls[i][0], Controllen: controlLen,
		}}
	}
	n, _, errno := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.headers)), batch, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0
	}
	for i := range int(n) {
		came, dropped := s.controlOf(i)
		if dropped > s.overrun {
			t.Overrun += uint64(dropped - s.overrun)
			s.overrun = dropped
		}
		st := s.byPort[swap(s.names[i].Port)]
		if size := s.headers[i].size; st != nil && size > rtpHeader && s.data[i][1]&0x7f == payload {
			st.take(s.data[i][:size], came, t)
		}
	}
	return int(n)
}

// controlOf is when a packet came, by the kernel's clock, and how many the kernel had no room for so far.
func (s *speech) controlOf(i int) (came time.Duration, dropped uint32) {
	rest := s.controls[i][:s.headers[i].header.Controllen]
	for len(rest) > 0 { // unix.ParseSocketControlMessage would allocate
		header, data, next, err := unix.ParseOneSocketControlMessage(rest)
		if err != nil {
			break
		}
		switch {
		case header.Type == unix.SCM_TIMESTAMPNS && len(data) >= 16:
			came = time.Duration(binary.NativeEndian.Uint64(data))*time.Second + time.Duration(binary.NativeEndian.Uint64(data[8:]))
		case header.Type == unix.SO_RXQ_OVFL && len(data) >= 4:
			dropped = binary.NativeEndian.Uint32(data)
		}
		rest = next
	}
	return came, dropped
}

// take is one packet of the box.
func (st *stream) take(packet []byte, came time.Duration, t *Tally) {
	seq, stamp := binary.BigEndian.Uint16(packet[2:]), binary.BigEndian.Uint32(packet[4:])
	if !st.heard {
		st.heard, st.next, st.base = true, seq, stamp
	}
	t.Heard++
	if ahead := int16(seq - st.next); ahead >= 0 {
		t.Missing += uint64(ahead)
		st.next = seq + 1
	} else if t.Missing > 0 { // it was counted as missing, and came after all
		t.Missing--
	}
	transit := came - time.Duration(stamp-st.base)*time.Second/telephony.SampleRate
	st.quickest = min(st.quickest, transit)
	if transit-min(st.quickest, st.before) > telephony.Tick {
		t.Late++
	}
	if seq%spell == 0 {
		st.before, st.quickest = st.quickest, math.MaxInt64
	}
}

// swap turns a port from or into the network's order of octets.
func swap(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}
