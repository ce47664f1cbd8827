// Package console is a front panel on terminals: the screen and keyboard of a PC that has no panel of its own, and its serial
// port. Whoever sits at one stands before the box. Arrow keys are up and down, Enter is OK, Backspace or Escape is back.
package console

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"callbox/hal"
)

// The display has the size of the usual one of characters.
const (
	columns = 20
	rows    = 4
)

// keyBox is how many events wait for the box.
const keyBox = 16

// heldTime is how long after its last character a key is down. A keyboard repeats one that is held after up to 500 ms.
const heldTime = 700 * time.Millisecond

// Panel is the terminals that there are.
type Panel struct {
	terminals []*os.File
	keys      chan hal.KeyEvent
	lamps     map[string]bool
	shown     []string
}

// Open opens those of the terminals that there are, at least one of them.
func Open(files []string) (*Panel, error) {
	p := &Panel{keys: make(chan hal.KeyEvent, keyBox), lamps: map[string]bool{}}
	var all error
	for _, file := range files {
		t, err := open(file)
		if err != nil {
			all = errors.Join(all, err)
			continue
		}
		p.terminals = append(p.terminals, t)
		typed := make(chan hal.Key)
		go read(t, typed)
		go p.hold(typed)
	}
	if len(p.terminals) == 0 {
		return nil, errors.Join(errors.New("there is no terminal"), all)
	}
	return p, nil
}

// open opens a terminal that gives each character as it is typed, and shows none of them.
func open(file string) (*os.File, error) {
	fd, err := unix.Open(file, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err == nil {
		mode.Iflag &^= unix.ICRNL | unix.IXON
		mode.Lflag &^= unix.ICANON | unix.ECHO | unix.ISIG
		mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
		err = unix.IoctlSetTermios(fd, unix.TCSETS, mode)
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("%s is no terminal: %w", file, err)
	}
	return os.NewFile(uintptr(fd), file), nil
}

// pieceTime is how long the rest of a key's characters may take to come. Escape alone is a key as well.
const pieceTime = 100 * time.Millisecond

// read reads keys until the terminal is closed. The characters of a key may come in pieces.
func read(t *os.File, typed chan<- hal.Key) {
	defer close(typed)
	buf := make([]byte, 64)
	piece := ""
	for {
		var deadline time.Time
		if piece != "" {
			deadline = time.Now().Add(pieceTime)
		}
		if err := t.SetReadDeadline(deadline); err != nil {
			return
		}
		n, err := t.Read(buf)
		whole := piece
		if err == nil {
			whole, piece = cutPiece(piece + string(buf[:n]))
		} else if piece = ""; !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
		for _, k := range keysOf(whole) {
			typed <- k
		}
	}
}

// cutPiece cuts off the beginning of a key whose rest may come.
func cutPiece(s string) (whole, piece string) {
	for _, beginning := range []string{"\x1b[", "\x1bO", "\x1b"} {
		if whole, is := strings.CutSuffix(s, beginning); is {
			return whole, beginning
		}
	}
	return s, ""
}

// keysOf is the keys that a terminal's characters stand for (ECMA-48: CSI A and B are the arrows).
func keysOf(s string) (keys []hal.Key) {
	for s != "" {
		switch {
		case strings.HasPrefix(s, "\x1b[A"), strings.HasPrefix(s, "\x1bOA"):
			keys, s = append(keys, hal.KeyUp), s[3:]
			continue
		case strings.HasPrefix(s, "\x1b[B"), strings.HasPrefix(s, "\x1bOB"):
			keys, s = append(keys, hal.KeyDown), s[3:]
			continue
		case s[0] == '\r' || s[0] == '\n':
			keys = append(keys, hal.KeyOK)
		case s[0] == '\x1b' || s[0] == '\b' || s[0] == '\x7f':
			keys = append(keys, hal.KeyBack)
		}
		s = s[1:]
	}
	return keys
}

// hold makes presses of what is typed: a terminal does not say when a key comes up.
func (p *Panel) hold(typed <-chan hal.Key) {
	var down hal.Key
	var up <-chan time.Time
	for {
		select {
		case k, open := <-typed:
			if !open {
				return
			}
			if k != down || k != hal.KeyOK { // OK is the one that is held
				p.tell(hal.KeyEvent{Key: k, Down: true})
			}
			down, up = k, time.After(heldTime)
		case <-up:
			p.tell(hal.KeyEvent{Key: down})
			down, up = 0, nil
		}
	}
}

func (p *Panel) tell(e hal.KeyEvent) {
	select {
	case p.keys <- e:
	default: // the box does not listen
	}
}

// Size is the display's columns and rows.
func (p *Panel) Size() (int, int) { return columns, rows }

// Show writes the rows into a frame.
func (p *Panel) Show(shown []string) error {
	p.shown = shown
	return p.draw()
}

// Lamp shows a lamp below the frame.
func (p *Panel) Lamp(name string, on bool) error {
	p.lamps[name] = on
	return p.draw()
}

// Buzz rings the terminal's bell.
func (p *Panel) Buzz(on bool) error {
	if !on {
		return nil
	}
	return p.write("\a")
}

// Keys tells each key as it goes down and comes up.
func (p *Panel) Keys() <-chan hal.KeyEvent { return p.keys }

// draw draws everything from the upper left corner on.
func (p *Panel) draw() error {
	var b strings.Builder
	edge := "+" + strings.Repeat("-", columns) + "+\x1b[K\r\n"
	b.WriteString("\x1b[H\x1b[?25l" + edge)
	for i := range rows {
		row := ""
		if i < len(p.shown) {
			row = plain(p.shown[i])
		}
		fmt.Fprintf(&b, "|%-*.*s|\x1b[K\r\n", columns, columns, row)
	}
	b.WriteString(edge)
	for _, name := range []string{"power", "ready", "alarm"} {
		if p.lamps[name] {
			b.WriteString(name + " ")
		}
	}
	b.WriteString("\x1b[K\r\n\x1b[J")
	return p.write(b.String())
}

// plain is what any terminal can show.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// write writes to every terminal. One that takes nothing, such as a serial port with flow control, is not waited for.
func (p *Panel) write(s string) error {
	var err error
	for _, t := range p.terminals {
		err = errors.Join(err, t.SetWriteDeadline(time.Now().Add(100*time.Millisecond)))
		_, bad := t.WriteString(s)
		err = errors.Join(err, bad)
	}
	return err
}

// Close gives the terminals back.
func (p *Panel) Close() error {
	err := p.write("\x1b[?25h")
	for _, t := range p.terminals {
		err = errors.Join(err, t.Close())
	}
	return err
}
