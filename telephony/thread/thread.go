// Package thread is what a goroutine that is locked to its thread asks of Linux: to be served before others, to sleep without
// Go's timers, and to know what it used.
package thread

import (
	"time"

	"golang.org/x/sys/unix"
)

// Raise makes the calling thread a real-time thread (sched(7), SCHED_FIFO at the lowest priority) or, where that is not
// allowed, one that is served before others. Lower takes it back.
func Raise() (lower func()) {
	fifo := &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1}
	if unix.SchedSetAttr(0, fifo, 0) == nil {
		return func() {
			normal := &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_NORMAL}
			_ = unix.SchedSetAttr(0, normal, 0)
		}
	}
	const thisThread, niceness = 0, -15
	_ = unix.Setpriority(unix.PRIO_PROCESS, thisThread, niceness)
	return func() { _ = unix.Setpriority(unix.PRIO_PROCESS, thisThread, 0) }
}

// Used is the processor time that a thread of the program has had; 0 is no thread. The clock's number is made as
// pthread_getcpuclockid(3) makes it.
func Used(thread int) time.Duration {
	const ofThread, scheduled = 4, 2
	var t unix.Timespec
	if thread == 0 || unix.ClockGettime(int32(^thread<<3|ofThread|scheduled), &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// SleepUntil sleeps on the calling thread, which the kernel wakes by itself.
func SleepUntil(due time.Time) {
	for {
		d := time.Until(due)
		if d <= 0 {
			return
		}
		rest := unix.NsecToTimespec(int64(d))
		_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &rest, nil) // a signal may end it early
	}
}
