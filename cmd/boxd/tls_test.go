package main

import (
	"bytes"
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
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
	"callbox/webui"
)

// TestTheBoxMakesItsCertificate: at the first start, and keeps it; one that is damaged is made anew.
func TestTheBoxMakesItsCertificate(t *testing.T) {
	dir := t.TempDir()
	first := certificateIn(t, dir)
	if info, err := os.Stat(filepath.Join(dir, "tls.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v %v", info, err)
	}
	if !bytes.Equal(certificateIn(t, dir).Certificate[0], first.Certificate[0]) {
		t.Error("another certificate at the next start")
	}
	for _, name := range []string{"localhost", "127.0.0.1", "callbox.local"} {
		if err := first.Leaf.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if left := time.Until(first.Leaf.NotAfter); left < 9*365*24*time.Hour {
		t.Errorf("valid for %v", left)
	}
	if bytes.Equal(certificateIn(t, t.TempDir()).Certificate[0], first.Certificate[0]) {
		t.Error("two boxes have one certificate")
	}
	if err := os.WriteFile(filepath.Join(dir, "tls.crt"), []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(certificateIn(t, dir).Certificate[0], first.Certificate[0]) {
		t.Error("a damaged certificate came back")
	}
}

func certificateIn(t *testing.T, dir string) tls.Certificate {
	t.Helper()
	c, err := ownCertificate(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAnotherCertificate: one that somebody gives the box serves the next connection and the next start; what cannot be used is refused
// with a sentence, and the one in use stays; the box's own comes back.
func TestAnotherCertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, testConfig())
		defer w.close()
		c := certificates{w.box, w.box.identity}
		own := c.Certificate()
		chain, key := authorized(t, time.Now().Add(time.Hour), "pbx.example.cn")
		_, stranger := authorized(t, time.Now().Add(time.Hour), "pbx.example.cn")
		old, oldKey := authorized(t, time.Now().Add(-time.Hour), "pbx.example.cn")
		unnamed, unnamedKey := authorized(t, time.Now().Add(time.Hour))
		for _, row := range []struct{ title, chain, key string }{
			{"nothing", "", ""}, {"no PEM", "hello", "hello"}, {"another's key", chain, stranger}, {"out of date", old, oldKey}, {"for nobody", unnamed, unnamedKey},
		} {
			var refusal *telephony.Error
			if err := c.PutCertificate(t.Context(), row.chain, row.key, webui.By{}); !errors.As(err, &refusal) || refusal.Code != telephony.Invalid {
				t.Errorf("%s: %v", row.title, err)
			}
		}
		if now := c.Certificate(); now.Fingerprint != own.Fingerprint || !now.Own {
			t.Errorf("after what was refused it is %+v", now)
		}
		if err := c.PutCertificate(t.Context(), chain, key, webui.By{Who: "admin"}); err != nil {
			t.Fatal(err)
		}
		given := c.Certificate()
		if given.Own || given.Fingerprint == own.Fingerprint || !slices.Equal(given.Names, []string{"pbx.example.cn"}) {
			t.Errorf("it is %+v", given)
		}
		if served, err := c.config().GetCertificate(nil); err != nil || served.Leaf.DNSNames[0] != "pbx.example.cn" {
			t.Errorf("served is %v, %v", served, err)
		}
		if again, err := openIdentity(c.dir); err != nil || (certificates{w.box, again}).Certificate().Fingerprint != given.Fingerprint {
			t.Errorf("after a start it is another: %v", err)
		}
		if err := c.DeleteCertificate(t.Context(), webui.By{Who: "admin"}); err != nil || c.Certificate().Fingerprint != own.Fingerprint {
			t.Errorf("the own one did not come back: %v", err)
		}
	})
}

// authorized is a certificate for names or addresses until a moment, and its key, as PEM.
func authorized(t *testing.T, until time.Time, names ...string) (chain, key string) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: strings.Join(names, " ")}, NotBefore: until.Add(-24 * time.Hour), NotAfter: until,
	}
	for _, name := range names {
		if address := net.ParseIP(name); address != nil {
			c.IPAddresses = append(c.IPAddresses, address)
		} else {
			c.DNSNames = append(c.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	octets, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(kind string, b []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", octets)
}
