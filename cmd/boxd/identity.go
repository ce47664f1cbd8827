package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"

	"callbox/telephony"
	"callbox/webui"
)

// givenFile is the certificate that somebody gave the box, its chain and its key: one file, so that a power cut leaves one or the other.
const givenFile = "tls.pem"

// An identity is the certificate by which the page, the API and SIP over TLS prove who they are: the one that was given, or else the
// box's own. A new one serves from the next connection on.
type identity struct {
	dir string
	now atomic.Pointer[tls.Certificate]
	own atomic.Bool // it is the box's own

	challenge atomic.Pointer[challenge] // what an authority looks for at the moment
}

// openIdentity reads the certificate of a directory. One that was given and cannot be read gives way to the box's own.
func openIdentity(dir string) (*identity, error) {
	i := &identity{dir: dir}
	if text, err := os.ReadFile(filepath.Join(dir, givenFile)); err == nil {
		if c, err := tls.X509KeyPair(text, text); err == nil {
			i.now.Store(&c)
			return i, nil
		}
	}
	return i, i.useOwn()
}

func (i *identity) useOwn() error {
	c, err := ownCertificate(i.dir)
	if err == nil {
		i.now.Store(&c)
		i.own.Store(true)
	}
	return err
}

func (i *identity) config() *tls.Config {
	return &tls.Config{
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return i.now.Load(), nil }, MinVersion: tls.VersionTLS12,
		GetConfigForClient: i.forAuthority,
	}
}

// forAuthority is what an authority that asks for acme-tls/1 sees, while it is to look (RFC 8737 3). Everybody else sees the certificate.
func (i *identity) forAuthority(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	c := i.challenge.Load()
	if c == nil || c.certificate == nil || !slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto}) {
		return nil, nil
	}
	return &tls.Config{
		Certificates: []tls.Certificate{*c.certificate}, NextProtos: []string{acme.ALPNProto}, MinVersion: tls.VersionTLS12,
	}, nil
}

// answering answers an authority that looks for a challenge by HTTP (RFC 8555 8.3), and hands all others on.
func (i *identity) answering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c := i.challenge.Load(); c != nil && c.path != "" && r.URL.Path == c.path {
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = io.WriteString(w, c.answer)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// listenTLS has those who connect speak TLS; without a listener there is none.
func (i *identity) listenTLS(l net.Listener) net.Listener {
	if l == nil {
		return nil
	}
	return tls.NewListener(l, i.config())
}

// certificates join the page to the identity.
type certificates struct {
	*Box
	*identity
}

// Certificate describes the one in use.
func (c certificates) Certificate() webui.Certificate {
	now := c.now.Load()
	sum := sha256.Sum256(now.Certificate[0])
	d := webui.Certificate{
		Own: c.own.Load(), Names: now.Leaf.DNSNames, Issuer: now.Leaf.Issuer.CommonName, Expires: now.Leaf.NotAfter, Fingerprint: hex.EncodeToString(sum[:]),
	}
	for _, a := range now.Leaf.IPAddresses {
		d.Names = append(d.Names, a.String())
	}
	d.Order = c.orders.state()
	return d
}

// OwnCertificate says that it is the box's own.
func (c certificates) OwnCertificate() bool { return c.own.Load() }

// PutCertificate checks a certificate with its chain and key, keeps it, and uses it.
func (c certificates) PutCertificate(_ context.Context, chain, key string, by webui.By) error {
	text := []byte(chain + "\n" + key)
	given, err := tls.X509KeyPair([]byte(chain), []byte(key))
	if err != nil {
		return telephony.Errorf(telephony.Invalid, "证书或私钥无法使用：请粘贴 PEM 格式的证书（含中间证书）和与之匹配的未加密私钥",
			"The certificate or its key cannot be used: paste the certificate with its chain and the key that belongs to it, both as PEM, the key not encrypted")
	}
	switch now := time.Now(); {
	case now.After(given.Leaf.NotAfter):
		return telephony.Errorf(telephony.Invalid, "证书已于 %[1]s 过期", "The certificate was good until %[1]s", given.Leaf.NotAfter.Format(time.DateOnly))
	case len(given.Leaf.DNSNames)+len(given.Leaf.IPAddresses) == 0:
		return telephony.Errorf(telephony.Invalid, "证书里没有域名或地址，浏览器不会接受", "The certificate names no host, and no browser takes it")
	}
	if err := c.orders.put(nil); err != nil { // or it would be replaced
		return err
	}
	if err := c.use(text); err != nil {
		return err
	}
	return c.note(by, "certificate.put", given.Leaf.Subject.CommonName)
}

// use keeps a certificate with its key, and has it serve.
func (c certificates) use(text []byte) error {
	given, err := tls.X509KeyPair(text, text)
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(c.dir, givenFile), text, secretFile); err != nil {
		return err
	}
	c.now.Store(&given)
	c.own.Store(false)
	return nil
}

// OrderCertificate has the box fetch its certificate and renew it.
func (c certificates) OrderCertificate(_ context.Context, o webui.CertificateOrder, by webui.By) error {
	if o.Authority != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(o.Authority)) {
		return telephony.Errorf(telephony.Invalid, "请粘贴 PEM 格式的证书", "Paste a certificate as PEM").At("authority")
	}
	if err := c.orders.put(&o); err != nil {
		return err
	}
	return c.note(by, "certificate.order", o.Name)
}

// DeleteCertificate goes back to the box's own, and fetches none any more.
func (c certificates) DeleteCertificate(_ context.Context, by webui.By) error {
	if err := c.orders.put(nil); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(c.dir, givenFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := c.useOwn(); err != nil {
		return err
	}
	return c.note(by, "certificate.delete", "")
}

// ownCertificate is the box's own: made at the first start, kept in the data directory, for ten years.
func ownCertificate(dir string) (tls.Certificate, error) {
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
	keyText, err := keyPEM(key)
	if err != nil {
		return tls.Certificate{}, err
	}
	certText := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := errors.Join(replace(certFile, certText, openFile), replace(keyFile, keyText, secretFile)); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(certText, keyText)
}
