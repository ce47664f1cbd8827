package dahdi

import (
	"errors"
	"fmt"
	"math"

	"golang.org/x/sys/unix"

	"callbox/hal"
)

// An analogue is a socket for two wires, of either kind. The loop takes its events.
type analogue struct {
	name   string
	fd     int
	speech *speech
}

// openAnalogue opens channel n of a card that has started.
func openAnalogue(name string, p *port, o PortOptions, blockMS int) (*analogue, error) {
	block := blockMS * perMS
	fd, err := openChannel(p.channel(o.Port), lineDepth/block, block)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	a := &analogue{name: name, fd: fd}
	state, err := a.state()
	if err == nil {
		err = a.amplify(o)
	}
	if err != nil {
		a.close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	a.speech = newSpeech(fd, block, aLaw)
	if state.law == lawMu {
		a.speech.law = muLaw
	}
	a.speech.shared = true
	return a, nil
}

// amplify sets the gains of the card's own amplifiers.
func (a *analogue) amplify(o PortOptions) error {
	for tx, dB := range []float64{o.RxGainDB, o.TxGainDB} {
		if dB == 0 {
			continue
		}
		gain := hardwareGain{gain: int32(math.Round(10 * dB)), tx: uint32(tx)}
		if err := ioctl(a.fd, ioHardwareGain, &gain); err != nil {
			return fmt.Errorf("the card does not take a gain of %g dB (%w): set rx_gain_db and tx_gain_db to 0", dB, err)
		}
	}
	return nil
}

// state reads what the kernel knows of the wires.
func (a *analogue) state() (p params, err error) {
	if err = ioctl(a.fd, ioGetParams, &p); err != nil {
		err = fmt.Errorf("the port does not tell its state: %w", err)
	}
	return p, err
}

// times sets how long our flash is, and the longest that is taken for one; 0 leaves the kernel's.
func (a *analogue) times(flash, longFlash int32) error {
	var p params
	err := ioctl(a.fd, ioGetParams, &p)
	if flash != 0 {
		p.flash = flash
	}
	if longFlash != 0 {
		p.longFlash = longFlash
	}
	return errors.Join(err, ioctl(a.fd, ioSetParams, &p))
}

// order gives an order to the wires; that the kernel will carry it out is as good as done.
func (a *analogue) order(hook int) error {
	switch err := set(a.fd, ioHook, hook); err {
	case nil, unix.EINPROGRESS:
		return nil
	case unix.EBUSY:
		return fmt.Errorf("%s: the order before is not carried out yet: give this one in a second (%w)", a.name, err)
	default:
		return fmt.Errorf("%s: %w", a.name, err)
	}
}

// Name is "fxo/1" or "fxs/1" and so on.
func (a *analogue) Name() string { return a.name }

// Hear fills the block with what came.
func (a *analogue) Hear(b *hal.Block) { a.speech.hear(b) }

func (a *analogue) close() { unix.Close(a.fd) }
