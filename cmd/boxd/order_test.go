package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/acme"

	"callbox/storage"
	"callbox/telephony"
	"callbox/webui"
)

// An authority is an ACME server that believes every signature, and looks at the box as a real one does (RFC 8555 7).
type authority struct {
	*httptest.Server
	t      *testing.T
	who    *identity
	offers []string // ways to prove a name
	closed []string // of those, the ways by which it does not reach the box

	mu    sync.Mutex
	name  string
	proof string // how the name was proved
	chain []byte
}

func newAuthority(t *testing.T, who *identity) *authority {
	a := &authority{t: t, who: who, offers: []string{"http-01", "tls-alpn-01"}}
	mux := http.NewServeMux()
	mux.HandleFunc("/directory", func(w http.ResponseWriter, _ *http.Request) {
		directory := map[string]string{}
		for _, verb := range []string{"newNonce", "newAccount", "newOrder", "revokeCert", "keyChange"} {
			directory[verb] = a.URL + "/" + verb
		}
		_ = json.NewEncoder(w).Encode(directory)
	})
	mux.HandleFunc("/newNonce", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/newAccount", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", a.URL+"/account")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"status":"valid"}`)
	})
	mux.HandleFunc("/newOrder", a.newOrder)
	mux.HandleFunc("/order", func(w http.ResponseWriter, _ *http.Request) { a.tell(w, http.StatusOK) })
	mux.HandleFunc("/name", a.authorization)
	mux.HandleFunc("/prove/{kind}", a.prove)
	mux.HandleFunc("/finalize", a.finalize)
	mux.HandleFunc("/chain", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(a.chain) })
	a.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		w.Header().Set("Replay-Nonce", rand.Text())
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

// payload is what a request says, of RFC 7515 7.2.2.
func payload(r *http.Request, into any) {
	var jws struct{ Payload string }
	_ = json.NewDecoder(r.Body).Decode(&jws)
	text, _ := base64.RawURLEncoding.DecodeString(jws.Payload)
	_ = json.Unmarshal(text, into)
}

func (a *authority) newOrder(w http.ResponseWriter, r *http.Request) {
	var o struct{ Identifiers []struct{ Value string } }
	payload(r, &o)
	a.name, a.proof, a.chain = o.Identifiers[0].Value, "", nil
	w.Header().Set("Location", a.URL+"/order")
	a.tell(w, http.StatusCreated)
}

func (a *authority) tell(w http.ResponseWriter, status int) {
	state := map[bool]string{true: "ready", false: "pending"}[a.proof != ""]
	if a.chain != nil {
		state = "valid"
	}
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"status":%q,"authorizations":[%q],"finalize":%q,"certificate":%q}`, state, a.URL+"/name", a.URL+"/finalize", a.URL+"/chain")
}

func (a *authority) authorization(w http.ResponseWriter, _ *http.Request) {
	state := map[string]string{"": "pending", "no": "invalid"}[a.proof]
	var offers []string
	for _, kind := range a.offers {
		offers = append(offers, fmt.Sprintf(`{"type":%q,"url":%q,"token":"token-of-%s","status":"pending"}`, kind, a.URL+"/prove/"+kind, kind))
	}
	if state == "" {
		state = "valid"
	}
	fmt.Fprintf(w, `{"status":%q,"identifier":{"type":"dns","value":%q},"challenges":[%s]}`, state, a.name, strings.Join(offers, ","))
}

// prove looks at the box.
func (a *authority) prove(w http.ResponseWriter, r *http.Request) {
	kind := r.PathValue("kind")
	if a.proof = "no"; !slices.Contains(a.closed, kind) && map[string]func() bool{"http-01": a.byHTTP, "tls-alpn-01": a.byTLS}[kind]() {
		a.proof = kind
	}
	fmt.Fprintf(w, `{"type":%q,"url":%q,"token":"x","status":"processing"}`, kind, a.URL+r.URL.Path)
}

func (a *authority) byHTTP() bool {
	w := httptest.NewRecorder()
	a.who.answering(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "http://"+a.name+"/.well-known/acme-challenge/token-of-http-01", nil))
	return w.Code == http.StatusOK && strings.HasPrefix(w.Body.String(), "token-of-http-01.")
}

func (a *authority) byTLS() bool {
	near, far := net.Pipe()
	defer near.Close()
	go func() { _ = tls.Server(far, a.who.config()).Handshake() }()
	c := tls.Client(near, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{acme.ALPNProto}, ServerName: a.name})
	if c.Handshake() != nil {
		return false
	}
	shown := c.ConnectionState()
	return shown.NegotiatedProtocol == acme.ALPNProto && shown.PeerCertificates[0].VerifyHostname(a.name) == nil
}

func (a *authority) finalize(w http.ResponseWriter, r *http.Request) {
	var f struct{ CSR string }
	payload(r, &f)
	der, _ := base64.RawURLEncoding.DecodeString(f.CSR)
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil || csr.CheckSignature() != nil || !slices.Equal(csr.DNSNames, []string{a.name}) {
		a.t.Errorf("it asks for %+v, %v", csr, err)
		return
	}
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	c := &x509.Certificate{SerialNumber: big.NewInt(7), DNSNames: csr.DNSNames, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(90 * 24 * time.Hour)}
	made, err := x509.CreateCertificate(rand.Reader, c, &x509.Certificate{SerialNumber: big.NewInt(1)}, csr.PublicKey, key)
	if err != nil {
		a.t.Error(err)
	}
	a.chain = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made})
	w.Header().Set("Location", a.URL+"/order")
	a.tell(w, http.StatusOK)
}

// TestCertificateIsFetched (RFC 8555 7, 8.3; RFC 8737): by whichever way the authority reaches the box; then it serves, and is there
// after a start.
func TestCertificateIsFetched(t *testing.T) {
	for _, row := range []struct {
		title          string
		offers, closed []string
		proof          string
	}{
		{"by port 80", orderProofs, nil, "http-01"},
		{"by port 443", orderProofs, []string{"http-01"}, "tls-alpn-01"},
		{"by the one that is offered", []string{"tls-alpn-01"}, nil, "tls-alpn-01"},
		{"by none", orderProofs, orderProofs, "no"},
	} {
		t.Run(row.title, func(t *testing.T) {
			who, err := openIdentity(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			a := newAuthority(t, who)
			a.offers, a.closed = row.offers, row.closed
			b := &Box{identity: who}
			b.orders = openOrders(b)
			root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Certificate().Raw})
			err = b.orders.fetch(t.Context(), &webui.CertificateOrder{Name: "pbx.example.cn", Directory: a.URL + "/directory", Authority: string(root)})
			if (err == nil) != (row.proof != "no") || a.proof != row.proof {
				t.Fatalf("proved by %q: %v", a.proof, err)
			}
			if who.challenge.Load() != nil {
				t.Error("the challenge stays")
			}
			if err != nil {
				return
			}
			again, err := openIdentity(who.dir)
			if err != nil || who.own.Load() || again.own.Load() || !bytes.Equal(again.now.Load().Certificate[0], who.now.Load().Certificate[0]) {
				t.Errorf("after a start it is another: %v", err)
			}
		})
	}
}

// TestOrderIsTriedAgain: why nothing came of a try stands beside the order and in an alarm, and the next waits longer each time. The
// alarm goes with the order.
func TestOrderIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, telephony.DefaultConfig())
		defer w.close()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		o, tries := openOrders(w.box), []time.Duration(nil)
		began := time.Now()
		go o.run(ctx, func(context.Context, *webui.CertificateOrder) error {
			tries = append(tries, time.Since(began).Round(time.Minute))
			return errors.New("the authority is closed")
		})
		if err := o.put(&webui.CertificateOrder{Name: "pbx.example.cn"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Minute)
		if want := []time.Duration{0, time.Minute, 3 * time.Minute, 7 * time.Minute, 15 * time.Minute}; !slices.Equal(tries, want) {
			t.Errorf("tries at %v, want %v", tries, want)
		}
		alarms := w.box.Store.Alarms()
		if s := o.state(); len(alarms) != 1 || alarms[0].Message != s.Problem || s.Cause != "the authority is closed" || s.Next.Sub(began) < 31*time.Minute {
			t.Errorf("%+v, alarms %+v", s, alarms)
		}
		if left := openOrders(w.box).state(); left == nil || left.Name != "pbx.example.cn" {
			t.Errorf("after a start the order is %+v", left)
		}
		if err := o.put(nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if left := openOrders(w.box).state(); left != nil || o.state() != nil || len(w.box.Store.Alarms()) != 0 {
			t.Errorf("it is left: %+v, alarms %+v", left, w.box.Store.Alarms())
		}
	})
}

// TestOrderGivesWay: a certificate that somebody puts in ends the order, which would replace it, and so does going back to the own.
func TestOrderGivesWay(t *testing.T) {
	w := &Box{}
	var err error
	if w.Store, err = storage.Open(t.TempDir(), storage.Options{}); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if w.identity, err = openIdentity(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	w.orders = openOrders(w)
	c := certificates{w, w.identity}
	chain, key := authorized(t, time.Now().Add(time.Hour), "pbx.example.cn")
	for title, end := range map[string]func() error{
		"another": func() error { return c.PutCertificate(t.Context(), chain, key, webui.By{}) },
		"the own": func() error { return c.DeleteCertificate(t.Context(), webui.By{}) },
	} {
		if err := c.OrderCertificate(t.Context(), webui.CertificateOrder{Name: "pbx.example.cn"}, webui.By{}); err != nil || c.Certificate().Order == nil {
			t.Fatal(err)
		}
		if err := end(); err != nil || c.Certificate().Order != nil {
			t.Errorf("%s: %v", title, err)
		}
	}
	if err := c.OrderCertificate(t.Context(), webui.CertificateOrder{Name: "pbx.example.cn", Authority: "none"}, webui.By{}); err == nil {
		t.Error("an authority that is no certificate")
	}
}

// TestRenewal: when a third of a certificate's life is left, or when it is for another name.
func TestRenewal(t *testing.T) {
	now := time.Now()
	c := &x509.Certificate{DNSNames: []string{"pbx.example.cn"}, NotBefore: now, NotAfter: now.Add(90 * time.Hour)}
	for after, want := range map[time.Duration]bool{0: false, 59 * time.Hour: false, 61 * time.Hour: true, 100 * time.Hour: true} {
		if due(c, "pbx.example.cn", now.Add(after)) != want || !due(c, "other.example.cn", now.Add(after)) {
			t.Errorf("after %v", after)
		}
	}
}
