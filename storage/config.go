package storage

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"callbox/telephony"
)

const (
	keepRevisions = 30 * 24 * time.Hour // how long each change can be undone (idea 33)
	maxConfig     = 64 << 20            // octets of a configuration unpacked
)

var (
	revisionsBucket = []byte("revisions")
	configLayout    = layout{copied: true, steps: []step{
		buckets(revisionsBucket, auditBucket, usersBucket, tokensBucket),
	}}
)

// A Change says who changes the configuration and why. Base is the revision that the change was made from.
type Change struct {
	Base   uint64
	Who    string
	Why    string
	Source string // the address or the socket that it came from
}

// A Revision is one change of the configuration as it is remembered.
type Revision struct {
	Revision uint64    `json:"revision"`
	Time     time.Time `json:"time"`
	Who      string    `json:"who"`
	Why      string    `json:"why,omitempty"`
}

// keptRevision is a revision's form on disk: configurations repeat themselves, so they are packed.
type keptRevision struct {
	Revision
	Packed []byte `json:"packed"`
}

// Config is the newest whole configuration as the box lives by it, secrets included: without what is switched off. Nobody changes it.
func (s *Store) Config() *telephony.Config { return s.watch.newest().effective }

// Configured is the same as people made it: what a change is made from.
func (s *Store) Configured() *telephony.Config { return s.watch.newest().made }

// Watch gives the newest whole configuration as the box lives by it, and again each newer one; whoever is slow misses those between. The channel
// is closed when the context ends.
func (s *Store) Watch(ctx context.Context) <-chan *telephony.Config { return s.watch.watch(ctx) }

// Put validates a configuration and makes it the one in force, durable before it is told. Masked secrets keep what they
// were. It refuses with Invalid, or with Conflict when somebody changed the configuration since the base.
func (s *Store) Put(ctx context.Context, c *telephony.Config, ch Change) (*telephony.Config, error) {
	old := s.Configured()
	if old.Revision != ch.Base {
		return nil, conflict(ch.Base, old.Revision)
	}
	next := *c.Unmasked(old)
	next.Format, next.Revision = telephony.ConfigFormat, old.Revision+1
	if err := next.Validate(); err != nil {
		return nil, err
	}
	paths := make([]string, 0, 8)
	for _, d := range Diff(old, &next) {
		paths = append(paths, d.Path)
	}
	return s.keep(ctx, &next, ch, AuditLine{
		Who: ch.Who, Action: "config.put", On: fmt.Sprint(next.Revision), Source: ch.Source,
		Detail: strings.TrimSpace(ch.Why + " " + strings.Join(paths, " ")),
	})
}

// Undo takes the configuration back to what it was before a revision, as a new revision; changes made after it are undone
// as well. It refuses with NotFound when that is over 30 days ago.
func (s *Store) Undo(ctx context.Context, revision uint64, ch Change) (*telephony.Config, error) {
	before, err := s.ConfigAt(revision - 1)
	if err != nil {
		return nil, err
	}
	if ch.Why == "" {
		ch.Why = fmt.Sprintf("undo of revision %d", revision)
	}
	return s.Put(ctx, before, ch)
}

// ConfigAt is the whole configuration of a revision, secrets included.
func (s *Store) ConfigAt(revision uint64) (*telephony.Config, error) {
	var c *telephony.Config
	err := s.config.View(func(tx *bbolt.Tx) error {
		var k keptRevision
		found, err := getJSON(tx.Bucket(revisionsBucket), number(revision), &k)
		if err == nil && !found {
			return telephony.Errorf(telephony.NotFound, "版本 %d 已不再保存（保存 30 天）。",
				"Revision %d is not kept any more (30 days).", revision)
		}
		if err == nil {
			c, err = unpack(k.Packed)
		}
		return err
	})
	return c, err
}

// Revisions lists the changes that are remembered, newest first.
func (s *Store) Revisions() ([]Revision, error) {
	var list []Revision
	err := s.config.View(func(tx *bbolt.Tx) error {
		list = nil
		return tx.Bucket(revisionsBucket).ForEach(func(key, value []byte) error {
			var k keptRevision
			err := openJSON(key, value, &k)
			list = append(list, k.Revision)
			return err
		})
	})
	slices.Reverse(list)
	return list, err
}

// keep makes a valid configuration the newest revision, with its audit line, in one transaction.
func (s *Store) keep(ctx context.Context, c *telephony.Config, ch Change, line AuditLine) (*telephony.Config, error) {
	packed, err := pack(c)
	if err != nil {
		return nil, err
	}
	kept, err := unpack(packed) // a value of its own, whatever the caller does with c
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	k := keptRevision{Revision{c.Revision, now, ch.Who, ch.Why}, packed}
	err = s.change(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(revisionsBucket)
		if newest := newestRevision(b); newest != c.Revision-1 {
			return conflict(ch.Base, newest)
		}
		if err := putJSON(b, number(c.Revision), k); err != nil {
			return err
		}
		if err := forgetRevisions(b, now.Add(-keepRevisions)); err != nil {
			return err
		}
		if err := checkTeams(tx, kept); err != nil {
			return err
		}
		if err := keepRegister(tx, kept.Agents, register{}); err != nil {
			return err
		}
		return appendAudit(tx, line)
	})
	if err != nil {
		return nil, err
	}
	s.watch.publish(kept)
	s.Append(telephony.Entry{Fact: telephony.ConfigApplied{Revision: kept.Revision, Who: ch.Who}})
	return kept, nil
}

// loadConfig publishes the newest configuration, or makes the first one of a new box.
func (s *Store) loadConfig(ctx context.Context, initial *telephony.Config) error {
	var newest uint64
	err := s.config.View(func(tx *bbolt.Tx) error {
		newest = newestRevision(tx.Bucket(revisionsBucket))
		return nil
	})
	if err != nil {
		return err
	}
	if newest == 0 {
		first := *initial
		first.Format, first.Revision = telephony.ConfigFormat, 1
		_, err = s.keep(ctx, &first, Change{Who: "box", Why: "first start"}, AuditLine{Who: "box", Action: "config.put", On: "1"})
		return err
	}
	c, err := s.ConfigAt(newest)
	if err != nil {
		return err
	}
	s.watch.publish(c)
	s.followAgents(ctx, c.Agents)
	return nil
}

// forgetRevisions deletes the revisions that no change younger than the limit would be undone to.
func forgetRevisions(b *bbolt.Bucket, limit time.Time) error {
	c := b.Cursor()
	for old, _ := c.First(); old != nil; {
		key, value := c.Next()
		if key == nil {
			return nil
		}
		var next keptRevision
		if err := openJSON(key, value, &next); err != nil || next.Time.After(limit) {
			return err
		}
		if err := b.Delete(old); err != nil {
			return err
		}
		old, _ = c.Seek(key)
	}
	return nil
}

// newestRevision is the number of the newest revision, 0 when there is none.
func newestRevision(b *bbolt.Bucket) uint64 {
	key, _ := b.Cursor().Last()
	if len(key) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(key)
}

// number is a key that sorts as its number does.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

func conflict(base, newest uint64) error {
	return telephony.Errorf(telephony.Conflict,
		"配置已被他人修改：您的修改基于版本 %d，现在是版本 %d。请重新读取后再改。",
		"Somebody changed the configuration first: yours is made from revision %d, it is at %d now. Read it again, then change it.",
		base, newest)
}

func pack(c *telephony.Config) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(c); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

func unpack(packed []byte) (*telephony.Config, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	c := &telephony.Config{Targets: telephony.DefaultTargets} // which one of an older version lacks
	return c, json.NewDecoder(io.LimitReader(z, maxConfig)).Decode(c)
}
