package media

import (
	"fmt"
	"testing"

	"callbox/hal"
	"callbox/telephony"
)

// A mute party costs nothing of its own.
type mute struct{}

func (mute) Hear(*telephony.Frame)     {}
func (mute) Say(*telephony.Frame)      {}
func (mute) Tap(_, _ *telephony.Frame) {}

// bridgeOf joins so many parties, one of whom has a tap.
func bridgeOf(parties int) *Bridge {
	b := homeBridge()
	var all []*Party
	for range parties {
		all = append(all, b.Attach(mute{}))
		crank(b, 1)
	}
	all[0].Listen(mute{})
	b.Join(all...)
	crank(b, 1)
	return b
}

func TestTickAllocatesNothing(t *testing.T) {
	l := NewMatrix(hal.SystemClock{}, 1).loops[0]
	for _, parties := range []int{1, 2, 3, 64} {
		l.admit(bridgeOf(parties))
	}
	playing := bridgeOf(2)
	playing.parties[0].Play(Loop(PCM(ramp(0, 999)), ALaw(make([]byte, 777))))
	crank(playing, 1)
	l.admit(playing)
	if n := testing.AllocsPerRun(1000, func() {
		for slot := range l.slots {
			l.tick(slot)
		}
	}); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

func BenchmarkBridge(b *testing.B) {
	for _, parties := range []int{2, 3, 8, 64} {
		b.Run(fmt.Sprintf("parties=%d", parties), func(b *testing.B) {
			l, bridge := NewMatrix(hal.SystemClock{}, 1).loops[0], bridgeOf(parties)
			b.ReportAllocs()
			for b.Loop() {
				l.protect(bridge, (*Bridge).tick)
			}
		})
	}
}

func BenchmarkSource(b *testing.B) {
	music := Loop(ALaw(make([]byte, 80_123)))
	var f telephony.Frame
	b.ReportAllocs()
	for b.Loop() {
		music.Next(&f)
	}
}
