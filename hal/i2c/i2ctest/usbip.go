package i2ctest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// USB/IP's messages (Linux, Documentation/usb/usbip_protocol.rst).
const (
	cmdSubmit  = 1
	cmdUnlink  = 2
	retSubmit  = 3
	retUnlink  = 4
	urbHeader  = 48
	stalled    = -32  // EPIPE
	disconnect = -104 // ECONNRESET: the request was taken back
)

// longestURB bounds what the kernel may send at once.
const longestURB = 1 << 16

// A urb is one request of the kernel's.
type urb struct {
	sequence, in, endpoint uint32
	length                 uint32
	setup                  []byte
	data                   []byte
}

// A USB is the device behind a port.
type USB interface {
	// descriptors are the device's, its configuration's and others', by their kind.
	descriptors() map[byte][]byte
	// control is a request of a class's or the vendor's on endpoint 0, and gives what is read.
	control(setup, data []byte) []byte
	// take is what the computer writes to an endpoint.
	take(data []byte)
	// reports are what the computer reads from an endpoint.
	reports() <-chan []byte
}

// usbip is the far end of one vhci port.
type usbip struct {
	device USB
	wire   io.ReadWriter

	mu      sync.Mutex // guards writing, and what waits
	waiting []uint32   // sequences of requests for an input report
	ready   [][]byte   // input reports that nobody asked for yet
}

// Serve is a device on a wire to the kernel's vhci driver, until the wire is closed.
func Serve(device USB, wire io.ReadWriter) error {
	u := &usbip{device: device, wire: wire}
	stop := make(chan struct{})
	defer close(stop)
	go u.tell(stop)
	for {
		if err := u.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// tell hands input reports to the kernel as they come.
func (u *usbip) tell(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case report := <-u.device.reports():
			u.mu.Lock()
			u.ready = append(u.ready, report)
			u.match()
			u.mu.Unlock()
		}
	}
}

// match answers requests with the reports that are there.
func (u *usbip) match() {
	for len(u.ready) > 0 && len(u.waiting) > 0 {
		u.reply(retSubmit, u.waiting[0], 0, u.ready[0], len(u.ready[0]))
		u.ready, u.waiting = u.ready[1:], u.waiting[1:]
	}
}

// next does one request.
func (u *usbip) next() error {
	header := make([]byte, urbHeader)
	if _, err := io.ReadFull(u.wire, header); err != nil {
		return err
	}
	be := binary.BigEndian
	q := urb{
		sequence: be.Uint32(header[4:]), in: be.Uint32(header[12:]), endpoint: be.Uint32(header[16:]),
		length: be.Uint32(header[24:]), setup: header[40:48],
	}
	switch command := be.Uint32(header); command {
	case cmdSubmit:
	case cmdUnlink:
		return u.unlink(q.sequence, be.Uint32(header[20:]))
	default:
		return fmt.Errorf("USB/IP command %d", command)
	}
	if q.length > longestURB {
		return fmt.Errorf("a request of %d octets", q.length)
	}
	if q.in == 0 {
		q.data = make([]byte, q.length)
		if _, err := io.ReadFull(u.wire, q.data); err != nil {
			return err
		}
	}
	return u.submit(q)
}

func (u *usbip) unlink(sequence, victim uint32) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i, s := range u.waiting {
		if s == victim {
			u.waiting = append(u.waiting[:i], u.waiting[i+1:]...)
			return u.reply(retUnlink, sequence, disconnect, nil, 0)
		}
	}
	return u.reply(retUnlink, sequence, 0, nil, 0)
}

func (u *usbip) submit(q urb) error {
	switch {
	case q.endpoint == 0:
		return u.control(q)
	case q.in != 0:
		u.mu.Lock()
		defer u.mu.Unlock()
		u.waiting = append(u.waiting, q.sequence)
		u.match()
		return nil
	case len(q.data) > 0:
		u.device.take(q.data)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.reply(retSubmit, q.sequence, 0, nil, len(q.data))
}

// control is a request on endpoint 0 (USB 2.0 9.4).
func (u *usbip) control(q urb) error {
	kind, request, value := q.setup[0], q.setup[1], binary.LittleEndian.Uint16(q.setup[2:])
	var answer []byte
	status := int32(0)
	switch {
	case request == 6 && kind&0xE0 == 0x80: // GET_DESCRIPTOR
		answer = u.device.descriptors()[byte(value>>8)]
		if answer == nil {
			status = stalled
		}
	case kind == 0x80 && request == 0: // GET_STATUS
		answer = []byte{0, 0}
	case kind&0x60 != 0:
		answer = u.device.control(q.setup, q.data)
	}
	if q.in == 0 {
		answer = nil
	}
	answer = answer[:min(len(answer), int(q.length))]
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.reply(retSubmit, q.sequence, status, answer, max(len(answer), len(q.data)))
}

// reply writes an answer; data goes with what is read.
func (u *usbip) reply(command, sequence uint32, status int32, data []byte, length int) error {
	var b bytes.Buffer
	for _, word := range []uint32{command, sequence, 0, 0, 0, uint32(status), uint32(length), 0, 0, 0, 0, 0} {
		binary.Write(&b, binary.BigEndian, word)
	}
	b.Write(data)
	_, err := u.wire.Write(b.Bytes())
	return err
}
