package main

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"text/template"
	"time"
)

// sippRate is how many calls SIPp begins in a second.
const sippRate = 10

// A part is what SIPp plays: a scenario at an address.
type part struct {
	Scenario string // file below testdata/real/sipp
	Host     string
	Caller   string // the number that calls, or registers
	Called   string // the number that is called
	Calls    int    // calls made or taken; 0: one
	Rate     int    // calls a second; 0: sippRate
	Password string
	Status   int      // the answer that is to come
	Speech   string   // a file of A-law that it says
	TalkMS   int      // how long it talks; 0: until the other side hangs up
	Changes  []change // of the session, one after the other
	Headers  []string // of the INVITE
}

// A change is a new description of a session: who sends, and what is to be answered (RFC 3264 6.1).
type change struct {
	Method        string
	Seq           int
	Offer, Answer string
}

// A sipp is a SIPp process that plays a part.
type sipp struct {
	t       *testing.T
	part    part
	process *exec.Cmd
	ended   chan error
	files   string // scenario and logs, without their endings
	screen  paper
}

// play starts a part. Those that call and those that wait for calls both have port 5060 of their address.
func (b *realBox) play(p part) *sipp {
	b.t.Helper()
	forms := template.Must(template.ParseGlob("testdata/real/sipp/*.xml"))
	s := &sipp{t: b.t, part: p, files: filepath.Join(b.t.TempDir(), p.Scenario), ended: make(chan error, 1)}
	f, err := os.Create(s.files + ".xml")
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	if err := forms.ExecuteTemplate(f, p.Scenario+".xml", p); err != nil {
		b.t.Fatal(err)
	}
	s.process = exec.Command("sipp", b.host+":5060", "-sf", s.files+".xml", "-i", p.Host, "-p", "5060", "-nostdin", "-aa", "-pause_msg_ign",
		"-m", strconv.Itoa(cmp.Or(p.Calls, 1)), "-r", strconv.Itoa(cmp.Or(p.Rate, sippRate)),
		"-mi", p.Host, "-cid_str", "%u-%p", "-key", "caller", p.Caller, "-key", "called", p.Called,
		"-trace_err", "-error_file", s.files+".errors", "-trace_msg", "-message_file", s.files+".messages")
	s.process.Dir = filepath.Dir(s.files)
	s.process.Stdout, s.process.Stderr = &s.screen, &s.screen
	if err := s.process.Start(); err != nil {
		b.t.Fatal(err)
	}
	go func() { s.ended <- s.process.Wait() }()
	b.t.Cleanup(func() { s.process.Process.Kill() })
	return s
}

// succeeds waits until the part is played to its end, as it is written.
func (s *sipp) succeeds() {
	s.t.Helper()
	select {
	case err := <-s.ended:
		if err != nil {
			s.t.Fatalf("SIPp %s: %v\n%s\n%s", s.part.Scenario, err, s.read(".errors"), s.read(".messages"))
		}
	case <-time.After(3 * patience):
		s.t.Fatalf("SIPp %s does not come to its end\n%s\n%s", s.part.Scenario, s.read(".errors"), s.read(".messages"))
	}
}

// read gives a file of SIPp's.
func (s *sipp) read(ending string) string {
	b, err := os.ReadFile(s.files + ending)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
