package webui

import (
	"context"
	"time"

	"callbox/telephony"
)

// Certificate describes the certificate that is in use.
type Certificate struct {
	Own         bool      `json:"own"` // the box made it, and browsers warn of it
	Names       []string  `json:"names"`
	Issuer      string    `json:"issuer"`
	Expires     time.Time `json:"expires"`
	Fingerprint string    `json:"fingerprint"` // SHA-256, in hex

	Order *CertificateOrder `json:"order,omitempty"` // the box fetches it by itself
}

// A CertificateOrder has the box fetch its certificate by ACME (RFC 8555), and renew it when a third of its life is left.
type CertificateOrder struct {
	Name      string         `json:"name" maxLength:"253" pattern:"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?[.])+[a-z][a-z0-9-]{0,61}[a-z0-9]$" doc:"By which people open the page; it has to lead to the box from the authority's side, by port 80 or 443"`
	Directory string         `json:"directory,omitempty" maxLength:"1024" pattern:"^(https://.+)?$" doc:"The authority's directory; empty: Let's Encrypt's"`
	Authority string         `json:"authority,omitempty" maxLength:"65536" doc:"Who vouches for the directory itself, as PEM, where computers do not know them: a company's own"`
	Problem   telephony.Text `json:"problem,omitzero" readOnly:"true"` // why the last try came to nothing
	Cause     string         `json:"cause,omitempty" readOnly:"true"`  // of the problem, in the authority's own words: English as a rule
	Next      time.Time      `json:"next,omitzero" readOnly:"true"`    // when the box tries again
}

type certificateAnswer struct{ Body Certificate }

func (s *Server) getCertificate(context.Context, *struct{}) (*certificateAnswer, error) {
	return &certificateAnswer{s.Certificates.Certificate()}, nil
}

type certificateInput struct {
	Body struct {
		Chain string `json:"chain" maxLength:"65536" doc:"The certificate, and those that lead to a known authority, as PEM"`
		Key   string `json:"key" maxLength:"16384" doc:"Its key, as PEM, not encrypted"`
	}
}

func (s *Server) putCertificate(ctx context.Context, in *certificateInput) (*certificateAnswer, error) {
	if err := s.Certificates.PutCertificate(ctx, in.Body.Chain, in.Body.Key, by(ctx)); err != nil {
		return nil, err
	}
	return &certificateAnswer{s.Certificates.Certificate()}, nil
}

type orderInput struct {
	Body struct {
		CertificateOrder
		Agreed bool `json:"agreed" doc:"The authority's terms are agreed to"`
	}
}

var errTerms = telephony.Errorf(telephony.Invalid, "请先同意证书颁发机构的条款。", "Agree to the authority's terms first.").At("agreed")

func (s *Server) putCertificateOrder(ctx context.Context, in *orderInput) (*certificateAnswer, error) {
	if !in.Body.Agreed {
		return nil, errTerms
	}
	order := in.Body.CertificateOrder
	order.Problem, order.Cause, order.Next = telephony.Text{}, "", time.Time{}
	if err := s.Certificates.OrderCertificate(ctx, order, by(ctx)); err != nil {
		return nil, err
	}
	return &certificateAnswer{s.Certificates.Certificate()}, nil
}

func (s *Server) deleteCertificate(ctx context.Context, _ *struct{}) (*certificateAnswer, error) {
	if err := s.Certificates.DeleteCertificate(ctx, by(ctx)); err != nil {
		return nil, err
	}
	return &certificateAnswer{s.Certificates.Certificate()}, nil
}
