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
	control  int // a file
	loop     *loop
	spans    []hal.Span
	fxo      []hal.FXO
	fxs      []hal.FXS
	closing  sync.Once
	e1       []*span
	cards    map[string]*port // analogue, by what the options call them
	analogue []*analogue
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
	d := &Driver{control: control, cards: map[string]*port{}}
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
	if err := d.openSpans(o); err != nil {
		return err
	}
	return d.openAnalogue(o)
}

func (d *Driver) openSpans(o Options) error {
	for i, so := range o.Spans {
		s, err := openSpan(fmt.Sprintf("e1/%d", i+1), so, o.BlockMS, d.control)
		if err != nil {
			return err
		}
		s.wake = d.loop.wake
		d.e1, d.spans = append(d.e1, s), append(d.spans, s)
		if err := d.loop.watch(s.dChannel, unix.EPOLLIN|unix.EPOLLPRI, s); err != nil {
			return err
		}
	}
	return nil
}

// openAnalogue configures every socket before it starts a card, and opens the sockets of one that has started.
func (d *Driver) openAnalogue(o Options) error {
	for _, kind := range []struct {
		ports     []PortOptions
		signaling int
	}{{o.FXO, sigFXS}, {o.FXS, sigFXO}} {
		for _, po := range kind.ports {
			if err := d.configure(po, kind.signaling); err != nil {
				return fmt.Errorf("port %d of the card %q: %w", po.Port, po.Card, err)
			}
		}
	}
	for _, p := range d.cards {
		if err := p.start(); err != nil {
			return err
		}
	}
	if len(o.FXS) > 0 {
		if err := loadZone(d.control); err != nil {
			return err
		}
	}
	return d.openPorts(o)
}

// configure takes the card of a port, unless an earlier port did, and says what the port is for.
func (d *Driver) configure(o PortOptions, signaling int) error {
	p := d.cards[o.Card]
	if p == nil {
		p = &port{control: d.control, number: 1}
		d.cards[o.Card] = p
		if err := p.take(o.Card); err != nil {
			return err
		}
	}
	if o.Port < 1 || o.Port > p.channels {
		return fmt.Errorf("the card has ports 1 to %d", p.channels)
	}
	if err := p.configure(o.Port, signaling, lawDefault); err != nil || o.EchoCanceller == "" {
		return err
	}
	return p.attach(o.Port, o.EchoCanceller)
}

// loadZone has the kernel know a zone, without which it rings nobody; one from before will do.
func loadZone(control int) error {
	zone := toneZone{cadence: ringCadence{1000, 4000}}
	copy(zone.name[:], "callbox")
	_ = ioctl(control, ioLoadZone, &zone)
	if err := set(control, ioDefaultZone, int(zone.number)); err != nil {
		return fmt.Errorf("the kernel takes no tone zone: %w", err)
	}
	return nil
}

func (d *Driver) openPorts(o Options) error {
	for i, po := range o.FXO {
		a, err := openAnalogue(fmt.Sprintf("fxo/%d", i+1), d.cards[po.Card], po, o.BlockMS)
		if err != nil {
			return err
		}
		d.analogue = append(d.analogue, a)
		f, err := openFXO(a, po)
		if err == nil {
			err = d.loop.watch(a.fd, unix.EPOLLPRI, f)
		}
		if err != nil {
			return err
		}
		d.fxo = append(d.fxo, f)
	}
	for i, po := range o.FXS {
		a, err := openAnalogue(fmt.Sprintf("fxs/%d", i+1), d.cards[po.Card], po, o.BlockMS)
		if err != nil {
			return err
		}
		d.analogue = append(d.analogue, a)
		f, err := openFXS(a)
		if err == nil {
			err = d.loop.watch(a.fd, unix.EPOLLPRI, f)
		}
		if err != nil {
			return err
		}
		d.fxs = append(d.fxs, f)
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
	for _, s := range d.e1 {
		s.close()
	}
	for _, a := range d.analogue {
		a.close()
	}
	for _, p := range d.cards {
		p.giveBack()
	}
	if d.loop != nil {
		d.loop.close()
	}
	unix.Close(d.control)
}

// Spans are the E1 ports, in the order of the options.
func (d *Driver) Spans() []hal.Span { return d.spans }

// FXO are the lines, in the order of the options.
func (d *Driver) FXO() []hal.FXO { return d.fxo }

// FXS are the telephones' ports, in the order of the options.
func (d *Driver) FXS() []hal.FXS { return d.fxs }

// Clock is the clock of the card that gives DAHDI its time: an E1 whose far end is a carrier, or the card's crystal.
func (d *Driver) Clock() hal.Clock { return clock{} }
