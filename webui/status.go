package webui

import (
	"context"
	"time"

	"callbox/telephony"
)

// Status is what a page must know before anybody has signed in, and a little more for those who have.
type Status struct {
	Name      string    `json:"name"`      // of the company
	Language  string    `json:"language"`  // of the site: "zh" or "en"
	TimeZone  string    `json:"time_zone"` // IANA name; the page shows every time in it
	Time      time.Time `json:"time"`
	Claimed   bool      `json:"claimed"`   // false: POST /api/claim first
	Simulated bool      `json:"simulated"` // the board has a world to play with
	Person    *Person   `json:"person,omitempty"`
	Version   string    `json:"version,omitempty"` // for those who signed in
	Board     string    `json:"board,omitempty"`
	Started   time.Time `json:"started,omitzero"`
	Revision  uint64    `json:"revision,omitempty"` // of the configuration
	Notice    string    `json:"notice,omitempty"`   // of the company to those who work there
	Image     bool      `json:"image,omitempty"`    // it runs from an image, which POST /api/update replaces

	Off []telephony.Function `json:"off,omitempty"` // what is switched off, for those who signed in

	NoPasskeys *telephony.Text `json:"no_passkeys,omitempty"` // why browsers use no passkeys where the page was opened; absent: they do
}

type statusAnswer struct{ Body Status }

func (s *Server) getStatus(ctx context.Context, _ *struct{}) (*statusAnswer, error) {
	c := s.Configs.Config()
	status := Status{
		Name: c.Site.Name, Language: c.Site.Language, TimeZone: c.Site.TimeZone, Time: time.Now(),
		Claimed: s.Accounts.Claimed(), Simulated: s.World != nil,
	}
	if why := s.noPasskeys(connOf(ctx)); why != nil {
		status.NoPasskeys = &why.Message
	}
	if p := asker(ctx); p.Name != "" {
		status.Person = &p
		status.Version, status.Board, status.Started, status.Revision = s.Version, s.Board, s.Started, c.Revision
		status.Notice, status.Off = c.Site.Notice, c.Off
		status.Image = s.Updates != nil
	}
	return &statusAnswer{status}, nil
}
