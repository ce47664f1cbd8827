package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"callbox/telephony"
	"callbox/webui"
)

const (
	capacityFile = "capacity.json" // in the data directory: what was measured last
	ratingDisk   = 2 << 30         // octets that must be free beside what keeps the recorder going
	ratingEnd    = 10 * time.Second
)

// errCalled ends a measurement.
var errCalled = errors.New("a call came")

// measuring lets one measurement run at a time.
var measuring sync.Mutex

// Measure has a child process rate this computer: it lends no memory from the box, hurts it by no fault, and can be ended at
// any time. Unless anyway, it is not begun while there are calls, and a call that comes ends it.
func (m computer) Measure(ctx context.Context, anyway bool) (c webui.Capacity, err error) {
	if !measuring.TryLock() {
		return c, telephony.Errorf(telephony.Busy, "正在测量，请等它结束", "a measurement is running: wait for its end")
	}
	defer measuring.Unlock()
	if n := len(m.Exchange.Live().Calls); n > 0 && !anyway {
		return c, telephony.Errorf(telephony.Busy, "有 %d 个通话正在进行，测量会占用处理器：请等通话结束，或用 --anyway 强制测量",
			"%d calls are in progress, and to measure takes the processor from them: wait until they are over, or ask with --anyway", n)
	}
	if keep := int64(m.Store.Config().Recording.MinFreeMB) << 20; m.Store.Free() < keep+ratingDisk {
		return c, telephony.Errorf(telephony.Unavailable, "磁盘空间不足，测量录音还需要 %d MB：请删除旧录音",
			"the disk is too full to measure recordings, for which %d MB must be free: delete old recordings", (keep+ratingDisk)>>20)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if !anyway {
		go m.watchCalls(ctx, stop)
	}
	text, err := m.child(ctx, "--rate", ratingFolder)
	switch {
	case errors.Is(context.Cause(ctx), errCalled):
		return c, telephony.Errorf(telephony.Busy, "有来电，测量已停止：请在空闲时再试", "a call came and the measurement has stopped: try again when the box is idle")
	case err != nil:
		return c, err
	}
	if err = json.Unmarshal(text, &c); err == nil {
		err = replace(filepath.Join(m.opt.Data, capacityFile), text, secretFile)
	}
	return c, err
}

// SelfTest has a child process rehearse calls, and compares the lines with what they were before the last update.
func (m computer) SelfTest(ctx context.Context) (t webui.SelfTest, err error) {
	if !measuring.TryLock() {
		return t, telephony.Errorf(telephony.Busy, "正在测量，请等它结束", "a measurement is running: wait for its end")
	}
	defer measuring.Unlock()
	text, err := m.child(ctx, "--self-test", selfTestFolder)
	if err == nil {
		err = json.Unmarshal(text, &t.Checks)
	}
	if err != nil {
		return t, err
	}
	lines, compared, err := m.linesAsBefore(ctx)
	if compared {
		t.Checks = append(t.Checks, lines)
	}
	t.Passed = !slices.ContainsFunc(t.Checks, func(c webui.Check) bool { return !c.Passed })
	return t, err
}

// watchCalls stops a measurement when a call is in progress.
func (m computer) watchCalls(ctx context.Context, stop context.CancelCauseFunc) {
	changes, forget := m.Exchange.Watch()
	defer forget()
	for len(m.Exchange.Live().Calls) == 0 {
		select {
		case <-ctx.Done():
			return
		case <-changes:
		}
	}
	stop(errCalled)
}

// child runs this program as a child process to its end and gives what it wrote. It works in a folder of the data directory.
func (m computer) child(ctx context.Context, task, folder string) ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(filepath.Join(m.opt.Data, folder)) // if the child was killed
	runtime.LockOSThread()                                // Pdeathsig is of the thread (prctl(2))
	defer runtime.UnlockOSThread()
	child := exec.CommandContext(ctx, self, task, "--data", m.opt.Data)
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	child.WaitDelay = ratingEnd
	var complaint strings.Builder
	child.Stderr = &complaint
	text, err := child.Output()
	if err != nil {
		return nil, fmt.Errorf("boxd %s failed (%w): %s", task, err, strings.TrimSpace(complaint.String()))
	}
	return text, nil
}

// capacity is what was measured last, or nil.
func (m computer) capacity() *webui.Capacity {
	text, err := os.ReadFile(filepath.Join(m.opt.Data, capacityFile))
	c := &webui.Capacity{}
	if err != nil || json.Unmarshal(text, c) != nil {
		return nil
	}
	return c
}
