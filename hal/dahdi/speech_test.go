package dahdi

import (
	"bytes"
	"testing"

	"golang.org/x/sys/unix"

	"callbox/hal"
	"callbox/telephony/dsp"
)

// A fakeLine is a socket in a channel's place: it too gives one block a read, and says so when there is none.
type fakeLine struct {
	*testing.T
	far    int
	speech *speech
	n      byte       // what the line sent last
	sent   [tick]byte // what was taken from the box, whatever it was
}

func newFakeLine(t *testing.T, block int) *fakeLine {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(pair[0]); unix.Close(pair[1]) })
	return &fakeLine{T: t, far: pair[1], speech: newSpeech(pair[0], block, aLaw)}
}

// come has blocks come, each of octets like no other's near it.
func (l *fakeLine) come(blocks int) {
	for range blocks {
		l.n++
		if _, err := unix.Write(l.far, bytes.Repeat([]byte{l.n}, l.speech.block)); err != nil {
			l.Fatal(err)
		}
	}
}

// tick is one of the media loop's, and returns what was heard, as an octet of it, and what was sent.
func (l *fakeLine) tick() (heard byte, sent int) {
	var b hal.Block
	var octets [tick]byte
	l.speech.hear(&b)
	dsp.EncodeALaw(octets[:], b[:])
	b = hal.Block{}
	l.speech.say(&b)
	return octets[0], l.take()
}

// take returns how many octets were sent.
func (l *fakeLine) take() (sent int) {
	for {
		n, err := unix.Read(l.far, l.sent[:])
		if err != nil {
			return sent
		}
		sent += n
	}
}

// A block that has not come is silence, and the next is heard after it; nothing is lost.
func TestSpeechLate(t *testing.T) {
	l := newFakeLine(t, tick)
	for i, come := range []int{0, 1, 1, 0, 2, 1} {
		l.come(come)
		heard, _ := l.tick()
		if want := []byte{dsp.ALawSilence, 1, 2, dsp.ALawSilence, 3, 4}[i]; heard != want {
			t.Errorf("tick %d: heard %x, want %x", i, heard, want)
		}
	}
}

// A tick of 20 ms is two blocks of 10 ms, whenever they come.
func TestSpeechShortBlocks(t *testing.T) {
	l := newFakeLine(t, tick/2)
	var heard []byte
	for _, come := range []int{1, 1, 2, 3, 2, 1} {
		l.come(come)
		var b hal.Block
		l.speech.hear(&b)
		octets := make([]byte, tick)
		dsp.EncodeALaw(octets, b[:])
		heard = append(heard, octets[0], octets[tick/2])
	}
	want := []byte{dsp.ALawSilence, dsp.ALawSilence, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	if !bytes.Equal(heard, want) {
		t.Errorf("heard % x, want % x", heard, want)
	}
}

// The kernel has one block ahead at the start and again after it ran dry, and no more after a loop has made up for lost time.
func TestSpeechAhead(t *testing.T) {
	for _, block := range []int{tick, tick / 2} {
		l := newFakeLine(t, block)
		perTick := tick / block
		if _, sent := l.tick(); sent != block+tick {
			t.Fatalf("blocks of %d: the first tick sent %d octets, want %d", block, sent, block+tick)
		}
		for range 20 {
			l.come(perTick)
			if _, sent := l.tick(); sent != tick {
				t.Fatalf("blocks of %d: a tick sent %d octets", block, sent)
			}
		}
		l.come(5 * perTick) // the loop was held up for 100 ms
		total := 0
		for range 5 {
			_, sent := l.tick()
			total += sent
		}
		if total > 4*block+tick {
			t.Errorf("blocks of %d: after 100 ms the loop sent %d octets: that is delay", block, total)
		}
	}
}

// What lies in a queue for ten seconds and is never needed is delay, and is cut.
func TestSpeechDelayIsCut(t *testing.T) {
	l := newFakeLine(t, tick)
	l.come(3)
	for range patience + 1 {
		l.come(1)
		l.tick()
	}
	if len(l.speech.received) != 0 {
		t.Errorf("%d octets still wait to be heard", len(l.speech.received))
	}
	heard, _ := l.tick()
	if heard != dsp.ALawSilence {
		t.Errorf("heard %x, but nothing came", heard)
	}
}

// TestSpeechDelaySentIsCut is the same for what is sent: the line stood still for two ticks and goes on.
func TestSpeechDelaySentIsCut(t *testing.T) {
	l := newFakeLine(t, tick)
	l.tick()
	l.tick() // no block came, so two are ahead
	total := 0
	for range 2 * patience { // the first tick needed what was ahead
		l.come(1)
		_, sent := l.tick()
		total += sent
	}
	if want := (2*patience - 1) * tick; total != want {
		t.Errorf("%d octets were sent, want %d", total, want)
	}
}

// A line that stood still is begun anew: what the kernel has of before may be sent or not.
func TestSpeechAfterStanding(t *testing.T) {
	l := newFakeLine(t, tick)
	for range 2 * standing {
		l.tick()
	}
	l.come(1)
	if _, sent := l.tick(); sent != 2*tick {
		t.Errorf("%d octets were sent, want %d", sent, 2*tick)
	}
}

func TestSpeechAllocatesNothing(t *testing.T) {
	l := newFakeLine(t, tick)
	var b hal.Block
	if n := testing.AllocsPerRun(100, func() { l.come1(); l.speech.hear(&b); l.speech.say(&b); l.take() }); n != 0 {
		t.Errorf("a tick allocates %v times", n)
	}
}

var one [tick]byte

func (l *fakeLine) come1() { _, _ = unix.Write(l.far, one[:]) }
