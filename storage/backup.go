package storage

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Backup writes the box in one signed file while it runs: the configuration with its history, accounts and audit, the
// journal, from which call records are made again, and the customer's prompts. Recordings are not in it.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	mark, _, _ := s.mark.get()
	b := backup{ctx: ctx, tar: tar.NewWriter(z), manifest: Manifest{
		Format: backupFormat, Box: s.key.Public().(ed25519.PublicKey), Made: time.Now().UTC(),
		Boot: s.Boot(), Revision: s.Config().Revision, LastSeq: mark.seq,
	}}
	for _, part := range []func() error{
		func() error { return b.database(s.config, s.dir) },
		func() error { return b.journal(s.Journal.dir, mark) },
		func() error { return b.folder(s.dir, promptDir) },
		func() error { return b.sign(s.key) },
		b.tar.Close, z.Close,
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// A backup is one in the making.
type backup struct {
	ctx      context.Context
	tar      *tar.Writer
	manifest Manifest
}

// database adds a bbolt file. It is copied first, because a transaction must not wait for a slow reader.
func (b *backup) database(f *file, dir string) error {
	temp, err := os.MkdirTemp(dir, "backup-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	name := filepath.Base(f.path)
	copied := filepath.Join(temp, name)
	if err := guard(func() error { return copyDatabase(f.db.Load(), copied) }); err != nil {
		return err
	}
	return b.file(copied, name, -1)
}

// journal adds the segments up to the mark.
func (b *backup) journal(dir string, mark durable) error {
	firsts, err := segments(dir)
	if err != nil {
		return err
	}
	for _, first := range firsts {
		size := int64(-1)
		switch {
		case first > mark.seq:
			return nil
		case first == mark.first:
			size = mark.size
		}
		name := segmentName(first)
		if err := b.file(filepath.Join(dir, name), path.Join(journalDir, name), size); err != nil {
			return err
		}
	}
	return nil
}

// folder adds the ordinary files below a folder of the data directory.
func (b *backup) folder(dir, name string) error {
	return fs.WalkDir(os.DirFS(dir), name, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".new") {
			return err
		}
		return b.file(filepath.Join(dir, filepath.FromSlash(path)), path, -1)
	})
}

// file adds one file, or so many octets of it.
func (b *backup) file(from, name string, octets int64) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	if octets < 0 {
		info, err := f.Stat()
		if err != nil {
			return err
		}
		octets = info.Size()
	}
	sum := sha256.New()
	if err := b.entry(name, octets, io.TeeReader(f, sum)); err != nil {
		return err
	}
	b.manifest.Files = append(b.manifest.Files, ManifestFile{name, octets, hex.EncodeToString(sum.Sum(nil))})
	return b.ctx.Err()
}

// sign adds the manifest and its signature.
func (b *backup) sign(key ed25519.PrivateKey) error {
	text, err := json.Marshal(&b.manifest)
	if err != nil {
		return err
	}
	if err := b.entry(manifestName, int64(len(text)), strings.NewReader(string(text))); err != nil {
		return err
	}
	signature := ed25519.Sign(key, text)
	return b.entry(signatureName, int64(len(signature)), strings.NewReader(string(signature)))
}

func (b *backup) entry(name string, octets int64, r io.Reader) error {
	if err := b.tar.WriteHeader(&tar.Header{Name: name, Size: octets, Mode: 0o600, ModTime: b.manifest.Made}); err != nil {
		return err
	}
	_, err := io.CopyN(b.tar, r, octets)
	return err
}
