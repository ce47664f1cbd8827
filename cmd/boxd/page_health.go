package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"time"

	"golang.org/x/sys/unix"

	"callbox/webui"
)

// computer tells the page how the computer of the box fares.
type computer struct{ *Box }

// Health reads it from the kernel. What the kernel does not tell stays zero.
func (m computer) Health() webui.Health {
	h := webui.Health{Time: time.Now(), Processors: runtime.NumCPU(), Starts: m.Store.Boot(), Clean: m.Store.Clean()}
	h.DiskFreeMB, h.DiskTotalMB = space(m.opt.Data)
	d := disk()
	h.DiskState, h.DiskUsed = d.State, d.Used
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	h.MemoryMB = int64(memory.Sys-memory.HeapReleased) >> 20
	h.HeapMB, h.Goroutines = heapMB(), runtime.NumGoroutine()
	h.Calls, h.Capacity = len(m.Exchange.Live().Calls), m.capacity()
	if l, measured := m.Exchange.Load(); measured {
		h.Busy, h.Loop = l.Busy, l.Loop
	}
	stats := m.matrix.Stats()
	h.Late, h.Skipped = stats.Late[:], stats.Skipped
	_, _ = fmt.Sscan(line("/proc/loadavg"), &h.Load)
	h.TemperatureC, h.Clock = temperature(), m.clock()
	h.ProgramMS, h.LinesMS = m.boot.program.Milliseconds(), milliseconds(&m.boot.lines)
	h.PageMS, h.FirstCallMS = milliseconds(&m.boot.page), milliseconds(&m.boot.call)
	return h
}

// space is how much of the file system that a folder is on is free, in MB, and all of it; 0: the kernel does not tell.
func space(folder string) (free, total int64) {
	var files unix.Statfs_t
	if unix.Statfs(folder, &files) != nil {
		return 0, 0
	}
	return int64(files.Bavail) * files.Bsize >> 20, int64(files.Blocks) * files.Bsize >> 20
}

// heapMB is what the garbage collector found in use when it looked last.
func heapMB() float64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return float64(live[0].Value.Uint64()) / (1 << 20)
}

// line is what a small file of the kernel says, or nothing.
func line(path string) string {
	text, _ := os.ReadFile(path)
	return string(text)
}
