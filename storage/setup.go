package storage

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"callbox/telephony"
)

const (
	setupName = "setup.json"
	maxSetup  = 16 << 20 // octets
)

// Setup is how far the first set-up of the box has come, as PutSetup kept it; nil when it has not begun. It is a draft and
// may hold secrets that are not in force yet: it is no part of a backup.
func (s *Store) Setup() ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, setupName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// PutSetup keeps it, durably.
func (s *Store) PutSetup(text []byte) error {
	if len(text) > maxSetup {
		return telephony.Errorf(telephony.TooLarge, "草稿太大，最多 %d MB。", "The draft is too large: %d MB at most.", maxSetup>>20)
	}
	s.setup.Lock() // a browser may ask twice at once, such as in two tabs
	defer s.setup.Unlock()
	return replaceFile(filepath.Join(s.dir, setupName), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}
