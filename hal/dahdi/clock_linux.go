package dahdi

import (
	"time"

	"golang.org/x/sys/unix"

	"callbox/hal"
)

// A clock counts the samples of the span that is DAHDI's master.
type clock struct{}

// Ticks tells each tick one period ahead, with the time at which it will be due: who sleeps until then is not late when this
// goroutine is. When the line's clock stops, because a card is gone, the computer's goes on in its place.
func (clock) Ticks(period time.Duration) (<-chan time.Time, func()) {
	timer, err := openDevice(timerDevice)
	if err == nil {
		err = set(timer, ioTimerSet, int(period.Milliseconds())*perMS)
	}
	if err != nil {
		return hal.SystemClock{}.Ticks(period)
	}
	ticks, stop := make(chan time.Time, 1), make(chan struct{})
	go func() {
		defer unix.Close(timer)
		count(timer, period, ticks, stop)
	}()
	return ticks, func() { close(stop) }
}

// silent is how many periods the line's clock may be silent before it has stopped.
const silent = 5

func count(timer int, period time.Duration, ticks chan time.Time, stop <-chan struct{}) {
	due := time.Now()
	for wait := silent * period; !stopped(stop); {
		passed := await(timer, wait) * period
		if wait = silent * period; passed == 0 {
			wait, passed = period, time.Since(due).Truncate(period)
		}
		if passed > 0 {
			due = steer(due, time.Now(), passed)
			newest(ticks, due.Add(period))
		}
	}
}

// await waits for the timer, and returns how often it has expired.
func await(timer int, wait time.Duration) (times time.Duration) {
	for err := error(unix.EINTR); err == unix.EINTR; {
		_, err = unix.Poll([]unix.PollFd{{Fd: int32(timer), Events: unix.POLLPRI}}, int(wait.Milliseconds()))
	}
	for nextEvent(timer) == eventTimerExpired {
		_ = set(timer, ioTimerAck, 1)
		times++
	}
	return times
}

// steer finds when a tick was due that came some periods after the last. It came no later than now, and the line is never
// faster or slower than the computer by more than a thousandth: what is beyond is the lateness of this goroutine.
func steer(last, now time.Time, passed time.Duration) time.Time {
	due := last.Add(passed)
	if due.After(now) {
		return now
	}
	return due.Add(min(now.Sub(due), passed/1000))
}

// newest leaves the reader the newest tick alone.
func newest(ticks chan time.Time, t time.Time) {
	select {
	case <-ticks:
	default:
	}
	ticks <- t
}

func stopped(stop <-chan struct{}) bool {
	select {
	case <-stop:
		return true
	default:
		return false
	}
}
