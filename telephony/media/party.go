package media

import (
	"slices"

	"callbox/telephony"
)

// A Party is one port on a bridge. Its verbs are as the bridge's.
type Party struct {
	bridge *Bridge
	port   telephony.Port
	left   chan struct{} // closed when the port is not called any more

	// What follows belongs to the loop.
	gone       bool
	playing    *playing
	taps       []telephony.Tap
	said, told telephony.Frame
	changed    bool             // what it is told comes from elsewhere than in the last tick
	old        telephony.Source // what was played to it in the last tick, if that changed; nil: it heard the mix
	was        telephony.Frame  // what it would be told if nothing had changed
}

// playing is a source that a party hears.
type playing struct {
	source telephony.Source
	done   chan struct{}
}

// Play lets the party hear the source instead of the others, in place of what it heard played before; the others hear
// the party all the same. Done is closed when the source ends or is stopped, replaced, or cut off by Detach or Close.
func (p *Party) Play(s telephony.Source) (done <-chan struct{}) {
	next := &playing{source: s, done: make(chan struct{})}
	drop := func() { close(next.done) }
	p.bridge.post(verb{drop: drop, do: func() {
		if p.gone {
			drop()
			return
		}
		p.stop()
		p.change(nil)
		p.playing = next
	}})
	return next.done
}

// Stop ends what is played to the party.
func (p *Party) Stop() { p.bridge.post(verb{do: p.stop}) }

// Listen adds a tap: from the next tick on it is given what the party said and was told, while the party is attached.
func (p *Party) Listen(t telephony.Tap) {
	p.bridge.post(verb{do: func() { p.taps = append(p.taps, t) }})
}

// Unlisten takes the tap away.
func (p *Party) Unlisten(t telephony.Tap) {
	p.bridge.post(verb{do: func() {
		p.taps = slices.DeleteFunc(p.taps, func(other telephony.Tap) bool { return other == t })
	}})
}

// Detach takes the party off its bridge. Left is closed when its port is called no more: whoever attaches the port to
// another bridge waits for that, a tick, since the two may be of different loops.
func (p *Party) Detach() (left <-chan struct{}) {
	p.bridge.post(verb{do: p.detach})
	return p.left
}

func (p *Party) detach() {
	if p.gone {
		return
	}
	b := p.bridge
	p.leave()
	isThis := func(other *Party) bool { return other == p }
	b.parties, b.homesick = slices.DeleteFunc(b.parties, isThis), slices.DeleteFunc(b.homesick, isThis)
	b.seats = b.seats.without(p)
	fadeOut(&p.said)
}

// leave is once in a party's life.
func (p *Party) leave() {
	p.gone = true
	close(p.left)
	p.taps = nil
	p.stop()
}

func (p *Party) stop() {
	if p.playing == nil {
		return
	}
	close(p.playing.done)
	p.change(p.playing.source)
	p.playing = nil
}

// change notes what the party heard before what it hears from this tick on: a source, or nil for the mix.
func (p *Party) change(old telephony.Source) {
	if !p.changed {
		p.changed, p.old = true, old
	}
}

// hearOut tells the party what it is to hear, which the mix has put down already unless something is played, and lets
// the taps hear both directions.
func (p *Party) hearOut(reseated bool) {
	fades := p.changed || reseated && p.playing == nil
	switch {
	case p.changed && p.old != nil:
		p.old.Next(&p.was)
	case p.changed && !reseated:
		p.was = p.told
	}
	p.changed, p.old = false, nil
	more := true
	if p.playing != nil {
		more = p.playing.source.Next(&p.told)
	}
	if fades {
		crossfade(&p.told, &p.was)
	}
	p.port.Say(&p.told)
	for _, t := range p.taps {
		t.Tap(&p.said, &p.told)
	}
	if !more {
		p.change(over{})
		p.stop()
	}
}

// over is a source that has come to its end.
type over struct{}

func (over) Next(f *telephony.Frame) (more bool) {
	clear(f[:])
	return false
}

// fade is 5 ms: short enough to spoil no digit and long enough that a change of what is heard makes no click.
const fade = 5 * telephony.SampleRate / 1000

// crossfade leads from what would have been heard to what is.
func crossfade(f, was *telephony.Frame) {
	for i := range fade {
		f[i] = int16((int32(was[i])*int32(fade-i) + int32(f[i])*int32(i)) / fade)
	}
}

// fadeOut makes the frame after one that is the last: the wave turned around its last sample, which goes on straight.
func fadeOut(f *telephony.Frame) {
	said := *f
	clear(f[:])
	last := len(said) - 1
	for i := range fade {
		f[i] = saturate((2*int32(said[last]) - int32(said[last-1-i])) * int32(fade-i) / fade)
	}
}
