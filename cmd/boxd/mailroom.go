package main

import (
	"context"
	"time"

	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/call"
	"callbox/telephony/record"
	"callbox/webui"
)

const (
	mailroomTime   = 5 * time.Second
	longestMessage = 10 * time.Minute
	mostMessages   = 500 // that a telephone goes through
)

// mailroom gives phones the messages in their mailboxes, by the verbs of the page: what one marks or deletes the other sees.
type mailroom struct{ *storage.Store }

// Waiting lists the messages in a mailbox: the new before those that were heard, of each the newest first.
func (m mailroom) Waiting(mailbox string) ([]call.Message, error) {
	list, _, err := m.Recordings(context.Background(), storage.RecordingQuery{Mailbox: mailbox, Limit: mostMessages})
	var fresh, heard []call.Message
	for _, r := range list {
		msg := call.Message{Recording: r.ID, Left: r.Started, New: r.HeardBy == ""}
		switch {
		case !r.Done:
		case msg.New:
			fresh = append(fresh, msg)
		default:
			heard = append(heard, msg)
		}
	}
	return append(fresh, heard...), err
}

// Voice is what was said, as A-law octets. Who hears it is in the audit first (A18.20).
func (m mailroom) Voice(msg call.Message, who string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), mailroomTime)
	defer cancel()
	if err := m.Audit(ctx, storage.AuditLine{Who: who, Action: "recording.heard", On: msg.Recording}); err != nil {
		return nil, err
	}
	f, err := m.OpenRecording(msg.Recording)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return record.Voice(f, int(longestMessage.Seconds())*telephony.SampleRate)
}

// Heard marks a message: it is new no more.
func (m mailroom) Heard(msg call.Message, who string) error {
	ctx, cancel := context.WithTimeout(context.Background(), mailroomTime)
	defer cancel()
	return recordings(m).MarkMessage(ctx, msg.Recording, true, webui.By{Who: who})
}

// Discard deletes a message for ever.
func (m mailroom) Discard(msg call.Message, who string) error {
	ctx, cancel := context.WithTimeout(context.Background(), mailroomTime)
	defer cancel()
	return recordings(m).DeleteMessage(ctx, msg.Recording, webui.By{Who: who})
}

// messagesFor tells whether new messages wait for an extension: in the mailboxes that take its calls.
func (b *Box) messagesFor(extension string) bool {
	p := b.Store.Config().Phone(extension)
	if p == nil {
		return false
	}
	for _, t := range []telephony.Target{p.NoAnswer, p.Busy} {
		if t.Kind() != telephony.ToVoicemail {
			continue
		}
		if list, err := (mailroom{b.Store}).Waiting(t.ID()); err == nil && len(list) > 0 && list[0].New {
			return true
		}
	}
	return false
}
