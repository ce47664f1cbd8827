package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"callbox/storage"
	"callbox/telephony"
	"callbox/webui"
)

// localRoot is who speaks over the unix socket: somebody who already owns the box's files.
const localRoot = "local:root"

// backups joins the page to the one file that holds the whole box.
type backups struct{ *Box }

// Backup writes it while the box runs.
func (b backups) Backup(ctx context.Context, w io.Writer) error { return b.Store.Backup(ctx, w) }

// Seal encrypts one with a passphrase.
func (b backups) Seal(ctx context.Context, passphrase string) (func(io.Writer) io.WriteCloser, error) {
	return b.Store.Seal(ctx, passphrase)
}

// Restore checks a backup, lays it ready and has the box start again with it. Whoever is at the box means the file that lies there.
func (b backups) Restore(ctx context.Context, r io.Reader, passphrase string, other bool, by webui.By) error {
	accept := ""
	if other || by.Who == localRoot {
		accept = storage.AnyBox
	}
	plain, err := b.Store.Unsealed(ctx, r, passphrase)
	if err != nil {
		return err
	}
	if _, err := b.Store.Restore(ctx, plain, accept, storage.By(by)); err != nil {
		return err
	}
	b.opt.Restart()
	return nil
}

// BeforeUpdate is what was saved before the last update.
func (b backups) BeforeUpdate() (*webui.Saved, io.ReadCloser, error) {
	dir := b.Store.Dir(updateDir)
	f, err := os.Open(filepath.Join(dir, savedConfig))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, telephony.Errorf(telephony.NotFound, "没有升级前保存的备份。", "Nothing was saved before an update.")
	} else if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	version, _ := os.ReadFile(filepath.Join(dir, savedFor)) // one saved by an earlier version has none
	return &webui.Saved{Version: string(version), Made: info.ModTime().UTC()}, f, nil
}
