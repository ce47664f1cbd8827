package main

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"callbox/telephony"
	"callbox/telephony/exchange"
	"callbox/telephony/media"
)

// punctual is the class of media.LateLimits up to which nobody hears that a slot began late.
const punctual = 3 // 10 ms

// A meter measures how hard the program works. The exchange's goroutine owns it.
type meter struct {
	matrix      *media.Matrix
	besides     func() time.Duration // processor time of what else the program does; nil: nothing
	at          time.Time
	used        time.Duration   // processor time of the program, since its start
	loops       []time.Duration // and of each of its media loops
	late, slots uint64          // of the media loops, since their start
}

// load measures the time since it was asked last.
func (m *meter) load() exchange.Load {
	now, used, stats := time.Now(), processorTime(), m.matrix.Stats()
	if m.besides != nil {
		used -= m.besides()
	}
	late, slots := uint64(0), uint64(0)
	for class, n := range stats.Late {
		if slots += n; class > punctual {
			late += n
		}
	}
	var l exchange.Load
	if elapsed := now.Sub(m.at); elapsed > 0 && !m.at.IsZero() {
		l.Busy = float64(used-m.used) / float64(elapsed) / float64(runtime.NumCPU())
		for i, before := range m.loops {
			l.Loop = max(l.Loop, float64(stats.Used[i]-before)/float64(elapsed))
		}
	}
	if slots > m.slots {
		l.Late = float64(late-m.late) / float64(slots-m.slots)
	}
	m.at, m.used, m.loops, m.late, m.slots = now, used, stats.Used, late, slots
	return l
}

// processorTime is what the program has had of all processors.
func processorTime() time.Duration {
	var r unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// spares refuses what people only look at while the load is high: calls and recordings come first.
func (b *Box) spares() error {
	if b.Exchange.Strained() {
		return telephony.Errorf(telephony.Busy, "负荷过高，通话优先，请稍后再看报表", "the box is busy with calls, which come first: ask again in a while")
	}
	return nil
}
