package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"callbox/telephony/exchange"
	"callbox/telephony/media"
	"callbox/telephony/traffic"
	"callbox/webui"
)

const (
	longestSetup = time.Second // of anything that is asked of the box: it was repeated once at the most (RFC 3261 17.1.1.2)
	overLate     = 3           // the class of media.LateLimits from which a slot is over 5 ms late
	// unpunctual is the share of such slots up to which nobody hears them (issue 5: p99.9).
	unpunctual = 0.001
)

// A probe is what one measure found.
type probe struct {
	load exchange.Load
	late float64 // share of the media loop's slots
	held bool    // whatever was asked of the box was done, and in time
}

// isLate reports whether the media loop was late by the box's own doing.
func (p probe) isLate() bool { return p.late > unpunctual && p.load.Most() >= exchange.OwnDoing }

// reachable waits until the box takes calls.
func (r *rating) reachable(ctx context.Context) error {
	for tries := 0; !r.up(ctx, throughTheBox, 1); tries++ {
		if err := wait(ctx, time.Second/2); err != nil {
			return err
		}
		if tries == 10 {
			return fmt.Errorf("the box that is rated takes no call: %+v", r.far.Tally())
		}
	}
	return r.quiet(ctx)
}

// calls finds how many calls the box carries at once.
func (r *rating) calls(ctx context.Context, called func(int) string) (webui.Rated, error) {
	return r.find(ctx, func(n int) (p probe, err error) {
		before := r.far.Tally()
		if !r.up(ctx, called, n) {
			return p, ctx.Err()
		}
		if err = wait(ctx, r.settle); err == nil {
			p, err = r.measure(ctx)
		}
		if err == nil && p.isLate() { // once is chance
			var again probe
			again, err = r.measure(ctx)
			p.late = min(p.late, again.late)
		}
		t := r.far.Tally().Since(before)
		p.held = t.Dropped+t.Unclean+t.Refused+t.Unheard == 0
		return p, err
	})
}

// setups finds how many calls a second can begin. Each lasts a second.
func (r *rating) setups(ctx context.Context) (webui.Rated, error) {
	return r.find(ctx, func(n int) (probe, error) {
		before, calls := r.far.Tally(), int(float64(n)*r.window.Seconds())
		r.far.Bring(traffic.Demand{Called: throughTheBox, Calls: calls, PerSecond: float64(n), Talk: time.Second})
		p, err := r.measure(ctx)
		err = errors.Join(err, wait(ctx, time.Second+longestSetup))
		t := r.far.Tally().Since(before)
		p.held = t.Answered >= calls && t.Taken >= calls && t.Slowest < longestSetup
		return p, err
	})
}

// registrations finds how many phones a second can register. Each is challenged first.
func (r *rating) registrations(ctx context.Context) (webui.Rated, error) {
	var phones []traffic.Phone
	for _, p := range r.box.Store.Config().Phones {
		phones = append(phones, traffic.Phone{Extension: p.Extension, Password: p.Password})
	}
	return r.find(ctx, func(n int) (probe, error) {
		before, times := r.far.Tally(), int(float64(n)*r.window.Seconds())
		r.far.Register(phones, times, float64(n))
		p, err := r.measure(ctx)
		err = errors.Join(err, wait(ctx, longestSetup))
		t := r.far.Tally().Since(before)
		p.held = t.Registered >= times && t.Slowest < longestSetup
		return p, err
	})
}

// climb finds the largest load at which nothing had to wait: from each measure it guesses how much the box would carry, and
// between what was too much and what was not it takes the middle.
func (p pace) climb(ctx context.Context, try func(n int) (probe, error)) (found webui.Rated, err error) {
	tooMuch := p.most + 1
	for n, tries := p.first, 0; tries < p.tries && n > found.Rated+found.Rated/20 && ctx.Err() == nil; tries++ {
		saw, err := try(n)
		if err != nil {
			return found, err
		}
		load := saw.load.Most()
		if !saw.held || load > exchange.FullLoad || saw.isLate() {
			tooMuch = n
			n = (found.Rated + n) / 2
			continue
		}
		found = webui.Rated{Rated: n, Load: load, Late: saw.late, Bound: n == p.most}
		n = min(int(0.95*exchange.FullLoad/max(load, 0.01)*float64(n)), 8*n, p.most)
		if tooMuch <= p.most {
			n = min(n, (found.Rated+tooMuch)/2)
		}
	}
	return found, ctx.Err()
}

// find climbs, and then ends every call.
func (r *rating) find(ctx context.Context, try func(n int) (probe, error)) (webui.Rated, error) {
	found, err := r.climb(ctx, func(n int) (probe, error) {
		p, err := try(n)
		r.shared = r.shared || p.late > unpunctual && !p.isLate()
		return p, err
	})
	if err != nil {
		return found, err
	}
	return found, r.quiet(ctx)
}

// up has so many calls be there, and reports whether they are.
func (r *rating) up(ctx context.Context, called func(int) string, n int) bool {
	before := r.far.Tally()
	if before.Up > n {
		if r.quiet(ctx) != nil {
			return false
		}
		before = r.far.Tally()
	}
	more := func(nth int) string { return called(before.Up + nth) }
	r.far.Bring(traffic.Demand{Called: more, Calls: n - before.Up, PerSecond: r.bring})
	return r.until(ctx, func(t traffic.Tally) bool {
		t = t.Since(before)
		return t.Answered+t.Refused+t.Unclean+t.Unheard >= n-before.Up
	}) && r.far.Tally().Up >= n
}

// quiet ends every call.
func (r *rating) quiet(ctx context.Context) error {
	r.far.HangUp()
	if !r.until(ctx, func(t traffic.Tally) bool { return t.Up == 0 && len(r.box.Exchange.Live().Calls) == 0 }) {
		return errors.Join(ctx.Err(), errors.New("the calls of the rating do not end"))
	}
	return nil
}

// until waits for something of the far end, and reports whether it came.
func (r *rating) until(ctx context.Context, holds func(traffic.Tally) bool) bool {
	for range 600 {
		if holds(r.far.Tally()) {
			return true
		}
		if wait(ctx, time.Second/10) != nil {
			return false
		}
	}
	return false
}

// measure looks at the box for a window.
func (r *rating) measure(ctx context.Context) (p probe, err error) {
	r.meter.load()
	before := r.box.matrix.Stats()
	err = wait(ctx, r.window)
	p.load = r.meter.load()
	p.late = lateShare(before, r.box.matrix.Stats())
	return p, err
}

// lateShare is the share of slots between two looks that were unpunctual. A tick that was never made was.
func lateShare(before, after media.Stats) float64 {
	all, over := float64(0), float64(after.Skipped-before.Skipped)
	for class := range after.Late {
		n := float64(after.Late[class] - before.Late[class])
		if all += n; class >= overLate {
			over += n
		}
	}
	return over / max(all, 1)
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
