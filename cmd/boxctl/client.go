package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"callbox/telephony"
)

// connectTime bounds how long a box may take to be reached. How long it takes to answer is its own affair: a simulated call
// lasts as long as it lasts.
const connectTime = 10 * time.Second

// client reaches one box. Its ctx ends whatever is going on.
type client struct {
	ctx                    context.Context
	data, url, token, cert string
	passphrase             string // of a backup
}

// request sends one request and gives the answer's body; a refusal is an error with the box's own sentence.
func (c *client) request(method, path string, body io.Reader, contentType string) (io.ReadCloser, error) {
	base, transport, err := c.road()
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(c.ctx, method, base+path, body)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if c.passphrase != "" {
		r.Header.Set("Passphrase", url.PathEscape(c.passphrase))
	}
	if c.url != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := transport.RoundTrip(r) // and follows nobody elsewhere: the token is for this box
	if err != nil {
		return nil, c.unreachable(err)
	}
	if answer.StatusCode >= 300 {
		defer answer.Body.Close()
		return nil, refusal(answer)
	}
	return answer.Body, nil
}

// road is how the box is reached: its socket, or https.
func (c *client) road() (base string, t *http.Transport, err error) {
	dialer := &net.Dialer{Timeout: connectTime}
	if c.url == "" {
		socket := filepath.Join(c.data, "boxd.sock")
		return "http://box", &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		}}, nil
	}
	if !strings.HasPrefix(c.url, "https://") {
		return "", nil, errors.New("a token travels only over https: give --url https://HOST:PORT")
	}
	if c.token = cmp.Or(c.token, os.Getenv("CALLBOX_TOKEN")); c.token == "" {
		return "", nil, errors.New("give --token, or put it into CALLBOX_TOKEN; an administrator makes one with: boxctl token")
	}
	trust, err := c.trust()
	return strings.TrimSuffix(c.url, "/"), &http.Transport{
		DisableKeepAlives: true, DialContext: dialer.DialContext, TLSHandshakeTimeout: connectTime, TLSClientConfig: trust,
	}, err
}

// trust is which certificates are believed: those that this computer believes, or the one in a file. A box makes its own
// certificate and cannot know by which address it is reached, so that one is compared as a whole and not by a name in it.
func (c *client) trust() (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.cert == "" {
		return t, nil
	}
	text, err := os.ReadFile(c.cert)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, fmt.Errorf("%s holds no certificate: take keys/tls.crt from the box's data directory", c.cert)
	}
	t.InsecureSkipVerify = true // VerifyConnection is stricter
	t.VerifyConnection = func(s tls.ConnectionState) error {
		if !bytes.Equal(s.PeerCertificates[0].Raw, block.Bytes) {
			return fmt.Errorf("it shows another certificate than the one in %s", c.cert)
		}
		return nil
	}
	return t, nil
}

func (c *client) unreachable(err error) error {
	if c.url == "" {
		return fmt.Errorf("no box runs on %s: start it with boxd --data %s, or name another with --data (%w)", c.data, c.data, err)
	}
	if c.cert == "" {
		return fmt.Errorf("cannot reach %s: %w; trust the box's own certificate with --cert", c.url, err)
	}
	return fmt.Errorf("cannot reach %s: %w", c.url, err)
}

// refusal reads the box's error.
func refusal(answer *http.Response) error {
	e := &telephony.Error{}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(e); err != nil || e.Message.EN == "" {
		return fmt.Errorf("the box answers %s", answer.Status)
	}
	var b strings.Builder
	b.WriteString(e.Message.EN)
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n  %s: %s", p.Path, p.Message.EN)
	}
	return errors.New(b.String())
}

// get reads a JSON answer.
func (c *client) get(path string, into any) error {
	body, err := c.request(http.MethodGet, path, nil, "")
	if err != nil {
		return err
	}
	defer body.Close()
	return json.NewDecoder(body).Decode(into)
}

// send posts or puts JSON and reads the answer; into is nil where there is none.
func (c *client) send(method, path string, what, into any) error {
	raw, err := json.Marshal(what)
	if err != nil {
		return err
	}
	body, err := c.request(method, path, bytes.NewReader(raw), "application/json")
	if err != nil {
		return err
	}
	defer body.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, body)
		return err
	}
	return json.NewDecoder(body).Decode(into)
}

// fetch writes an answer to a file.
func (c *client) fetch(path, file string) (octets int64, err error) {
	return writeWhole(file, func(w io.Writer) (int64, error) { return c.copyTo(w, path) })
}

// writeWhole makes a file, which appears whole or not at all, for its owner's eyes only.
func writeWhole(file string, write func(io.Writer) (octets int64, err error)) (octets int64, err error) {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".boxctl-*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(tmp.Name()) // nothing is left of it when all went well
	if octets, err = write(tmp); err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return 0, err
	}
	return octets, os.Rename(tmp.Name(), file)
}

func (c *client) copyTo(w io.Writer, path string) (octets int64, err error) {
	body, err := c.request(http.MethodGet, path, nil, "")
	if err != nil {
		return 0, err
	}
	defer body.Close()
	if octets, err = io.Copy(w, body); err != nil {
		return 0, fmt.Errorf("the box broke off after %d octets: %w", octets, err)
	}
	return octets, nil
}
