package storage

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

const childDir = "CALLBOX_CHILD_DIR"

// killed runs this test again as a child that prints a number for each thing it was told is durable, kills it after so
// many lines, and gives the last number.
func killed(t *testing.T, dir string, lines int) (last uint64) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	told := bufio.NewScanner(out)
	for n := 1; told.Scan(); n++ {
		if number, err := strconv.ParseUint(told.Text(), 10, 64); err == nil {
			last = number
		}
		if n == lines {
			child.Process.Kill()
		}
	}
	if child.Wait() == nil {
		t.Fatal("the child ended by itself")
	}
	return last
}

// inChild does something for ever on a store, when the test is the child of itself.
func inChild(do func(s *Store) (durable uint64)) {
	dir := os.Getenv(childDir)
	if dir == "" {
		return
	}
	s, err := Open(dir, Options{Initial: officeConfig()})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for {
		fmt.Println(do(s))
	}
}

// kill -9 at any moment loses nothing that Sync acknowledged (figure 3 of reliability.md; pain 31).
func TestJournalSurvivesKill(t *testing.T) {
	inChild(func(s *Store) uint64 {
		s.Append(oddity(1))
		if s.Sync(context.Background()) != nil {
			return 0
		}
		return s.LastSeq()
	})
	dir := t.TempDir()
	for round := range 8 {
		acknowledged := killed(t, dir, 3+round*5)
		s := openStore(t, dir, Options{})
		if s.Clean() {
			t.Error("the stop counts as clean")
		}
		next := uint64(1)
		for e := range s.Entries(0, acknowledged) {
			if e.Seq != next {
				t.Fatalf("round %d: entry %d where %d should be", round, e.Seq, next)
			}
			next++
		}
		if next <= acknowledged {
			t.Fatalf("round %d: %d entries were acknowledged, %d are left", round, acknowledged, next-1)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// The same for a configuration: what Put gave back is there after the kill, with its line of the audit.
func TestConfigSurvivesKill(t *testing.T) {
	inChild(func(s *Store) uint64 {
		c := *s.Config()
		c.Site.Name = fmt.Sprint("revision ", c.Revision+1)
		kept, err := s.Put(context.Background(), &c, Change{Base: c.Revision})
		if err != nil {
			return 0
		}
		return kept.Revision
	})
	dir := t.TempDir()
	for round := range 8 {
		acknowledged := killed(t, dir, 2+round)
		s := openStore(t, dir, Options{})
		c := s.Config()
		if c.Revision < acknowledged || c.Site.Name != fmt.Sprint("revision ", c.Revision) {
			t.Fatalf("round %d: revision %d was acknowledged, %d %q is there", round, acknowledged, c.Revision, c.Site.Name)
		}
		lines, err := s.AuditLines(0, 1)
		if err != nil || lines[0].On != fmt.Sprint(c.Revision) {
			t.Fatalf("round %d: revision %d, audit %+v, %v", round, c.Revision, lines, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
