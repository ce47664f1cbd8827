package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"callbox/storage"
	"callbox/telephony"
	"callbox/webui"
)

// stickDir is where an image mounts a USB stick, to be read (image/files, run-stick.mount).
const stickDir = "/run/stick"

// atPanel is who does what is done at the front panel.
var atPanel = webui.By{Who: "local:panel", Source: "panel"}

// updateFromStick installs the update on the stick, as one that was sent to the page.
func (f *front) updateFromStick(ctx context.Context) error {
	bundle, err := onStick(f.stick, "*.raucb")
	if err != nil {
		return err
	}
	defer bundle.Close()
	return f.updates.Update(ctx, bundle, false, webui.RestartNow, atPanel)
}

// restoreFromStick takes the configuration of the backup on the stick: a box that has no owner yet becomes the one that the
// backup was made of.
func (f *front) restoreFromStick(ctx context.Context, passphrase string) error {
	if f.Store.ClaimCode() == "" {
		return telephony.Errorf(telephony.Forbidden, "本设备已有管理员，请先恢复出厂设置。", "This box has an owner. Reset it first.")
	}
	backup, err := onStick(f.stick, "*.backup")
	if err != nil {
		return err
	}
	defer backup.Close()
	plain, err := f.Store.Unsealed(ctx, backup, passphrase)
	if err != nil {
		return err
	}
	if _, err := f.Store.Restore(ctx, plain, storage.AnyBox, storage.By(atPanel)); err != nil {
		return err
	}
	f.opt.Restart()
	return nil
}

// onStick opens the one file of a kind in the stick's folder. Which of several is meant cannot be asked with four keys.
func onStick(dir, kind string) (*os.File, error) {
	files, err := filepath.Glob(filepath.Join(dir, kind))
	if err != nil {
		return nil, err
	}
	switch len(files) {
	case 0:
		return nil, telephony.Errorf(telephony.NotFound, "U盘上没有 %s 文件。", "There is no stick with a %s file.", kind)
	case 1:
	default:
		return nil, telephony.Errorf(telephony.Invalid, "U盘上有多个 %s 文件，请只留一个。", "The stick has several %s files. Leave one.", kind)
	}
	f, err := os.Open(files[0])
	if err != nil {
		return nil, errors.Join(telephony.Errorf(telephony.Unavailable, "U盘无法读取。", "The stick cannot be read."), err)
	}
	return f, nil
}
