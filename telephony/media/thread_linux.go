package media

import (
	"time"

	"golang.org/x/sys/unix"
)

// raisePriority makes the calling thread a real-time thread (sched(7), SCHED_FIFO at the lowest priority) or, where that
// is not allowed, one that is served before others. Lower takes it back.
func raisePriority() (lower func()) {
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

// threadTime is the processor time that a thread of the program has had. The clock's number is made as
// pthread_getcpuclockid(3) makes it.
func threadTime(thread int64) time.Duration {
	const ofThread, scheduled = 4, 2
	var t unix.Timespec
	if thread == 0 || unix.ClockGettime(int32(^thread<<3|ofThread|scheduled), &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// sleepUntil sleeps on the calling thread, which the kernel wakes by itself.
func sleepUntil(due time.Time) {
	for {
		d := time.Until(due)
		if d <= 0 {
			return
		}
		rest := unix.NsecToTimespec(int64(d))
		_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &rest, nil) // a signal may end it early
	}
}
