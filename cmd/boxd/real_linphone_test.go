package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	"callbox/telephony"
	"callbox/telephony/wav"
	"callbox/webui"
)

// A linphone is a telephone by a third maker, in a process of its own: it takes commands as somebody would type them.
type linphone struct {
	t       *testing.T
	process *exec.Cmd
	keys    io.WriteCloser
	log     *paper
}

// newLinphone starts a telephone.
func newLinphone(t *testing.T, h handset) *linphone {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, ".local/share/linphone"), 0o755); err != nil { // of its data base
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "config"))
	if err != nil {
		t.Fatal(err)
	}
	form := template.Must(template.ParseFiles("testdata/real/linphone/config"))
	if err := form.Execute(f, h); err != nil {
		t.Fatal(err)
	}
	f.Close()
	p := &linphone{t: t, process: exec.Command("nice", "-n", "-15", "linphonec", "-c", f.Name()), log: &paper{}}
	p.process.Env = append(os.Environ(), "HOME="+dir, "LC_ALL=C")
	p.process.Stdout, p.process.Stderr = p.log, p.log
	if p.keys, err = p.process.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := p.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.process.Process.Kill()
		p.process.Wait()
		if t.Failed() {
			t.Logf("linphone:\n%s", p.log)
		}
	})
	p.shows("linphonec>")
	return p
}

// talks has it say one file and write what it hears into another.
func (p *linphone) talks(says, hears string) {
	p.t.Helper()
	p.do("soundcard use files")
	p.do("play " + says)
	p.do("record " + hears)
}

func (p *linphone) do(command string) {
	p.t.Helper()
	if _, err := fmt.Fprintln(p.keys, command); err != nil {
		p.t.Fatalf("linphone: %v\n%s", err, p.log)
	}
}

// shows waits until the telephone shows a text.
func (p *linphone) shows(text string) {
	p.t.Helper()
	give, look := time.After(patience), time.NewTicker(20*time.Millisecond)
	defer look.Stop()
	for !strings.Contains(p.log.String(), text) {
		select {
		case <-look.C:
		case <-give:
			p.t.Fatalf("linphone does not show %q:\n%s", text, p.log)
		}
	}
}

// handOut gives the link by which a telephone of a make fetches its settings from the page.
func (b *realBox) handOut(extension, maker string) string {
	b.t.Helper()
	var h webui.HandoutAnswer
	if err := b.try(http.MethodPost, "/api/phones/"+extension+"/handout", map[string]any{"new_password": true}, &h); err != nil {
		b.t.Fatal(err)
	}
	for _, l := range h.Links {
		if l.Make == maker {
			return strings.Replace(l.URL, "https://box/", "https://"+b.host+":8080/", 1) // this test asks by another way than a browser
		}
	}
	b.t.Fatalf("no link for %s among %v", maker, h.Links)
	return ""
}

// realLinphone: linphone is the agent's telephone, which is told nothing but the link that was handed out, and baresip the caller's. Each is heard by the box, and the caller by linphone too.
func realLinphone(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	dir := t.TempDir()
	zh, en, heard := filepath.Join(dir, "zh.wav"), filepath.Join(dir, "en.wav"), filepath.Join(dir, "heard.wav")
	chinese, english := speech(t, "zh"), speech(t, "en")
	writeSpeech(t, zh, chinese)
	writeSpeech(t, en, english)
	link, trusts := b.handOut("801", "linphone"), filepath.Join(dir, "trusts.pem")
	certificate, key := authorized(t, time.Now().Add(12*time.Hour), b.host)
	b.send(http.MethodPut, "/api/certificate", map[string]any{"chain": certificate, "key": key})
	if err := os.WriteFile(trusts, []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	agent := newLinphone(t, handset{Host: b.far(phoneEnd), Link: link, Trusts: trusts})
	b.lineIs("phone/801", telephony.LineIdle)
	agent.talks(en, heard)
	if err := b.try(http.MethodGet, strings.TrimPrefix(link, "https://"+b.host+":8080"), nil, nil); err == nil {
		t.Error("the link opens twice")
	}
	b.agent("1001", telephony.AgentReady)
	b.agentIs("1001", telephony.AgentReady)

	caller := newBaresip(t, handset{Host: b.far(callerEnd), Speech: zh, Account: fmt.Sprintf(
		"<sip:%s@%s>;regint=0", realCaller, b.far(callerEnd))})
	caller.do("dial sip:62340001@" + b.host)
	caller.hears("CALL_ESTABLISHED")
	b.inState(realCaller, "menu")
	caller.do("sndcode 1")
	agent.shows("Receiving new incoming call")
	<-time.After(500 * time.Millisecond) // of ringing: while the key is down, the caller's telephone sends no speech (RFC 4733 2.2)
	agent.do("answer")
	b.inState(realCaller, "talk")
	<-time.After(8 * time.Second) // of talk
	agent.do("terminate")
	caller.hears("CALL_CLOSED")

	record := b.one(realCaller, telephony.OutcomeAnswered)
	if record.Agent != "1001" || len(record.Recordings) != 1 {
		t.Fatalf("the record of the call: %+v\n%s", record, b.story(record.ID))
	}
	left, right := b.recording(record.Recordings[0])
	agent.do("quit")
	agent.process.Wait() // its file is whole
	f, err := os.Open(heard)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ear, err := wav.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	l, r, e := likeness(left, chinese), likeness(right, english), bySeconds(ear, chinese)
	t.Logf("correlation of the recording with the caller's speech %.4f, with the agent's %.4f, of what linphone heard %.4f", l, r, e)
	if l < 0.95 || r < 0.95 || e < 0.95 {
		t.Error("what is heard is not what was said")
	}
	if len(left) < 7*second || len(ear) < 7*second {
		t.Errorf("%d samples are recorded and %d were heard of 8 s of talk", len(left), len(ear))
	}
}

// bySeconds is the likeness that half of the seconds of a recording have or more: where a telephone's own buffer left a sample out,
// that costs one of them.
func bySeconds(recording, speech []int16) float64 {
	var each []float64
	for part := range slices.Chunk(recording[:len(recording)/second*second], second) {
		each = append(each, likeness(part, speech))
	}
	slices.Sort(each)
	return each[len(each)/2]
}
