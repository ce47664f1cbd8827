package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/netip"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/board"
	"callbox/hal/sim"
	"callbox/telephony/rtp"
	"callbox/telephony/sip/siptest"
	"callbox/webui"
)

// openBoot opens a box that does not run yet, and its network.
func openBoot(t *testing.T, log io.Writer) *Box {
	t.Helper()
	b, err := board.Open("sim", board.Wires{})
	if err != nil {
		t.Fatal(err)
	}
	network, host := siptest.NewNetwork(1), netip.MustParseAddr(boxAddr)
	box, err := Open(Options{
		Version: "test", Board: b, Data: t.TempDir(), Log: slog.New(slog.NewTextHandler(log, nil)), Advertise: host,
		UDP: network.Listen(boxAddr + ":5060"), TCP: network.ListenStream(boxAddr + ":5060"),
		Media: func() (rtp.Conn, error) { return network.ListenMedia(host, 20000, 29999) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func closeBoot(t *testing.T, box *Box) {
	t.Helper()
	box.opt.Board.Close()
	if err := box.Close(); err != nil {
		t.Error(err)
	}
}

// The page waits until the lines are answered (issue 7, Boot). Its socket cannot be made here, which says when it no longer waits.
func TestPageWaitsForLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := openBoot(t, io.Discard)
		ended := make(chan error, 1)
		go func() {
			ended <- serve(t.Context(), box.opt.Log, box, nil, filepath.Join(box.opt.Data, "no such folder"))
		}()
		synctest.Wait()
		select {
		case err := <-ended:
			t.Errorf("the page did not wait for the lines: %v", err)
			ended <- err
		default:
		}
		box.answersLines()
		if <-ended == nil {
			t.Error("a socket in a folder that is not there")
		}
		closeBoot(t, box)
		synctest.Wait()
	})
}

// A start tells when its lines were answered, and then the page.
func TestBootIsTold(t *testing.T) {
	var log bytes.Buffer
	box := openBoot(t, &log)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- together(ctx, func(ctx context.Context) error { return serve(ctx, box.opt.Log, box, nil, box.opt.Data) }, box.Run)
	}()
	<-box.boot.answering
	for box.boot.page.Load() == 0 { // the socket is there then
		runtime.Gosched()
	}
	answer, err := served{data: box.opt.Data}.ask("GET", "http://socket/api/health", "")
	if err != nil {
		t.Fatal(err)
	}
	var h webui.Health
	if err := json.NewDecoder(answer.Body).Decode(&h); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	closeBoot(t, box)
	if !(h.ProgramMS > 0 && h.ProgramMS <= h.LinesMS && h.LinesMS <= h.PageMS) || h.FirstCallMS != 0 {
		t.Errorf("after the kernel's start: program %d ms, lines %d, page %d, call %d", h.ProgramMS, h.LinesMS, h.PageMS, h.FirstCallMS)
	}
	lines, page := strings.Index(log.String(), "lines are answered"), strings.Index(log.String(), "the page is served")
	if lines < 0 || page < lines {
		t.Errorf("the log says\n%s", log.String())
	}
}

// The first call that is answered is told, and no later one.
func TestFirstCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, nil)
		defer w.close()
		if h := (computer{w.box}).Health(); h.FirstCallMS != 0 || h.LinesMS == 0 {
			t.Errorf("before a call: lines %d ms, first call %d", h.LinesMS, h.FirstCallMS)
		}
		first := w.ring("first", sim.Call{Line: "fxo/1"})
		time.Sleep(20 * time.Second)
		h := (computer{w.box}).Health()
		if h.FirstCallMS < h.LinesMS {
			t.Errorf("after a call: lines %d ms, first call %d", h.LinesMS, h.FirstCallMS)
		}
		first.Hangup()
		time.Sleep(20 * time.Second)
		w.ring("second", sim.Call{Line: "fxo/2"})
		time.Sleep(20 * time.Second)
		if now := (computer{w.box}).Health(); now.FirstCallMS != h.FirstCallMS {
			t.Errorf("after another: %d ms, was %d", now.FirstCallMS, h.FirstCallMS)
		}
	})
}
