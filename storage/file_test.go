package storage

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"
	"golang.org/x/sys/unix"

	"callbox/telephony"
)

var testBucket = []byte("things")

// fillFile makes a database of n values with some history, and its good copy.
func fillFile(t *testing.T, dir string, n int, told func(string, error)) *file {
	t.Helper()
	f, err := openFile(filepath.Join(dir, "things.db"), layout{copied: true, steps: []step{buckets(testBucket)}}, told)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < n; i += 50 {
		update := f.Update
		if i+50 >= n {
			update = f.UpdateAndCopy
		}
		err := update(t.Context(), func(tx *bbolt.Tx) error {
			for k := i; k < min(n, i+50); k++ {
				if err := putJSON(tx.Bucket(testBucket), number(uint64(k)), strings.Repeat(fmt.Sprint(k, " "), 40)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// things counts the values and reads each.
func things(f *file) (n int, err error) {
	err = f.View(func(tx *bbolt.Tx) error {
		n = 0
		return tx.Bucket(testBucket).ForEach(func(key, value []byte) error {
			n++
			var text string
			return openJSON(key, value, &text)
		})
	})
	return n, err
}

// Figure 5 of reliability.md: with any page damaged the file opens with every acknowledged value, and says so.
func TestAnyDamagedPage(t *testing.T) {
	const values = 600
	dir := t.TempDir()
	if err := fillFile(t, dir, values, func(string, error) {}).close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "things.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damages := map[string]func(page []byte){
		"zeroes": func(p []byte) { clear(p) },
		"noise": func(p []byte) {
			for i := range p {
				p[i] = byte(rand.Uint32())
			}
		},
		"header":  func(p []byte) { p[rand.IntN(pageHeader)] ^= 0x41 },
		"one bit": func(p []byte) { p[rand.IntN(len(p))] ^= 1 << rand.IntN(8) },
	}
	pageSize := os.Getpagesize()
	used, err := os.Stat(path + goodSuffix) // a copy has no room to grow
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			for page := range int(used.Size()) / pageSize {
				hurt := append([]byte(nil), whole...)
				damage(hurt[page*pageSize : (page+1)*pageSize])
				if err := os.WriteFile(path, hurt, 0o600); err != nil {
					t.Fatal(err)
				}
				f := fillFile(t, dir, 0, func(string, error) {})
				if n, err := things(f); n != values || err != nil {
					t.Errorf("page %d: %d values, %v", page, n, err)
				}
				if err := f.close(); err != nil {
					t.Errorf("page %d: close: %v", page, err)
				}
			}
		})
	}
}

// A file cut short or gone comes back from its copy; without a copy it starts empty.
func TestLostFile(t *testing.T) {
	cases := []struct {
		name string
		hurt func(path string) error
		left int
		told bool
	}{
		{"gone", os.Remove, 100, true},
		{"cut", func(p string) error { return os.Truncate(p, 9000) }, 100, true},
		{"empty", func(p string) error { return os.Truncate(p, 0) }, 100, true},
		{"copy gone", func(p string) error { return os.Remove(p + goodSuffix) }, 100, false},
		{"both cut", func(p string) error {
			return errors.Join(os.Truncate(p, 9000), os.Truncate(p+goodSuffix, 9000))
		}, 0, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := fillFile(t, dir, 100, nil).close(); err != nil {
				t.Fatal(err)
			}
			if err := c.hurt(filepath.Join(dir, "things.db")); err != nil {
				t.Fatal(err)
			}
			told := false
			f := fillFile(t, dir, 0, func(string, error) { told = true })
			defer f.close()
			if n, err := things(f); n != c.left || err != nil || told != c.told {
				t.Errorf("%d values, %v, told %v", n, err, told)
			}
		})
	}
}

// A page that goes bad under a running box: the read is refused, the file replaced, and the next read served.
func TestDamageWhileOpen(t *testing.T) {
	dir := t.TempDir()
	told := make(chan string, 1)
	f := fillFile(t, dir, 600, func(name string, _ error) { told <- name })
	defer f.close()
	file, err := os.OpenFile(filepath.Join(dir, "things.db"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, _ := file.Stat()
	for at := int64(2 * os.Getpagesize()); at < info.Size(); at += int64(os.Getpagesize()) {
		file.WriteAt(make([]byte, 64), at+100)
	}
	if _, err := things(f); code(err) != telephony.Unavailable {
		t.Errorf("reading damage gave %v", err)
	}
	if name := <-told; name != "things.db" {
		t.Errorf("told of %s", name)
	}
	err = f.Update(t.Context(), func(tx *bbolt.Tx) error { return putJSON(tx.Bucket(testBucket), number(1000), "new") })
	if n, viewErr := things(f); n != 601 || viewErr != nil || err != nil {
		t.Errorf("%d values after the repair, %v, %v", n, viewErr, err)
	}
}

// A job that refuses hurts no other in its group.
func TestGroupCommit(t *testing.T) {
	f := fillFile(t, t.TempDir(), 0, nil)
	defer f.close()
	refusal := errors.New("refused")
	var wg sync.WaitGroup
	for k := range 100 {
		wg.Go(func() {
			err := f.Update(t.Context(), func(tx *bbolt.Tx) error {
				if err := putJSON(tx.Bucket(testBucket), number(uint64(k)), "x"); err != nil || k%10 != 0 {
					return err
				}
				return refusal
			})
			if (k%10 == 0) != errors.Is(err, refusal) {
				t.Errorf("job %d: %v", k, err)
			}
		})
	}
	wg.Wait()
	if n, err := things(f); n != 90 || err != nil {
		t.Errorf("%d values, %v", n, err)
	}
}

// A full disk is told in words that say what to do.
func TestFullDiskInWords(t *testing.T) {
	f := fillFile(t, t.TempDir(), 0, nil)
	defer f.close()
	err := f.Update(t.Context(), func(*bbolt.Tx) error { return &os.PathError{Op: "write", Path: f.path, Err: unix.ENOSPC} })
	if code(err) != telephony.Unavailable {
		t.Errorf("told %v", err)
	}
}

// A change that panics is refused and does not cost the file.
func TestPanickingChange(t *testing.T) {
	f := fillFile(t, t.TempDir(), 100, func(name string, how error) { t.Errorf("%s: %v", name, how) })
	defer f.close()
	if err := f.Update(t.Context(), func(*bbolt.Tx) error { panic("a fault of ours") }); err == nil {
		t.Error("the panic was taken for success")
	}
	if n, err := things(f); n != 100 || err != nil {
		t.Errorf("%d values, %v", n, err)
	}
}

// Pain 28: a file of an older format is brought up step by step and the old one stays; one of a later format, with nothing beside it, is
// refused with a sentence.
func TestMigration(t *testing.T) {
	dir := t.TempDir()
	if err := fillFile(t, dir, 10, nil).close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "things.db")
	older := layout{copied: true, steps: []step{buckets(testBucket)}}
	newer := layout{copied: true, steps: append(older.steps, func(tx *bbolt.Tx) error {
		if _, err := os.Stat(path + ".format-1"); err != nil {
			t.Errorf("the old file is not beside: %v", err)
		}
		return putJSON(tx.Bucket(testBucket), number(77), "migrated")
	})}
	for range 2 { // the second start finds nothing to do
		f, err := openFile(path, newer, nil)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := things(f); n != 11 || err != nil {
			t.Errorf("%d values, %v", n, err)
		}
		f.close()
	}
	if err := forgetOld(path); err != nil || exists(path+".format-1") {
		t.Errorf("the old file is left: %v", err)
	}
	_, err := openFile(path, older, nil)
	var e *telephony.Error
	if !errors.As(err, &e) || e.Code != telephony.Unavailable {
		t.Errorf("a later format: %v", err)
	}
}

func FuzzCheckBolt(f *testing.F) {
	dir := f.TempDir()
	db, err := bbolt.Open(filepath.Join(dir, "seed.db"), 0o600, &bbolt.Options{PageSize: 1024, NoFreelistSync: true})
	if err != nil {
		f.Fatal(err)
	}
	db.Update(func(tx *bbolt.Tx) error {
		b, _ := tx.CreateBucket(testBucket)
		for k := range 40 {
			putJSON(b, number(uint64(k)), strings.Repeat("x", 50))
		}
		return nil
	})
	db.Close()
	seed, _ := os.ReadFile(filepath.Join(dir, "seed.db"))
	f.Add(seed)
	f.Fuzz(func(t *testing.T, b []byte) {
		checkBolt(strings.NewReader(string(b)), int64(len(b)))
	})
}
