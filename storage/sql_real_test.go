package storage

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"callbox/telephony"
)

// A database is one of Debian's, with a client that reads statements.
type database struct {
	dialect string
	names   string // asks for the callers' names in hexadecimal, in the order of the calls
	client  func(mode string) *exec.Cmd
	modes   []string // the settings on which the reading of literals depends
}

// TestReal: what the box exports goes into databases that others wrote, twice over, by every rule that they have for literals, and what a
// caller calls himself arrives as it was and does nothing.
func TestReal(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("needs MariaDB and PostgreSQL; set CALLBOX_REAL=1")
	}
	s := hostileCalls(t)
	syncStore(t, s)
	for name, start := range map[string]func(*testing.T) database{"mariadb": startMariaDB, "postgresql": startPostgreSQL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := start(t)
			for _, mode := range db.modes {
				db.run(t, mode, "drop table if exists callbox_calls; drop table if exists callbox_cursor;")
				importCalls(t, s, db, mode)
			}
		})
	}
}

// importCalls imports what there is, in pieces, and all of it again.
func importCalls(t *testing.T, s *Store, db database, mode string) {
	t.Helper()
	var want []string
	for i := range hostileNames {
		record, err := s.Call(t.Context(), telephony.NewCallID(s.Boot(), uint64(i+1)))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, hex.EncodeToString([]byte(keptName(record.Caller.Name))))
	}
	for after, round := "0", 0; round < 5; round++ {
		at, err := strconv.ParseUint(after, 10, 64)
		if err != nil {
			t.Fatalf("%s: the cursor is %q", mode, after)
		}
		var b bytes.Buffer
		if err := s.ExportSQL(t.Context(), &b, db.dialect, EndedQuery{After: at, Limit: 10}); err != nil {
			t.Fatal(err)
		}
		db.run(t, mode, b.String())
		after = strings.TrimSpace(db.run(t, mode, "select next from callbox_cursor;"))
		if round == 2 { // once more from the beginning
			after = "0"
		}
	}
	got := strings.Split(strings.TrimSuffix(strings.ToLower(db.run(t, mode, db.names)), "\n"), "\n")
	if !slices.Equal(got, want) {
		t.Errorf("%s: names are\n%q, want\n%q", mode, got, want)
	}
	record, err := s.Call(t.Context(), telephony.NewCallID(s.Boot(), 1))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := db.run(t, mode, "select arrived_utc from callbox_calls order by arrived_utc limit 1;"), record.Arrived.UTC().Format("2006-01-02 15:04:05"); !strings.HasPrefix(got, want) {
		t.Errorf("%s: arrived %s, want %s", mode, got, want)
	}
}

// run has the client read statements.
func (db database) run(t *testing.T, mode, statements string) string {
	t.Helper()
	c := db.client(mode)
	c.Stdin = strings.NewReader(statements)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("%s: %v\n%s%s", mode, err, &said, out)
	}
	return string(out)
}

// served starts a server, which root may not be, and waits until it says that it is ready.
func served(t *testing.T, dir, ready string, prepare []string, serve ...string) {
	t.Helper()
	as := &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if os.Getuid() == 0 {
		const nobody = 65534
		as.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(prepare[0], prepare[1:]...)
	c.Dir, c.SysProcAttr = dir, as
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", prepare, err, out)
	}
	server := exec.Command(serve[0], serve[1:]...)
	server.Dir, server.SysProcAttr = dir, as
	says, err := server.StderrPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGQUIT) // PostgreSQL ends at once
		server.Process.Kill()
		server.Wait()
	})
	var said strings.Builder
	for lines := bufio.NewScanner(says); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), ready) {
			go io.Copy(io.Discard, says)
			return
		}
	}
	t.Fatalf("%v ended:\n%s", serve, &said)
}

// shortDir is a folder that a server which is not root's can have, with a name short enough for a socket.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/tmp", "callbox-sql-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func startMariaDB(t *testing.T) database {
	dir := shortDir(t)
	served(t, dir, "ready for connections",
		[]string{"mariadb-install-db", "--no-defaults", "--datadir=" + dir + "/data", "--skip-test-db", "--auth-root-authentication-method=normal"},
		"mariadbd", "--no-defaults", "--datadir="+dir+"/data", "--socket="+dir+"/s", "--pid-file="+dir+"/pid", "--skip-networking")
	client := func(args ...string) *exec.Cmd {
		return exec.Command("mariadb", append([]string{"--no-defaults", "--socket=" + dir + "/s", "--user=root", "--batch", "--skip-column-names"}, args...)...)
	}
	database{client: func(string) *exec.Cmd { return client() }}.run(t, "", "create database crm character set latin1;")
	return database{
		dialect: "mysql", names: "select coalesce(hex(caller_name), '') from callbox_calls order by cast(substring_index(id, '-', -1) as unsigned);",
		client: func(mode string) *exec.Cmd {
			return client("--init-command=set sql_mode='"+mode+"'", "--default-character-set=gbk", "crm") // as on a Chinese Windows
		},
		modes: []string{"STRICT_ALL_TABLES", "STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES", "ANSI,STRICT_ALL_TABLES"},
	}
}

func startPostgreSQL(t *testing.T) database {
	dir := shortDir(t)
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(bins) == 0 {
		t.Fatal("PostgreSQL is not installed: run make tools")
	}
	bin := bins[len(bins)-1]
	served(t, dir, "ready to accept connections",
		[]string{bin + "/initdb", "-D", dir + "/data", "-A", "trust", "-U", "crm", "-E", "UTF8", "--locale=C", "--no-sync"},
		bin+"/postgres", "-D", dir+"/data", "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	return database{
		dialect: "postgresql",
		names:   "select coalesce(encode(convert_to(caller_name, 'UTF8'), 'hex'), '') from callbox_calls order by cast(split_part(id, '-', 2) as integer);",
		client: func(mode string) *exec.Cmd {
			c := exec.Command(bin+"/psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-h", dir, "-U", "crm", "postgres")
			c.Env = append(os.Environ(), "PGOPTIONS=-c standard_conforming_strings="+mode+" -c escape_string_warning=off -c client_min_messages=warning", "PGCLIENTENCODING=GBK")
			return c
		},
		modes: []string{"on", "off"},
	}
}
