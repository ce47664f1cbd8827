package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"callbox/telephony"
)

// realEncrypted: two telephones over TLS whose speech has to be encrypted, one calling and one called. Both are heard in the
// recording; no key is in what the box keeps of the signalling.
func realEncrypted(t *testing.T, program string) {
	b := prepareBox(t, program)
	b.options = []string{"--sips", b.host + ":5061"}
	b.start()
	t.Cleanup(b.stop)
	b.configure(func(c *telephony.Config) {
		c.Phones[0].Encryption, c.Phones[2].Encryption = telephony.EncryptionRequired, telephony.EncryptionRequired
	})
	zh, en := speech(t, "zh"), speech(t, "en")
	agent := b.privatePhone("801", phoneEnd, en)
	caller := b.privatePhone("803", callerEnd, zh)
	b.agent("1001", telephony.AgentReady)
	b.agentIs("1001", telephony.AgentReady)
	caller.do("dial sip:700@" + b.host + ":5061;transport=tls")
	agent.hears("CALL_INCOMING")
	agent.do("accept")
	call := b.inState("803", "talk")
	<-time.After(8 * time.Second) // of talk
	caller.do("hangup")
	agent.hears("CALL_CLOSED")
	record := b.one("803", telephony.OutcomeAnswered)
	if len(record.Recordings) != 1 {
		t.Fatalf("recordings: %v\n%s", record.Recordings, b.story(record.ID))
	}
	left, right := b.recording(record.Recordings[0])
	l, r := likeness(left, zh), likeness(right, en)
	t.Logf("correlation of the left channel with the caller's speech %.4f, of the right with the agent's %.4f", l, r)
	if l < 0.95 || r < 0.95 {
		t.Error("the recording is not what was said")
	}
	var capture []byte
	b.get("/api/calls/"+string(call.ID)+"/trace.pcapng", &capture)
	if n := bytes.Count(capture, []byte("inline:***")); n < 4 || bytes.Count(capture, []byte("RTP/SAVP")) < 4 {
		t.Errorf("%d crypto lines in the trace of two encrypted legs", n)
	}
	if k := regexp.MustCompile(`inline:[A-Za-z0-9+/]+`).Find(capture); k != nil {
		t.Errorf("a key in the trace: %s", k)
	}
}

// privatePhone is a telephone that registers over TLS and takes nothing but encrypted speech.
func (b *realBox) privatePhone(extension string, end int, says []int16) *baresip {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "speech.wav")
	writeSpeech(b.t, file, says)
	p := newBaresip(b.t, handset{Host: b.far(end), Speech: file, Account: fmt.Sprintf(
		"<sip:%s@%s:5061;transport=tls>;auth_user=%s;auth_pass=%s;regint=60;answermode=manual;mediaenc=srtp-mand",
		extension, b.host, extension, phonePassword(extension))})
	b.lineIs("phone/"+extension, telephony.LineIdle)
	return p
}
