package storage

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
)

const bootFile = "boot.json"

// A bootRecord is the box's count of its own starts. It is durable before the first call of a boot, because calls and
// recordings are named after it.
type bootRecord struct {
	Boot    uint32 `json:"boot"`
	Running bool   `json:"running"` // what is found at the next start if the stop was not orderly
	clean   bool   // the stop before was orderly
}

// nextBoot counts one more start. The journal knows the number too, in case the file is lost.
func nextBoot(dir string, journaled uint32) (bootRecord, error) {
	var last bootRecord
	b, err := os.ReadFile(filepath.Join(dir, bootFile))
	known := err == nil && json.Unmarshal(b, &last) == nil
	next := bootRecord{
		Boot:    max(last.Boot, journaled) + 1,
		Running: true,
		clean:   known && !last.Running || os.IsNotExist(err) && journaled == 0,
	}
	return next, next.write(dir)
}

// stopped marks an orderly stop.
func (r bootRecord) stopped(dir string) error {
	r.Running = false
	return r.write(dir)
}

func (r bootRecord) write(dir string) error {
	return replaceFile(filepath.Join(dir, bootFile), func(w io.Writer) error { return json.NewEncoder(w).Encode(r) })
}
