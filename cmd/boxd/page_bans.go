package main

import (
	"context"

	"callbox/telephony"
	"callbox/webui"
)

// bans joins the page to those whom SIP does not listen to.
type bans struct{ *Box }

// Bans lists them.
func (b bans) Bans(ctx context.Context) ([]telephony.Ban, error) { return b.SIP.Bans(ctx) }

// Unban listens to an address again, and notes who wanted that.
func (b bans) Unban(ctx context.Context, address string, by webui.By) error {
	if err := b.SIP.Unban(ctx, address); err != nil {
		return err
	}
	return b.note(by, "ban.delete", address)
}
