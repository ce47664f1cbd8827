// Package webhook sends notifications to programs outside, signed as Standard Webhooks 1.0 says. The journal is the queue:
// each webhook reads it from where it stands, so that nothing is lost over a restart and nothing waits in memory. One
// notification is under way at a time, in the order in which things happened. What could not be sent for three days is given up.
package webhook

import (
	"context"
	"encoding/json"
	"iter"
	"net"
	"net/http"
	"reflect"
	"sync"
	"time"

	"callbox/telephony"
)

// Options say what webhooks need of the box.
type Options struct {
	// Notifications tells what happened behind the journal's entry with the number, and then each new thing, until ctx ends.
	Notifications func(ctx context.Context, after uint64) iter.Seq[telephony.Notification]
	// Newest is the number of the journal's newest entry.
	Newest   func() uint64
	Progress Progress
	Journal  telephony.Journal // takes the alarm of a webhook that fails
	Dial     Dial              // nil refuses the addresses that no webhook may go to (guard.go)
}

// Dial connects to a host.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Progress keeps durably how far a webhook has come.
type Progress interface {
	Progress(name string, value any) (found bool, err error)
	PutProgress(ctx context.Context, name string, value any) error
}

// Webhooks are all webhooks of the box.
type Webhooks struct {
	opt     Options
	configs chan []telephony.Webhook // the newest, in a box of one

	mu    sync.Mutex // guards what follows
	hooks map[string]*hook
}

// New makes webhooks that send nothing before Run.
func New(opt Options) *Webhooks {
	if opt.Dial == nil {
		opt.Dial = guarded(ownAddresses).DialContext
	}
	return &Webhooks{opt: opt, configs: make(chan []telephony.Webhook, 1), hooks: map[string]*hook{}}
}

// Configure hands over the newest configuration. It is called by one goroutine.
func (w *Webhooks) Configure(c *telephony.Config) {
	select {
	case <-w.configs:
	default:
	}
	w.configs <- c.Webhooks
}

// Run sends until ctx ends.
func (w *Webhooks) Run(ctx context.Context) {
	for {
		select {
		case list := <-w.configs:
			w.change(ctx, list)
		case <-ctx.Done():
			w.change(ctx, nil)
			return
		}
	}
}

// change ends the webhooks that are other than they were, and begins those that are new. One that is switched off forgets
// where it stood: what happens meanwhile is not for it.
func (w *Webhooks) change(ctx context.Context, list []telephony.Webhook) {
	next := map[string]*hook{}
	for _, c := range list {
		old := w.hook(c.ID)
		switch {
		case old != nil && reflect.DeepEqual(old.Webhook, c):
			next[c.ID] = old
		default:
			next[c.ID] = &hook{Webhook: c, opt: &w.opt, client: newClient(&c, w.opt.Dial)}
		}
	}
	w.mu.Lock()
	before := w.hooks
	w.hooks = next
	w.mu.Unlock()
	for id, h := range before {
		if next[id] != h {
			h.end()
		}
		if now := next[id]; ctx.Err() == nil && (now == nil || now.Disabled) {
			h.forget(ctx)
		}
	}
	for id, h := range next {
		if before[id] != h && !h.Disabled {
			h.begin(ctx)
		}
	}
}

func (w *Webhooks) hook(id string) *hook {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hooks[id]
}

// Deliveries are the last deliveries of a webhook since the start of the box or of its last change, newest first.
func (w *Webhooks) Deliveries(id string) []telephony.Delivery {
	if h := w.hook(id); h != nil {
		return h.log.list()
	}
	return nil
}

// Test sends a trial at once, without a second try, and tells what came of it.
func (w *Webhooks) Test(ctx context.Context, id, by string) (telephony.Delivery, error) {
	h := w.hook(id)
	if h == nil {
		return telephony.Delivery{}, telephony.Errorf(telephony.NotFound, "没有这个推送，请先保存。", "There is no such webhook. Apply the settings first.")
	}
	n := telephony.Notification{
		Seq: w.opt.Newest(), Type: telephony.NotificationTest, Time: time.Now().UTC(),
		Data: telephony.NotificationData{Fact: telephony.Tested{By: by}},
	}
	d := h.send(ctx, messageOf(n))
	h.log.add(d)
	return d, nil
}

// Post sends a message to a webhook that need not be configured as one, without a second try, and tells whether another would help. A
// message that is tried again has its id and time of before.
func (w *Webhooks) Post(ctx context.Context, to telephony.Webhook, id, kind string, at time.Time, data any) (d telephony.Delivery, final bool) {
	body, err := json.Marshal(struct {
		Type string    `json:"type"`
		Time time.Time `json:"timestamp"`
		Data any       `json:"data"`
	}{kind, at, data})
	if err != nil { // plain data
		panic(err)
	}
	h := &hook{Webhook: to, opt: &w.opt, client: newClient(&to, w.opt.Dial)}
	defer h.client.CloseIdleConnections()
	d = h.send(ctx, message{"msg_" + id, kind, body})
	return d, unfit(d.Status) || refused(d.Status) && time.Since(at) >= refusedFor
}

// unfit reports whether an answer is about what was sent, and not about who sent it where: no hour mends that (RFC 9110 15.5.1, 15.5.14, 15.5.21).
func unfit(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusRequestEntityTooLarge || status == http.StatusUnprocessableEntity
}

// newClient follows no redirect and uses no proxy: an address that was checked is the one that is spoken to.
func newClient(c *telephony.Webhook, dial Dial) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dial, TLSClientConfig: tlsConfig(c), TLSHandshakeTimeout: sendTime, ResponseHeaderTimeout: sendTime,
			MaxConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 16 << 10, DisableCompression: true,
		},
	}
}
