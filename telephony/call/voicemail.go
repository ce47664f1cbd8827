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
		return c.refuse(telephony.OutcomeFailed, telephony.CauseOutOfOrder)
	}
	c.picture() // the page shows who is recorded
	id, began := c.recording.ID(), time.Now()
	limit := time.Duration(box.MaxSeconds) * time.Second
	if limit <= 0 {
		limit = defaultMessage
	}
	c.set(messageKey{}, limit)
	over := func() (left bool) {
		c.cancel(messageKey{})
		c.stopRecording()
		if time.Since(began) < shortestMessage {
			return false
		}
		c.tell(telephony.VoicemailLeft{Mailbox: box.ID, Recording: id})
		if c.outcome == "" {
			c.outcome = telephony.OutcomeVoicemail
		}
		return true
	}
	for {
		switch h := c.wait().(type) {
		case hungup:
			over()
			return c.lost(telephony.OutcomeLostInMenu, h.cause)
		case expired:
			over()
			return c.announce("voicemail_saved")
		case heard:
			if d, ok := h.event.(telephony.Digit); !ok || d.Key != '#' || h.from != c.caller {
				continue
			}
			if over() {
				return c.announce("voicemail_saved")
			}
			return c.lastWords("voicemail_too_short", telephony.OutcomeLostInMenu, telephony.OutcomeNoAnswer, telephony.CauseNormal)
		}
	}
}
