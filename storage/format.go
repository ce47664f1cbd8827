package storage

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"go.etcd.io/bbolt"
)

// A step brings a file from one version of its format to the next. The first makes an empty file's buckets. Steps are
// never changed once they have been released.
type step func(*bbolt.Tx) error

var (
	metaBucket = []byte("meta")
	versionKey = []byte("version")
)

// buckets is the step that makes some buckets.
func buckets(names ...[]byte) step {
	return func(tx *bbolt.Tx) error {
		for _, name := range names {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	}
}

// migrate takes the steps that a file lacks, all in one transaction. The file as it was stays beside it (goback.go).
func migrate(db *bbolt.DB, path string, l layout) error {
	version, err := formatOf(db)
	if err != nil || version == len(l.steps) {
		return err
	}
	if version > len(l.steps) {
		return fmt.Errorf("%w: %d, this one knows %d", errLater, version, len(l.steps))
	}
	if version > 0 {
		if err := keepOld(db, path, version); err != nil {
			return err
		}
	}
	return db.Update(func(tx *bbolt.Tx) error {
		for _, s := range l.steps[version:] {
			if err := s(tx); err != nil {
				return err
			}
		}
		meta, err := tx.CreateBucketIfNotExists(metaBucket)
		if err != nil {
			return err
		}
		return putJSON(meta, versionKey, len(l.steps))
	})
}

// formatOf is the version of the format of a database, 0 for an empty one.
func formatOf(db *bbolt.DB) (version int, err error) {
	err = db.View(func(tx *bbolt.Tx) error {
		if meta := tx.Bucket(metaBucket); meta != nil {
			_, err = getJSON(meta, versionKey, &version)
		}
		return err
	})
	return version, err
}

// copyDatabase writes a copy of a database in use, checks it, and only then gives it its name.
func copyDatabase(db *bbolt.DB, to string) error {
	return db.View(func(tx *bbolt.Tx) error {
		beside, err := writeBeside(to, func(w io.Writer) error {
			_, err := tx.WriteTo(w)
			return err
		})
		if err != nil {
			return err
		}
		if _, err = checkFile(beside); err != nil {
			os.Remove(beside)
			return err
		}
		return rename(beside, to)
	})
}

// putJSON keeps a value under a key, sealed.
func putJSON(b *bbolt.Bucket, key []byte, value any) error {
	payload, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return b.Put(key, seal(key, payload))
}

// getJSON reads the value under a key and reports whether there is one.
func getJSON(b *bbolt.Bucket, key []byte, value any) (bool, error) {
	sealed := b.Get(key)
	if sealed == nil {
		return false, nil
	}
	return true, openJSON(key, sealed, value)
}

// openJSON reads a sealed value.
func openJSON(key, sealed []byte, value any) error {
	payload, err := unseal(key, sealed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(payload, value); err != nil {
		return damaged("value of key %q: %v", key, err)
	}
	return nil
}
