package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// A machine is a computer in QEMU, emulated: /dev/kvm may be there and not boot a stock kernel. It starts again by itself, as a
// real one does, and writes what its serial port says.
type machine struct {
	life  *testing.T // as long as the machine lives
	t     *testing.T // the story that is told
	disk  string
	page  string // "127.0.0.1:PORT"
	phone string // SIP, the same

	cmd    *exec.Cmd
	serial net.Conn
	log    *os.File
	mu     sync.Mutex // guards said
	said   bytes.Buffer
}

// patience is how long anything may take on a computer that is emulated on a busy one.
const patience = 20 * time.Minute

// newMachine has a disk of 2 GB with the image on it.
func newMachine(t *testing.T, image string) *machine {
	m := &machine{life: t, t: t, disk: filepath.Join(t.TempDir(), "disk.img"), page: freePort(t, "tcp"), phone: freePort(t, "udp")}
	command(t, "cp", "--sparse=always", image, m.disk)
	var err error
	if m.log, err = os.Create(filepath.Join(filepath.Dir(image), "serial.log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.log.Close() })
	if err := os.Truncate(m.disk, 2<<30); err != nil {
		t.Fatal(err)
	}
	return m
}

// story tells a part of the machine's life. What comes after it rests on it.
func (m *machine) story(title string, tell func()) {
	m.life.Helper()
	began := time.Now()
	told := m.life.Run(title, func(t *testing.T) {
		m.t = t
		defer func() { m.t = m.life }()
		tell()
	})
	if !told {
		m.life.FailNow()
	}
	m.life.Logf("%6.1f s  %s", time.Since(began).Seconds(), title)
}

func freePort(t *testing.T, network string) string {
	t.Helper()
	if network == "udp" {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.LocalAddr().String()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// start gives the machine power. QEMU's own BIOS starts it, unless more says otherwise.
func (m *machine) start(more ...string) {
	m.t.Helper()
	socket := filepath.Join(m.life.TempDir(), "serial")
	l, err := net.Listen("unix", socket)
	if err != nil {
		m.t.Fatal(err)
	}
	defer l.Close()
	args := []string{
		"-accel", "tcg,thread=multi", "-cpu", "qemu64", "-smp", "2", "-m", "512", "-nodefaults", "-no-user-config", "-display", "none",
		"-drive", "file=" + m.disk + ",format=raw,if=virtio,cache=writeback", "-netdev",
		"user,id=n,hostfwd=tcp:" + m.page + "-:80,hostfwd=udp:" + m.phone + "-:5060", "-device", "virtio-net-pci,netdev=n",
		"-device", "i6300esb", "-watchdog-action", "reset", "-chardev", "socket,id=s,path=" + socket, "-serial", "chardev:s",
	}
	m.cmd = exec.Command("qemu-system-x86_64", append(args, more...)...)
	m.cmd.Stderr = os.Stderr
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.life.Cleanup(m.cut)
	if m.serial, err = l.Accept(); err != nil {
		m.t.Fatal(err)
	}
	go m.listen(m.serial)
}

// listen keeps what the serial port says, for the stories and in a file for whoever wonders about one.
func (m *machine) listen(c net.Conn) {
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		fmt.Fprintf(m.log, "%s %q\n", time.Now().Format(time.TimeOnly), buf[:n])
		m.mu.Lock()
		m.said.Write(buf[:n])
		m.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// cut takes the power away.
func (m *machine) cut() {
	if m.cmd.ProcessState == nil {
		m.cmd.Process.Kill()
		m.cmd.Wait()
		m.serial.Close()
	}
}

// damage writes over the beginning of a partition of a machine without power.
func (m *machine) damage(partition string) {
	m.t.Helper()
	out, err := exec.Command("sfdisk", "--json", m.disk).Output()
	var disk struct {
		Table struct {
			Sector     int64 `json:"sectorsize"`
			Partitions []struct {
				Name  string
				Start int64
			}
		} `json:"partitiontable"`
	}
	if err = errors.Join(err, json.Unmarshal(out, &disk)); err != nil {
		m.t.Fatal("the disk's partitions:", err)
	}
	for _, p := range disk.Table.Partitions {
		if p.Name == partition {
			m.write(p.Start*disk.Table.Sector, bytes.Repeat([]byte{0x5a}, 1<<20))
			return
		}
	}
	m.t.Fatalf("the disk has no partition %s", partition)
}

func (m *machine) write(at int64, b []byte) {
	m.t.Helper()
	f, err := os.OpenFile(m.disk, os.O_WRONLY, 0)
	if err != nil {
		m.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(b, at); err != nil {
		m.t.Fatal(err)
	}
}

// until waits for something, and says how long it took.
func (m *machine) until(what string, done func() bool) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), patience)
	defer cancel()
	began, look := time.Now(), time.NewTicker(500*time.Millisecond)
	defer look.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			m.t.Fatalf("%s: not in %v. The serial port said\n%s", what, patience, m.last(3000))
		case <-look.C:
		}
	}
	m.t.Logf("%6.1f s  %s", time.Since(began).Seconds(), what)
}

func (m *machine) last(octets int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.said.Bytes()
	return string(b[max(len(b)-octets, 0):])
}

// untilSaid waits until the serial port has said something since the last forget.
func (m *machine) untilSaid(words string) {
	m.t.Helper()
	m.until(fmt.Sprintf("the serial port says %q", words), func() bool { return strings.Contains(m.last(1<<20), words) })
}

func (m *machine) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.said.Reset()
}

var claimCode = regexp.MustCompile(`\|Claim code +\|\s+\|(\d{8}) +\|`)

// claimCode is what the panel shows, here on the serial port.
func (m *machine) claimCode() (code string) {
	m.t.Helper()
	plain := regexp.MustCompile(`\x1b\[[0-9?]*[A-Za-z]`)
	m.until("the panel shows the claim code", func() bool {
		found := claimCode.FindAllStringSubmatch(plain.ReplaceAllString(m.last(4096), ""), -1)
		if len(found) > 0 {
			code = found[len(found)-1][1]
		}
		return code != ""
	})
	return code
}

// ask sends a request to the box's page, with a session where there is one.
func (m *machine) ask(
	method, path string, body io.Reader, kind string, cookies []*http.Cookie, limit time.Duration,
) (*http.Response, error) {
	r, err := http.NewRequestWithContext(m.t.Context(), method, "https://"+m.page+path, body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	client := http.Client{Timeout: limit, Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the box makes its own
	}}
	return client.Do(r)
}

// version is what the box says it runs, or "" where it says nothing.
func (m *machine) version(cookies []*http.Cookie) string {
	var status struct{ Version string }
	m.read("/api/status", cookies, &status)
	return status.Version
}

// alarms are those that stand, in words.
func (m *machine) alarms(cookies []*http.Cookie) string {
	var live struct {
		Alarms []struct{ Message struct{ EN string } }
	}
	m.read("/api/live", cookies, &live)
	return fmt.Sprint(live.Alarms)
}

// read fills in what the box answers, if it does so soon: QEMU's network takes a connection at once and holds it for minutes when
// the guest is just starting.
func (m *machine) read(path string, cookies []*http.Cookie, into any) {
	answer, err := m.ask("GET", path, nil, "", cookies, 10*time.Second)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	_ = json.NewDecoder(answer.Body).Decode(into)
}

// claim makes the first administrator by the code on the panel, and is signed in as that.
func (m *machine) claim(code string) []*http.Cookie {
	m.t.Helper()
	account := fmt.Sprintf(`{"code":%q,"user":"lihua","password":"three blue garden chairs"}`, code)
	answer, err := m.ask("POST", "/api/claim", strings.NewReader(account), "application/json", nil, patience)
	if err != nil || answer.StatusCode >= 300 {
		m.t.Fatalf("claim: %v %v", answer, err)
	}
	answer.Body.Close()
	return answer.Cookies()
}

// update sends a bundle, and gives what the box said of it: nothing where it took it.
func (m *machine) update(bundle []byte, cookies []*http.Cookie) string {
	m.t.Helper()
	said := ""
	m.until("the box answers to an update", func() bool {
		answer, err := m.ask("POST", "/api/update", bytes.NewReader(bundle), "application/octet-stream", cookies, patience)
		if err != nil {
			m.t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		said = string(text)
		return !strings.Contains(said, "not proved itself") // it has just started
	})
	return said
}
