package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// firstByteTime is how long a connection may take to say anything.
const firstByteTime = 10 * time.Second

// tlsRecord is the first octet of every TLS connection: a handshake record (RFC 8446 5.1).
const tlsRecord = 0x16

// either listens for HTTP and HTTPS on one port: the first octet of a connection tells which. So the page has one address,
// and an integrator can use https with the box's own certificate from the first start.
type either struct {
	net.Listener
	config *tls.Config
	ready  chan net.Conn
	done   context.Context
}

// listenEither wraps a listener; it ends with ctx.
func listenEither(ctx context.Context, l net.Listener, cert tls.Certificate) net.Listener {
	e := &either{l, tlsConfig(cert), make(chan net.Conn), ctx}
	context.AfterFunc(ctx, func() { l.Close() })
	go e.acceptAll()
	return e
}

func (e *either) acceptAll() {
	for {
		c, err := e.Listener.Accept()
		switch {
		case err == nil:
			go e.sort(c)
		case e.done.Err() != nil || errors.Is(err, net.ErrClosed):
			return
		default: // out of descriptors: let connections end
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// sort looks at the first octet and hands the connection on.
func (e *either) sort(c net.Conn) {
	b := bufio.NewReaderSize(c, 1)
	c.SetReadDeadline(time.Now().Add(firstByteTime))
	first, err := b.Peek(1)
	if err != nil {
		c.Close()
		return
	}
	c.SetReadDeadline(time.Time{})
	c = peeked{c, b}
	if first[0] == tlsRecord {
		c = tls.Server(c, e.config)
	}
	select {
	case e.ready <- c:
	case <-e.done.Done():
		c.Close()
	}
}

// Accept gives the next connection whose kind is known.
func (e *either) Accept() (net.Conn, error) {
	select {
	case c := <-e.ready:
		return c, nil
	case <-e.done.Done():
		return nil, net.ErrClosed
	}
}

// peeked is a connection whose first octet was read ahead.
type peeked struct {
	net.Conn
	r *bufio.Reader
}

func (p peeked) Read(b []byte) (int, error) { return p.r.Read(b) }

// listenTLS has those who connect speak TLS with the box's own certificate; without a listener there is none.
func listenTLS(l net.Listener, dir string) (net.Listener, error) {
	if l == nil {
		return nil, nil
	}
	cert, err := certificate(dir)
	if err != nil {
		return nil, err
	}
	return tls.NewListener(l, tlsConfig(cert)), nil
}

func tlsConfig(cert tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
}

// certificate is the box's own: made at the first start, kept in the data directory, for ten years.
func certificate(dir string) (tls.Certificate, error) {
	certFile, keyFile := filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	if c, err := tls.LoadX509KeyPair(certFile, keyFile); err == nil {
		return c, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, err
	}
	now := time.Now()
	cert := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "callbox"},
		DNSNames:     []string{"callbox", "callbox.local", "localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		NotBefore:    now.Add(-24 * time.Hour), // a box whose clock is not set yet
		NotAfter:     now.AddDate(10, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	if err := errors.Join(os.WriteFile(certFile, certPEM, 0o644), os.WriteFile(keyFile, keyPEM, 0o600)); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certPEM, keyPEM)
}
