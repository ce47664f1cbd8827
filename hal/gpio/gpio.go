// Package gpio is the keys, lamps and buzzer of a front panel on general purpose lines, by the kernel's character device
// (GPIO uAPI v2). A line goes by the name that the firmware or device tree gives it ("KEY_OK"), or where it has none by its
// chip's name or label and its number ("gpiochip0:4", "cp2112_gpio:4").
package gpio

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/warthog618/go-gpiocdev"

	"callbox/hal"
)

// debounce is how long a contact must rest. Key switches bounce for up to 10 ms. The kernel would do it, but not on every chip:
// it refuses that on the CP2112.
const debounce = 10 * time.Millisecond

// keyBox is how many events wait for the box. A box that does not listen loses the rest.
const keyBox = 16

// consumer is what other programs (gpioinfo) see.
const consumer = "callbox"

// Wiring says which line is what. Keys connect their line to ground; lamps and the buzzer are on when their line is high,
// unless it stands in Low.
type Wiring struct {
	Keys   map[string]string `json:"keys"`  // by hal.Key's name
	Lamps  map[string]string `json:"lamps"` // by the lamp's name
	Buzzer string            `json:"buzzer"`
	Low    []string          `json:"low"` // the lines of lamps and buzzer that are on when they are low
}

// Lines are the names of the lines that are wired, sorted.
func (w Wiring) Lines() []string {
	all := slices.AppendSeq(slices.Collect(maps.Values(w.Keys)), maps.Values(w.Lamps))
	if w.Buzzer != "" {
		all = append(all, w.Buzzer)
	}
	slices.Sort(all)
	return all
}

// Front is keys, lamps and buzzer.
type Front struct {
	keys   chan hal.KeyEvent
	lamps  map[string]*gpiocdev.Line
	buzzer *gpiocdev.Line
	lines  []*gpiocdev.Line // all of them
	closed chan struct{}
}

// Open takes the lines. Lamps and buzzer are off. Close gives them back.
func Open(w Wiring) (*Front, error) {
	f := &Front{keys: make(chan hal.KeyEvent, keyBox), lamps: map[string]*gpiocdev.Line{}, closed: make(chan struct{})}
	if err := f.open(w); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *Front) open(w Wiring) error {
	for _, k := range []hal.Key{hal.KeyUp, hal.KeyDown, hal.KeyOK, hal.KeyBack} {
		line, wired := w.Keys[k.String()]
		if !wired {
			return fmt.Errorf("the key %q is wired to no line", k)
		}
		edges := make(chan struct{}, 1)
		told := gpiocdev.WithEventHandler(func(gpiocdev.LineEvent) {
			select {
			case edges <- struct{}{}:
			default: // one is enough: what counts is where the contact comes to rest
			}
		})
		l, err := f.request(line, told, gpiocdev.AsInput, gpiocdev.WithPullUp, gpiocdev.AsActiveLow, gpiocdev.WithBothEdges)
		if err != nil {
			return err
		}
		go watch(k, edges, l.Value, f.keys, f.closed)
	}
	for name, line := range w.Lamps {
		l, err := f.output(line, w.Low)
		if err != nil {
			return err
		}
		f.lamps[name] = l
	}
	var err error
	if w.Buzzer != "" {
		f.buzzer, err = f.output(w.Buzzer, w.Low)
	}
	return err
}

func (f *Front) output(line string, low []string) (*gpiocdev.Line, error) {
	if slices.Contains(low, line) {
		return f.request(line, gpiocdev.AsActiveLow, gpiocdev.AsOutput(0))
	}
	return f.request(line, gpiocdev.AsOutput(0))
}

// watch tells a key's events: after an edge the contact must have been at rest for a while, and then it counts where it is.
func watch(k hal.Key, edges <-chan struct{}, value func() (int, error), keys chan<- hal.KeyEvent, closed <-chan struct{}) {
	var rest <-chan time.Time
	was := 0
	for {
		select {
		case <-closed:
			return
		case <-edges:
			rest = time.After(debounce)
		case <-rest:
			now, err := value()
			if err != nil || now == was {
				continue
			}
			was = now
			select {
			case keys <- hal.KeyEvent{Key: k, Down: now == 1}:
			default: // the box does not listen
			}
		}
	}
}

func (f *Front) request(line string, options ...gpiocdev.LineReqOption) (*gpiocdev.Line, error) {
	chip, offset, err := Find(line)
	if err != nil {
		return nil, err
	}
	l, err := gpiocdev.RequestLine(chip, offset, append(options, gpiocdev.WithConsumer(consumer))...)
	if err != nil {
		return nil, fmt.Errorf("line %s (%s:%d): %w; gpioinfo says who uses it", line, chip, offset, err)
	}
	f.lines = append(f.lines, l)
	return l, nil
}

// Find is where a line is.
func Find(line string) (chip string, offset int, err error) {
	if chip, number, numbered := strings.Cut(line, ":"); numbered {
		offset, err := strconv.Atoi(number)
		if err != nil || offset < 0 {
			return "", 0, fmt.Errorf("line %q: after the chip comes a number from 0 on", line)
		}
		chip, err = chipOf(chip)
		return chip, offset, err
	}
	if chip, offset, err = gpiocdev.FindLine(line); err != nil {
		return "", 0, fmt.Errorf("no chip has a line named %q; gpioinfo lists them: %w", line, err)
	}
	return chip, offset, nil
}

// chipOf is the chip with a name or a label. USB adapters have the same label wherever they are plugged in.
func chipOf(name string) (string, error) {
	for _, chip := range gpiocdev.Chips() {
		if chip == name {
			return chip, nil
		}
		c, err := gpiocdev.NewChip(chip)
		if err != nil {
			continue
		}
		label := c.Label
		c.Close()
		if label == name {
			return chip, nil
		}
	}
	return "", fmt.Errorf("there is no GPIO chip %q; gpiodetect lists them", name)
}

// Lamp sets a lamp.
func (f *Front) Lamp(name string, on bool) error { return set(f.lamps[name], on) }

// Buzz turns the buzzer on or off.
func (f *Front) Buzz(on bool) error { return set(f.buzzer, on) }

func set(l *gpiocdev.Line, on bool) error {
	switch {
	case l == nil:
		return nil
	case on:
		return l.SetValue(1)
	default:
		return l.SetValue(0)
	}
}

// Keys tells each key as it goes down and comes up.
func (f *Front) Keys() <-chan hal.KeyEvent { return f.keys }

// Close turns everything off and gives the lines back.
func (f *Front) Close() error {
	close(f.closed)
	var err error
	for _, l := range f.lamps {
		err = errors.Join(err, set(l, false))
	}
	err = errors.Join(err, set(f.buzzer, false))
	for _, l := range f.lines {
		err = errors.Join(err, l.Close())
	}
	return err
}
