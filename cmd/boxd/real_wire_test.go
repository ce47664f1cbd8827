package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pion/rtp"
)

// A wire is a recording by Wireshark of all speech from and to a box.
type wire struct {
	t       *testing.T
	file    string
	process *exec.Cmd
}

// A packet is one RTP packet of a wire.
type packet struct {
	at      time.Duration // since the epoch, by the kernel
	from    string        // address
	payload string
}

// tshark runs Wireshark; listening on an interface takes root, as installing it did.
func tshark(args ...string) *exec.Cmd {
	if os.Getuid() != 0 {
		return exec.Command("sudo", append([]string{"-n", "tshark"}, args...)...)
	}
	return exec.Command("tshark", args...)
}

// tap begins to listen on the box's wire; it returns when Wireshark listens.
func (b *realBox) tap() *wire {
	b.t.Helper()
	w := &wire{t: b.t, file: filepath.Join(b.t.TempDir(), "wire.pcapng")}
	w.process = tshark("-i", "lo", "-w", w.file, "-a", "duration:120", "-f", "udp and not port 5060 and host "+b.host)
	said, err := w.process.StderrPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	if err := w.process.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { w.process.Process.Signal(syscall.SIGTERM); w.process.Wait() })
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Capture started") {
			go io.Copy(io.Discard, said)
			return w
		}
	}
	b.t.Fatal("Wireshark may not listen on the loopback interface: run the test as root, or let sudo run tshark")
	return nil
}

// packets ends the listening and gives the speech that passed.
func (w *wire) packets() (list []packet) {
	w.t.Helper()
	w.process.Process.Signal(syscall.SIGTERM)
	w.process.Wait()
	out, err := tshark("-r", w.file, "-T", "fields", "-e", "frame.time_epoch", "-e", "ip.src", "-e", "udp.payload").Output()
	if err != nil {
		w.t.Fatal("tshark: ", err)
	}
	for line := range strings.Lines(string(out)) {
		p, err := readPacket(strings.Split(strings.TrimSpace(line), "\t"))
		if err != nil {
			w.t.Fatalf("tshark: %v in %q", err, line)
		}
		list = append(list, p)
	}
	return list
}

func readPacket(f []string) (p packet, err error) {
	if len(f) != 3 {
		return p, fmt.Errorf("%d fields", len(f))
	}
	seconds, fraction, _ := strings.Cut(f[0], ".")
	if p.at, err = time.ParseDuration(seconds + "s" + fraction + "ns"); err != nil {
		return p, err
	}
	octets, err := hex.DecodeString(f[2])
	if err != nil {
		return p, err
	}
	var speech rtp.Packet
	err = speech.Unmarshal(octets)
	p.from, p.payload = f[1], string(speech.Payload)
	return p, err
}
