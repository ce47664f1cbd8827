package main

import (
	"context"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNotify(t *testing.T) {
	t.Setenv(notifySocket, "")
	if err := notify("READY=1"); err != nil {
		t.Errorf("without systemd: %v", err)
	}
	name := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	t.Setenv(notifySocket, name)
	if err := notify("READY=1"); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64)
	if n, err := c.Read(buf); err != nil || string(buf[:n]) != "READY=1" {
		t.Errorf("systemd hears %q: %v", buf[:n], err)
	}
}

// A stack that says nothing, or nonsense, is no living one.
func TestAnswersSIP(t *testing.T) {
	for answer, want := range map[string]string{"SIP/2.0 403 Forbidden\r\n\r\n": "", "hello": "SIP answers", "": "does not answer"} {
		far, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			buf := make([]byte, 2048)
			n, from, err := far.ReadFromUDP(buf)
			if err == nil && answer != "" && strings.HasPrefix(string(buf[:n]), "OPTIONS sip:127.0.0.1:") {
				far.WriteToUDP([]byte(answer), from)
			}
		}()
		b := &Box{opt: Options{UDP: far, Advertise: netip.MustParseAddr("127.0.0.1")}}
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		err = b.answersSIP(ctx)
		cancel()
		far.Close()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", answer, err)
		}
	}
}
