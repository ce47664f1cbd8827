package dahdi

import (
	"fmt"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"callbox/hal"
)

// A timeslot is a bearer. Its channel stays open as long as the span: a channel that is closed sends all ones, which is not
// idle, and a file that the media loop may still read must not become another.
type timeslot struct {
	speech *speech
	turns  atomic.Uint32 // odd while the bearer is open
	turn   uint32        // the media loop's: the one that the speech is of
}

func openTimeslot(channel, blockMS int) (*timeslot, error) {
	block := blockMS * perMS
	fd, err := openChannel(channel, lineDepth/block, block)
	if err != nil {
		return nil, err
	}
	if err := set(fd, ioAudioMode, 1); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("channel %d is no bearer: %w", channel, err)
	}
	return &timeslot{speech: newSpeech(fd, block, aLaw)}, nil
}

// Open lets speech through, from now on: nothing of before is left in the kernel.
func (t *timeslot) Open() error {
	if t.turns.Load()%2 == 1 {
		return nil
	}
	err := set(t.speech.fd, ioFlush, flushAll)
	t.turns.Add(1)
	return err
}

// Close sends idle; what was said last is on the line for two blocks yet.
func (t *timeslot) Close() error {
	if t.turns.Load()%2 == 1 {
		t.turns.Add(1)
	}
	return nil
}

// Hear fills the block with what came.
func (t *timeslot) Hear(b *hal.Block) {
	if !t.talking() {
		clear(b[:])
		return
	}
	t.speech.hear(b)
}

// Say sends a block.
func (t *timeslot) Say(b *hal.Block) {
	if t.talking() {
		t.speech.say(b)
	}
}

// talking tells whether the bearer is open, and begins anew when it was opened again.
func (t *timeslot) talking() bool {
	turn := t.turns.Load()
	if turn%2 == 0 {
		return false
	}
	if turn != t.turn {
		t.turn = turn
		t.speech.restart()
	}
	return true
}

func (t *timeslot) close() { unix.Close(t.speech.fd) }
