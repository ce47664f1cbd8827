package webhook

import (
	"context"
	"net/http"
	"slices"
	"time"

	"callbox/telephony"
)

// How long a notification is tried.
const (
	firstRest   = 5 * time.Second // between two tries; doubles each time
	longestRest = 10 * time.Minute
	keptFor     = 72 * time.Hour // a weekend; what is older is given up
	refusedFor  = time.Hour      // one that the far end answers with a refusal holds up those behind it no longer
	alarmAfter  = 6              // tries in vain: after about three minutes
	keepEvery   = 256            // notifications that nobody wants, between two notes of where a webhook stands
)

// A hook is one webhook. Its goroutine owns where it stands; trials come in from others.
type hook struct {
	telephony.Webhook
	opt    *Options
	client *http.Client
	log    deliveries

	stop  context.CancelFunc // nil: it was not begun
	ended chan struct{}
}

func (h *hook) begin(ctx context.Context) {
	ctx, h.stop = context.WithCancel(ctx)
	h.ended = make(chan struct{})
	go func() {
		defer close(h.ended)
		h.run(ctx)
	}()
}

// end waits until nothing is sent any more.
func (h *hook) end() {
	if h.stop != nil {
		h.stop()
		<-h.ended
	}
	h.client.CloseIdleConnections()
}

// run sends what happens, from where the webhook stands on.
func (h *hook) run(ctx context.Context) {
	unwanted := 0
	for n := range h.opt.Notifications(ctx, h.stands(ctx)) {
		if slices.Contains(h.Events, n.Type) {
			if !h.deliver(ctx, n) {
				return
			}
			unwanted = 0
		} else if unwanted++; unwanted%keepEvery != 0 {
			continue
		}
		h.keep(ctx, n.Seq)
	}
}

// deliver tries until the far end has the notification or it is given up; false when ctx ended before.
func (h *hook) deliver(ctx context.Context, n telephony.Notification) bool {
	m, began, rest := messageOf(n), time.Now(), firstRest
	alarmed := false
	defer func() {
		if alarmed {
			h.alarm(false)
		}
	}()
	for try := 1; ; try++ {
		if time.Since(n.Time) > keptFor {
			h.log.add(m.tooOld(try))
			return true
		}
		d := h.send(ctx, m)
		if ctx.Err() != nil {
			return false // it is tried again after the restart
		}
		d.Try = try
		if d.Taken() {
			h.log.add(d)
			return true
		}
		if d.GivenUp = refused(d.Status) && time.Since(began) >= refusedFor; d.GivenUp {
			h.log.add(d)
			return true
		}
		d.Next = time.Now().Add(rest).UTC()
		h.log.add(d)
		if try == alarmAfter {
			alarmed = true
			h.alarm(true)
		}
		if !pause(ctx, rest) {
			return false
		}
		rest = min(2*rest, longestRest)
	}
}

// refused says that the far end understood and does not want it; a wish to slow down is none (RFC 6585 4).
func refused(status int) bool {
	return status >= 300 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (h *hook) progress() string { return "webhook/" + h.ID }

// stands is the entry behind which the webhook goes on: a new one with what happens from now on.
func (h *hook) stands(ctx context.Context) uint64 {
	newest, seq := h.opt.Newest(), uint64(0)
	if found, err := h.opt.Progress.Progress(h.progress(), &seq); err == nil && found && seq <= newest {
		return seq
	}
	h.keep(ctx, newest)
	return newest
}

// keep notes where the webhook stands. What a disk refuses to note is sent once more after a restart.
func (h *hook) keep(ctx context.Context, seq uint64) {
	_ = h.opt.Progress.PutProgress(ctx, h.progress(), seq)
}

// forget has the webhook begin anew, should it come back.
func (h *hook) forget(ctx context.Context) { _ = h.opt.Progress.PutProgress(ctx, h.progress(), nil) }

func (h *hook) alarm(on bool) {
	name := h.Name
	if name == "" {
		name = h.ID
	}
	h.opt.Journal.Append(telephony.Entry{Fact: telephony.Alarm{Name: "webhook_failed/" + h.ID, On: on, Message: telephony.Text{
		ZH: "事件推送“" + name + "”送不到，会继续重试。请在“设置 → 事件推送”查看原因。",
		EN: "The webhook “" + name + "” cannot be delivered; it is tried again. See Settings, Webhooks for the reason.",
	}}})
}
