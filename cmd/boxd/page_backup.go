package main

import (
	"context"
	"io"

	"callbox/storage"
	"callbox/webui"
)

// localRoot is who speaks over the unix socket: somebody who already owns the box's files.
const localRoot = "local:root"

// backups joins the page to the one file that holds the whole box.
type backups struct{ *Box }

// Backup writes it while the box runs.
func (b backups) Backup(ctx context.Context, w io.Writer) error { return b.Store.Backup(ctx, w) }

// Restore checks a backup, lays it ready and has the box start again with it. Another box's backup is taken only from
// somebody at this one.
func (b backups) Restore(ctx context.Context, r io.Reader, by webui.By) error {
	accept := ""
	if by.Who == localRoot {
		accept = storage.AnyBox
	}
	if _, err := b.Store.Restore(ctx, r, accept, storage.By(by)); err != nil {
		return err
	}
	b.opt.Restart()
	return nil
}
