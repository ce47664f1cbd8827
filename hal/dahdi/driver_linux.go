package dahdi

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"callbox/hal"
)

// A Driver is the cards of one box, opened.
type Driver struct {
	control int
	loop    *loop
	spans   []*span
	closing sync.Once
}

// flagsPass is how long a D-channel sends flags before a far end takes the first frame.
const flagsPass = 20 * time.Millisecond

// Open opens the ports that the options name, and returns when they can be used. Close gives them back.
func Open(o Options) (*Driver, error) {
	if o.BlockMS == 0 {
		o.BlockMS = 20
	}
	if o.BlockMS != 20 && o.BlockMS != 10 {
		return nil, fmt.Errorf("block_ms is %d: it is 20 or 10", o.BlockMS)
	}
	control, err := openDevice(controlDevice)
	if errors.Is(err, unix.ENOENT) {
		return nil, errors.New("DAHDI is not loaded: modprobe the driver of your card, such as wct4xxp, wcte13xp or wctdm24xxp, or install dahdi-dkms first")
	}
	if err != nil {
		return nil, err
	}
	d := &Driver{control: control}
	if d.loop, err = newLoop(); err == nil {
		err = d.open(o)
	}
	if err != nil {
		d.close()
		return nil, err
	}
	go d.loop.run()
	time.Sleep(flagsPass)
	return d, nil
}

func (d *Driver) open(o Options) error {
	for i, so := range o.Spans {
		s, err := openSpan(fmt.Sprintf("e1/%d", i+1), so, o.BlockMS, d.control)
		if err != nil {
			return err
		}
		s.wake = d.loop.wake
		d.spans = append(d.spans, s)
		if err := d.loop.watch(s.dChannel, unix.EPOLLIN|unix.EPOLLPRI, s); err != nil {
			return err
		}
	}
	return nil
}

// Close gives everything back. It is called when neither an owner nor the media loop calls a port any more, and may be
// called twice.
func (d *Driver) Close() {
	d.closing.Do(func() {
		d.loop.end()
		d.close()
	})
}

func (d *Driver) close() {
	for _, s := range d.spans {
		s.close()
	}
	if d.loop != nil {
		d.loop.close()
	}
	unix.Close(d.control)
}

// Spans are the E1 ports, in the order of the options.
func (d *Driver) Spans() []hal.Span {
	spans := make([]hal.Span, len(d.spans))
	for i, s := range d.spans {
		spans[i] = s
	}
	return spans
}

// Clock is the clock of the card that gives DAHDI its time: an E1 whose far end is a carrier, or the card's crystal.
func (d *Driver) Clock() hal.Clock { return clock{} }
