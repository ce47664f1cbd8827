package hwtest

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"callbox/hal"
)

// delay measures the way from the line to the media loop and back to the line, in the line's own time: 20 ms to hear, what
// a block waits for the loop, and the block that is ahead of what is sent. The loop adds nothing here. A block that comes
// just as the loop ticks may wait for the next tick, once and for the rest of the call.
func delay(t *testing.T) {
	const measured = 3 // ms, to which two clocks are read
	for _, c := range []struct {
		blockMS      int
		median, most int // ms
	}{{20, 60, 80}, {10, 40, 50}} {
		var delays []int
		for phase := range 10 {
			delays = append(delays, roundTrip(t, c.blockMS, phase))
		}
		slices.Sort(delays)
		median, most := delays[len(delays)/2], delays[len(delays)-1]
		t.Logf("blocks of %d ms: from the line to the loop and back in %d ms (median), %d ms at most", c.blockMS, median, most)
		if median > c.median+measured || most > c.most+measured {
			t.Errorf("blocks of %d ms: want %d ms and %d ms", c.blockMS, c.median, c.most)
		}
	}
}

// roundTrip opens a span, and a bearer some time after a tick, and returns the delay of what the loop sends back, in ms.
func roundTrip(t *testing.T, blockMS, phase int) int {
	t.Helper()
	far := farSpans(t, 1)[0]
	d := open(t, 1, blockMS)
	defer d.Close()
	slot := d.Spans()[0].Timeslot(1)
	ticks, stop := d.Clock().Ticks(20 * time.Millisecond)
	defer stop()
	halfway, stopHalfway := d.Clock().Ticks(2 * time.Millisecond)
	defer stopHalfway()
	<-ticks
	for range phase {
		<-halfway
	}
	if err := slot.Open(); err != nil {
		t.Fatal(err)
	}
	var b hal.Block
	echo := func(count int) {
		for range count {
			<-ticks
			slot.Hear(&b)
			slot.Say(&b)
		}
	}
	echo(10)
	mark := []byte{0x2a, 0x2b, 0x2c, 0x2d, 0x3a, 0x3b, 0x3c, 0x3d}
	begin := len(far.Heard(1)) // the kernel answers each packet with one
	far.Play(1, mark)
	echo(10)
	at := bytes.Index(far.Heard(1), mark)
	if at < 0 {
		t.Fatal("what the far end said did not come back")
	}
	return (at - begin) / chunk
}
