package console

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"callbox/hal"
)

func TestKeysOf(t *testing.T) {
	for text, want := range map[string][]hal.Key{
		"":               nil,
		"\x1b[A\x1bOB\r": {hal.KeyUp, hal.KeyDown, hal.KeyOK},
		"\x7f\b\x1b":     {hal.KeyBack, hal.KeyBack, hal.KeyBack},
		"abc \t9":        nil,
		"\n\x1b[B":       {hal.KeyOK, hal.KeyDown},
	} {
		if got := keysOf(text); !slices.Equal(got, want) {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}

// A key that is held is typed again and again, and goes down once.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Panel{keys: make(chan hal.KeyEvent, keyBox)}
		typed := make(chan hal.Key)
		go p.hold(typed)
		typed <- hal.KeyOK
		time.Sleep(500 * time.Millisecond) // until a keyboard repeats
		for range 150 {
			typed <- hal.KeyOK
			time.Sleep(30 * time.Millisecond)
		}
		if len(p.keys) != 1 {
			t.Errorf("%d events in five seconds of OK", len(p.keys))
		}
		time.Sleep(time.Second)
		typed <- hal.KeyDown
		typed <- hal.KeyDown
		close(typed)
		synctest.Wait()
		var got []hal.KeyEvent
		for len(p.keys) > 0 {
			got = append(got, <-p.keys)
		}
		want := []hal.KeyEvent{{Key: hal.KeyOK, Down: true}, {Key: hal.KeyOK}, {Key: hal.KeyDown, Down: true}, {Key: hal.KeyDown, Down: true}}
		if !slices.Equal(got, want) {
			t.Errorf("the keys are %v", got)
		}
	})
}

// On a terminal of the kernel's: what is typed is not shown, and the screen is drawn.
func TestTerminal(t *testing.T) {
	far, file := pseudoTerminal(t)
	p, err := Open([]string{"/dev/no-such-terminal", file})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := far.WriteString("\x1b[B"); err != nil {
		t.Fatal(err)
	}
	if k := <-p.Keys(); k != (hal.KeyEvent{Key: hal.KeyDown, Down: true}) {
		t.Errorf("the key is %v", k)
	}
	if err := p.Lamp("ready", true); err != nil {
		t.Fatal(err)
	}
	if err := p.Show([]string{"Claim code", "云 44071932"}); err != nil {
		t.Fatal(err)
	}
	var seen strings.Builder
	buf := make([]byte, 4096)
	for !strings.Contains(seen.String(), "|Claim code          |") {
		n, err := far.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		seen.Write(buf[:n])
	}
	if s := seen.String(); !strings.Contains(s, "ready") || strings.Contains(s, "^[") {
		t.Errorf("it is drawn as %q", s)
	}
}

// The characters of a key come in pieces over a slow line, and Escape alone is a key.
func TestPieces(t *testing.T) {
	far, file := pseudoTerminal(t)
	p, err := Open([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, row := range []struct {
		typed string
		want  hal.Key
	}{{"\x1b", 0}, {"[", 0}, {"B\x1b[", hal.KeyDown}, {"A\x1b", hal.KeyUp}} {
		if _, err := far.WriteString(row.typed); err != nil {
			t.Fatal(err)
		}
		if row.want == 0 {
			continue
		}
		if k := <-p.Keys(); k != (hal.KeyEvent{Key: row.want, Down: true}) {
			t.Errorf("%q ends in %v, want %v", row.typed, k, row.want)
		}
	}
	for k := range p.Keys() {
		if k.Down {
			if k.Key != hal.KeyBack {
				t.Errorf("Escape is %v", k)
			}
			return
		}
	}
}

func TestNoTerminal(t *testing.T) {
	if _, err := Open([]string{"/dev/null", "/dev/no-such-terminal"}); err == nil {
		t.Error("a panel without a terminal")
	}
}

// pseudoTerminal is a terminal and its far end.
func pseudoTerminal(t *testing.T) (far *os.File, file string) {
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { far.Close() })
	if err := unix.IoctlSetPointerInt(int(far.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(far.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	return far, fmt.Sprintf("/dev/pts/%d", n)
}
