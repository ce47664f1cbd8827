package record

import (
	"fmt"
	"os"
	"path/filepath"
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
				rec.sync()
			}
		})
	}
}

// BenchmarkRepair is the start after an unclean stop with so many recordings, all but one of them closed and known.
func BenchmarkRepair(b *testing.B) {
	const recordings = 10_000
	dir := b.TempDir()
	whole := joined(openHeader[:], speech(160))
	for i := range recordings {
		day := filepath.Join(dir, "2026", "10", fmt.Sprintf("%02d", i%20+1))
		if i < 20 {
			if err := os.MkdirAll(day, 0o700); err != nil {
				b.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(day, fmt.Sprintf("3-%d.1.wav", i)), whole, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		report, err := Repair(dir, func(id string) (int64, bool) { return 160, id != "3-7.1" })
		if err != nil || report.Files != recordings || len(report.Found) != 1 {
			b.Fatal(report, err)
		}
	}
}
