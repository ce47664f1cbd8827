package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"callbox/telephony"
)

const phonePassword = "seven-grey-herons"

// configure gives the box a telephone that calls, and a number at which a mailbox answers.
func (m *machine) configure(cookies []*http.Cookie) {
	m.t.Helper()
	var c telephony.Config
	m.until("the box tells its configuration", func() bool { m.read("/api/config", cookies, &c); return c.Format > 0 })
	c.Site.Name = "镜像测试"
	c.Mailboxes = append(c.Mailboxes, telephony.Mailbox{ID: "front", Name: "前台", MaxSeconds: 60, PIN: "270914"})
	for extension, always := range map[string]telephony.Target{"801": "", "802": "voicemail:front"} {
		c.Phones = append(c.Phones, telephony.Phone{
			Extension: extension, Name: extension, Password: phonePassword, Permit: telephony.PermitInternal, RingSeconds: 20, Always: always,
		})
	}
	if err := m.put(&c, cookies); err != nil {
		m.t.Fatal(err)
	}
}

// rename changes the configuration.
func (m *machine) rename(name string, cookies []*http.Cookie) error {
	var c telephony.Config
	m.until("the box tells its configuration", func() bool { m.read("/api/config", cookies, &c); return c.Format > 0 })
	c.Site.Name = name
	return m.put(&c, cookies)
}

// put has the box take a configuration, and is nil when the box has acknowledged it. The revision that it has then is in c.
func (m *machine) put(c *telephony.Config, cookies []*http.Cookie) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	answer, err := m.ask("PUT", "/api/config", bytes.NewReader(body), "application/json", cookies, patience)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var kept struct {
		Revision uint64
		Message  any
	}
	if err := json.NewDecoder(answer.Body).Decode(&kept); err != nil || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the box does not take a configuration: %s %v %v", answer.Status, kept.Message, err)
	}
	c.Revision = kept.Revision
	return nil
}

// call has SIPp call the mailbox and hang up after a while, and counts the packets of speech that come back from inside.
func (m *machine) call(ctx context.Context, lasting time.Duration) (packets int, err error) {
	text, err := os.ReadFile("testdata/call.xml")
	if err != nil {
		return 0, err
	}
	speech, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	heard := make(chan int)
	go func() { heard <- countSpeech(speech) }()
	dir := m.life.TempDir()
	scenario, complaints := filepath.Join(dir, "call.xml"), filepath.Join(dir, "complaints")
	port := fmt.Sprint(speech.LocalAddr().(*net.UDPAddr).Port)
	filled := strings.NewReplacer("PASSWORD", phonePassword, "SPEECH", port, "LASTING", fmt.Sprint(lasting.Milliseconds())).Replace(string(text))
	if err = os.WriteFile(scenario, []byte(filled), 0o600); err == nil {
		err = exec.CommandContext(ctx, "sipp", m.phone, "-sf", scenario, "-m", "1", "-i", "127.0.0.1", "-nostdin", "-trace_err",
			"-error_file", complaints, "-timeout", fmt.Sprint(int(patience.Seconds())), "-timeout_error").Run()
	}
	speech.Close()
	packets = <-heard
	if err != nil {
		said, _ := os.ReadFile(complaints)
		err = fmt.Errorf("SIPp: %w\n%s", err, said)
	}
	return packets, err
}

// countSpeech counts packets of 20 ms of A-law until the socket is closed.
func countSpeech(c net.PacketConn) (packets int) {
	b := make([]byte, 2048)
	for {
		size, _, err := c.ReadFrom(b)
		if err != nil {
			return packets
		}
		if size == 12+160 && b[1]&0x7f == 8 {
			packets++
		}
	}
}

// records are the calls that the box has accounted for and ended, the newest first.
func (m *machine) records(cookies []*http.Cookie) (ended []telephony.CallID) {
	var page struct {
		Calls []struct {
			ID    telephony.CallID
			Ended time.Time
		}
	}
	m.read("/api/calls?limit=500", cookies, &page)
	for _, c := range page.Calls {
		if !c.Ended.IsZero() {
			ended = append(ended, c.ID)
		}
	}
	return ended
}

// calls has the box take a call and account for it.
func (m *machine) calls(cookies []*http.Cookie) {
	m.t.Helper()
	m.configure(cookies)
	packets, err := m.call(m.t.Context(), 3*time.Second)
	if err != nil {
		m.t.Fatal(err)
	}
	if packets < 10 { // of the 150 that three seconds have: the processor is emulated, on a computer with other work
		m.t.Errorf("of the greeting %d packets came", packets)
	}
	m.until("the call is accounted for", func() bool { return len(m.records(cookies)) == 1 })
}
