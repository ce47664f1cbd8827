package q931

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestDecodedByOthers shows one message of every kind that the encoder makes to Wireshark, each in an information frame of
// LAPD, and compares what it reads with what was meant.
func TestDecodedByOthers(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("this asks tshark: run it with CALLBOX_REAL=1 go test -run TestDecodedByOthers ./telephony/q931")
	}
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Fatal("tshark is not installed: run make tools")
	}
	capture := captured()
	story := tshark(t, capture, "-V")
	for _, sign := range []string{"Malformed", "Unknown message", "Unknown information element", "Reserved"} {
		if strings.Contains(story, sign) {
			t.Errorf("tshark says %q:\n%s", sign, story)
		}
	}
	fields := strings.Split(strings.TrimSuffix(tshark(t, capture, "-T", "fields", "-E", "separator=/s", "-E", "occurrence=f",
		"-e", "q931.call_ref", "-e", "q931.message_type", "-e", "q931.cause_value", "-e", "q931.call_state", "-e", "q931.channel.number",
		"-e", "q931.called_party_number.digits", "-e", "q931.calling_party_number.digits"), "\n"), "\n")
	if len(fields) != len(all) {
		t.Fatalf("tshark read %d messages, want %d", len(fields), len(all))
	}
	for i, r := range all {
		if want := meant(&r.message); fields[i] != want {
			t.Errorf("%s: tshark read %q, want %q", r.name, fields[i], want)
		}
	}
}

// meant is what tshark is to read in a message, in its way of writing.
func meant(m *Message) string {
	var cause, state, channel string
	if m.Reason.Cause != 0 {
		cause = fmt.Sprint(uint8(m.Reason.Cause))
	}
	if m.State != nil {
		state = fmt.Sprintf("0x%02x", uint8(*m.State))
	}
	if n := m.channel().Number; n != 0 {
		channel = fmt.Sprint(n)
	}
	return strings.Join([]string{
		fmt.Sprintf("%04x", m.Value), fmt.Sprintf("0x%02x", uint8(m.Type)), cause, state, channel, m.Called.Digits, m.Calling.Digits,
	}, " ")
}

// captured is a file of packets of link type LAPD (203) with all messages.
func captured() []byte {
	var b bytes.Buffer
	put := func(v ...any) {
		for _, v := range v {
			binary.Write(&b, binary.LittleEndian, v)
		}
	}
	put(uint32(0xA1B2C3D4), uint16(2), uint16(4), uint32(0), uint32(0), uint32(65535), uint32(203))
	for n, r := range all {
		frame := append([]byte{0x02, 0x01, byte(n << 1), 0x00}, r.message.Encode()...) // SAPI 0, TEI 0, N(S)
		put(uint32(n), uint32(0), uint32(len(frame)), uint32(len(frame)), frame)
	}
	return b.Bytes()
}

func tshark(t *testing.T, capture []byte, args ...string) string {
	t.Helper()
	cmd := exec.Command("tshark", append([]string{"-r", "-"}, args...)...)
	cmd.Stdin = bytes.NewReader(capture)
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v\n%s", err, problems.String())
	}
	return string(out)
}
