package main

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"

	"callbox/telephony"
	"callbox/webui"
)

// An order has the box fetch its certificate by ACME (RFC 8555) from an authority, and renew it.

const (
	orderFile     = "acme.json"
	orderKeyFile  = "acme.key"
	orderTime     = 3 * time.Minute // for one try
	orderWait     = time.Minute     // after a failure, doubled by each further one
	orderLongest  = 12 * time.Hour
	orderLook     = time.Hour // how often a certificate is looked at
	orderAlarm    = "certificate_order"
	maxOrderCause = 300 // octets of what an authority says
)

// The ways to prove that a name leads to this box: RFC 8555 8.3 by port 80, RFC 8737 by port 443.
var orderProofs = []string{"http-01", "tls-alpn-01"}

// A challenge is what the authority looks for at the name, while it does.
type challenge struct {
	path, answer string           // of http-01
	certificate  *tls.Certificate // of tls-alpn-01
}

// orders keeps the order and carries it out. Its goroutine alone speaks with the authority.
type orders struct {
	*Box
	changed chan struct{} // the order is another
	alarmed bool          // the goroutine's: the alarm stands

	mu      sync.Mutex
	order   *webui.CertificateOrder
	problem telephony.Text
	cause   string    // of the problem, as the authority or the network words it
	next    time.Time // of the next try
}

// openOrders reads the order that was left by the run before.
func openOrders(b *Box) *orders {
	o := &orders{Box: b, changed: make(chan struct{}, 1)}
	if text, err := os.ReadFile(filepath.Join(b.identity.dir, orderFile)); err == nil {
		_ = json.Unmarshal(text, &o.order) // one that cannot be read is none, and can be given again
	}
	return o
}

// state is the order, with what came of it.
func (o *orders) state() *webui.CertificateOrder {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.order == nil {
		return nil
	}
	s := *o.order
	s.Problem, s.Cause, s.Next = o.problem, o.cause, o.next
	return &s
}

// put keeps another order, or none, and has it carried out.
func (o *orders) put(order *webui.CertificateOrder) error {
	name := filepath.Join(o.identity.dir, orderFile)
	if order == nil {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	} else {
		text, err := json.Marshal(order)
		if err != nil {
			return err
		}
		if err := replace(name, text, secretFile); err != nil {
			return err
		}
	}
	o.mu.Lock()
	o.order, o.problem, o.cause, o.next = order, telephony.Text{}, "", time.Time{}
	o.mu.Unlock()
	select {
	case o.changed <- struct{}{}:
	default:
	}
	return nil
}

// run fetches the certificate that is ordered, and another one when a third of its life is left, until ctx ends.
func (o *orders) run(ctx context.Context, fetch func(context.Context, *webui.CertificateOrder) error) {
	wait, failures := time.Duration(0), 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.changed:
			failures = 0
		case <-time.After(wait):
		}
		wait = orderLook
		order := o.state()
		if order == nil || !due(o.identity.now.Load().Leaf, order.Name, time.Now()) {
			o.tell(order, nil, time.Time{})
			continue
		}
		err := fetch(ctx, order)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			failures = 0
			o.tell(order, nil, time.Time{})
			continue
		}
		wait = min(orderWait<<min(failures, 10), orderLongest)
		failures++
		o.tell(order, err, time.Now().Add(wait))
	}
}

// due says that a certificate is to be fetched: there is none for the name, or two thirds of its life are over.
func due(c *x509.Certificate, name string, at time.Time) bool {
	return c.VerifyHostname(name) != nil || at.After(c.NotAfter.Add(-c.NotAfter.Sub(c.NotBefore)/3))
}

// tell keeps what came of a try, and raises the alarm or takes it back.
func (o *orders) tell(order *webui.CertificateOrder, err error, next time.Time) {
	var problem telephony.Text
	cause := ""
	if err != nil {
		why := whyNoCertificate(err)
		problem = telephony.Text{
			ZH: fmt.Sprintf("没能取得 %s 的证书：%s。设备会再试。", order.Name, why.ZH),
			EN: fmt.Sprintf("No certificate for %s: %s. The box tries again.", order.Name, why.EN),
		}
		cause = err.Error()
		cause = strings.ToValidUTF8(cause[:min(len(cause), maxOrderCause)], "") // the cut may be within a letter
	}
	o.mu.Lock()
	o.problem, o.cause, o.next = problem, cause, next
	o.mu.Unlock()
	if failed := err != nil; failed != o.alarmed {
		o.alarmed = failed
		o.Store.Append(telephony.Entry{Fact: telephony.Alarm{Name: orderAlarm, On: err != nil, Message: problem}})
	}
}

// fetch proves the name in one of the two ways, and puts the certificate in.
func (o *orders) fetch(ctx context.Context, order *webui.CertificateOrder) error {
	ctx, cancel := context.WithTimeout(ctx, orderTime)
	defer cancel()
	client, err := o.client(order)
	if err != nil {
		return err
	}
	if _, err := client.Register(ctx, &acme.Account{}, acme.AcceptTOS); err != nil && !errors.Is(err, acme.ErrAccountAlreadyExists) {
		return err
	}
	var failed []error
	for _, proof := range orderProofs {
		text, err := o.prove(ctx, client, order.Name, proof)
		if err == nil {
			return certificates{o.Box, o.identity}.use(text)
		}
		failed = append(failed, fmt.Errorf("%s: %w", proof, err))
	}
	return errors.Join(failed...)
}

// client speaks with the authority, by the box's own account there.
func (o *orders) client(order *webui.CertificateOrder) (*acme.Client, error) {
	key, err := o.accountKey()
	if err != nil {
		return nil, err
	}
	road := http.DefaultTransport.(*http.Transport).Clone()
	if order.Authority != "" {
		road.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
		road.TLSClientConfig.RootCAs.AppendCertsFromPEM([]byte(order.Authority))
	}
	return &acme.Client{
		Key: key, DirectoryURL: cmp.Or(order.Directory, acme.LetsEncryptURL), UserAgent: "Callbox/" + o.opt.Version,
		HTTPClient: &http.Client{Transport: road, Timeout: orderTime},
	}, nil
}

// prove orders a certificate, shows the authority what it looks for at the name, and gives the certificate with its key as PEM.
func (o *orders) prove(ctx context.Context, client *acme.Client, name, proof string) ([]byte, error) {
	order, err := client.AuthorizeOrder(ctx, acme.DomainIDs(name))
	if err != nil {
		return nil, err
	}
	defer o.identity.challenge.Store(nil)
	for _, url := range order.AuthzURLs {
		if err := o.answer(ctx, client, url, name, proof); err != nil {
			return nil, err
		}
	}
	if order, err = client.WaitOrder(ctx, order.URI); err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{name}}, key)
	if err != nil {
		return nil, err
	}
	// By the order: the answer to this request need not tell where the order is (RFC 8555 7.4), and the authority may take its time.
	chain, _, err := client.CreateCertFromOrder(ctx, order, csr, true)
	if err != nil {
		return nil, err
	}
	text, err := keyPEM(key)
	for _, der := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return text, err
}

// answer has the authority look.
func (o *orders) answer(ctx context.Context, client *acme.Client, url, name, proof string) error {
	z, err := client.GetAuthorization(ctx, url)
	if err != nil || z.Status == acme.StatusValid {
		return err
	}
	for _, c := range z.Challenges {
		if c.Type != proof {
			continue
		}
		shown, err := show(client, c, name)
		if err != nil {
			return err
		}
		o.identity.challenge.Store(shown)
		if _, err := client.Accept(ctx, c); err != nil {
			return err
		}
		_, err = client.WaitAuthorization(ctx, url)
		return err
	}
	return errors.New("the authority does not offer it")
}

func show(client *acme.Client, c *acme.Challenge, name string) (*challenge, error) {
	if c.Type == "http-01" {
		answer, err := client.HTTP01ChallengeResponse(c.Token)
		return &challenge{path: client.HTTP01ChallengePath(c.Token), answer: answer}, err
	}
	certificate, err := client.TLSALPN01ChallengeCert(c.Token, name)
	return &challenge{certificate: &certificate}, err
}

// accountKey is the key of the account at the authority: made once.
func (o *orders) accountKey() (crypto.Signer, error) {
	file := filepath.Join(o.identity.dir, orderKeyFile)
	if text, err := os.ReadFile(file); err == nil {
		if block, _ := pem.Decode(text); block != nil {
			key, _ := x509.ParsePKCS8PrivateKey(block.Bytes)
			if signer, ok := key.(crypto.Signer); ok {
				return signer, nil
			}
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	text, err := keyPEM(key)
	if err != nil {
		return nil, err
	}
	return key, replace(file, text, secretFile)
}

func keyPEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}
