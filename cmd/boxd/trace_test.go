package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/q931"
)

// TestLadderOfACall (issue 3): what a call's legs said, beside its journal, as the page asks for it. An analogue caller has no
// signalling; the agent's phone has.
func TestLadderOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, testConfig())
		defer w.close()
		w.phone("801", func(o *sim.PhoneOptions) { o.TalkFor = 5 * time.Second })
		w.agent("1001", telephony.AgentReady, "phone:801")
		w.ring("a", sim.Call{Line: "fxo/1", From: "13800138000", Keys: keysAt(w, "1@6s"), For: 40 * time.Second})
		time.Sleep(time.Minute)
		w.must(w.box.Store.Sync(context.Background()))
		answer := httptest.NewRecorder()
		w.box.Web().LocalHandler().ServeHTTP(answer, httptest.NewRequest("GET", "/api/calls/1-1/ladder", nil))
		var ladder struct {
			Steps []struct {
				Message *struct {
					Leg, Name string
					Sent      bool
				}
				Mark *struct{ Kind string }
			}
		}
		w.must(json.Unmarshal(answer.Body.Bytes(), &ladder))
		var said, told []string
		for _, s := range ladder.Steps {
			switch {
			case s.Message == nil:
				told = append(told, s.Mark.Kind)
			case s.Message.Leg != "phone/801#1":
				t.Errorf("a message of %s", s.Message.Leg)
			default:
				said = append(said, map[bool]string{true: ">", false: "<"}[s.Message.Sent]+s.Message.Name)
			}
		}
		want := []string{">INVITE", "<180 Ringing", "<200 OK", ">ACK", "<BYE", ">200 OK"}
		if !slices.Equal(said, want) || told[0] != "call_arrived" || !slices.Contains(told, "call_ended") {
			t.Errorf("said %q, want %q; told %q", said, want, told)
		}
	})
}

// somePRI is a call over an E1 in Q.931, beside which a phone rings over SIP.
func somePRI() []telephony.Trace {
	at := time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC)
	five := &q931.Channels{Slots: 1 << 5, Exclusive: true}
	var list []telephony.Trace
	say := func(sent bool, m q931.Message) {
		m.Value, m.Flag = 12, sent
		at = at.Add(20 * time.Millisecond)
		list = append(list, telephony.Trace{Time: at, Leg: "e1/1#1", Line: "e1/1", Protocol: telephony.ProtocolQ931, Sent: sent, Octets: m.Encode()})
	}
	say(false, q931.Message{
		Type: q931.TypeSetup, Complete: true, Bearer: q931.Speech, Channels: five,
		Calling: q931.Number{Digits: "13800138000", Type: q931.NumberNational, Plan: q931.PlanISDN, Screening: q931.ScreeningNetwork},
		Called:  q931.Number{Digits: "62340001", Type: q931.NumberSubscriber, Plan: q931.PlanISDN},
	})
	say(true, q931.Message{Type: q931.TypeCallProceeding, Channels: five})
	say(true, q931.Message{Type: q931.TypeAlerting, Progress: []q931.Progress{{Description: q931.InBandInformation, Location: q931.LocationUser}}})
	say(true, q931.Message{Type: q931.TypeConnect})
	say(false, q931.Message{Type: q931.TypeConnectAcknowledge})
	list = append(list, telephony.Trace{Time: at, Leg: "phone/801#1", Line: "phone/801", Protocol: telephony.ProtocolSIP, Sent: true, Octets: []byte(
		"BYE sip:801@10.0.1.1 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: <sip:a@10.0.0.1>;tag=1\r\n" +
			"To: <sip:801@10.0.0.1>;tag=2\r\nCall-ID: c\r\nCSeq: 2 BYE\r\nContent-Length: 0\r\n\r\n",
	)})
	say(false, q931.Message{Type: q931.TypeDisconnect, Reason: q931.Reason{Cause: telephony.CauseNormal}})
	say(true, q931.Message{Type: q931.TypeRelease})
	say(false, q931.Message{Type: q931.TypeReleaseComplete})
	return list
}

// TestWiresharkReadsTheTrace: tshark finds every message by its name and nothing malformed, whichever side the box is.
func TestWiresharkReadsTheTrace(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("this asks tshark: run it with CALLBOX_REAL=1 go test -run Wireshark ./cmd/boxd")
	}
	for _, network := range []bool{false, true} {
		var file bytes.Buffer
		if err := capture(&file, somePRI(), func(string) bool { return network }); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(t.TempDir(), "call.pcapng")
		if err := os.WriteFile(name, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		list := askTshark(t, "-r", name)
		at := 0
		for _, want := range []string{
			"SETUP", "CALL PROCEEDING", "ALERTING", "CONNECT", "CONNECT ACKNOWLEDGE", "SIP", "BYE", "DISCONNECT", "RELEASE", "RELEASE COMPLETE",
		} {
			i := strings.Index(list[at:], want)
			if i < 0 {
				t.Fatalf("network %v: no %s behind the others:\n%s", network, want, list)
			}
			at += i + len(want)
		}
		whole := askTshark(t, "-r", name, "-V", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE")
		for _, fault := range []string{"Malformed", "incorrect", "Bad", "should be", "unknown"} {
			if strings.Contains(whole, fault) {
				t.Errorf("network %v: tshark says %q:\n%s", network, fault, whole)
			}
		}
		for _, field := range []string{"Calling party number digits: 13800138000", "Channel number: 5", "Interface name: e1/1", "N(R)=4, N(S)=3"} {
			if !strings.Contains(whole, field) {
				t.Errorf("network %v: tshark does not say %q:\n%s", network, field, whole)
			}
		}
	}
}

func askTshark(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
