package hal

import "time"

// A Clock paces the media loop. Where an E1 is present its driver is the clock, so that the matrix cannot slip against the
// network; otherwise it is package time.
type Clock interface {
	// Ticks tells each tick of the given period, at most one behind: a late reader gets the newest and counts the missed.
	Ticks(period time.Duration) (ticks <-chan time.Time, stop func())
}

// SystemClock paces by the computer's own clock.
type SystemClock struct{}

// Ticks is a time.Ticker.
func (SystemClock) Ticks(period time.Duration) (<-chan time.Time, func()) {
	t := time.NewTicker(period)
	return t.C, t.Stop
}
