package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/webui"
)

// patience is how long a story waits for something before it gives up. Nothing is measured by it.
const patience = 40 * time.Second

// A realBox is a boxd process of its own, on its own loopback address, with its own data.
type realBox struct {
	t       *testing.T
	program string
	host    string   // SIP and RTP
	data    string   // as the process names it
	seen    string   // the same folder, as this test reaches it
	wrap    []string // what starts the program, if something does
	options []string // of the program, beside those that every box has
	process *exec.Cmd
	ended   chan error
	log     *paper
	api     *http.Client
}

// paper is what a process writes, readable while it runs.
type paper struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// networks counts the loopback networks given out. The process's id keeps two test runs on one machine apart.
var networks atomic.Int32

// newRealBox starts a box with the test company's configuration and ends it with the test.
func newRealBox(t *testing.T, program string, shape func(*telephony.Config)) *realBox {
	t.Helper()
	b := prepareBox(t, program)
	b.start()
	t.Cleanup(b.stop)
	b.configure(shape)
	return b
}

// prepareBox makes what a box needs. Its data is in a folder with a short name, since the name of a unix socket has 107
// octets at most.
func prepareBox(t *testing.T, program string) *realBox {
	t.Helper()
	data, err := os.MkdirTemp("", "boxd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(data) })
	return &realBox{
		t: t, program: program, data: data, seen: data, log: &paper{},
		host: fmt.Sprintf("127.%d.%d.1", 16+os.Getpid()%200, networks.Add(1)),
	}
}

// far is the address of the nth far end, from 2.
func (b *realBox) far(n int) string { return strings.TrimSuffix(b.host, "1") + fmt.Sprint(n) }

// start starts the process and waits until it answers on its socket.
func (b *realBox) start() {
	b.t.Helper()
	b.launch()
	b.until("the box answers on its socket", func() bool {
		select {
		case err := <-b.ended:
			b.ended <- err
			b.t.Fatalf("boxd ended before it answered: %v\n%s", err, b.log)
		default:
		}
		return b.try(http.MethodGet, "/api/live", nil, nil) == nil
	})
}

// launch starts the process.
func (b *realBox) launch() {
	b.t.Helper()
	args := append(append([]string{}, b.wrap...), b.program,
		"--board", "sim", "--data", b.data, "--http", b.host+":8080", "--sip", b.host+":5060")
	args = append(args, b.options...)
	b.process = exec.Command(args[0], args[1:]...)
	b.process.Stderr = b.log
	if err := b.process.Start(); err != nil {
		b.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func(p *exec.Cmd) { ended <- p.Wait() }(b.process)
	b.ended = ended
	if len(b.wrap) > 0 {
		b.seen = fmt.Sprintf("/proc/%d/root%s", b.process.Process.Pid, b.data)
	}
	socket := filepath.Join(b.seen, SocketName)
	b.api = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
}

// stop ends the box in order and looks at what it wrote.
func (b *realBox) stop() {
	b.t.Helper()
	if b.process == nil {
		return
	}
	for _, e := range b.journal() {
		if p, ok := e.Fact.(telephony.Panicked); ok {
			b.t.Errorf("%s panicked: %s\n%s", p.Where, p.What, p.Stack)
		}
	}
	b.process.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-b.ended:
		if err != nil {
			b.t.Errorf("boxd: %v", err)
		}
	case <-time.After(patience):
		b.process.Process.Kill()
		b.t.Error("boxd does not end when it is asked to")
	}
	b.process = nil
	if log := b.log.String(); strings.Contains(log, "panic") || strings.Contains(log, "DATA RACE") || b.t.Failed() {
		b.t.Errorf("the box wrote:\n%s", log)
	}
}

// journal reads the box's whole journal off the disk: a line an entry, after its checksum and its length.
func (b *realBox) journal() (entries []telephony.Entry) {
	b.t.Helper()
	files, err := filepath.Glob(filepath.Join(b.seen, "journal", "*.journal"))
	if err != nil || len(files) == 0 {
		b.t.Fatal("no journal: ", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			b.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			_, line, _ := strings.Cut(line, "{")
			var e telephony.Entry
			if json.Unmarshal([]byte("{"+line), &e) == nil && e.Seq > 0 {
				entries = append(entries, e)
			}
		}
	}
	return entries
}

// kill ends the box as a power cut does.
func (b *realBox) kill() {
	b.process.Process.Kill()
	<-b.ended
	b.process = nil
}

// configure puts the test company's configuration with what the story needs.
func (b *realBox) configure(shape func(*telephony.Config)) {
	b.t.Helper()
	var inForce telephony.Config
	b.get("/api/config", &inForce)
	cfg := realConfig(b)
	cfg.Revision = inForce.Revision
	if shape != nil {
		shape(cfg)
	}
	var carriers []string
	for _, trunk := range cfg.Trunks {
		if _, err := netip.ParseAddrPort(trunk.Host); err == nil {
			carriers = append(carriers, trunk.Host)
		}
	}
	greeted := b.greet(carriers...)
	b.send(http.MethodPut, "/api/config?why=test", cfg)
	<-greeted
}

// try asks the box and says what went wrong.
func (b *realBox) try(method, path string, body, into any) error {
	var r io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, "http://box"+path, r)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := b.api.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s", method, path, res.Status, answer)
	}
	if raw, ok := into.(*[]byte); ok {
		*raw = answer
		return nil
	}
	if into != nil {
		return json.Unmarshal(answer, into)
	}
	return nil
}

func (b *realBox) get(path string, into any) {
	b.t.Helper()
	if err := b.try(http.MethodGet, path, nil, into); err != nil {
		b.t.Fatal(err)
	}
}

func (b *realBox) send(method, path string, body any) {
	b.t.Helper()
	if err := b.try(method, path, body, nil); err != nil {
		b.t.Fatal(err)
	}
}

// until waits for something to become true.
func (b *realBox) until(what string, holds func() bool) {
	b.t.Helper()
	give := time.After(patience)
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-give:
			b.t.Fatalf("never: %s", what)
		}
	}
}

// agent sets an agent's state.
func (b *realBox) agent(id string, s telephony.AgentState) {
	b.t.Helper()
	b.send(http.MethodPost, "/api/agents/"+id+"/state", map[string]any{"state": s})
}

// agentIs waits until an agent is in a state.
func (b *realBox) agentIs(id string, s telephony.AgentState) {
	b.t.Helper()
	b.until(fmt.Sprintf("agent %s is %s", id, s), func() bool {
		var list struct{ Agents []telephony.LiveAgent }
		b.get("/api/agents", &list)
		for _, a := range list.Agents {
			if a.ID == id {
				return a.State == s
			}
		}
		return false
	})
}

// lineIs waits until a line is in a state: a phone that is idle is registered.
func (b *realBox) lineIs(id string, s telephony.LineState) {
	b.t.Helper()
	b.until(fmt.Sprintf("line %s is %s", id, s), func() bool {
		var live telephony.Live
		b.get("/api/live", &live)
		for _, l := range live.Lines {
			if l.ID == id {
				return l.State == s
			}
		}
		return false
	})
}

// inState waits until a call of the caller is in a state, and gives it.
func (b *realBox) inState(caller, state string) (call telephony.LiveCall) {
	b.t.Helper()
	b.until("a call of "+caller+" is in "+state, func() bool {
		var live telephony.Live
		b.get("/api/live", &live)
		for _, call = range live.Calls {
			if call.Caller.Number == caller && call.State == state {
				return true
			}
		}
		return false
	})
	return call
}

// quiet waits until no call is left and at least so many of the caller are accounted for, and gives their records.
func (b *realBox) quiet(caller string, calls int) []webui.CallRecord {
	b.t.Helper()
	b.until("no call is left", func() bool {
		var live telephony.Live
		b.get("/api/live", &live)
		return len(live.Calls) == 0
	})
	var records []webui.CallRecord
	b.until(fmt.Sprintf("%d calls of %s are accounted for", calls, caller), func() bool {
		records = b.records(caller)
		return len(records) >= calls && !slices.ContainsFunc(records, func(c webui.CallRecord) bool { return c.Outcome == "" })
	})
	return records
}

// records are those of all calls of the caller.
func (b *realBox) records(caller string) (all []webui.CallRecord) {
	b.t.Helper()
	for before := telephony.CallID(""); ; {
		var page webui.CallPage
		b.get(fmt.Sprintf("/api/calls?limit=500&number=%s&before=%s", caller, before), &page)
		all = append(all, page.Calls...)
		if before = page.Next; before == "" {
			return all
		}
	}
}

// story is what the journal tells of a call, for messages.
func (b *realBox) story(id telephony.CallID) string {
	var journal struct {
		Entries []struct {
			AfterMS int64 `json:"after_ms"`
			Kind    string
			Text    telephony.Text
		}
	}
	if err := b.try(http.MethodGet, "/api/calls/"+string(id)+"/journal", nil, &journal); err != nil {
		return err.Error()
	}
	var s strings.Builder
	for _, e := range journal.Entries {
		fmt.Fprintf(&s, "%7d ms %s\n", e.AfterMS, e.Text.EN)
	}
	return s.String()
}

// one demands that the caller made exactly one call, and that it ended so.
func (b *realBox) one(caller string, want telephony.Outcome) webui.CallRecord {
	b.t.Helper()
	records := b.quiet(caller, 1)
	if len(records) != 1 {
		b.t.Fatalf("%d call records for one call of %s: %+v", len(records), caller, records)
	}
	if records[0].Outcome != want {
		b.t.Errorf("a call of %s ended as %q, want %q:\n%s", caller, records[0].Outcome, want, b.story(records[0].ID))
	}
	return records[0]
}
