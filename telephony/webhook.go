package telephony

import (
	"encoding/base64"
	"net/url"
	"strings"
	"time"
)

// A Webhook is a program outside that is told what happens (A15.1, A14.2), as Standard Webhooks 1.0 says.
type Webhook struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	URL      string   `json:"url"`    // https
	Events   []string `json:"events"` // of NotificationTypes
	Secret   string   `json:"secret"` // "whsec_" and 24 to 64 octets in base64; signs what is sent. Masked on every way out
	Disabled bool     `json:"disabled"`

	Fingerprint string `json:"fingerprint,omitempty"` // SHA-256 of the certificate that it has to have, in hex; empty: one of the URL's host by a known authority
}

// Key is what signs: the octets of the secret; nil when it is not one.
func (w *Webhook) Key() []byte {
	text, ok := strings.CutPrefix(w.Secret, "whsec_")
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil
	}
	return key
}

// webhooks checks to whom the box talks. Where an address really leads is checked when it is dialled (package webhook).
func (k *check) webhooks() {
	for i := range k.config.Webhooks {
		w, p := &k.config.Webhooks[i], at("webhooks", i)
		k.id(p+".id", w.ID)
		k.unique(p+".id", "webhook", w.ID)
		k.name(p+".name", w.Name)
		if !validWebhookURL(w.URL) {
			k.bad(p+".url", "请填 https:// 开头的地址，不含用户名，最长 500 个字符", "give an address that begins with https://, without a user name, of 500 characters at the most")
		}
		if len(w.Events) == 0 {
			k.bad(p+".events", "请至少选择一种事件", "choose one event at least")
		}
		if k.size(p+".events", len(w.Events), len(NotificationTypes)) {
			for j, e := range w.Events {
				oneOf(k, at(p+".events", j), e, NotificationTypes...)
				k.unique(at(p+".events", j), p, e)
			}
		}
		if w.Key() == nil {
			k.bad(p+".secret", "请填 whsec_ 加 24 到 64 字节的 base64，或让页面生成", "give whsec_ and 24 to 64 octets in base64, or have the page make it")
		}
		k.fingerprint(p+".fingerprint", w.Fingerprint)
	}
}

func validWebhookURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 500 && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.Fragment == ""
}

// A Delivery is one try to send a notification to a webhook.
type Delivery struct {
	ID      string    `json:"id"` // of the notification: the same with each try, so that the far end takes it once
	Type    string    `json:"type"`
	Time    time.Time `json:"time"`
	Try     int       `json:"try"` // from 1
	TookMS  int64     `json:"took_ms"`
	Status  int       `json:"status,omitempty"` // that the far end answered with
	Problem Text      `json:"problem"`          // empty: it was taken
	Next    time.Time `json:"next,omitzero"`    // when it is tried again
	GivenUp bool      `json:"given_up,omitempty"`
}

// Taken says that the far end has the notification.
func (d Delivery) Taken() bool { return d.Problem == Text{} }
