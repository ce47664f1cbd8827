package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"callbox/webui"
)

// pebble is Let's Encrypt's ACME server for tests of clients; make tools builds it.
const pebble = "../../bin/pebble"

// life is how long its certificates are good.
const life = 6 * time.Second

// realACME: Pebble gives the box its certificates. It reaches the box by one way or the other (RFC 8555 8.3, RFC 8737), refuses every
// fifth nonce (RFC 8555 6.5), and has no certificate for a name that its policy bars or that leads elsewhere. The certificates last a
// few seconds, so that another one is soon due; each is put into use, and browsers that trust Pebble take it.
func realACME(t *testing.T, program string) {
	if _, err := os.Stat(pebble); err != nil {
		t.Fatal("pebble is not built: run make tools")
	}
	const barred, astray, closed = "barred.example.cn", "astray.example.cn", 9
	b := prepareBox(t, program)
	b.start()
	t.Cleanup(b.stop)
	leads := func(to string) []dnsmessage.ResourceBody {
		return []dnsmessage.ResourceBody{&dnsmessage.AResource{A: netip.MustParseAddr(to).As4()}}
	}
	wrap := b.named(map[string][]dnsmessage.ResourceBody{
		"http.example.cn.": leads(b.host), "tls.example.cn.": leads(b.host), barred + ".": leads(b.host), astray + ".": leads(b.far(phoneEnd)),
	})
	byHTTP := b.authority(wrap, authorityEnd, 8080, closed, barred)
	byTLS := b.authority(wrap, authorityEnd+1, closed, 8080, barred)

	first := byHTTP.gives("http.example.cn")
	if second := byHTTP.gives("http.example.cn"); second.SerialNumber.Cmp(first.SerialNumber) == 0 || !second.NotBefore.After(first.NotBefore) {
		t.Errorf("renewed: %v from %v", second.SerialNumber, second.NotBefore)
	}
	byTLS.gives("tls.example.cn")
	byHTTP.refuses(barred, "rejectedIdentifier")
	byTLS.refuses(astray, "connection refused")
}

// A realAuthority is a Pebble for one box.
type realAuthority struct {
	*realBox
	directory, roots string // addresses
	vouches          string // who vouches for the directory
	browser          *http.Client
}

// authority starts a Pebble that looks at these ports of a name.
func (b *realBox) authority(wrap []string, end, httpPort, tlsPort int, barred string) *realAuthority {
	b.t.Helper()
	folder, host := b.t.TempDir(), b.far(end)
	chain, key := authorized(b.t, time.Now().Add(time.Hour), host)
	settings, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": host + ":14000", "managementListenAddress": host + ":15000", "certificate": filepath.Join(folder, "crt"),
		"privateKey": filepath.Join(folder, "key"), "httpPort": httpPort, "tlsPort": tlsPort, "domainBlocklist": []string{barred},
		"keyAlgorithm": "ecdsa", "profiles": map[string]any{"default": map[string]any{"description": "short", "validityPeriod": life.Seconds()}},
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	for name, text := range map[string]string{"crt": chain, "key": key, "settings": string(settings)} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	said := &paper{}
	args := append(slices.Clone(wrap), pebble, "-config", filepath.Join(folder, "settings"))
	p := exec.Command(args[0], args[1:]...)
	p.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=20", "PEBBLE_AUTHZREUSE=0")
	p.Stdout, p.Stderr = said, said
	if err := p.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		p.Process.Kill()
		p.Wait()
		if b.t.Failed() {
			b.t.Logf("pebble wrote:\n%s", said)
		}
	})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(chain))
	a := &realAuthority{
		realBox: b, directory: "https://" + host + ":14000/dir", roots: "https://" + host + ":15000/roots/0", vouches: chain,
		browser: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}},
	}
	b.until("pebble answers", func() bool {
		res, err := a.browser.Get(a.directory)
		if err == nil {
			res.Body.Close()
		}
		return err == nil
	})
	return a
}

// order has the box fetch a certificate from this authority.
func (a *realAuthority) order(name string) {
	a.t.Helper()
	a.send(http.MethodPut, "/api/certificate/order", map[string]any{"name": name, "directory": a.directory, "authority": a.vouches, "agreed": true})
}

// gives has the box fetch its certificate, until another one than before is in use, and looks at it as a browser does that trusts this
// authority.
func (a *realAuthority) gives(name string) *x509.Certificate {
	a.t.Helper()
	var before, after webui.Certificate
	a.get("/api/certificate", &before)
	if slices.Contains(before.Names, name) {
		a.until("more than two thirds of its life are over", func() bool { return time.Until(before.Expires) < life/4 })
	}
	a.order(name)
	a.until(name+" has a new certificate", func() bool {
		a.get("/api/certificate", &after)
		if problem := after.Order.Problem.EN; problem != "" {
			a.t.Fatal(problem)
		}
		return after.Fingerprint != before.Fingerprint
	})
	res, err := a.browser.Get(a.roots)
	if err != nil {
		a.t.Fatal(err)
	}
	defer res.Body.Close()
	root, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(root)
	var shown *x509.Certificate
	c, err := tls.Dial("tcp", net.JoinHostPort(a.host, "8080"), &tls.Config{ServerName: name, InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		shown = s.PeerCertificates[0]
		between := x509.NewCertPool()
		for _, c := range s.PeerCertificates[1:] {
			between.AddCert(c)
		}
		_, err := shown.Verify(x509.VerifyOptions{DNSName: name, Roots: trusted, Intermediates: between, CurrentTime: shown.NotBefore})
		return err
	}})
	if err != nil {
		a.t.Fatalf("%s: %v", name, err)
	}
	c.Close()
	return shown
}

// refuses says that no certificate comes of an order, and that the page tells why. The one that there was stays.
func (a *realAuthority) refuses(name, why string) {
	a.t.Helper()
	var before, after webui.Certificate
	a.get("/api/certificate", &before)
	a.order(name)
	a.until("it is told why there is none for "+name, func() bool {
		a.get("/api/certificate", &after)
		return after.Order != nil && strings.Contains(after.Order.Problem.EN, name)
	})
	if !strings.Contains(after.Order.Cause, why) || after.Fingerprint != before.Fingerprint || after.Order.Next.IsZero() {
		a.t.Errorf("%s: %+v", name, after.Order)
	}
}
