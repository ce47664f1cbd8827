package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/template"
	"time"
)

// A baresip is a telephone by another maker, in a process of its own.
type baresip struct {
	t       *testing.T
	process *exec.Cmd
	control net.Conn
	said    chan event // what it tells of itself
	log     *paper
}

// An event is something that happened, as baresip's ctrl_tcp tells it.
type event struct {
	Type  string `json:"type"` // "REGISTER_OK", "CALL_ESTABLISHED" ...
	Param string `json:"param"`
}

// A handset is what a baresip is set up with.
type handset struct {
	Host    string // its address: SIP on 5060, its control on 4444
	Speech  string // the file that it says
	Account string // a line of baresip's accounts file
	Link    string // by which a linphone fetches its settings
	Trusts  string // the file of certificates that it trusts
	Modules string // where Debian puts baresip's modules
}

// newBaresip starts a telephone and waits until it listens for commands.
func newBaresip(t *testing.T, h handset) *baresip {
	t.Helper()
	dir := t.TempDir()
	h.Modules = modules(t)
	forms := template.Must(template.ParseGlob("testdata/real/baresip/*"))
	for _, name := range []string{"config", "accounts"} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := forms.ExecuteTemplate(f, name, h); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	// A telephone has a processor of its own; here it shares one with whatever else is tested, so it goes first if it may.
	p := &baresip{t: t, process: exec.Command("nice", "-n", "-15", "baresip", "-4", "-f", dir), said: make(chan event, 1000), log: &paper{}}
	p.process.Stdout, p.process.Stderr = p.log, p.log
	if err := p.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	p.connect(h.Host + ":4444")
	go p.listen()
	return p
}

// modules is where baresip's modules are.
func modules(t *testing.T) string {
	for _, pattern := range []string{"/usr/lib/baresip/modules", "/usr/lib/*/baresip/modules"} {
		if dirs, _ := filepath.Glob(pattern); len(dirs) > 0 {
			return dirs[0]
		}
	}
	t.Fatal("baresip has no modules: run make tools")
	return ""
}

func (p *baresip) connect(addr string) {
	p.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for give := time.After(patience); ; {
		var err error
		if p.control, err = net.Dial("tcp", addr); err == nil {
			return
		}
		select {
		case <-again.C:
		case <-give:
			p.t.Fatalf("baresip: %v\n%s", err, p.log)
		}
	}
}

// listen reads what baresip tells, as netstrings of JSON.
func (p *baresip) listen() {
	defer close(p.said)
	r := bufio.NewReader(p.control)
	for {
		length, err := r.ReadString(':')
		if err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
		if err != nil {
			return
		}
		raw := make([]byte, n+1) // and a comma
		if _, err := io.ReadFull(r, raw); err != nil {
			return
		}
		var e event
		if json.Unmarshal(raw[:n], &e) == nil {
			p.said <- e
		}
	}
}

// do gives a command, such as "dial sip:62340001@127.0.0.1".
func (p *baresip) do(command string) {
	p.t.Helper()
	name, params, _ := strings.Cut(command, " ")
	raw, err := json.Marshal(map[string]string{"command": name, "params": params})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(p.control, "%d:%s,", len(raw), raw); err != nil {
		p.t.Fatal(err)
	}
}

// hears waits until baresip tells an event of the kind.
func (p *baresip) hears(kind string) event {
	p.t.Helper()
	give := time.After(patience)
	for {
		select {
		case e, ok := <-p.said:
			if !ok {
				p.t.Fatalf("baresip ended while %s was awaited\n%s", kind, p.log)
			}
			if e.Type == kind {
				return e
			}
		case <-give:
			p.t.Fatalf("baresip does not tell %s:\n%s", kind, p.log)
		}
	}
}

func (p *baresip) end() {
	p.control.Close()
	p.process.Process.Kill()
	p.process.Wait()
}
