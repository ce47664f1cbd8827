package main

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"callbox/telephony"
)

// A boot says how soon the box was there after its computer started. Lines are answered before the page is made: whoever calls does not
// wait for what only people look at.
type boot struct {
	program   time.Duration // from the kernel's start until this program opened the box
	answering chan struct{} // closed when the lines are answered
	lines     atomic.Int64  // from the kernel's start until then; 0: not yet
	page      atomic.Int64  // until the page is served
	call      atomic.Int64  // until the first call was answered
}

func newBoot() *boot { return &boot{program: sinceKernel(), answering: make(chan struct{})} }

// sinceKernel is how long ago the kernel started. What the firmware and the loader took before that, no program can tell.
func sinceKernel() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// reach keeps when something was reached for the first time, and logs it.
func (b *Box) reach(at *atomic.Int64, what string) bool {
	since := sinceKernel()
	first := at.CompareAndSwap(0, int64(since))
	if first {
		b.opt.Log.Info(what, "since_kernel_ms", since.Milliseconds(), "since_program_ms", (since - b.boot.program).Milliseconds())
	}
	return first
}

// answersLines is called when each line has its owner and the exchange takes calls.
func (b *Box) answersLines() {
	if b.reach(&b.boot.lines, "lines are answered") {
		close(b.boot.answering)
	}
}

// A witness is the journal, and sees the first call that is answered.
type witness struct{ *Box }

func (w witness) Append(e telephony.Entry) {
	if _, answered := e.Fact.(telephony.CallAnswered); answered && w.boot.call.Load() == 0 {
		w.reach(&w.boot.call, "the first call is answered")
	}
	w.Store.Append(e)
}

func milliseconds(since *atomic.Int64) int64 { return time.Duration(since.Load()).Milliseconds() }
