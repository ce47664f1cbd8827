package dahdi

import (
	"fmt"
	"strings"
)

// A port is a span of a card as the kernel knows it: an E1, or the sockets of an analogue card together.
type port struct {
	control int // a file, as the driver has it
	card    card
	number  int // of the card, from 1
	assignment
}

// take finds a card and has the kernel assign a number to its port.
func (p *port) take(id string) (err error) {
	if p.card, err = findCard(cards, id); err != nil {
		return err
	}
	if err = p.card.toE1(p.number); err != nil {
		return fmt.Errorf("port %d cannot be switched to E1: %w", p.number, err)
	}
	p.assignment, err = p.card.assign(p.number)
	return err
}

// channel is the kernel's number of a channel of the port, from 1.
func (p *port) channel(n int) int { return p.first + n - 1 }

// configure says what a channel is for.
func (p *port) configure(n, signaling, law int) error {
	number := int32(p.channel(n))
	c := chanConfig{channel: number, signaling: int32(signaling), law: int32(law), master: number}
	if err := ioctl(p.control, ioChanConfig, &c); err != nil {
		return fmt.Errorf("channel %d of the card cannot be configured: %w", n, err)
	}
	return nil
}

// attach gives a channel an echo canceller, which works when it is asked to.
func (p *port) attach(n int, canceller string) error {
	c := echoCanceller{channel: int32(p.channel(n))}
	copy(c.name[:len(c.name)-1], canceller)
	if err := ioctl(p.control, ioAttachEchoCan, &c); err != nil {
		return fmt.Errorf("the kernel has no echo canceller %q (%w): modprobe dahdi_echocan_%s", canceller, err, strings.ToLower(canceller))
	}
	return nil
}

// start begins to send and to receive.
func (p *port) start() error {
	if err := set(p.control, ioStartup, p.span); err != nil {
		return fmt.Errorf("the card does not start: %w", err)
	}
	return nil
}

// giveBack ends that. No channel may be open any more.
func (p *port) giveBack() {
	if p.span != 0 {
		_ = set(p.control, ioShutdown, p.span)
		_ = p.card.unassign(p.number)
	}
}
