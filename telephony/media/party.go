package media

import (
	"slices"

	"callbox/telephony"
)

// A Party is one port on a bridge. Its verbs are as the bridge's.
type Party struct {
	bridge *Bridge
	port   telephony.Port

	// What follows belongs to the loop.
	gone       bool
	playing    *playing
	taps       []telephony.Tap
	said, told telephony.Frame
	changed    bool  // what it is told comes from elsewhere than in the last tick
	last       int16 // the last sample it was told
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
		p.playing, p.changed = next, true
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

// Detach takes the party off its bridge.
func (p *Party) Detach() { p.bridge.post(verb{do: p.detach}) }

func (p *Party) detach() {
	b := p.bridge
	p.leave()
	b.parties = slices.DeleteFunc(b.parties, func(other *Party) bool { return other == p })
	if slices.Contains(b.joined, p) {
		b.join(slices.Clone(b.joined))
	}
}

func (p *Party) leave() {
	p.gone = true
	p.taps = nil
	p.stop()
}

func (p *Party) stop() {
	if p.playing == nil {
		return
	}
	close(p.playing.done)
	p.playing, p.changed = nil, true
}

// hearOut tells the party what it is to hear, which the mix has put down already unless something is played, and lets
// the taps hear both directions.
func (p *Party) hearOut() {
	more := true
	if p.playing != nil {
		more = p.playing.source.Next(&p.told)
	}
	if p.changed {
		p.changed = false
		smooth(&p.told, p.last)
	}
	p.last = p.told[telephony.FrameSamples-1]
	p.port.Say(&p.told)
	for _, t := range p.taps {
		t.Tap(&p.said, &p.told)
	}
	if !more {
		p.stop()
	}
}

// fade is 5 ms: short enough to spoil no digit and long enough that a change of what is heard makes no click.
const fade = 5 * telephony.SampleRate / 1000

// smooth begins the frame at the sample that was told last and leads it back to its own course within the fade.
func smooth(f *telephony.Frame, last int16) {
	jump := int32(last) - int32(f[0])
	for i := range fade {
		f[i] = saturate(int32(f[i]) + jump*int32(fade-i)/fade)
	}
}
