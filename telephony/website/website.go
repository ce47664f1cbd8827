// Package website takes the visitors of a company's own web site as callers (A1.11): a script that the box serves puts a button on
// its pages, and whoever presses it waits in the same queues as everybody who calls by telephone.
//
// A visitor is a stranger with a browser, and speaks no SIP: a WebSocket carries one offer, one answer, what becomes of the call,
// and its end (message.go). To a party that can only call one place and hang up, a registrar, a dialog and their parser would
// be three hundred messages too many, and JsSIP ten times the script. Speech is that of any browser (webrtc); keys go with it (RFC 4733).
//
// A visitor may ring nobody but whom the web site's configuration names: no number is dialled, so no call leaves the box, and none
// is an emergency call. A call is born only once the browser has its keys, so that who waits in a queue can be spoken with.
package website

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"callbox/telephony"
	"callbox/telephony/webrtc"
)

// Options are what visitors need of the box.
type Options struct {
	Office    telephony.Office
	Browsers  func() (*webrtc.Peer, error) // nil: the port of browsers' speech is not open
	Advertise netip.Addr                   // what answers name as ours
	Live      func() telephony.Live        // where each caller is
}

// Sites are the web sites whose visitors may call.
type Sites struct {
	opt  Options
	door door

	mu       sync.Mutex // for a few instructions
	visitors map[*visitor]bool
	born     uint64 // legs since the start
}

// New makes the sites; none is open before Configure.
func New(opt Options) *Sites {
	s := &Sites{opt: opt, visitors: map[*visitor]bool{}}
	s.door.office = opt.Office
	return s
}

// Configure puts a configuration in force. A call that is up goes on.
func (s *Sites) Configure(c *telephony.Config) { s.door.configure(c) }

// placeEvery is how often visitors are told where they are.
const placeEvery = time.Second

// Run tells visitors where they are in the box, until ctx ends.
func (s *Sites) Run(ctx context.Context) {
	beat := time.NewTicker(placeEvery)
	defer beat.Stop()
	for {
		select {
		case <-beat.C:
			s.tellPlaces()
		case <-ctx.Done():
			return
		}
	}
}

// tellPlaces takes one picture of the box for all who are there.
func (s *Sites) tellPlaces() {
	s.mu.Lock()
	var now []*visitor
	for v := range s.visitors {
		now = append(now, v)
	}
	s.mu.Unlock()
	if len(now) == 0 {
		return
	}
	places := placesIn(s.opt.Live())
	for _, v := range now {
		if p, ok := places[v.leg.name]; ok {
			v.seat(p)
		}
	}
}

// ServeVisitor serves the browser of a visitor until its call or ctx ends. A Read of the connection is one message, and so is a
// Write. Origin is the page's, as the browser names it; source is where the browser is, for what one may have at once.
func (s *Sites) ServeVisitor(ctx context.Context, conn net.Conn, site, origin, source string) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Time{}) // those of the request are over
	place, err := s.door.enter(site, origin, source)
	if err != nil {
		_ = send(conn, ended(err))
		return
	}
	defer s.door.leave(place)
	v := &visitor{sites: s, conn: conn, place: place, places: make(chan message, 1), said: make(chan message)}
	defer v.rescue()
	_ = send(conn, ended(v.call(ctx))) // who is gone hears no more
}

// enter counts a visitor whose call begins.
func (s *Sites) enter(v *visitor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.born++
	v.leg.number(s.born)
	s.visitors[v] = true
}

func (s *Sites) leave(v *visitor) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.visitors, v)
}

// ended is the last message: why it is over, for people.
func ended(why error) message {
	var e *telephony.Error
	if !errors.As(why, &e) {
		e = errBroken
	}
	return message{State: stateEnded, Code: e.Code, Reason: &e.Message}
}
