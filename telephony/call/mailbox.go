package call

import (
	"crypto/subtle"
	"time"

	"callbox/telephony"
	"callbox/telephony/ivr"
)

// A Mailroom keeps the messages that callers left. Its verbs read the disk: a call may wait for them, the media loop never
// asks.
type Mailroom interface {
	// Waiting lists the messages in a mailbox: the new before those that were heard, of each the newest first.
	Waiting(mailbox string) ([]Message, error)
	// Voice is what was said, as A-law octets. Who hears it is noted first.
	Voice(m Message, who string) ([]byte, error)
	// Heard marks a message: it is new no more.
	Heard(m Message, who string) error
	// Discard deletes a message for ever.
	Discard(m Message, who string) error
}

// A Message is what somebody left in a mailbox.
type Message struct {
	Recording string // its id
	Left      time.Time
	New       bool // nobody has heard it
}

// hearMailbox lets somebody at a phone hear the messages of the phone's mailbox (A9.1, A9.2).
func (c *Call) hearMailbox() state {
	box := c.ownMailbox()
	if box == nil {
		return c.announce("not_available")
	}
	pin, ok := c.ask("enter_pin", longestPIN)
	if !ok {
		return c.lost(telephony.OutcomeSelfService, telephony.CauseNormal)
	}
	if box.PIN == "" || subtle.ConstantTimeCompare([]byte(box.PIN), []byte(pin)) != 1 {
		return c.announce("wrong")
	}
	messages, err := c.house.Mailroom.Waiting(box.ID)
	if err != nil {
		c.tell(telephony.Oddity{Where: "mailbox " + box.ID, What: err.Error()})
		return c.announce("not_available")
	}
	c.show("mailbox", box.ID)
	fresh := 0
	for _, m := range messages {
		if m.New {
			fresh++
		}
	}
	c.play(ivr.Say(c.language).Messages(fresh)...)
	return func(c *Call) state { return c.hearMessages(messages) }
}

// ownMailbox is the mailbox that calls to this phone go to, or the first of the box.
func (c *Call) ownMailbox() *telephony.Mailbox {
	if p := c.phoneOf(c.Arrival.Line); p != nil {
		for _, t := range []telephony.Target{p.NoAnswer, p.Busy} {
			if t.Kind() == telephony.ToVoicemail {
				return c.Config.Mailbox(t.ID())
			}
		}
	}
	if len(c.Config.Mailboxes) == 0 {
		return nil
	}
	return &c.Config.Mailboxes[0]
}

// hearMessages plays one message after the other: 1 again, 2 the next, 3 deletes.
func (c *Call) hearMessages(messages []Message) state {
	for {
		switch h := c.wait().(type) {
		case hungup:
			return c.lost(telephony.OutcomeSelfService, h.cause)
		case played:
			if len(messages) == 0 {
				return c.announce("goodbye")
			}
			return c.hearMessage(messages)
		}
	}
}

// hearMessage tells when the first message was left, plays it and what can be done with it, and does what the key says.
func (c *Call) hearMessage(messages []Message) state {
	voice, err := c.house.Mailroom.Voice(messages[0], c.Arrival.Line)
	if err != nil {
		c.tell(telephony.Oddity{Where: "message " + messages[0].Recording, What: err.Error()})
	}
	parts := []func(){
		func() { c.playing = c.caller.media.Play(ivr.ALaw(voice)) },
		func() {
			c.markHeard(messages[0])
			c.play("voicemail_menu")
		},
	}
	c.play(ivr.Say(c.language).Clock(messages[0].Left.In(c.Config.Location()))...)
	for {
		switch h := c.wait().(type) {
		case hungup:
			return c.lost(telephony.OutcomeSelfService, h.cause)
		case played:
			if len(parts) == 0 {
				return c.announce("goodbye")
			}
			parts[0]()
			parts = parts[1:]
		case heard:
			if d, ok := h.event.(telephony.Digit); ok && h.from == c.caller {
				if next := c.mailboxKey(d.Key, messages); next != nil {
					return next
				}
			}
		}
	}
}

// mailboxKey is what a key means while a message plays, or nil if nothing.
func (c *Call) mailboxKey(key byte, messages []Message) state {
	switch key {
	case '1':
		return func(c *Call) state { return c.hearMessage(messages) }
	case '2':
		c.markHeard(messages[0])
		c.play("beep")
	case '3':
		if err := c.house.Mailroom.Discard(messages[0], c.Arrival.Line); err != nil {
			c.tell(telephony.Oddity{Where: "message " + messages[0].Recording, What: err.Error()})
		}
		c.play("voicemail_deleted")
	default:
		return nil
	}
	return func(c *Call) state { return c.hearMessages(messages[1:]) }
}

// markHeard marks a message that was played to its end, or passed over.
func (c *Call) markHeard(m Message) {
	if err := c.house.Mailroom.Heard(m, c.Arrival.Line); err != nil {
		c.tell(telephony.Oddity{Where: "message " + m.Recording, What: err.Error()})
	}
}
