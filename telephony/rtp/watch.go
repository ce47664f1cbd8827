package rtp

import (
	"cmp"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"callbox/telephony"
)

const (
	second      = int(time.Second / telephony.Tick)
	noneTicks   = 5 * second  // without a packet that should come
	silentTicks = 10 * second // of nothing but digital silence since the answer: who spoke before is only mute
	refusedRun  = 3 * second  // packets on end that could not be sent
	deafReports = 3
	reviewTicks = 10 * second // the worst of which is kept
)

// A watch tells how a session's speech fares. It belongs to the media loop, but for what others read under the lock, for
// which the loop never waits.
type watch struct {
	in       *inbound
	reports  *reports
	answered *atomic.Bool
	expects  bool // it was answered
	since    int  // in ticks
	faults   chan<- telephony.SpeechFault

	depth float64 // of the jitter buffer, in samples, smoothed
	then  missed  // at the last review
	now   telephony.Quality

	mu    sync.Mutex
	known telephony.Quality
}

// missed counts packets, and the gaps that the missing ones left.
type missed struct{ expected, missing, gaps uint64 }

// judge brings the quality up to date, once a second.
func (w *watch) judge(p *Params) {
	w.depth += (float64(max(int32(w.in.jitter.newest-w.in.jitter.next), 0)) - w.depth) / 8
	r, q := w.reports, &w.now
	delay := samples(uint32(w.depth)) + r.roundTrip/2
	if expects := w.answered.Load(); expects && !w.expects {
		w.expects, w.since, w.in.silent = true, w.in.ticks, 0
	}
	q.DelayMS, q.RoundTripMS = int(delay.Milliseconds()), int(r.roundTrip.Milliseconds())
	q.JitterMS = int(samples(w.in.flow.jitter()).Milliseconds())
	q.FarLoss = float64(r.far.fraction) / 256
	q.FarJitterMS = int(samples(r.far.jitter).Milliseconds())
	all := missed{w.in.sequence.expected, w.in.sequence.lost() + w.in.stats.late.Load(), w.in.jitter.conceal.gaps}
	if all.expected > 0 {
		q.Loss, q.MOS = all.since(missed{}).rate(delay)
		if w.in.ticks%reviewTicks == 0 || q.Worst == 0 {
			_, mos := all.since(w.then).rate(delay)
			q.Worst, w.then = min(mos, cmp.Or(q.Worst, mos)), all
		}
	}
	if fault := w.fault(p); fault != q.Fault {
		q.Fault = fault
		select {
		case w.faults <- fault:
		default: // nobody looks
		}
	}
	if w.mu.TryLock() {
		w.known = *q
		w.mu.Unlock()
	}
}

func samples(n uint32) time.Duration {
	return time.Duration(n) * time.Second / telephony.SampleRate
}

func (m missed) since(then missed) missed {
	return missed{m.expected - then.expected, m.missing - min(then.missing, m.missing), m.gaps - then.gaps}
}

// rate is the share of missing packets and what it sounds like.
func (m missed) rate(delay time.Duration) (loss, mos float64) {
	loss = math.Min(float64(m.missing)/math.Max(float64(m.expected), 1), 1)
	burst := float64(m.missing) / math.Max(float64(m.gaps), 1) * (1 - loss)
	mos = meanOpinion(rating(loss, burst, delay))
	return math.Round(loss*1e4) / 1e4, math.Round(mos*100) / 100
}

// fault is what is wrong now.
func (w *watch) fault(p *Params) telephony.SpeechFault {
	hears, sends := p.Direction.hears(), p.Direction.sends()
	switch {
	case !w.expects:
		return ""
	case hears && min(w.in.quiet, w.in.ticks-w.since) >= noneTicks && !w.in.jitter.comfort.open:
		return telephony.SpeechNoPackets
	case sends && (w.reports.deaf >= deafReports || w.reports.out.refused >= refusedRun):
		return telephony.SpeechUnheard
	case hears && w.in.silent >= silentTicks && !w.in.jitter.comfort.open:
		return telephony.SpeechSilence
	}
	return ""
}

// Quality tells how the session's speech fares, as of the last second. After Close it tells how it fared.
func (s *Session) Quality() telephony.Quality {
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	return s.watch.known
}

// Faults tells each change of what is wrong with the speech of an answered call: within six seconds that no packets come,
// within eleven that they held nothing but silence from the beginning, and within three reports of the far end that it hears
// nothing.
func (s *Session) Faults() <-chan telephony.SpeechFault { return s.faults }
