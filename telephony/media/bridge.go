package media

import (
	"slices"

	"callbox/telephony"
)

// verbs is how many verbs may wait in a bridge's box before the next one waits on its caller's side.
const verbs = 32

// A Bridge is the media of one call. Its verbs may be called from any goroutine but the loop; they take effect at the
// bridge's next tick, in the order in which they were called.
type Bridge struct {
	box  chan verb
	done chan struct{}

	// What follows belongs to the loop.
	over     bool
	home     bool // the loop is the matrix's first
	parties  []*Party
	homesick []*Party // their ports are ticked by the first loop alone, which is to take up this bridge
	seats    *seats
	sum      [telephony.FrameSamples]int32
}

// A verb is something to do at the next tick.
type verb struct {
	do   func()
	drop func() // instead, when the bridge has ended
}

func newBridge() *Bridge {
	return &Bridge{box: make(chan verb, verbs), done: make(chan struct{}), seats: &seats{}}
}

// Attach makes the port a party of the bridge: it is heard from the next tick on, by its taps, and told silence.
func (b *Bridge) Attach(port telephony.Port) *Party {
	p := &Party{bridge: b, port: port, left: make(chan struct{})}
	b.post(verb{drop: p.leave, do: func() { b.admit(p) }})
	return p
}

// admit takes a party in, whose port is ticked from now on, or as soon as the bridge is at home.
func (b *Bridge) admit(p *Party) {
	if _, anywhere := p.port.(telephony.Independent); anywhere || b.home {
		b.parties = append(b.parties, p)
		return
	}
	b.homesick = append(b.homesick, p)
}

// settle tells the bridge that it is at home, and will be until its end.
func (b *Bridge) settle() {
	b.home = true
	b.parties = append(b.parties, b.homesick...)
	b.homesick = nil
}

// Join lets these parties hear each other's mix, in place of those who did before. Parties that are detached or of
// another bridge are left out. Who coached and joins now is heard by all (barge in).
func (b *Bridge) Join(parties ...*Party) {
	parties = slices.Clone(parties)
	b.post(verb{do: func() { b.seats = b.seats.join(b.present(parties)) }})
}

// Coach lets a party hear all who are joined, now and later, and be heard by the given ones alone: by nobody (listen), or
// by an agent (whisper). A party that was joined is so no more; Part ends it.
func (b *Bridge) Coach(p *Party, heardBy ...*Party) {
	heardBy = slices.Clone(heardBy)
	b.post(verb{do: func() {
		if len(b.present([]*Party{p})) == 1 {
			b.seats = b.seats.coach(p, b.present(heardBy))
		}
	}})
}

// Part leaves a party with what is played to it, as when it was attached: it hears nobody and nobody hears it.
func (b *Bridge) Part(p *Party) { b.post(verb{do: func() { b.seats = b.seats.without(p) }}) }

// Close ends the bridge: its sources end, its ports are no longer called from the next tick on. It may be called twice.
func (b *Bridge) Close() { b.post(verb{do: b.end}) }

// Done is closed when the bridge has ended, because it was closed, a part of it panicked, or the matrix ended. From then
// on none of its ports, sources and taps is called.
func (b *Bridge) Done() <-chan struct{} { return b.done }

func (b *Bridge) post(v verb) {
	select {
	case b.box <- v:
	case <-b.done:
		v.dropped()
		return
	}
	if isClosed(b.done) { // perhaps the loop looked into the box for the last time before this verb was in it
		b.refuse()
	}
}

// refuse drops the verbs that came too late.
func (b *Bridge) refuse() {
	for {
		select {
		case v := <-b.box:
			v.dropped()
		default:
			return
		}
	}
}

func (v verb) dropped() {
	if v.drop != nil {
		v.drop()
	}
}

func (b *Bridge) end() {
	if b.over {
		return
	}
	b.over = true
	for _, p := range slices.Concat(b.parties, b.homesick) {
		p.leave()
	}
	b.parties, b.homesick, b.seats = nil, nil, &seats{}
	close(b.done)
	b.refuse()
}

// present leaves out parties that are detached or of another bridge.
func (b *Bridge) present(parties []*Party) []*Party {
	return slices.DeleteFunc(parties, func(p *Party) bool { return p.bridge != b || p.gone })
}

// tick is 20 ms of the call.
func (b *Bridge) tick() {
	before := b.seats
	for n := len(b.box); n > 0 && !b.over; n-- { // no more than the box holds: callers may fill it again meanwhile
		(<-b.box).do()
	}
	for _, p := range b.parties {
		p.port.Hear(&p.said)
	}
	reseated := b.seats != before
	if reseated {
		b.mix(before)
		for _, p := range b.parties {
			p.was = p.told
		}
	}
	b.mix(b.seats)
	for _, p := range b.parties {
		p.hearOut(reseated)
	}
}

// skip tells the taps that keep time of ticks that are never made.
func (b *Bridge) skip(ticks int) {
	for _, p := range b.parties {
		for _, t := range p.taps {
			if k, ok := t.(telephony.Timekeeper); ok {
				k.Skip(ticks)
			}
		}
	}
}

func (b *Bridge) mix(s *seats) {
	for _, p := range b.parties {
		clear(p.told[:])
	}
	s.mix(&b.sum)
}
