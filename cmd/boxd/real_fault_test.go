package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/webui"
)

// realFullDisk: the disk fills up to the last octet while two people talk. It is a small file system in memory, in a mount
// namespace of the box's own, so that nothing has to be cleaned up on the machine.
func realFullDisk(t *testing.T, program string) {
	b := prepareBox(t, program)
	b.wrap = []string{"unshare", "--mount", "sh", "-c", `mount -t tmpfs -o size=32m callbox "$0" && exec "$@"`, b.data}
	if os.Getuid() != 0 {
		b.wrap = append([]string{"unshare", "--user", "--map-root-user"}, b.wrap[1:]...)
	}
	b.start()
	t.Cleanup(b.stop)
	b.configure(nil)
	k := converse(t, b)
	<-time.After(2 * time.Second) // of talk
	filler := filepath.Join(b.seen, "filler")
	fill(t, filler)
	b.until("an alarm tells of the disk", b.disk)
	<-time.After(2 * time.Second) // of talk
	if call := b.inState(realCaller, "talk"); call.ID != k.call.ID {
		t.Errorf("call %s goes on instead of %s", call.ID, k.call.ID)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	b.until("the alarm is over", func() bool { return !b.disk() })
	k.caller.do("hangup")
	k.agent.hears("CALL_CLOSED")
	record := b.one(realCaller, telephony.OutcomeAnswered)
	if len(record.Recordings) != 1 {
		t.Fatalf("recordings %v\n%s", record.Recordings, b.story(record.ID))
	}
	left, _ := b.recording(record.Recordings[0])
	if c := likeness(left, k.zh); c < 0.95 {
		t.Errorf("what was recorded is not the caller's speech: correlation %.3f", c)
	}
	var r webui.Recording
	b.get("/api/recordings/"+record.Recordings[0], &r)
	t.Logf("recorded: %d ms, problem %q, gap %d ms", r.LengthMS, r.Problem, r.GapMS)
}

// disk reports whether an alarm tells of a full disk.
func (b *realBox) disk() bool {
	var live telephony.Live
	b.get("/api/live", &live)
	return slices.ContainsFunc(live.Alarms, func(a telephony.LiveAlarm) bool { return strings.HasPrefix(a.Name, "disk_full") })
}

// fill writes a file until the disk takes no more.
func fill(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if n, err := io.CopyN(f, zeros{}, 1<<30); err == nil {
		t.Fatalf("the disk takes %d octets", n)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// realSecondBox: whoever starts a box twice is told so, and the first one goes on.
func realSecondBox(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	out, err := exec.Command(program, "--data", b.data, "--http", b.far(9)+":8080", "--sip", b.far(9)+":5060").CombinedOutput()
	t.Logf("%s", out)
	if err == nil || !strings.Contains(string(out), b.data) || strings.Contains(string(out), "goroutine") {
		t.Errorf("a second box: %v\n%s", err, out)
	}
	b.get("/api/live", &telephony.Live{})
}

// realFigures: how long a box takes from its start until it answers over SIP, and how much memory it holds when nobody calls.
// The time is told and not judged, since the machine may be busy with other tests.
func realFigures(t *testing.T, program string) {
	b := prepareBox(t, program)
	began := time.Now()
	b.launch()
	t.Cleanup(b.stop)
	b.answersOptions()
	t.Logf("%v from the start to the first answer", time.Since(began))
	b.until("the box answers on its socket", func() bool { return b.try("GET", "/api/live", nil, nil) == nil })
	b.configure(nil)
	t.Log(regexp.MustCompile(`start_ms=\d+`).FindString(b.log.String()))
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.process.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	rss, _ := strconv.Atoi(regexp.MustCompile(`VmRSS:\s+(\d+)`).FindStringSubmatch(string(status))[1])
	t.Logf("%d KiB resident", rss)
	if rss > 60<<10 {
		t.Errorf("an idle box holds %d KiB, more than 60 MiB", rss)
	}
}

// answersOptions asks over SIP again and again until the box answers.
func (b *realBox) answersOptions() {
	b.t.Helper()
	ask, err := net.Dial("udp", b.host+":5060")
	if err != nil {
		b.t.Fatal(err)
	}
	defer ask.Close()
	b.until("the box answers OPTIONS", func() bool {
		fmt.Fprintf(ask, "OPTIONS sip:%s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK1;rport\r\nMax-Forwards: 70\r\n"+
			"From: <sip:t@t>;tag=1\r\nTo: <sip:%[1]s>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", b.host, ask.LocalAddr())
		ask.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
		answer := make([]byte, 2000)
		n, err := ask.Read(answer)
		return err == nil && strings.HasPrefix(string(answer[:n]), "SIP/2.0 200")
	})
}
