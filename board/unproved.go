package board

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SystemDir is where an image keeps what is the computer's own, beside the box's data.
const SystemDir = "/data/system"

// unprovedFile tells of systems that were started and have not proved themselves, provedFile of those that have; recoveryFile is there in the recovery system.
const (
	unprovedFile = "unproved.json"
	provedFile   = "proved" // their names, a line each
	recoveryFile = "recovery"
)

// commandLine is what the boot loader said to the kernel.
const commandLine = "/proc/cmdline"

// Running names the system that runs: its version, and by the root hash of its verity tree (image/init) which of several builds of that. A
// program that runs by itself is named by its version alone.
func Running(version string) string {
	text, _ := os.ReadFile(commandLine)
	return systemOf(string(text), version)
}

func systemOf(commandLine, version string) string {
	for _, word := range strings.Fields(commandLine) {
		if hash, ok := strings.CutPrefix(word, "callbox.hash="); ok {
			return version + " " + hash
		}
	}
	return version
}

// VersionOf is the version in a system's name.
func VersionOf(system string) string {
	version, _, _ := strings.Cut(system, " ")
	return version
}

// Unproved says of systems, by name, what kept them from proving themselves when they ran last.
type Unproved map[string]string

// ReadUnproved reads what the last starts left in dir. Where nothing is wrong it is empty.
func ReadUnproved(dir string) (u Unproved, err error) {
	text, err := os.ReadFile(filepath.Join(dir, unprovedFile))
	if errors.Is(err, os.ErrNotExist) {
		return Unproved{}, nil
	} else if err != nil {
		return nil, err
	}
	err = json.Unmarshal(text, &u)
	return u, err
}

// Write keeps u in dir. It is on the disk when it returns: the computer is about to start again.
func (u Unproved) Write(dir string) error {
	text, err := json.Marshal(u)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, unprovedFile)
	f, err := os.Create(name + ".new")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// Proved forgets them, for a system has proved itself, and remembers that one.
func Proved(dir, system string) error {
	if err := os.Remove(filepath.Join(dir, unprovedFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if HasProved(dir, system) {
		return nil
	}
	f, err := os.OpenFile(filepath.Join(dir, provedFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(system + "\n")
	return errors.Join(err, f.Sync(), f.Close())
}

// HasProved reports whether a system has run well on this computer before. One that has may start as often as it likes: its trouble is
// not its own.
func HasProved(dir, system string) bool {
	text, _ := os.ReadFile(filepath.Join(dir, provedFile))
	return slices.Contains(strings.Split(string(text), "\n"), system)
}

// Recovery reports whether the recovery system runs, and whether it does because somebody wanted it at the start.
func Recovery(dir string) (runs, byHand bool) {
	why, err := os.ReadFile(filepath.Join(dir, recoveryFile))
	return err == nil, string(why) == "hand"
}
