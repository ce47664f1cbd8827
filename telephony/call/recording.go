package call

import (
	"callbox/telephony"
	"callbox/telephony/record"
)

// record starts what the rules ask for: every call of an agent, as the queue or the box says (A8.1). A recording that runs
// goes on through every transfer, so that one call is one story (pain 22), unless the rules of those who talk now forbid it.
func (c *Call) record(p *party) {
	c.live.Agent = c.agentIn(p)
	rule := c.recordingRule()
	switch {
	case rule == "always" && (c.Config.Recording.PhonesToo || !c.phoneToPhone(p)):
		c.startRecording("call")
	case rule == "never" || c.purpose == "call":
		c.stopRecording()
	}
}

// recordingRule is what the queue that brought the call asks for, or else the box: "always", "never" or "on_demand".
func (c *Call) recordingRule() string {
	if c.waiting != nil && c.waiting.queue.Record != "" {
		return c.waiting.queue.Record
	}
	return c.Config.Recording.Record
}

// phoneToPhone reports whether a phone called another by itself; what a queue brought is an agent's call (A8.1).
func (c *Call) phoneToPhone(p *party) bool {
	return c.Direction == telephony.InternalCall && c.waiting == nil && p.target.Kind() == telephony.ToPhone
}

// startRecording taps the outside party: what it says is the left channel, what it hears the right. A recording that cannot
// start costs the recording, never the call. One that somebody asked for goes on as what the rules ask for: whoever asked
// cannot stop it any more.
func (c *Call) startRecording(purpose string) {
	if c.recording != nil {
		if purpose == "call" {
			c.purpose = purpose
		}
		return
	}
	if purpose != "voicemail" && !c.Config.Has(telephony.FunctionRecording) {
		return
	}
	r, err := c.house.Recorder.Start(c.ID, purpose, c.live.Agent)
	if err != nil {
		c.tell(telephony.Oddity{Where: "recording", What: err.Error()})
		return
	}
	c.recording, c.purpose, c.paused = r, purpose, false
	c.tapped = c.outside()
	c.tapped.media.Listen(r)
}

// startOnDemand records what somebody asks to be recorded, whoever in the call that is (A5.13).
func (c *Call) startOnDemand() error {
	switch {
	case c.live.Talking.IsZero():
		return errNotNow
	case c.recordingRule() == "never":
		return errUnrecorded
	}
	c.startRecording("on_demand")
	return nil
}

// stopOnDemand stops a recording that somebody asked for.
func (c *Call) stopOnDemand() error {
	if c.recording != nil && c.purpose != "on_demand" {
		return errRuled
	}
	c.stopRecording()
	return nil
}

var errUnrecorded = telephony.Errorf(telephony.Conflict,
	"按规定这个通话不录音。如需录音，请管理员更改队列或“设置 → 录音”中的规定。",
	"By the rules this call is not recorded. An administrator changes them, of the queue or under Settings > Recording.")

var errRuled = telephony.Errorf(telephony.Conflict, "按规定录音的通话不能停止录音；号码、密码等可先暂停", "this call is recorded by the rules, which cannot be stopped: pause it for what must not be heard")

// recordOn has a recording that listens to a party who leaves listen to the one who stays.
func (c *Call) recordOn(leaves, stays *party) {
	if c.recording == nil || c.tapped != leaves {
		return
	}
	leaves.media.Unlisten(c.recording)
	c.tapped = stays
	stays.media.Listen(c.recording)
}

// stopRecording closes the recording, if there is one.
func (c *Call) stopRecording() {
	if c.recording == nil {
		return
	}
	c.tapped.media.Unlisten(c.recording)
	c.recording.Stop()
	c.recording, c.paused = nil, false
}

// outside is the party whose voice goes on the left channel: the caller, or in an outgoing call whom it called.
func (c *Call) outside() *party {
	if c.Direction == telephony.Outbound {
		for _, p := range c.others {
			if p.answered && !p.inside() {
				return p
			}
		}
	}
	return c.caller
}

var _ telephony.Tap = (*record.Recording)(nil)
