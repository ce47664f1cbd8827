package hwtest

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"callbox/telephony/dsp"
)

// A carrier is the far end of all spans: Go code behind a TAP device, on which the kernel's dahdi_dynamic_eth sends and
// receives the samples of a millisecond in a packet (TDM over Ethernet). The first span's packets are DAHDI's clock.
type carrier struct {
	tap  *os.File
	pace sync.Mutex // who has it is the clock

	mu    sync.Mutex
	spans []*farSpan
}

const (
	device    = "tap0"
	etherType = 0xd00d
	channels  = 31
	chunk     = 8 // samples of a channel in a packet
	dSlot     = 16
)

var (
	ourMAC     = [6]byte{2, 0, 0, 0, 0, 0x77}
	headerSize = 14 + 2 // Ethernet, and the span's number
	sigSize    = (channels + 3) / 4 * 2
)

// address is a span's at the device, and hardwareID how hal/dahdi finds its card.
func address(span int) string    { return fmt.Sprintf("%s/02:00:00:00:00:77/%d", device, span) }
func hardwareID(span int) string { return "DYN/eth/" + address(span) }

// theCarrier runs until the machine is switched off.
var theCarrier = sync.OnceValues(newCarrier)

func newCarrier() (*carrier, error) {
	tap, err := openTAP()
	if err != nil {
		return nil, err
	}
	c := &carrier{tap: tap}
	go c.receive()
	go c.clock()
	return c, nil
}

// farSpans returns the far ends of the first spans, with nothing left of the last case.
func farSpans(t *testing.T, count int) []*farSpan {
	t.Helper()
	c, err := theCarrier()
	if err != nil {
		t.Fatal(err)
	}
	for number := len(c.running()) + 1; number <= count; number++ {
		if err := createSpan("eth", address(number), channels, number); err != nil {
			t.Fatal(err)
		}
		c.mu.Lock()
		c.spans = append(c.spans, newFarSpan(number))
		c.mu.Unlock()
	}
	far := c.running()[:count]
	for _, s := range far {
		s.begin()
	}
	return far
}

func (c *carrier) running() []*farSpan {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spans
}

// openTAP makes a network device whose other end is the file.
func openTAP() (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	request, err := unix.NewIfreq(device)
	if err != nil {
		return nil, err
	}
	request.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(fd, unix.TUNSETIFF, request); err != nil {
		return nil, fmt.Errorf("TUNSETIFF: %w", err)
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(socket)
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request); err != nil {
		return nil, fmt.Errorf("SIOCSIFFLAGS: %w", err)
	}
	return os.NewFile(uintptr(fd), device), nil
}

// createSpan is DAHDI_DYNAMIC_CREATE.
func createSpan(driver, address string, channels, timing int) error {
	request := struct {
		driver   [20]byte
		address  [40]byte
		channels int32
		timing   int32
		_        int32
	}{channels: int32(channels), timing: int32(timing)}
	copy(request.driver[:], driver)
	copy(request.address[:], address)
	control, err := unix.Open("/dev/dahdi/ctl", unix.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer unix.Close(control)
	const dynamicCreate = 0xc048da50
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(control), dynamicCreate, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return fmt.Errorf("span at %s: %w", address, errno)
	}
	return nil
}

// clock sends a packet per millisecond on each span, and makes up for those that it was late for.
func (c *carrier) clock() {
	ticker := time.NewTicker(time.Millisecond)
	for last := time.Now(); ; <-ticker.C {
		c.pace.Lock()
		if time.Since(last) > time.Second { // a story had the clock
			last = time.Now()
		}
		for ; time.Since(last) >= time.Millisecond; last = last.Add(time.Millisecond) {
			for _, s := range c.running() {
				c.send(s)
			}
		}
		c.pace.Unlock()
	}
}

// pass is the clock in the hands of a story that holds the pace: so many milliseconds pass on every span, each when the
// kernel has answered the one before, however long that takes.
func (c *carrier) pass(ms int) {
	spans := c.running()
	for range ms {
		for _, s := range spans { // the first span's packet is answered on all of them
			select {
			case <-s.answers:
			default:
			}
		}
		for _, s := range spans {
			c.send(s)
		}
		for _, s := range spans {
			<-s.answers
		}
	}
}

func (c *carrier) send(s *farSpan) {
	if packet := s.next(); packet != nil {
		_, _ = c.tap.Write(packet)
	}
}

// receive takes what the kernel sends.
func (c *carrier) receive() {
	var packet [2048]byte
	for {
		n, err := c.tap.Read(packet[:])
		if err != nil {
			return
		}
		if n < headerSize+6+sigSize+channels*chunk || binary.BigEndian.Uint16(packet[12:]) != etherType {
			continue
		}
		number, spans := int(binary.BigEndian.Uint16(packet[14:])), c.running()
		if number >= 1 && number <= len(spans) {
			spans[number-1].came(packet[headerSize+6+sigSize : n])
			select {
			case spans[number-1].answers <- struct{}{}:
			default:
			}
		}
	}
}

// A farSpan is the far end of one span; it is a haltest.FarSpan. Any goroutine may call it.
type farSpan struct {
	number  int
	answers chan struct{} // the newest of the kernel's packets

	mu       sync.Mutex
	sequence uint16
	packet   []byte
	muted    bool
	yellow   bool
	out      framer
	in       deframer
	received [][]byte
	told     func(frame []byte) // nil: nobody listens
	play     [channels + 1][]byte
	heard    [channels + 1][]byte
}

func newFarSpan(number int) *farSpan {
	s := &farSpan{number: number, answers: make(chan struct{}, 1), packet: make([]byte, headerSize+6+sigSize+channels*chunk)}
	copy(s.packet, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	copy(s.packet[6:], ourMAC[:])
	binary.BigEndian.PutUint16(s.packet[12:], etherType)
	binary.BigEndian.PutUint16(s.packet[14:], uint16(number))
	s.packet[headerSize] = chunk
	binary.BigEndian.PutUint16(s.packet[headerSize+4:], channels)
	s.in.good = func(frame []byte) {
		s.received = append(s.received, frame)
		if s.told != nil {
			s.told(frame)
		}
	}
	return s
}

// begin forgets what there was before a case.
func (s *farSpan) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.muted, s.yellow, s.received, s.told = false, false, nil, nil
	s.out = framer{}
	clear(s.play[:])
	clear(s.heard[:])
}

// next is the packet of the next millisecond; nil: this end is mute.
func (s *farSpan) next() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.muted {
		return nil
	}
	const yellow, sigBits = 1, 2
	flags := byte(sigBits)
	if s.yellow {
		flags |= yellow
	}
	header := s.packet[headerSize:]
	header[1] = flags
	binary.BigEndian.PutUint16(header[2:], s.sequence)
	s.sequence++
	samples := header[6+sigSize:]
	for n := 1; n <= channels; n++ {
		s.fill(n, samples[(n-1)*chunk:][:chunk])
	}
	return s.packet
}

func (s *farSpan) fill(n int, octets []byte) {
	if n == dSlot {
		for i := range octets {
			octets[i] = s.out.octet()
		}
		return
	}
	played := copy(octets, s.play[n])
	s.play[n] = s.play[n][played:]
	for i := played; i < len(octets); i++ {
		octets[i] = dsp.ALawSilence
	}
}

// came takes the samples of a millisecond.
func (s *farSpan) came(samples []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := 1; n <= channels; n++ {
		octets := samples[(n-1)*chunk:][:chunk]
		if n != dSlot {
			s.heard[n] = append(s.heard[n], octets...)
			continue
		}
		for _, o := range octets {
			s.in.octet(o)
		}
	}
}

func (s *farSpan) Send(frame []byte) { s.frame(frame, 0) }

func (s *farSpan) Spoil(frame []byte) bool {
	s.frame(frame, 0x0100)
	return true
}

func (s *farSpan) frame(frame []byte, spoil uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out.frame(frame, spoil)
}

// listen has each good frame told as it comes.
func (s *farSpan) listen(tell func(frame []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = tell
}

func (s *farSpan) Received() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.received)
}

func (s *farSpan) Play(timeslot int, octets []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.play[timeslot] = octets
}

func (s *farSpan) Heard(timeslot int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard[timeslot])
}

func (s *farSpan) Mute(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.muted = on
}

func (s *farSpan) Yellow(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.yellow = on
}
