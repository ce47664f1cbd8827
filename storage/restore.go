package storage

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

const (
	stagingDir      = "restore.new"   // is being checked
	readyDir        = "restore.ready" // takes its place at the next start
	maxRestoreFiles = 100_000
	maxRestore      = 64 << 30 // octets unpacked
	restoreReserve  = 64 << 20 // octets of the disk that stay free
)

// AnyBox accepts a backup whichever box made it.
const AnyBox = "any"

// What a backup may hold. Names are checked against this before anything is written. A start does not wait for it.
var restoreNames = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(config\.db|journal/[0-9]{20}\.journal|prompts/([\p{L}\p{N}_-][\p{L}\p{N}._-]{0,127}/){0,3}[\p{L}\p{N}_-][\p{L}\p{N}._-]{0,127})$`)
})

// Restore reads a backup, checks all of it, and lays it ready: it takes effect at the next start of the box, which the
// caller brings about. Until then, and whenever it refuses, nothing is changed. What a restore replaces is kept in the
// folder before-restore. Accept names the fingerprint of another box whose backup is welcome, or AnyBox; a backup of this
// box needs none. The journal of this box stays where it goes further than the backup's.
func (s *Store) Restore(ctx context.Context, r io.Reader, accept string, by By) (*Manifest, error) {
	if err := s.mayChange(); err != nil {
		return nil, err
	}
	if !s.restoring.CompareAndSwap(false, true) {
		return nil, telephony.Errorf(telephony.Busy, "正在进行另一个恢复，请稍候。", "Another restore is going on. Wait for it.")
	}
	defer s.restoring.Store(false)
	staged := filepath.Join(s.dir, stagingDir)
	if err := errors.Join(os.RemoveAll(staged), os.Mkdir(staged, 0o700)); err != nil {
		return nil, err
	}
	defer os.RemoveAll(staged)
	m, err := s.stage(ctx, r, staged)
	if err != nil {
		return nil, err
	}
	own := m.Fingerprint() == s.Fingerprint()
	if !own && accept != AnyBox && accept != m.Fingerprint() {
		return nil, telephony.Errorf(telephony.Forbidden,
			"备份来自另一台设备（指纹 %[1]s）。确认无误后，请选择接受另一台设备的备份再试。",
			"The backup is another box's (fingerprint %[1]s). If it is the right one, say that another box's is meant, and try again.", m.Fingerprint()).At("other")
	}
	var ours register
	if own {
		if ours, err = s.register(); err != nil {
			return nil, err
		}
	}
	if err := checkStaged(ctx, staged, ours, by); err != nil {
		return nil, err
	}
	if own && s.LastSeq() >= m.LastSeq {
		if err := os.RemoveAll(filepath.Join(staged, journalDir)); err != nil {
			return nil, err
		}
	}
	return m, s.layReady(staged)
}

// layReady puts what was staged where the next start finds it.
func (s *Store) layReady(staged string) error {
	ready := filepath.Join(s.dir, readyDir)
	return errors.Join(os.RemoveAll(ready), os.RemoveAll(filepath.Join(s.dir, asideDir)), rename(staged, ready))
}

// stage unpacks a backup and compares it with its manifest.
func (s *Store) stage(ctx context.Context, r io.Reader, staged string) (*Manifest, error) {
	root, err := os.OpenRoot(staged)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	z, err := gzip.NewReader(r)
	switch e := new(telephony.Error); {
	case errors.As(err, &e): // what Unsealed says
		return nil, err
	case err != nil:
		return nil, badBackup("不是备份文件", "it is no backup")
	}
	u := unpacking{root: root, left: min(maxRestore, s.Free()-restoreReserve), found: map[string]ManifestFile{}}
	t := tar.NewReader(z)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = u.take(h, t)
		}
		if err != nil {
			return nil, refusal(err)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(z, 1<<20)); err != nil { // the checksum at the end of the gzip
		return nil, refusal(err)
	}
	m, err := readManifest(u.manifest, u.signature)
	if err != nil {
		return nil, err
	}
	return m, u.compare(m)
}

// refusal is what people are told of a file that cannot be read; errors that are sentences already stay.
func refusal(err error) error {
	var e *telephony.Error
	if errors.As(err, &e) {
		return err
	}
	var p *os.PathError
	if errors.As(err, &p) {
		return err // the disk's fault, not the file's
	}
	return badBackup("文件已损坏", "the file is damaged")
}

// An unpacking writes the files of a backup and remembers what they were.
type unpacking struct {
	root      *os.Root
	left      int64 // octets that may still be written
	found     map[string]ManifestFile
	manifest  []byte
	signature []byte
}

// take takes the next file of the archive.
func (u *unpacking) take(h *tar.Header, r io.Reader) (err error) {
	switch {
	case h.Typeflag != tar.TypeReg || h.Size < 0:
		return badBackup("含有不允许的内容", "it holds something that is no ordinary file")
	case h.Name == manifestName:
		u.manifest, err = io.ReadAll(io.LimitReader(r, maxManifest))
		return err
	case h.Name == signatureName:
		u.signature, err = io.ReadAll(io.LimitReader(r, 1024))
		return err
	case !restoreNames().MatchString(h.Name) || u.found[h.Name].Name != "":
		return badBackup("含有不允许的文件名", "it holds a file that does not belong there")
	case len(u.found) >= maxRestoreFiles || h.Size > u.left:
		return telephony.Errorf(telephony.TooLarge,
			"备份太大，磁盘放不下。没有任何改动。", "The backup is too large for the disk of this box. Nothing was changed.")
	}
	u.left -= h.Size
	if err := u.root.MkdirAll(path.Dir(h.Name), 0o700); err != nil {
		return err
	}
	f, err := u.root.OpenFile(h.Name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	sum := sha256.New()
	_, err = io.CopyN(io.MultiWriter(f, sum), r, h.Size)
	u.found[h.Name] = ManifestFile{h.Name, h.Size, hex.EncodeToString(sum.Sum(nil))}
	return errors.Join(err, f.Sync(), f.Close())
}

// compare refuses a backup that is not, file for file, what its manifest says.
func (u *unpacking) compare(m *Manifest) error {
	for _, f := range m.Files {
		if u.found[f.Name] != f {
			return badBackup("文件 "+bounded(f.Name, 100)+" 与清单不符", "its file "+bounded(f.Name, 100)+" is not what the manifest says")
		}
		delete(u.found, f.Name)
	}
	if len(u.found) > 0 {
		return badBackup("含有清单之外的文件", "it holds files that the manifest does not name")
	}
	return nil
}

// checkStaged looks into the database that was unpacked: it must be whole and hold a valid configuration. It is brought to
// this version's format; the restore is noted in its audit, and who comes or goes by it in its register of staff. The journal
// needs no more than its checksum in the manifest: its readers take it line by line.
func checkStaged(ctx context.Context, staged string, ours register, by By) error {
	var damage error
	config, err := openFile(filepath.Join(staged, configName), configLayout, func(_ string, how error) { damage = how })
	if err != nil {
		return err
	}
	s := Store{config: config}
	err = s.checkConfig(ctx, ours, by)
	if closeErr := config.close(); err == nil {
		err = closeErr
	}
	if damage != nil {
		return badBackup("其中的数据库已损坏", "its database is damaged")
	}
	return err
}

func (s *Store) checkConfig(ctx context.Context, ours register, by By) error {
	var newest uint64
	err := s.config.View(func(tx *bbolt.Tx) error {
		newest = newestRevision(tx.Bucket(revisionsBucket))
		return nil
	})
	if err != nil {
		return err
	}
	c, err := s.ConfigAt(newest)
	if err != nil {
		return badBackup("其中没有配置", "it holds no configuration")
	}
	if invalid := c.Validate(); invalid != nil {
		return invalid
	}
	return s.config.Update(ctx, func(tx *bbolt.Tx) error {
		if err := keepRegister(tx, c.Agents, ours); err != nil {
			return err
		}
		return appendAudit(tx, by.line("backup.restored", "", strings.TrimSpace(by.Why)))
	})
}
