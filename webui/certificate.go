package webui

import (
	"context"
	"time"
)

// Certificate describes the certificate that is in use.
type Certificate struct {
	Own         bool      `json:"own"` // the box made it, and browsers warn of it
	Names       []string  `json:"names"`
	Issuer      string    `json:"issuer"`
	Expires     time.Time `json:"expires"`
	Fingerprint string    `json:"fingerprint"` // SHA-256, in hex
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

func (s *Server) deleteCertificate(ctx context.Context, _ *struct{}) (*certificateAnswer, error) {
	if err := s.Certificates.DeleteCertificate(ctx, by(ctx)); err != nil {
		return nil, err
	}
	return &certificateAnswer{s.Certificates.Certificate()}, nil
}
