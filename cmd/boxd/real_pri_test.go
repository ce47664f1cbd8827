package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/e1/pritest"
)

// realPRI: a caller comes over an E1 whose far end is libpri, a tone in place of speech; a telephone inside answers; the
// carrier hangs up. The recording has both, and Wireshark can read all that was signalled.
func realPRI(t *testing.T, program string) {
	peer := pritest.Build(t)
	a := pritest.Ports(t, 4)
	b := prepareBox(t, program)
	b.options = []string{"--span-wire", fmt.Sprintf("1=frames:%s,%s,slots:%s,%s", a[0], a[1], a[2], a[3]), "--span-side", "user"}
	b.start()
	t.Cleanup(b.stop)
	b.configure(func(cfg *telephony.Config) {
		cfg.Routes = append([]telephony.Route{{ID: "pri", Called: "62345600", To: "phone:801"}}, cfg.Routes...)
	})
	carrier := pritest.Start(t, pritest.Options{
		Program: peer, Role: "network", Local: a[1], Remote: a[0], SlotsLocal: a[3], SlotsRemote: a[2], Span: 1,
	})
	carrier.Expect(t, "dchan up", patience)
	b.until("the D-channel is up", func() bool { return b.spans()[0].DChannel == "up" })

	said := speech(t, "en")
	file := filepath.Join(t.TempDir(), "en.wav")
	writeSpeech(t, file, said)
	newBaresip(t, handset{Host: b.far(phoneEnd), Speech: file, Account: fmt.Sprintf(
		"<sip:801@%s>;auth_user=801;auth_pass=%s;regint=60;answermode=auto", b.host, phonePassword("801"))})
	b.lineIs("phone/801", telephony.LineIdle)

	carrier.Do(t, "tone channel=3 hz=1000")
	carrier.Do(t, "call channel=3 exclusive called=62345600 calling=02187654321")
	carrier.Expect(t, "answer 1 .*", patience)
	carrier.Do(t, "listen channel=3 hz=1000") // it takes 200 ms of the telephone's speech
	carrier.Expect(t, "level .*", patience)
	talking := func(c telephony.LiveChannel) bool { return c.Number == 3 && c.State == telephony.ChannelTalking }
	if !slices.ContainsFunc(b.spans()[0].Channels, talking) {
		t.Errorf("channel 3 is not talking: %+v", b.spans()[0].Channels[:3])
	}
	call := b.inState("02187654321", "talk")
	<-time.After(time.Until(call.Talking.Add(4 * time.Second))) // of talk
	carrier.Do(t, "hangup 1 cause=16")
	record := b.one("02187654321", telephony.OutcomeAnswered)
	left, right := b.recording(record.Recordings[0])
	if share := toneShare(left, 1000); share < 0.9 {
		t.Errorf("the caller's 1000 Hz are %.2f of the left channel", share)
	}
	if r := likeness(right, said); r < 0.95 {
		t.Errorf("the right channel resembles what the telephone said by %.3f", r)
	}
	b.readTrace(record.ID)
}

func (b *realBox) spans() []telephony.LiveSpan {
	b.t.Helper()
	var answer struct{ Spans []telephony.LiveSpan }
	b.get("/api/spans", &answer)
	return answer.Spans
}

// readTrace has Wireshark read what was signalled in a call.
func (b *realBox) readTrace(id telephony.CallID) {
	b.t.Helper()
	var capture []byte
	b.get("/api/calls/"+string(id)+"/trace.pcapng", &capture)
	file := filepath.Join(b.t.TempDir(), "call.pcapng")
	if err := os.WriteFile(file, capture, 0o600); err != nil {
		b.t.Fatal(err)
	}
	out, err := tshark("-r", file).Output()
	if err != nil {
		b.t.Fatal(err)
	}
	for _, want := range []string{"SETUP", "CALL PROCEEDING", "CONNECT", "DISCONNECT", "RELEASE COMPLETE", "INVITE", "BYE"} {
		if !strings.Contains(string(out), want) {
			b.t.Errorf("Wireshark finds no %s in\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "Malformed") {
		b.t.Errorf("Wireshark finds malformed packets in\n%s", out)
	}
}

// toneShare is how much of the power of a sound is in a sine of the frequency.
func toneShare(samples []int16, hz float64) float64 {
	var re, im, power float64
	for i, s := range samples {
		at := 2 * math.Pi * hz * float64(i) / telephony.SampleRate
		re, im = re+float64(s)*math.Cos(at), im+float64(s)*math.Sin(at)
		power += float64(s) * float64(s)
	}
	return 2 * (re*re + im*im) / float64(len(samples)) / power
}
