package storage

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"

	"callbox/telephony"
)

// A backup is a gzip of a tar: the files, then manifest.json, then manifest.sig. The manifest stands at the end so that the
// file can be made while the box runs, in one pass; nothing of it is believed before that has been read.
const (
	backupFormat   = 1
	manifestName   = "manifest.json"
	signatureName  = "manifest.sig"
	configName     = "config.db"
	stateName      = "state.db"
	maxManifest    = 64 << 20
	fingerprintLen = 16 // hex digits that people compare
)

// A Manifest says what a backup holds and which box made it.
type Manifest struct {
	Format   int            `json:"backup_format"`
	Box      []byte         `json:"box"` // its public key, ed25519
	Made     time.Time      `json:"made"`
	Boot     uint32         `json:"boot"`
	Revision uint64         `json:"revision"` // of the configuration
	LastSeq  uint64         `json:"last_seq"` // of the journal
	Files    []ManifestFile `json:"files"`
}

// A ManifestFile is one file of a backup.
type ManifestFile struct {
	Name   string `json:"name"`
	Octets int64  `json:"octets"`
	SHA256 string `json:"sha256"` // hex
}

// Fingerprint is the box that made the backup, short enough to be compared by people.
func (m *Manifest) Fingerprint() string { return fingerprint(m.Box) }

func fingerprint(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:])[:fingerprintLen]
}

// Fingerprint is this box's, by which its backups are known.
func (s *Store) Fingerprint() string { return fingerprint(s.key.Public().(ed25519.PublicKey)) }

// loadKey reads the key by which the box signs; a box without one makes it.
func loadKey(dir string) (ed25519.PrivateKey, error) {
	path := filepath.Join(dir, keyDir, "box.key")
	text, err := os.ReadFile(path)
	if err == nil {
		if seed, err := hex.DecodeString(string(text)); err == nil && len(seed) == ed25519.SeedSize {
			return ed25519.NewKeyFromSeed(seed), nil
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	seed := secretOctets(ed25519.SeedSize)
	err = replaceFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, hex.EncodeToString(seed))
		return err
	})
	return ed25519.NewKeyFromSeed(seed), err
}

// readManifest believes a manifest that its own key has signed.
func readManifest(text, signature []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, badBackup("清单无法读取", "its manifest cannot be read")
	}
	if m.Format > backupFormat {
		return nil, telephony.Errorf(telephony.Invalid,
			"备份格式 %d 来自更新的版本。请先升级本设备。", "The backup has format %d of a later version. Update this box first.", m.Format)
	}
	if m.Format < 1 || len(m.Box) != ed25519.PublicKeySize || !ed25519.Verify(m.Box, text, signature) {
		return nil, badBackup("签名不符", "its signature does not fit")
	}
	return m, nil
}

func badBackup(zh, en string) error {
	return telephony.Errorf(telephony.Invalid,
		"备份文件不可用：%[1]s。没有任何改动；请换一份备份。",
		"The backup cannot be used: %[2]s. Nothing was changed; use another one.", zh, en)
}
