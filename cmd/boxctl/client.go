package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"callbox/telephony"
)

// client reaches one box.
type client struct {
	data, url, token, cert string
}

// request sends one request and gives the answer's body; a refusal is an error with the box's own sentence.
func (c *client) request(method, path string, body io.Reader, contentType string) (io.ReadCloser, error) {
	base, transport, err := c.road()
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(method, base+path, body)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if c.url != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		return nil, c.unreachable(err)
	}
	if answer.StatusCode >= 400 {
		defer answer.Body.Close()
		return nil, refusal(answer)
	}
	return answer.Body, nil
}

// road is how the box is reached: its socket, or https.
func (c *client) road() (base string, t *http.Transport, err error) {
	if c.url == "" {
		socket := filepath.Join(c.data, "boxd.sock")
		return "http://box", &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		}}, nil
	}
	if !strings.HasPrefix(c.url, "https://") {
		return "", nil, errors.New("a token travels only over https: give --url https://HOST:PORT")
	}
	if c.token == "" {
		return "", nil, errors.New("give --token, or put it into CALLBOX_TOKEN; an administrator makes one with: boxctl token")
	}
	t = &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	if c.cert != "" {
		pem, err := os.ReadFile(c.cert)
		if err != nil {
			return "", nil, err
		}
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return "", nil, fmt.Errorf("%s holds no certificate", c.cert)
		}
	}
	return strings.TrimSuffix(c.url, "/"), t, nil
}

func (c *client) unreachable(err error) error {
	if c.url == "" {
		return fmt.Errorf("no box runs on %s: start it with boxd --data %s, or name another with --data (%w)", c.data, c.data, err)
	}
	return fmt.Errorf("cannot reach %s: %w; trust the box's own certificate with --cert", c.url, err)
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

// send posts or puts JSON and reads the answer.
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

// fetch writes an answer to a file, which appears whole or not at all.
func (c *client) fetch(path, file string) (octets int64, err error) {
	body, err := c.request(http.MethodGet, path, nil, "")
	if err != nil {
		return 0, err
	}
	defer body.Close()
	tmp, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return 0, err
	}
	defer os.Remove(tmp.Name())
	if octets, err = io.Copy(tmp, body); err != nil {
		return 0, err
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return 0, err
	}
	return octets, os.Rename(tmp.Name(), file)
}
