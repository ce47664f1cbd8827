package call

import (
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// defaultMusic is the prompt that callers hear where the configuration names none.
const defaultMusic = "hold_music"

// answer takes the caller's call, once.
func (c *Call) answer() {
	if c.answered {
		return
	}
	c.answered, c.caller.answered = true, true
	c.caller.leg.Answer()
	c.tell(telephony.CallAnswered{})
}

// play lets the caller hear prompts; played happens at their end.
func (c *Call) play(ids ...string) {
	c.playing = c.caller.media.Play(c.house.Prompts.Source(c.language, ids...))
}

// music lets the caller hear a prompt over and over; nothing happens at its end.
func (c *Call) music(id string) {
	c.playing = nil
	if id == "" {
		id = defaultMusic
	}
	c.caller.media.Play(c.house.Prompts.Loop(c.language, id))
}

// tone lets the caller hear one of the country's tones without end.
func (c *Call) tone(signal dsp.Signal) {
	c.playing = nil
	c.caller.media.Play(c.signal(signal))
}

// signal is one of the country's tones.
func (c *Call) signal(s dsp.Signal) telephony.Source {
	return dsp.NewCadence(dsp.PlanOf(c.Config.Site.Tones).Tone(s))
}

// hush stops what plays.
func (c *Call) hush() {
	c.playing = nil
	c.caller.media.Stop()
}

// hold lets a party hear music until it is talked to again.
func (c *Call) hold(p *party) {
	p.media.Play(c.house.Prompts.Loop(c.language, defaultMusic))
}
