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
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"callbox/webui"
)

// A machine is a computer in QEMU, emulated: /dev/kvm may be there and not boot a stock kernel. It has one processor, for two of them on a busy
// computer mostly wait for each other's locks. It starts again by itself, as a real one does, and writes what its serial port says.
//
// Each of its starts is a QEMU of its own: one that starts again keeps what it has translated of the code in memory, and GRUB takes twenty
// seconds longer to write a kernel over that, octet by octet. A lossy disk's log is one QEMU's; its computer bears with that.
type machine struct {
	life  *testing.T // as long as the machine lives
	t     *testing.T // the story that is told
	disk  string
	page  string // "ADDRESS:PORT" that is asked: dhcp or moved
	dhcp  string // the page at the address that QEMU gives
	moved string // at that which setAddress sets
	phone string // SIP, the same
	wedge string // where the program of the bundle good listens (testdata/wedge.go), the same
	lossy bool   // the disk loses at a power cut what it was not told to flush
	trunk *trunk // that its cable is in; nil for none (vlan_test.go)

	port    net.Listener // to which QEMU connects its serial port
	monitor string       // QEMU's, a socket
	log     *os.File
	spent   atomic.Int64 // nanoseconds of this computer's processors, of each QEMU that has ended

	power sync.Mutex // guards what follows
	on    bool
	stick string // the file that is one in it; "" for none (stick_test.go)
	cmd   *exec.Cmd
	ended chan struct{} // closed when cmd has

	mu     sync.Mutex // guards what follows
	serial net.Conn
	said   bytes.Buffer
	since  int // of what was said, where the last forget was
}

// patience is how long anything may take on a computer that is emulated on a busy one.
const patience = 20 * time.Minute

// answerTime is how long the box may take to check and install an update.
const answerTime = 5 * time.Minute

// machines is how many there were.
var machines atomic.Uint32

// newMachine has a disk of 2 GB with the image on it, and an address of its own: a port that was free is not when the power comes again.
func newMachine(t *testing.T, image string) *machine {
	host := fmt.Sprintf("127.88.%d.%d", os.Getpid()%250+1, machines.Add(1))
	m := &machine{
		life: t, t: t, disk: filepath.Join(t.TempDir(), "disk.img"), page: host + ":8443", dhcp: host + ":8443", moved: host + ":8444", phone: host + ":5060", wedge: host + ":29999",
	}
	command(t, "cp", "--sparse=always", image, m.disk)
	dir := t.TempDir()
	m.monitor = filepath.Join(dir, "monitor")
	var err error
	if m.port, err = net.Listen("unix", filepath.Join(dir, "serial")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.port.Close() })
	if m.log, err = os.Create(filepath.Join(filepath.Dir(image), strings.ReplaceAll(t.Name(), "/", "-")+".log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		t.Logf("QEMU had a processor for %.1f s", time.Duration(m.spent.Load()).Seconds())
		m.log.Close()
	})
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

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// olderPC has the watchdog that QEMU gives to a PC which has none; newerPC starts by UEFI and has that of Intel's chips. arm64 is a
// computer with such a processor and UEFI.
var (
	olderPC = []string{"qemu-system-x86_64", "-cpu", "qemu64", "-device", "i6300esb"}
	newerPC = []string{
		"qemu-system-x86_64", "-cpu", "qemu64", "-machine", "q35", "-global", "ICH9-LPC.noreboot=false", "-bios", "/usr/share/ovmf/OVMF.fd",
	}
	arm64 = []string{"qemu-system-aarch64", "-cpu", "cortex-a53", "-machine", "virt", "-bios", "/usr/share/qemu-efi-aarch64/QEMU_EFI.fd"}
)

// start gives power to the machine, which is one of the above. Until it starts again it has other options of QEMU beside.
func (m *machine) start(computer []string, once ...string) {
	m.t.Helper()
	m.power.Lock()
	defer m.power.Unlock()
	m.life.Cleanup(m.cut)
	m.on = true
	if err := m.run(computer, once...); err != nil {
		m.t.Fatal(err)
	}
}

// run starts QEMU, and another one when the computer starts again.
func (m *machine) run(computer []string, once ...string) error {
	drive, again := "file="+m.disk+",format=raw,if=none,id=d,cache=unsafe", "-no-reboot" // what QEMU has written outlives it
	if m.lossy {
		drive, again = m.lossyDrive(), "-no-shutdown"
	}
	card, more := "n", m.stickOptions()
	if m.trunk != nil {
		card, more = "h", append(more, m.trunk.options()...)
	}
	args := []string{
		"-accel", "tcg", "-smp", "1", "-m", "512", "-nodefaults", "-no-user-config", "-display", "none", again,
		"-drive", drive, "-device", "virtio-blk-pci,drive=d,bootindex=1", "-netdev",
		"user,id=n,hostfwd=tcp:" + m.dhcp + "-:443,hostfwd=tcp:" + m.moved + "-10.0.2.77:80,hostfwd=udp:" + m.phone + "-:5060,hostfwd=udp:" + m.wedge + "-:29999",
		"-device", "virtio-net-pci,netdev=" + card + ",romfile=", "-device", "qemu-xhci,id=usb", "-watchdog-action", "reset",
		"-chardev", "socket,id=s,path=" + m.port.Addr().String(), "-serial", "chardev:s", "-monitor", "unix:" + m.monitor + ",server=on,wait=off",
	}
	cmd, ended := exec.Command(computer[0], slices.Concat(args, more, computer[1:], once)...), make(chan struct{})
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	m.cmd, m.ended = cmd, ended
	go func() {
		err := cmd.Wait()
		m.spent.Add(int64(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()))
		close(ended)
		m.power.Lock()
		defer m.power.Unlock()
		if m.on && m.cmd == cmd {
			if err == nil { // else it refuses its options, or died
				err = m.run(computer)
			}
			if err != nil {
				m.life.Error("QEMU:", err)
			}
		}
	}()
	serial, err := m.port.Accept()
	if err != nil {
		return err
	}
	m.mu.Lock()
	m.serial = serial
	m.mu.Unlock()
	go m.listen(serial)
	return nil
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
			c.Close()
			return
		}
	}
}

// cut takes the power away.
func (m *machine) cut() {
	m.power.Lock()
	defer m.power.Unlock()
	if m.on {
		m.on = false
		m.cmd.Process.Kill()
		<-m.ended
	}
}

// damage writes over the beginning of a partition of a machine without power.
func (m *machine) damage(partition string) {
	m.t.Helper()
	disk, start := m.partition(partition)
	defer disk.Close()
	if _, err := disk.WriteAt(bytes.Repeat([]byte{0x5a}, 1<<20), start); err != nil {
		m.t.Fatal(err)
	}
}

// addPlainData makes the data partition as systemd-repart did before there was a key.
func (m *machine) addPlainData() {
	m.t.Helper()
	command(m.t, "sfdisk", "--quiet", "--relocate", "gpt-bak-std", m.disk)
	entry := exec.Command("sfdisk", "--quiet", "--append", m.disk)
	entry.Stdin = strings.NewReader("type=0e0b7c1d-9d7f-4f0c-8a52-ca11b0da7a00, name=data\n")
	if out, err := entry.CombinedOutput(); err != nil {
		m.t.Fatalf("%v\n%s", err, out)
	}
	disk, start := m.partition("data")
	defer disk.Close()
	const kibibytes = 1 << 20
	command(m.t, "mke2fs", "-q", "-F", "-t", "ext4", "-E", fmt.Sprintf("offset=%d", start), m.disk, fmt.Sprint(kibibytes))
}

// holdsExt4 reports whether a partition has that file system's magic.
func (m *machine) holdsExt4(partition string) bool {
	m.t.Helper()
	disk, start := m.partition(partition)
	defer disk.Close()
	magic := make([]byte, 2)
	if _, err := disk.ReadAt(magic, start+1024+56); err != nil {
		m.t.Fatal(err)
	}
	return magic[0] == 0x53 && magic[1] == 0xEF
}

// dataKey is what the data are encrypted with, and all that is beside it (image/init/key.go).
func (m *machine) dataKey() (key, beside []byte) {
	m.t.Helper()
	disk, start := m.partition("key")
	defer disk.Close()
	beside = make([]byte, 1<<20)
	if _, err := disk.ReadAt(beside, start); err != nil {
		m.t.Fatal(err)
	}
	const magic, guid, made, octets = 16, 36, 1, 64
	return beside[magic+guid+made:][:octets], beside
}

// partition is the machine's disk and where in it a partition begins.
func (m *machine) partition(name string) (disk *os.File, start int64) {
	m.t.Helper()
	out, err := exec.Command("sfdisk", "--json", m.disk).Output()
	var table struct {
		Table struct {
			Sector     int64 `json:"sectorsize"`
			Partitions []struct {
				Name  string
				Start int64
			}
		} `json:"partitiontable"`
	}
	if err = errors.Join(err, json.Unmarshal(out, &table)); err != nil {
		m.t.Fatal("the disk's partitions:", err)
	}
	for _, p := range table.Table.Partitions {
		if p.Name == name {
			if disk, err = os.OpenFile(m.disk, os.O_RDWR, 0); err != nil {
				m.t.Fatal(err)
			}
			return disk, p.Start * table.Table.Sector
		}
	}
	m.t.Fatalf("the disk has no partition %s", name)
	return nil, 0
}

// until waits for something, and says how long it took.
func (m *machine) until(what string, done func() bool) {
	m.t.Helper()
	m.untilEvery(500*time.Millisecond, what, done)
}

// untilEvery looks so often.
func (m *machine) untilEvery(pause time.Duration, what string, done func() bool) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), patience)
	defer cancel()
	began, look := time.Now(), time.NewTicker(pause)
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

// last is the end of what the serial port has said.
func (m *machine) last(octets int) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.said.Bytes()
	return string(b[max(len(b)-octets, 0):])
}

// hasSaid reports whether the serial port has said something since the last forget.
func (m *machine) hasSaid(words string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Contains(m.said.Bytes()[m.since:], []byte(words))
}

func (m *machine) untilSaid(words string) {
	m.t.Helper()
	m.until(fmt.Sprintf("the serial port says %q", words), func() bool { return m.hasSaid(words) })
}

func (m *machine) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.since = m.said.Len()
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

// status is what the box says of itself; nothing where it does not answer.
func (m *machine) status(cookies []*http.Cookie) (s webui.Status) {
	m.read("/api/status", cookies, &s)
	return s
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

// claim makes the first administrator by the code on the panel, and is signed in as that. On a busy computer boxd may be started again by its
// watchdog just then: a connection that breaks is no answer, and the code is another one afterwards.
func (m *machine) claim() (cookies []*http.Cookie) {
	m.t.Helper()
	m.untilEvery(5*time.Second, "the code claims the box", func() bool {
		account := fmt.Sprintf(`{"code":%q,"user":"lihua","password":"three blue garden chairs"}`, m.claimCode())
		answer, err := m.ask("POST", "/api/claim", strings.NewReader(account), "application/json", nil, patience)
		if err != nil {
			return false
		}
		answer.Body.Close()
		if answer.StatusCode >= 300 && answer.StatusCode != http.StatusForbidden {
			m.t.Fatal("claim:", answer.Status)
		}
		cookies = answer.Cookies()
		return answer.StatusCode < 300
	})
	return cookies
}

// backup is the file of a backup of the box.
func (m *machine) backup(cookies []*http.Cookie) string {
	m.t.Helper()
	answer, err := m.ask("GET", "/api/backup", nil, "", cookies, patience)
	if err != nil || answer.StatusCode != http.StatusOK {
		m.t.Fatalf("backup: %v %v", answer, err)
	}
	defer answer.Body.Close()
	file := filepath.Join(m.life.TempDir(), "box.backup")
	b, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, os.WriteFile(file, b, 0o600)); err != nil {
		m.t.Fatal(err)
	}
	return file
}

// signIn signs in as the first administrator, as soon as the box lets it.
func (m *machine) signIn() (cookies []*http.Cookie) {
	m.t.Helper()
	const account = `{"user":"lihua","password":"three blue garden chairs"}`
	m.until("the administrator signs in", func() bool {
		answer, err := m.ask("POST", "/api/session", strings.NewReader(account), "application/json", nil, time.Minute)
		if err != nil {
			return false
		}
		answer.Body.Close()
		cookies = answer.Cookies()
		return answer.StatusCode < 300 && len(cookies) > 0
	})
	return cookies
}

// proves waits until the system that runs has proved itself: GRUB counts its tries no longer. The box is not asked, for that takes seconds
// of its processor from what is waited for.
func (m *machine) proves() {
	m.t.Helper()
	disk, start := m.partition("esp")
	disk.Close()
	m.until("the box has proved itself", func() bool {
		variables, err := exec.Command("mtype", "-i", fmt.Sprintf("%s@@%d", m.written(), start), "::/EFI/BOOT/grubenv").Output()
		return err == nil && bytes.Contains(variables, []byte(m.slot()+"_TRY=0\n"))
	})
}

var tookSlot = regexp.MustCompile(`callbox: slot ([ABR])`)

// slot is the one that GRUB took last: A, B or R.
func (m *machine) slot() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	said := tookSlot.FindAllSubmatch(m.said.Bytes(), -1)
	if len(said) == 0 {
		m.t.Fatal("GRUB has taken no slot yet")
	}
	return string(said[len(said)-1][1])
}

// update sends a bundle, and gives what the box said of it: nothing where it took it.
func (m *machine) update(bundle []byte, cookies []*http.Cookie) string {
	m.t.Helper()
	said := ""
	m.untilEvery(5*time.Second, "the box answers to an update", func() bool {
		answer, err := m.ask("POST", "/api/update", bytes.NewReader(bundle), "application/octet-stream", cookies, answerTime)
		if err != nil {
			return false // boxd was started again just then, or the whole box, and QEMU's network does not tell of the latter
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		said = string(text)
		return !strings.Contains(said, "not proved itself") // it has just started
	})
	return said
}
