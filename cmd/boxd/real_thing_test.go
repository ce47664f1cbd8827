package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestReal runs the built program against telephones and exchanges that others wrote: baresip, SIPp, Wireshark, Pebble. Each story
// starts a box of its own on a loopback address of its own, so all of them can run beside each other. Nothing here is in
// virtual time: a wait ends when what it waits for has happened, and its limit only says when to give up.
func TestReal(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("this calls a built box with baresip and SIPp: run it with CALLBOX_REAL=1 go test -v -run TestReal ./cmd/boxd")
	}
	for _, program := range []string{"baresip", "linphonec", "sipp", "tshark", "unshare"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is not installed: run make tools", program)
		}
	}
	program := build(t)
	for _, s := range []struct {
		title string
		story func(*testing.T, string)
		alone bool // it listens to speech, which a busy machine would make the telephones send too late
	}{
		{"a caller keys a queue, an agent answers, both are recorded (A1.8 A1.21 A3.3 A4.1 A8.2, pains 21 40)", realTalk, true},
		{"a call over PRI: libpri is the carrier, baresip the agent, Wireshark reads the trace (A1.2 A1.9 A8.2, idea 8)", realPRI, true},
		{"telephones over TLS whose speech is encrypted, calling and called (A1.20, RFC 3711, RFC 4568)", realEncrypted, true},
		{"linphone is the agent's telephone: both are heard both ways (A1.20 A1.21 A8.2, issue 5)", realLinphone, true},
		{"a killed box keeps what was said and accounts for the call (A8.6 A11.1, pain 20)", realKill, true},
		{"a full disk stops the recording and not the call (A8.6)", realFullDisk, true},
		{"a second box on the same data is refused with a sentence", realSecondBox, false},
		{"from start to answering, and the memory of an idle box (pain 49)", realFigures, false},
		{"a wrong password and an unknown name are told the same (A1.21, pain 45)", realRefusals, false},
		{"an INVITE that comes again and again is one call (A11.1)", realEchoes, false},
		{"an answer that nobody confirms ends by itself", realNoACK, false},
		{"two telephones behind one number answer: one is taken, the other let go", realFork, false},
		{"speech before the answer is confirmed on both sides (RFC 3262)", realReliable, false},
		{"a session timer that is too short, then one that is refreshed (RFC 4028, RFC 3311)", realRefreshes, false},
		{"a refresh of the session that meets another description of it (RFC 3261 14.1, RFC 4028)", realGlare, false},
		{"a carrier with two servers, by its service records: the second takes what the first does not (RFC 3263)", realServiceRecords, false},
		{"a wire that has IPv6 alone: the page answers, a call is answered and its speech named (issue 7)", realIPv6, false},
		{"a telephone over TCP keeps its way to the box open (RFC 5626)", realKeepAlive, false},
		{"hold and back with re-INVITE and UPDATE, and OPTIONS (RFC 3264, RFC 3311, RFC 3261 11)", realHolds, false},
		{"who calls and who diverted the call, as the carrier asserts and signs it (RFC 3325, RFC 3323, RFC 5806, RFC 7044, RFC 8224)", realDiverted, false},
		{"a caller who gives up in each moment (A11.1, pain 2)", realCancels, false},
		{"a telephone that never answers BYE leaves its agent free (A4.7, pain 6)", realLostBye, false},
		{"a telephone that transfers is told what came of it (A2.10, RFC 3515)", realTransfers, false},
		{"what a carrier refuses is told to the caller (A1.18 A2.2)", realCarrierRefuses, false},
		{"thirty calls with speech, each recorded whole and in step (A8.2, issue 5)", realCarry, true},
		{"ten calls of SIPp's with speech, each recorded whole and in step (A8.2, issue 5)", realSpeaking, false},
		{"three times the calls that the box may take: each is answered or refused cleanly, and all is idle after (issue 5)", realRush, false},
		{"a call ends the measuring of the box's capacity, which leaves nothing behind (issue 5)", realMeasured, false},
		{"the box passes its self-test, which leaves nothing behind (issue 7)", realSelfTest, true},
		{"Pebble gives the box its certificates, by port 80 and by port 443, renews and refuses them (RFC 8555, RFC 8737, issue 6)", realACME, false},
		{"20 calls a second for 10 seconds are all accounted for (A11.3, pains 5 24)", realBurst, false},
	} {
		t.Run(s.title, func(t *testing.T) {
			if !s.alone {
				t.Parallel()
			}
			s.story(t, program)
		})
	}
}

// build makes the program as make build does, without the page.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "boxd")
	cmd := exec.Command("go", "build", "-trimpath", "-o", program, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("boxd does not build: %v\n%s", err, out)
	}
	return program
}
