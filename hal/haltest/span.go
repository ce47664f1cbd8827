package haltest

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"callbox/hal"
	"callbox/telephony/dsp"
)

// A FarSpan is the far end of the E1 under test. Its D-channel sends flags and its bearers idle (0xD5) while they have
// nothing else to send.
type FarSpan interface {
	// Send puts a frame on the D-channel behind those sent before.
	Send(frame []byte)
	// Received are the frames that came on the D-channel, in order.
	Received() [][]byte
	// Play sends octets on a bearer once, from now on.
	Play(timeslot int, octets []byte)
	// Heard is what came on a bearer since the start, or the newest minute of it.
	Heard(timeslot int) []byte
	// Mute stops everything that this end sends, framing included, or lets it go on.
	Mute(bool)
	// Yellow tells the near end that it is not received, or that it is again.
	Yellow(bool)
	// Spoil sends a frame with a wrong FCS. It reports whether this end can.
	Spoil(frame []byte) bool
}

// Span is the suite of an E1. Each case runs within in (RealTime or synctest.Test), where open gives a span without an alarm,
// its far end, and the clock by which the media loop has to tick; what open started is stopped by t.Cleanup.
func Span(t *testing.T, in func(*testing.T, func(*testing.T)), open func(*testing.T) (hal.Span, FarSpan, hal.Clock)) {
	for _, c := range []struct {
		name string
		test func(*spanBench)
	}{
		{"a span has 30 bearers and one D-channel", slots},
		{"frames pass both ways, whole and in order", frames},
		{"a frame of 260 octets of information passes both ways (Q.921 5.9.3)", longFrames},
		{"a frame that no D-channel takes is refused", badFrames},
		{"a full box drops frames and keeps the newest alarm", fullBox},
		{"speech passes bit by bit both ways on several timeslots at once", bearers},
		{"a timeslot that is closed sends idle", closedSlot},
		{"a timeslot that is opened again begins anew", reopenedSlot},
		{"loss of the signal is told, and its return (G.775)", loss},
		{"remote alarm is told, and its end (G.704 2.3.2)", remoteAlarm},
		{"a frame with a wrong check sequence is counted and not told (Q.921 2.7)", wrongFCS},
		{"Hear and Say of a bearer neither wait nor allocate", bearerLoop},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				span, far, clock := open(t)
				b := &spanBench{T: t, span: span, far: far, said: map[int][]int16{}, heard: map[int][]int16{}}
				ticks, stop := clock.Ticks(tick)
				defer stop()
				b.ticks = ticks
				c.test(b)
			})
		})
	}
}

// A spanBench is a span on the bench: the suite is its owner and its media loop.
type spanBench struct {
	*testing.T
	span   hal.Span
	far    FarSpan
	ticks  <-chan time.Time
	last   time.Time
	deaf   bool // the owner takes in no events
	frames [][]byte
	alarms []hal.SpanAlarm
	told   int             // events, of both kinds
	said   map[int][]int16 // still to be said, by timeslot
	heard  map[int][]int16 // of the timeslots that are ticked
}

// pass lets time pass as the box does.
func (b *spanBench) pass(d time.Duration) {
	events := b.span.Events()
	if b.deaf {
		events = nil
	}
	for end := time.Now().Add(d); time.Now().Before(end); {
		select {
		case e := <-events:
			b.take(e)
		case t := <-b.ticks:
			b.tick(t)
		}
	}
}

func (b *spanBench) take(e hal.SpanEvent) {
	b.told++
	switch e := e.(type) {
	case hal.FrameReceived:
		b.frames = append(b.frames, e.Octets)
	case hal.AlarmChanged:
		b.alarms = append(b.alarms, e.Alarm)
	}
}

// tick makes the tick that is due at t, and those that were missed before it.
func (b *spanBench) tick(t time.Time) {
	missed := 0
	if !b.last.IsZero() {
		missed = int((t.Sub(b.last)+tick/2)/tick) - 1
	}
	for b.last = t; missed >= 0; missed-- {
		b.block()
	}
}

// block is one tick of the media loop.
func (b *spanBench) block() {
	var heard, said hal.Block
	for n := range b.heard {
		slot := b.span.Timeslot(n)
		slot.Hear(&heard)
		b.heard[n] = append(b.heard[n], heard[:]...)
		clear(said[:])
		b.said[n] = b.said[n][copy(said[:], b.said[n]):]
		slot.Say(&said)
	}
}

// await lets time pass until done, and fails after a limit.
func (b *spanBench) await(what string, limit time.Duration, done func() bool) {
	b.Helper()
	for end := time.Now().Add(limit); !done(); {
		if time.Now().After(end) {
			b.Fatalf("%s: not in %v; %d frames, alarms %v", what, limit, len(b.frames), b.alarms)
		}
		b.pass(tick)
	}
}

// awaitAlarm waits for one of the alarms to be told, and for the span to say so when asked.
func (b *spanBench) awaitAlarm(any ...hal.SpanAlarm) {
	b.Helper()
	b.await("the alarm to be told", alarmLimit, func() bool {
		return len(b.alarms) > 0 && slices.Contains(any, b.alarms[len(b.alarms)-1])
	})
	if a := b.span.Alarm(); !slices.Contains(any, a) {
		b.Errorf("the span told %v and says %q when asked", b.alarms, a)
	}
}

// alarmLimit is longer than a driver takes to be sure of an alarm and to find out that it is over.
const alarmLimit = 20 * time.Second

// talk opens timeslots, and the media loop ticks them from now on.
func (b *spanBench) talk(timeslots ...int) {
	b.Helper()
	for _, n := range timeslots {
		if err := b.span.Timeslot(n).Open(); err != nil {
			b.Fatalf("timeslot %d: %v", n, err)
		}
		b.heard[n] = nil
	}
}

func (b *spanBench) send(frame []byte) {
	b.Helper()
	if err := b.span.Send(frame); err != nil {
		b.Fatalf("Send: %v", err)
	}
}

// frame is a frame like no other number's, with an address as Q.921 has it.
func frame(number, size int) []byte {
	r := rand.New(rand.NewPCG(uint64(number), 0))
	f := make([]byte, size)
	for i := range f {
		f[i] = byte(r.Uint32())
	}
	copy(f, []byte{0x02, 0x01, byte(number), byte(number >> 8)})
	return f
}

// passage is a second of every A-law octet in an order like no other seed's.
func passage(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 1))
	octets := make([]byte, 8000)
	for i := range octets {
		octets[i] = byte(r.Uint32())
	}
	return octets
}

func linear(octets []byte) []int16 {
	samples := make([]int16, len(octets))
	dsp.DecodeALaw(samples, octets)
	return samples
}

func slots(b *spanBench) {
	for n := -1; n <= 33; n++ {
		want := n >= 1 && n <= 31 && n != 16
		if got := b.span.Timeslot(n) != nil; got != want {
			b.Errorf("timeslot %d is a bearer: %v", n, got)
		}
	}
	if b.span.Name() == "" || b.span.Alarm() != hal.Clear {
		b.Errorf("the span %q has the alarm %q", b.span.Name(), b.span.Alarm())
	}
}

func frames(b *spanBench) {
	var sent [][]byte
	for i := range 60 {
		f := frame(i, 4+i*3%57)
		sent = append(sent, f)
		b.far.Send(f)
		b.send(f)
		b.pass(tick)
	}
	b.exchanged(sent)
}

// exchanged waits until both ends have what the other sent.
func (b *spanBench) exchanged(sent [][]byte) {
	b.Helper()
	same := func(got [][]byte) bool { return slices.EqualFunc(got, sent, bytes.Equal) }
	b.await("the frames to come", 3*time.Second, func() bool { return len(b.frames) >= len(sent) && len(b.far.Received()) >= len(sent) })
	if !same(b.frames) {
		b.Errorf("the span told %x, want %x", b.frames, sent)
	}
	if got := b.far.Received(); !same(got) {
		b.Errorf("the far end received %x, want %x", got, sent)
	}
}

func longFrames(b *spanBench) {
	sent := [][]byte{frame(1, 264), frame(2, 4), frame(3, 264)}
	for _, f := range sent {
		b.far.Send(f)
		b.send(f)
	}
	b.exchanged(sent)
}

func badFrames(b *spanBench) {
	for _, size := range []int{0, 2, 1 << 13} {
		if b.span.Send(make([]byte, size)) == nil {
			b.Errorf("a frame of %d octets was taken", size)
		}
	}
	good := frame(1, 20)
	b.far.Send(good)
	b.send(good)
	b.exchanged([][]byte{good})
}

func fullBox(b *spanBench) {
	b.deaf = true
	const many = 2 * hal.SpanEventBox
	for i := range many {
		b.far.Send(frame(i, 8))
	}
	b.pass(2 * time.Second)
	b.far.Yellow(true)
	b.await("the alarm", alarmLimit, func() bool { return b.span.Alarm() == hal.Yellow })
	b.deaf = false
	b.awaitAlarm(hal.Yellow)
	if b.told < hal.SpanEventBox || b.told >= many {
		b.Errorf("of %d frames and an alarm the owner was told %d: want %d at least, and fewer than there were", many, b.told, hal.SpanEventBox)
	}
	for i, f := range b.frames {
		if !bytes.Equal(f, frame(i, 8)) {
			b.Fatalf("frame %d of the box is %x", i, f)
		}
	}
	if overruns := b.span.Counters().Overruns; int(overruns) != many-len(b.frames) {
		b.Errorf("%d frames were lost, and %d counted", many-len(b.frames), overruns)
	}
}

func bearers(b *spanBench) {
	timeslots := []int{1, 15, 17, 31}
	b.talk(timeslots...)
	b.pass(500 * time.Millisecond)
	b.converse(timeslots...)
}

// converse has both ends speak for a second at once on open timeslots, and compares bit by bit what was heard.
func (b *spanBench) converse(timeslots ...int) {
	b.Helper()
	for _, n := range timeslots {
		b.far.Play(n, passage(uint64(n)))
		b.said[n] = linear(passage(uint64(100 + n)))
	}
	b.pass(2 * time.Second)
	for _, n := range timeslots {
		if run := longestRun(b.heard[n], linear(passage(uint64(n)))); run < len(passage(0)) {
			b.Errorf("timeslot %d: the box heard no more than %d samples of what the far end played", n, run)
		}
		if run := longestRun(b.far.Heard(n), passage(uint64(100+n))); run < len(passage(0)) {
			b.Errorf("timeslot %d: the far end heard no more than %d samples of what the box said", n, run)
		}
	}
}

// longestRun is how much of a sound's begin is in a recording, bit by bit.
func longestRun[T comparable](recording, sound []T) (longest int) {
	for at := range recording {
		run := 0
		for run < len(sound) && at+run < len(recording) && recording[at+run] == sound[run] {
			run++
		}
		longest = max(longest, run)
	}
	return longest
}

func closedSlot(b *spanBench) {
	const n = 7
	b.talk(n)
	b.said[n] = linear(passage(1))
	b.pass(300 * time.Millisecond)
	b.far.Play(n, passage(2))
	if err := b.span.Timeslot(n).Close(); err != nil {
		b.Fatal(err)
	}
	b.pass(200 * time.Millisecond) // what was on its way
	closed, heard := len(b.far.Heard(n)), len(b.heard[n])
	b.pass(300 * time.Millisecond)
	if heard := b.far.Heard(n)[closed:]; len(heard) == 0 || !allEqual(heard, dsp.ALawSilence) {
		b.Errorf("the far end hears % x...", heard[:min(len(heard), 16)])
	}
	if !allEqual(b.heard[n][heard:], 0) {
		b.Error("the box hears the far end")
	}
}

func allEqual[T comparable](s []T, v T) bool {
	return !slices.ContainsFunc(s, func(e T) bool { return e != v })
}

// reopenedSlot looks for the speech of one call in the next.
func reopenedSlot(b *spanBench) {
	const n = 30
	b.far.Play(n, passage(1))
	b.pass(1500 * time.Millisecond)
	b.talk(n)
	b.pass(500 * time.Millisecond)
	for _, s := range b.heard[n] {
		if s != 0 && s != linear([]byte{dsp.ALawSilence})[0] {
			b.Fatal("the box hears what the far end said before the timeslot was opened")
		}
	}
	b.converse(n)
}

func loss(b *spanBench) {
	b.talk(3)
	b.far.Mute(true)
	b.awaitAlarm(hal.LOS, hal.Red)
	b.far.Mute(false)
	b.awaitAlarm(hal.Clear)
	b.exchangedAfterAlarm()
}

// exchangedAfterAlarm shows that nothing of the alarm is left.
func (b *spanBench) exchangedAfterAlarm() {
	b.Helper()
	b.pass(100 * time.Millisecond)
	f := frame(1, 30)
	b.far.Send(f)
	b.send(f)
	b.exchanged([][]byte{f})
	b.converse(3)
}

func remoteAlarm(b *spanBench) {
	b.talk(3)
	b.far.Yellow(true)
	b.awaitAlarm(hal.Yellow)
	b.far.Yellow(false)
	b.awaitAlarm(hal.Clear)
	b.exchangedAfterAlarm()
}

func wrongFCS(b *spanBench) {
	if !b.far.Spoil(frame(1, 20)) {
		b.Skip("the far end cannot send a wrong check sequence")
	}
	b.await("the counter to grow", 3*time.Second, func() bool { return b.span.Counters().BadFCS == 1 })
	good := frame(2, 20)
	b.far.Send(good)
	b.send(good)
	b.exchanged([][]byte{good})
}

// bearerLoop calls in a row what is due in 20 ms each: a driver has silence for who comes too early.
func bearerLoop(b *spanBench) {
	b.talk(3)
	b.pass(time.Second)
	slot := b.span.Timeslot(3)
	var heard, said hal.Block
	begin := time.Now()
	const runs = 50
	allocs := testing.AllocsPerRun(runs, func() {
		slot.Hear(&heard)
		slot.Say(&said)
	})
	if allocs != 0 {
		b.Errorf("a tick allocates %v times", allocs)
	}
	if took := time.Since(begin); took > runs*tick/2 {
		b.Errorf("%d ticks took %v: Hear or Say waits", runs, took)
	}
}
