package sip

import (
	"context"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// How phones are watched: an OPTIONS every half minute keeps the way through a NAT open, and tells of a phone that lost
// its power long before its registration ends (pain 6). A phone that never answers OPTIONS is believed all the same.
const (
	watchPeriod   = 30 * time.Second
	watchPatience = 5 * time.Second
	maxMissed     = 2
)

// A watched is what the registrar knows of the life behind one binding.
type watched struct {
	next   time.Time
	asking bool
	proven bool // it answered once: silence means something
	missed int
}

// A sign is the outcome of one OPTIONS, posted to the desk.
type sign struct {
	at    place
	alive bool
}

// A place is a phone at one of its contacts.
type place struct {
	extension string
	flow      hop
}

// watch asks those bindings for a sign whose turn it is, and forgets those that are gone.
func (r *registrar) watch(ctx context.Context, now time.Time) {
	here := map[place]bool{}
	for _, p := range r.stack.lines.Load().phones {
		for _, b := range p.bindings() {
			at := place{p.extension, b.flow}
			here[at] = true
			w := r.watched[at]
			if w == nil {
				w = &watched{next: now.Add(watchPeriod)}
				r.watched[at] = w
			}
			if !w.asking && !now.Before(w.next) {
				w.asking = true
				go r.ask(ctx, at, b.uri)
			}
		}
	}
	for at := range r.watched {
		if !here[at] {
			delete(r.watched, at)
		}
	}
}

// ask sends the OPTIONS and posts what came of it.
func (r *registrar) ask(ctx context.Context, at place, contact sipgo.Uri) {
	defer r.stack.guard("watch")
	self := party{uri: sipgo.Uri{Scheme: "sip", User: "callbox", Host: r.stack.host()}}
	far := party{uri: sipgo.Uri{Scheme: "sip", User: userPart(at.extension), Host: r.stack.host()}}
	d := calling(self, far, contact, at.flow, "")
	d.pinned = true
	_, err := r.stack.ask(ctx, r.stack.request(&d, sipgo.OPTIONS, 1), at.flow, watchPatience)
	select {
	case r.signs <- sign{at, err == nil}:
	case <-ctx.Done():
	}
}

// heard takes a sign: a phone that answered before and now misses twice is silent, until it answers or registers again.
func (r *registrar) heard(s sign, now time.Time) {
	w, p := r.watched[s.at], r.stack.lines.Load().phones[s.at.extension]
	if w == nil || p == nil {
		return
	}
	w.asking = false
	w.next = now.Add(watchPeriod)
	if s.alive {
		w.proven, w.missed = true, 0
	} else if w.proven {
		w.missed++
		w.next = now
	}
	if w.missed >= maxMissed {
		w.missed = maxMissed
		w.next = now.Add(watchPatience)
	}
	p.quieten(s.at.flow, w.missed >= maxMissed)
}

// quieten marks the bindings at a flow as silent or not. A phone of which every binding is silent is offline.
func (p *phone) quieten(flow hop, silent bool) {
	changed := false
	list := p.bindings()
	next := make([]binding, 0, len(list))
	for _, b := range list {
		if b.flow == flow && b.silent != silent {
			b.silent, changed = silent, true
		}
		next = append(next, b)
	}
	if changed {
		p.bind(next)
	}
}

// reachable gives the newest binding that is not silent; before a telephone on the desk the browser, which whoever sits there
// has made a telephone.
func (p *phone) reachable() (at binding, ok bool) {
	for _, b := range p.bindings() {
		if !b.silent && (!ok || b.flow.network == networkWS && at.flow.network != networkWS) {
			at, ok = b, true
		}
	}
	return at, ok
}

// tellRest tells the line's state at rest, from its bindings.
func (p *phone) tellRest() {
	b, ok := p.reachable()
	switch {
	case ok:
		p.setRest(telephony.LineIdle, b.flow.addr.String())
	case p.bindings() != nil:
		p.setRest(telephony.LineOffline, "registered but silent")
	default:
		p.setRest(telephony.LineOffline, "")
	}
}
