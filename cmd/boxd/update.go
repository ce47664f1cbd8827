package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"callbox/board"
	"callbox/telephony"
	"callbox/webui"
)

const (
	updateDir   = "updates" // in the data directory
	rebootFile  = "reboot"  // in the directory of requests
	bundleName  = "update.raucb"
	savedConfig = "before-update.backup"
	savedFor    = "before-update.version" // which update it was
)

// updates replaces the system of an image by RAUC. One update runs at a time.
type updates struct{ *restarts }

// Update checks a bundle, saves the box's data beside it, installs it, and plans the restart.
func (u *updates) Update(ctx context.Context, r io.Reader, older bool, restart webui.When, by webui.By) error {
	if !u.busy.TryLock() {
		return telephony.Errorf(telephony.Busy, "正在升级或即将重启，请等它完成。", "An update is being installed, or the box is about to restart: wait for it to end.")
	}
	defer u.busy.Unlock()
	if err := proved(ctx, u.opt.System); err != nil {
		return err
	}
	dir := u.Store.Dir(updateDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	bundle := filepath.Join(dir, bundleName)
	defer os.Remove(bundle)
	if err := writeFile(bundle, func(w io.Writer) error { _, err := io.Copy(w, r); return err }); err != nil {
		return err
	}
	version, err := u.check(ctx, bundle, older)
	if err != nil {
		return err
	}
	if err := errors.Join(u.save(ctx, version), u.keepLines()); err != nil {
		return err
	}
	if _, err := rauc(ctx, "install", bundle); err != nil {
		return telephony.Errorf(telephony.Internal, "升级没有安装成功，仍运行原系统：%v", "The update was not installed, and the old system runs on: %v", err)
	}
	return errors.Join(u.plan(version, restart), u.note(by, "update.installed", version)) // it is installed, whatever the disk says of the rest
}

// save keeps the box's data as they are before the update to a version.
func (b *Box) save(ctx context.Context, version string) error {
	dir := b.Store.Dir(updateDir)
	if err := replaceBy(filepath.Join(dir, savedConfig), func(w io.Writer) error { return b.Store.Backup(ctx, w) }, secretFile); err != nil {
		return err
	}
	return replace(filepath.Join(dir, savedFor), []byte(version), secretFile)
}

// proved refuses an update to a system that has not proved itself: it would overwrite the one to go back to. Who is in the recovery system
// wants to overwrite one; and in a box that was never updated RAUC holds that system for bad for ever, for ORDER does not name it.
func proved(ctx context.Context, dir string) error {
	if recovery, _ := board.Recovery(dir); recovery {
		return nil
	}
	out, err := rauc(ctx, "status", "--output-format=json")
	if err != nil {
		return err
	}
	var status struct {
		Booted string `json:"booted"`
		Slots  []map[string]struct {
			Bootname string `json:"bootname"`
			Status   string `json:"boot_status"`
		} `json:"slots"`
	}
	if err := json.Unmarshal(out, &status); err != nil {
		return fmt.Errorf("rauc status: %w", err)
	}
	for _, slots := range status.Slots {
		for _, s := range slots {
			if s.Bootname == status.Booted && s.Status == "good" {
				return nil
			}
		}
	}
	return telephony.Errorf(telephony.Busy, "当前系统刚启动，还在自检，请一分钟后再试。",
		"The system that runs has just started and not proved itself yet: try again in a minute.")
}

// check has RAUC check the signature, and compares board and version.
func (u *updates) check(ctx context.Context, bundle string, older bool) (version string, err error) {
	out, err := rauc(ctx, "info", "--output-format=json", bundle)
	if err != nil {
		return "", telephony.Errorf(telephony.Invalid, "这不是本设备认可的升级文件：%v", "This is no update that the box trusts: %v", err)
	}
	var info struct{ Compatible, Version string }
	if err := json.Unmarshal(out, &info); err != nil {
		return "", fmt.Errorf("rauc info: %w", err)
	}
	if want := "callbox-" + u.opt.Board.Name; info.Compatible != want {
		return "", telephony.Errorf(telephony.Invalid, "升级文件是给 %s 的，本设备是 %s。", "The update is for %s, this box is %s.", info.Compatible, want)
	}
	if err := newEnough(info.Version, u.opt.Version); err != nil && !older {
		return "", err
	}
	return info.Version, nil
}

// newEnough refuses a version that is older than the one that runs, and one that cannot be compared: boxd knows no other way to tell a
// downgrade. What runs without a number is a program of a developer's, older than all.
func newEnough(version, runs string) error {
	next, now := versionOf(version), versionOf(runs)
	switch {
	case next == nil:
		return telephony.Errorf(telephony.Invalid, "升级文件的版本 %s 不是数字，无法与现在的 %s 比较；确实要安装，请选“允许安装更旧的版本”。",
			"The update's version %s is no number, and cannot be compared with %s, which runs; allow an older version if it is meant.", version, runs)
	case slices.Compare(next, now) < 0:
		return telephony.Errorf(telephony.Invalid, "升级文件的版本 %s 比现在的 %s 旧；确实要降级，请说明。",
			"The update's version %s is older than %s, which runs; say so if it is meant.", version, runs)
	}
	return nil
}

// versionOf is what of a version can be compared, numbers between dots; nil where it is none. What stands behind a "+" names the build and
// has no order (Semantic Versioning 2.0.0, 10).
func versionOf(version string) (list []int) {
	version, _, _ = strings.Cut(strings.TrimPrefix(version, "v"), "+")
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil
		}
		list = append(list, int(n))
	}
	return list
}

// request asks the computer for what boxd has no right to do; image/files/usr/lib/systemd/system has who listens.
func (b *Box) request(name string) error {
	return os.WriteFile(filepath.Join(b.opt.Requests, name), nil, 0o600)
}

// rauc runs RAUC's client and gives what it prints.
func rauc(ctx context.Context, args ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, "rauc", args...)
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		return nil, errors.New(lastLine(said.String() + string(out)))
	}
	return out, nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// writeFile writes a file that is on the disk when it returns.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(&flushing{file: f}), f.Sync(), f.Close())
}

// mostUnflushed is what a file that is written may keep back from the disk, in octets.
const mostUnflushed = 256 << 10

// A flushing file flushes what it is given in pieces. A recording is flushed four times a second, and by ext4's order of things waits for what
// others have written until then (Linux, Documentation/filesystems/ext4/journal.rst, data=ordered): not for a whole update (A8.1, A14.7).
type flushing struct {
	file interface {
		io.Writer
		Sync() error
	}
	unflushed int
}

func (f *flushing) Write(b []byte) (n int, err error) {
	n, err = f.file.Write(b)
	if f.unflushed += n; err == nil && f.unflushed >= mostUnflushed {
		f.unflushed = 0
		err = f.file.Sync()
	}
	return n, err
}
