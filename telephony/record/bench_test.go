package record

import (
	"fmt"
	"testing"

	"callbox/telephony"
)

// BenchmarkTap is what a recording costs the media tick.
func BenchmarkTap(b *testing.B) {
	rec, _, _ := newRecorder(b)
	r := start(b, rec)
	<-rec.box
	var said, told telephony.Frame
	b.ReportAllocs()
	for b.Loop() {
		r.Tap(&said, &told)
		if len(rec.box) > 0 {
			r.free <- (<-rec.box).block
		}
	}
}

// BenchmarkWriter is half a second of so many recordings, appended and synced.
func BenchmarkWriter(b *testing.B) {
	for _, recordings := range []int{1, 30, 300} {
		b.Run(fmt.Sprintf("recordings=%d", recordings), func(b *testing.B) {
			rec, _, _ := newRecorder(b)
			rec.disk.alarms = map[string]bool{}
			var all []*Recording
			for range recordings {
				all = append(all, start(b, rec))
			}
			for len(rec.box) > 0 {
				rec.work(<-rec.box)
			}
			b.SetBytes(int64(recordings) * blockTicks * frameOctets)
			for b.Loop() {
				for _, r := range all {
					feed(r, 1, blockTicks)
				}
				for len(rec.box) > 0 {
					rec.work(<-rec.box)
				}
			}
		})
	}
}
