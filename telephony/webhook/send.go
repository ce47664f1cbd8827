package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"callbox/telephony"
)

const (
	sendTime  = 10 * time.Second // for one try, from the look-up of the name to the end of the answer
	maxAnswer = 64 << 10         // octets of an answer that are read, so that the connection serves again
)

// A message is a notification as it is sent; each try sends the same octets.
type message struct {
	id, kind string
	body     []byte
}

// messageOf names a notification by the journal's entry and its time, so that a box that was restored does not use an id again.
func messageOf(n telephony.Notification) message {
	body, err := json.Marshal(n)
	if err != nil { // facts are plain data
		panic(err)
	}
	return message{fmt.Sprintf("msg_%d_%x", n.Seq, n.Time.UnixMilli()), n.Type, body}
}

// tooOld is what the page is told of a notification that waited too long.
func (m message) tooOld(try int) telephony.Delivery {
	return telephony.Delivery{
		ID: m.id, Type: m.kind, Time: time.Now().UTC(), Try: try, GivenUp: true,
		Problem: telephony.Text{ZH: "三天内未能送达，已放弃", EN: "not delivered in three days: given up"},
	}
}

// signature is the header webhook-signature of Standard Webhooks 1.0: the id, the time and the body under one HMAC.
func signature(key []byte, id string, at int64, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.", id, at)
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// send tries once. An answer of 2xx says that the far end has it; nothing else of the answer is kept.
func (h *hook) send(ctx context.Context, m message) telephony.Delivery {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	now := time.Now()
	d := telephony.Delivery{ID: m.id, Type: m.kind, Time: now.UTC(), Try: 1}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(m.body))
	if err != nil { // Validate took it
		d.Problem = problemOf(err)
		return d
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Callbox")
	r.Header.Set("Webhook-Id", m.id)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
	r.Header.Set("Webhook-Signature", signature(h.Key(), m.id, now.Unix(), m.body))
	answer, err := h.client.Do(r)
	d.TookMS = time.Since(now).Milliseconds()
	if err != nil {
		d.Problem = problemOf(err)
		return d
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, maxAnswer)
	d.Status = answer.StatusCode
	switch {
	case d.Status >= 300 && d.Status < 400:
		d.Problem = telephony.Text{ZH: "对方要求转到别的地址，未跟随：请填最终地址", EN: "it wants to send us elsewhere, which is not followed: give the final address"}
	case d.Status < 200 || d.Status >= 300:
		d.Problem = telephony.Text{ZH: fmt.Sprint("对方回答 ", d.Status), EN: fmt.Sprint("it answered ", d.Status)}
	}
	return d
}

// tlsConfig asks for a certificate of the host's name by an authority that the computer trusts, or for the one that has the
// configured fingerprint.
func tlsConfig(c *telephony.Webhook) *tls.Config {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if want := strings.ReplaceAll(c.Fingerprint, ":", ""); want != "" {
		t.InsecureSkipVerify = true // VerifyConnection is stricter
		t.VerifyConnection = func(state tls.ConnectionState) error {
			sum := sha256.Sum256(state.PeerCertificates[0].Raw)
			if !strings.EqualFold(hex.EncodeToString(sum[:]), want) {
				return errFingerprint
			}
			return nil
		}
	}
	return t
}

var errFingerprint = errors.New("the certificate has another fingerprint")

// problemOf says what a try failed of, and what to do.
func problemOf(err error) telephony.Text {
	var closed *forbidden
	var unknown *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &closed):
		return closed.why
	case errors.Is(err, errFingerprint):
		return telephony.Text{ZH: "对方证书的指纹与设置不符", EN: "its certificate has another fingerprint than the one given here"}
	case errors.As(err, &authority):
		return telephony.Text{
			ZH: "对方证书不是由公认机构签发：请在此填写它的指纹，或更换证书",
			EN: "its certificate is by no known authority: give the certificate's fingerprint here, or fit another certificate",
		}
	case errors.As(err, &unknown):
		return telephony.Text{
			ZH: "对方证书无效（域名或有效期不符）：请更换证书，或在此填写它的指纹",
			EN: "its certificate does not hold (another name, or out of date): fit another one, or give its fingerprint here",
		}
	case errors.As(err, &dns):
		return telephony.Text{ZH: "找不到这个域名：请检查地址和本机的 DNS", EN: "the name is not found: check the address, and the DNS of the box"}
	case errors.As(err, &timeout) && timeout.Timeout():
		return telephony.Text{ZH: "10 秒内没有回答", EN: "no answer within 10 seconds"}
	}
	return telephony.Text{ZH: "连接失败：" + short(err.Error()), EN: "the connection failed: " + short(err.Error())}
}

func short(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200])
	}
	return s
}
