package storage

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

const (
	maxAudit     = 100_000 // lines kept; the oldest go
	maxAuditText = 1000    // octets of one field
	auditBatch   = 5_000   // lines that are proved in one transaction
)

var auditBucket = []byte("audit")

// An AuditLine is one thing that a person did: changed the configuration, heard a recording, signed in. Each line's hash
// covers the line before, so that none can be changed or taken out unseen.
type AuditLine struct {
	Seq    uint64    `json:"seq"`
	Time   time.Time `json:"time"`
	Who    string    `json:"who"`
	Action string    `json:"action"` // "config.put", "recording.heard", "session.refused"
	On     string    `json:"on,omitempty"`
	Detail string    `json:"detail,omitempty"`
	Source string    `json:"source,omitempty"` // the address that it came from
	Before string    `json:"before"`           // hash of the line before
	Hash   string    `json:"hash"`
}

// Audit writes a line, durable when it returns. It sets Seq, Time and the hashes.
func (s *Store) Audit(ctx context.Context, line AuditLine) error {
	return s.config.Update(ctx, func(tx *bbolt.Tx) error { return appendAudit(tx, line) })
}

// AuditLines lists up to limit lines older than the line before (0: from the newest), newest first.
func (s *Store) AuditLines(before uint64, limit int) ([]AuditLine, error) {
	var list []AuditLine
	err := s.config.View(func(tx *bbolt.Tx) error {
		list = nil
		c := tx.Bucket(auditBucket).Cursor()
		key, value := c.Last()
		if before > 0 {
			if at, _ := c.Seek(number(before)); at != nil {
				key, value = c.Prev()
			}
		}
		for ; key != nil && len(list) < limit; key, value = c.Prev() {
			var line AuditLine
			if err := openJSON(key, value, &line); err != nil {
				return err
			}
			list = append(list, line)
		}
		return nil
	})
	return list, err
}

// An AuditProof says what of the audit is kept and that it is whole (A18.1).
type AuditProof struct {
	Lines       int
	First, Last AuditLine // the oldest and the newest that are kept; the hash of the newest stands for all
	Broken      uint64    // the first line that does not follow from the one before; 0: none
}

// ProveAudit walks the chain of hashes from the oldest line that is kept.
func (s *Store) ProveAudit() (p AuditProof, err error) {
	for more := true; more && err == nil; {
		more, err = s.proveAudit(&p)
	}
	return p, err
}

// proveAudit walks on by some lines: who reads for long holds up whoever writes.
func (s *Store) proveAudit(p *AuditProof) (more bool, err error) {
	err = s.config.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(auditBucket).Cursor()
		key, value := c.Seek(number(p.Last.Seq + 1))
		for n := 0; key != nil && n < auditBatch; n++ {
			var line AuditLine
			if err := openJSON(key, value, &line); err != nil {
				return err
			}
			if p.Lines++; p.Lines == 1 {
				p.First = line
			}
			seq := binary.BigEndian.Uint64(key)
			follows := p.Lines == 1 || line.Before == p.Last.Hash && line.Seq == p.Last.Seq+1
			if p.Broken == 0 && (!follows || line.Hash != hashOf(line)) {
				p.Broken = seq
			}
			p.Last, p.Last.Seq = line, seq
			key, value = c.Next()
		}
		more = key != nil
		return nil
	})
	return more, err
}

// appendAudit adds a line within a transaction.
func appendAudit(tx *bbolt.Tx, line AuditLine) error {
	b := tx.Bucket(auditBucket)
	var last AuditLine
	if key, value := b.Cursor().Last(); key != nil {
		if err := openJSON(key, value, &last); err != nil {
			return err
		}
	}
	line.Seq, line.Time, line.Before = last.Seq+1, time.Now().UTC(), last.Hash
	for _, text := range []*string{&line.Who, &line.Action, &line.On, &line.Detail, &line.Source} {
		*text = bounded(*text, maxAuditText)
	}
	line.Hash = hashOf(line)
	if line.Seq > maxAudit {
		if err := b.Delete(number(line.Seq - maxAudit)); err != nil {
			return err
		}
	}
	return putJSON(b, number(line.Seq), line)
}

func hashOf(line AuditLine) string {
	line.Hash = ""
	b, _ := json.Marshal(line) // strings, a number and a time always marshal
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// bounded cuts a text to so many octets of valid UTF-8.
func bounded(text string, octets int) string {
	if len(text) > octets {
		text = text[:octets]
	}
	return strings.ToValidUTF8(text, "")
}
