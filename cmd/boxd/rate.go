package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"runtime"
	"time"

	"callbox/board"
	"callbox/hal"
	"callbox/hal/sim"
	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/exchange"
	"callbox/telephony/media"
	"callbox/telephony/rtp"
	"callbox/telephony/traffic"
	"callbox/webui"
)

// A pace is how a rating goes about it.
type pace struct {
	settle time.Duration // after calls were added, before anything is measured
	window time.Duration // of one measure
	bring  float64       // calls added a second
	first  int           // calls, or requests a second, that are measured first
	most   int           // of either
	tries  int           // measures of one figure, at the most
}

// inEarnest takes three minutes on two cores.
var inEarnest = pace{settle: 2 * time.Second, window: 6 * time.Second, bring: 60, first: 50, most: exchange.MostCalls, tries: 4}

const (
	ratingFolder = "rating"    // in the data directory, while a rating goes on
	roomSize     = 10          // parties of a rating's conferences; a box has a hundred of them at the most
	ratingPhones = 200         // that register
	longestSetup = time.Second // of anything that is asked of the box: it was repeated once at the most (RFC 3261 17.1.1.2)
	// An unpunctual share is of the media loop's slots that began over 5 ms late: more, and people hear it (issue 5: p99.9).
	unpunctual = 0.001
)

// late is the class of media.LateLimits from which a slot is unpunctual: those over 5 ms.
const late = 3

// A rating is a box of its own on this computer, in a folder on the disk of the recordings, and the far end of its calls.
// The media matrix, the recorder, the journal and SIP are those that every box has.
type rating struct {
	pace
	box    *Box
	far    *traffic.Far
	meter  meter
	shared bool // whoever else uses this computer makes the media loop late even when it has nothing to do
}

// rate measures what this computer carries, in a folder of the data directory that is gone afterwards, and writes it as JSON.
func rate(ctx context.Context, data string, p pace, out io.Writer) error {
	began := time.Now()
	folder := data + "/" + ratingFolder
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	r, stop, err := newRating(ctx, folder, p)
	if err != nil {
		return err
	}
	c, err := r.all(ctx)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	c.Measured, c.Seconds = time.Now(), int(time.Since(began).Round(time.Second)/time.Second)
	c.Version, c.Processors = version, runtime.NumCPU()
	return json.NewEncoder(out).Encode(c)
}

// newRating starts the box and its far end, each at a loopback address of this process alone.
func newRating(ctx context.Context, folder string, p pace) (r *rating, stop func() error, err error) {
	host := netip.AddrFrom4([4]byte{127, 240, byte(os.Getpid() >> 8), byte(os.Getpid()) | 1})
	udp, tcp, err := listenSIP(netip.AddrPortFrom(host, 0).String())
	if err != nil {
		return nil, nil, err
	}
	at, err := netip.ParseAddrPort(udp.LocalAddr().String())
	if err != nil {
		return nil, nil, err
	}
	far, err := traffic.Open(netip.AddrPortFrom(host.Prev(), 0), at)
	if err != nil {
		return nil, nil, err
	}
	r = &rating{pace: p, far: far}
	r.box, err = Open(Options{
		Version: version, Board: &board.Board{Name: "rating", Clock: hal.SystemClock{}, Panel: sim.NewPanel(20, 4)}, Data: folder,
		Initial: ratingConfig(far.Addr(), "never"), Log: slog.New(slog.DiscardHandler), UDP: udp, TCP: tcp, Advertise: host, RealTime: true,
		Media:   func() (rtp.Conn, error) { return rtp.Listen(host, rtpLow, rtpHigh) },
		Besides: func() time.Duration { return far.Tally().Used },
	})
	if err != nil {
		return nil, nil, err
	}
	r.meter = meter{matrix: r.box.matrix, besides: r.box.opt.Besides}
	boxCtx, stopBox := context.WithCancel(ctx)
	farCtx, stopFar := context.WithCancel(context.WithoutCancel(ctx)) // it answers until the box has ended
	ended, farEnded := make(chan error, 1), make(chan struct{})
	go func() { defer close(farEnded); far.Run(farCtx) }()
	go func() { ended <- r.box.Run(boxCtx) }()
	return r, func() error {
		stopBox()
		err := <-ended
		stopFar()
		<-farEnded
		return errors.Join(err, r.box.Close())
	}, nil
}

// all measures one figure after the other.
func (r *rating) all(ctx context.Context) (c webui.Capacity, err error) {
	if err := r.reachable(ctx); err != nil {
		return c, err
	}
	if c.Bridged, err = r.calls(ctx, throughTheBox); err != nil {
		return c, err
	}
	if c.Setups, err = r.setups(ctx); err != nil {
		return c, err
	}
	if c.Registrations, err = r.registrations(ctx); err != nil {
		return c, err
	}
	if c.Mixed, err = r.calls(ctx, intoARoom); err != nil {
		return c, err
	}
	change := storage.Change{Who: "rating", Base: r.box.Store.Config().Revision}
	if _, err = r.box.Store.Put(ctx, ratingConfig(r.far.Addr(), "always"), change); err != nil {
		return c, err
	}
	c.Recorded, err = r.calls(ctx, throughTheBox)
	c.Shared = r.shared
	return c, err
}

// The numbers that the far end calls: each is bridged back to the far end, or leads into a room with others.
func throughTheBox(int) string { return "13800000000" }
func intoARoom(nth int) string { return roomNumber(nth / roomSize) }

// A probe is what one measure found.
type probe struct {
	load exchange.Load
	late float64 // share of the media loop's slots
	held bool    // whatever was asked of the box was done, and in time
}

// reachable waits until the box takes calls, and looks how punctual it is with a few, one in each slot of the media loop.
func (r *rating) reachable(ctx context.Context) error {
	for tries := 0; !r.up(ctx, throughTheBox, min(10, r.first)); tries++ {
		if err := r.wait(ctx, time.Second/2); err != nil {
			return err
		}
		if tries == 10 {
			return fmt.Errorf("the box that is rated takes no call: %+v", r.far.Tally())
		}
	}
	p, err := r.measure(ctx)
	r.shared = p.late > unpunctual
	return errors.Join(err, r.quiet(ctx))
}

// calls finds how many calls the box carries at once.
func (r *rating) calls(ctx context.Context, called func(int) string) (webui.Rated, error) {
	return r.find(ctx, func(n int) (p probe, err error) {
		before := r.far.Tally()
		if !r.up(ctx, called, n) {
			return p, ctx.Err()
		}
		if err = r.wait(ctx, r.settle); err == nil {
			p, err = r.measure(ctx)
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
		err = errors.Join(err, r.wait(ctx, time.Second+longestSetup))
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
		err = errors.Join(err, r.wait(ctx, longestSetup))
		t := r.far.Tally().Since(before)
		p.held = t.Registered >= times && t.Slowest < longestSetup
		return p, err
	})
}

// climb finds the largest load at which nothing had to wait: from each measure it guesses how much the box would carry, and
// between what was too much and what was not it takes the middle.
func (p pace) climb(ctx context.Context, shared bool, try func(n int) (probe, error)) (found webui.Rated, err error) {
	tooMuch := p.most + 1
	for n, tries := p.first, 0; tries < p.tries && n > found.Rated+found.Rated/20 && ctx.Err() == nil; tries++ {
		saw, err := try(n)
		if err != nil {
			return found, err
		}
		load := saw.load.Most()
		if !saw.held || load > exchange.FullLoad || saw.late > unpunctual && !shared {
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
	found, err := r.climb(ctx, r.shared, try)
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
		if r.wait(ctx, time.Second/10) != nil {
			return false
		}
	}
	return false
}

// measure looks at the box for a window.
func (r *rating) measure(ctx context.Context) (p probe, err error) {
	r.meter.load()
	before := r.box.matrix.Stats()
	err = r.wait(ctx, r.window)
	p.load = r.meter.load()
	p.late = lateShare(before, r.box.matrix.Stats())
	return p, err
}

// lateShare is the share of slots between two looks that were unpunctual. A tick that was never made was.
func lateShare(before, after media.Stats) float64 {
	all, over := float64(0), float64(after.Skipped-before.Skipped)
	for class := range after.Late {
		n := float64(after.Late[class] - before.Late[class])
		if all += n; class >= late {
			over += n
		}
	}
	return over / max(all, 1)
}

func (r *rating) wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// roomNumber reaches a conference room of a rating.
func roomNumber(n int) string { return fmt.Sprint(7000 + n) }

// ratingConfig is a box whose only neighbour is a far end: it brings calls by one trunk, and takes them by another.
func ratingConfig(far netip.AddrPort, record string) *telephony.Config {
	c := telephony.DefaultConfig()
	c.Site.Name = "rating"
	c.Recording.Record = record
	trunk := telephony.Trunk{
		ID: "in", Name: "in", Way: telephony.InOnly, Host: far.String(), Transport: "udp", Sources: []string{far.Addr().String()},
		DTMF: "rfc4733", MaxCalls: exchange.MostCalls,
	}
	c.Trunks = append(c.Trunks, trunk)
	trunk.ID, trunk.Name, trunk.Way, trunk.Sources = "out", "out", telephony.OutOnly, []string{"192.0.2.1"} // nobody (RFC 5737)
	c.Trunks = append(c.Trunks, trunk)
	c.Groups = []telephony.Group{{ID: "out", Lines: []string{"trunk/out"}, Select: "ascending"}}
	c.Outbound = []telephony.OutboundRule{{ID: "out", Number: "1XXXXXXXXXX", Permit: telephony.PermitLocal, Groups: []string{"out"}}}
	for n := range exchange.MostCalls / roomSize {
		id := "room" + roomNumber(n)
		c.Rooms = append(c.Rooms, telephony.Room{ID: id, Name: id, Number: roomNumber(n), MaxParties: roomSize})
		c.Routes = append(c.Routes, telephony.Route{
			ID: id, Called: telephony.Pattern(roomNumber(n)), To: telephony.NewTarget(telephony.ToRoom, id),
		})
	}
	c.Routes = append(c.Routes, telephony.Route{ID: "out", To: telephony.NewTarget(telephony.ToOutside, throughTheBox(0))})
	for n := range ratingPhones {
		extension := fmt.Sprint(8000 + n)
		c.Phones = append(c.Phones, telephony.Phone{
			Extension: extension, Name: extension, Password: rand.Text(), Permit: telephony.PermitInternal, RingSeconds: 20,
		})
	}
	return c
}
