package main

import (
	"context"
	"time"

	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/call"
	"callbox/telephony/record"
)

const (
	mailroomTime   = 5 * time.Second
	longestMessage = 10 * time.Minute
)

// mailroom gives phones the messages in their mailboxes.
type mailroom struct{ *storage.Store }

// Waiting lists the messages in a mailbox, newest first.
func (m mailroom) Waiting(mailbox string) ([]call.Message, error) {
	list, _, err := m.Recordings(storage.RecordingQuery{Mailbox: mailbox})
	messages := make([]call.Message, 0, len(list))
	for _, r := range list {
		if r.Done {
			messages = append(messages, call.Message{Recording: r.ID, Left: r.Started})
		}
	}
	return messages, err
}

// Voice is what was said, as A-law octets.
func (m mailroom) Voice(msg call.Message) ([]byte, error) {
	f, err := m.OpenRecording(msg.Recording)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return record.Voice(f, int(longestMessage.Seconds())*telephony.SampleRate)
}

// Discard deletes a message for ever.
func (m mailroom) Discard(msg call.Message, who string) error {
	ctx, cancel := context.WithTimeout(context.Background(), mailroomTime)
	defer cancel()
	return m.DeleteRecording(ctx, who, msg.Recording)
}

// messagesFor tells whether messages wait for an extension: in the mailboxes that take its calls.
func (b *Box) messagesFor(extension string) bool {
	p := b.Store.Config().Phone(extension)
	if p == nil {
		return false
	}
	for _, t := range []telephony.Target{p.NoAnswer, p.Busy} {
		if t.Kind() != telephony.ToVoicemail {
			continue
		}
		if list, err := (mailroom{b.Store}).Waiting(t.ID()); err == nil && len(list) > 0 {
			return true
		}
	}
	return false
}
