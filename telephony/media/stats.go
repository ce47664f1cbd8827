package media

import (
	"sync/atomic"
	"time"

	"callbox/telephony/thread"
)

// LateLimits are the upper bounds of the classes in which Stats counts how late a slot began.
var LateLimits = [...]time.Duration{time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond}

// Stats is how the matrix does, since its start. The counters are read one by one and may be a tick apart.
type Stats struct {
	Bridges int                         // open now
	Used    []time.Duration             // processor time of each loop, where RealTime gave it a thread
	Late    [len(LateLimits) + 1]uint64 // slots begun, by how late; the last class is later than every limit
	Worst   time.Duration               // the latest that a slot began
	Skipped uint64                      // ticks that were never made, because the loop was too late to make them up
}

// Stats returns a snapshot; any goroutine may ask.
func (m *Matrix) Stats() (s Stats) {
	for _, l := range m.loops {
		s.Bridges += int(l.stats.bridges.Load())
		s.Used = append(s.Used, thread.Used(int(l.stats.thread.Load())))
		s.Worst = max(s.Worst, time.Duration(l.stats.worst.Load()))
		s.Skipped += l.stats.skipped.Load()
		for i := range s.Late {
			s.Late[i] += l.stats.late[i].Load()
		}
	}
	return s
}

// stats are written by their loop alone, but for bridges.
type stats struct {
	bridges atomic.Int64 // those that are on their way to the loop among them
	thread  atomic.Int64 // the kernel's number of it; 0: none of its own
	late    [len(LateLimits) + 1]atomic.Uint64
	worst   atomic.Int64
	skipped atomic.Uint64
}

func (s *stats) note(late time.Duration) {
	class := 0
	for class < len(LateLimits) && late > LateLimits[class] {
		class++
	}
	s.late[class].Add(1)
	if int64(late) > s.worst.Load() {
		s.worst.Store(int64(late))
	}
}
