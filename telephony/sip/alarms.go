package sip

import "time"

// T1 and T2 are the timers of RFC 3261 17.1.1.1, for what the dialog layer retransmits itself.
const (
	timerT1 = 500 * time.Millisecond
	timerT2 = 4 * time.Second
)

// An alarm is a timer of a leg, by its purpose.
type alarm int

const (
	alarmResend    alarm = iota // our 2xx without ACK, or 18x without PRACK, goes out again (RFC 3261 13.3.1.4, RFC 3262 3)
	alarmNoAck                  // 64*T1 without ACK or PRACK: the call ends (same clauses)
	alarmProceed                // a provisional answer each minute keeps proxies patient (RFC 3261 13.3.1.1)
	alarmRing                   // timer C: nobody answers our INVITE (RFC 3261 16.6)
	alarmUnheard                // a trunk says nothing to our INVITE (RFC 3263 4.3)
	alarmCancelled              // 64*T1 without a final answer to a cancelled INVITE (RFC 3261 9.1)
	alarmRefresh                // our turn to refresh the session (RFC 4028 7.2)
	alarmExpired                // the far end did not refresh the session (RFC 4028 10)
	alarmReoffer                // the wait after glare is over (RFC 3261 14.1)
	alarmReported               // the far end does not say that it knows what came of its transfer: the BYE goes out
	alarmGone                   // the last echo can have come: the leg's goroutine ends
	alarms
)

// A clock holds the alarms of one leg on one timer. Owned by the leg's goroutine.
type clock struct {
	due   [alarms]time.Time // zero: not set
	timer *time.Timer
}

func newClock() *clock {
	c := &clock{timer: time.NewTimer(time.Hour)}
	c.timer.Stop()
	return c
}

func (c *clock) set(a alarm, d time.Duration) {
	c.due[a] = time.Now().Add(d)
	c.wind()
}

func (c *clock) stop(which ...alarm) {
	for _, a := range which {
		c.due[a] = time.Time{}
	}
	c.wind()
}

// stopAll takes every alarm off.
func (c *clock) stopAll() {
	c.due = [alarms]time.Time{}
	c.timer.Stop()
}

// wind sets the timer to the earliest alarm.
func (c *clock) wind() {
	if a, ok := c.first(); ok {
		c.timer.Reset(time.Until(c.due[a]))
		return
	}
	c.timer.Stop()
}

// expired takes an alarm that is due.
func (c *clock) expired() (alarm, bool) {
	a, ok := c.first()
	if !ok || time.Now().Before(c.due[a]) {
		return 0, false
	}
	c.stop(a)
	return a, true
}

func (c *clock) first() (alarm, bool) {
	found, ok := alarm(0), false
	for a := range alarms {
		if !c.due[a].IsZero() && (!ok || c.due[a].Before(c.due[found])) {
			found, ok = a, true
		}
	}
	return found, ok
}
