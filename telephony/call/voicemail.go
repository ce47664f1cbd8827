package call

import (
	"time"

	"callbox/telephony"
)

// shortestMessage is what counts as a message; anything shorter is somebody who thought better of it.
const shortestMessage = time.Second

// defaultMessage bounds a message where the mailbox does not.
const defaultMessage = 3 * time.Minute

type messageKey struct{}

// enterVoicemail lets the caller leave a message in a mailbox (A9.1).
func (c *Call) enterVoicemail(id string) state {
	box := c.Config.Mailbox(id)
	if box == nil {
		return c.refuse(telephony.OutcomeFailed, telephony.CauseTemporary)
	}
	c.answer()
	c.stopRecording()
	c.show("voicemail", id)
	greeting := box.Greeting
	if greeting == "" {
		greeting = "voicemail_greeting"
	}
	c.play(greeting, "beep")
	return func(c *Call) state {
		for {
			switch h := c.wait().(type) {
			case hungup:
				return c.lost(telephony.OutcomeLostInMenu, h.cause)
			case played:
				return c.takeMessage(box)
			case heard:
				if _, ok := h.event.(telephony.Digit); ok && h.from == c.caller {
					c.play("beep")
				}
			}
		}
	}
}

// takeMessage records until the caller hangs up, presses # or the mailbox's time is over.
func (c *Call) takeMessage(box *telephony.Mailbox) state {
	c.startRecording("voicemail")
	if c.recording == nil {
		return c.announce("not_available")
	}
	id, began := c.recording.ID(), time.Now()
	limit := time.Duration(box.MaxSeconds) * time.Second
	if limit <= 0 {
		limit = defaultMessage
	}
	c.set(messageKey{}, limit)
	left := func() {
		c.cancel(messageKey{})
		c.stopRecording()
		if time.Since(began) >= shortestMessage && c.outcome == "" {
			c.tell(telephony.VoicemailLeft{Mailbox: box.ID, Recording: id})
			c.outcome = telephony.OutcomeVoicemail
		}
	}
	for {
		switch h := c.wait().(type) {
		case hungup:
			left()
			return c.lost(telephony.OutcomeLostInMenu, h.cause)
		case expired:
			left()
			return c.announce("voicemail_saved")
		case heard:
			if d, ok := h.event.(telephony.Digit); ok && d.Key == '#' && h.from == c.caller {
				left()
				return c.announce("voicemail_saved")
			}
		}
	}
}
