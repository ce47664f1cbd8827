package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"callbox/telephony"
	"callbox/webui"
)

// The bounds of what is kept of the log: some weeks of a box that is well.
const (
	logLines  = 4000    // that the page can show
	logOctets = 1 << 20 // of a file; there are two
	logValue  = 2000    // octets of what a line tells of one thing, such as the stack of a fault
)

// A logbook keeps the newest lines of the log for the page (A14.1): in memory, and in two files in the data directory from which it goes on
// after a start. Beside it every line goes to standard error, to a terminal or the computer's own journal, which boxd may not read.
type logbook struct {
	mu    sync.Mutex
	lines []webui.LogLine // oldest first
	early []byte          // what was logged before the data directory was ours
	dir   string          // empty until then
	file  *os.File        // the younger of the two; nil where it cannot be written
	size  int64
}

// handler takes what is logged, as JSON: a line each. A claim code is for who stands before the box.
func (l *logbook) handler() slog.Handler {
	return slog.NewJSONHandler(l, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "code" {
			return slog.Attr{}
		}
		if text := a.Value.String(); len(text) > logValue {
			return slog.String(a.Key, strings.ToValidUTF8(text[:logValue], "")+" ...")
		}
		return a
	}})
}

// Write takes one line. What cannot be kept on the disk is in memory and on standard error.
func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note(line)
	if l.dir == "" {
		l.early = append(l.early, line...)
	}
	l.store(line)
	return len(line), nil
}

// note puts a line behind the others. A line that was cut off by a loss of power is none.
func (l *logbook) note(text []byte) {
	var all map[string]any
	read := json.NewDecoder(bytes.NewReader(text))
	read.UseNumber() // as they were written
	if read.Decode(&all) != nil {
		return
	}
	said := func(key string) string { s, _ := all[key].(string); return s }
	line := webui.LogLine{Level: strings.ToLower(said(slog.LevelKey)), Text: said(slog.MessageKey)}
	line.Time, _ = time.Parse(time.RFC3339Nano, said(slog.TimeKey))
	for _, key := range []string{slog.TimeKey, slog.LevelKey, slog.MessageKey} {
		delete(all, key)
	}
	more := make([]string, 0, len(all))
	for key, value := range all {
		if value != "" {
			more = append(more, key+"="+oneWord(fmt.Sprint(value)))
		}
	}
	slices.Sort(more)
	line.More, line.ID = strings.Join(more, " "), line.Time.UnixMicro()
	if n := len(l.lines); n > 0 {
		line.ID = max(line.ID, l.lines[n-1].ID+1)
	}
	if len(l.lines) == logLines {
		l.lines = slices.Delete(l.lines, 0, logLines/10)
	}
	l.lines = append(l.lines, line)
}

// oneWord is a value as it is where that is one word, and else in quotes: no value makes a line of its own.
func oneWord(value string) string {
	if quoted := strconv.Quote(value); strings.ContainsAny(value, " =") || len(quoted) != len(value)+2 {
		return quoted
	}
	return value
}

// store writes a line to the younger file, which becomes the older one when it is full.
func (l *logbook) store(line []byte) {
	if l.file == nil {
		return
	}
	if l.size+int64(len(line)) > logOctets {
		_ = l.file.Close()
		_ = os.Rename(l.name("box.log"), l.name("box.log.1"))
		l.open()
	}
	n, _ := l.file.Write(line)
	l.size += int64(n)
}

func (l *logbook) name(file string) string { return filepath.Join(l.dir, file) }

// open begins the younger file, or goes on in it.
func (l *logbook) open() {
	l.file, _ = os.OpenFile(l.name("box.log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	l.size, _ = l.file.Seek(0, io.SeekEnd)
}

// keep goes on in the files of the data directory, which has to be this box's own: behind what they hold come the lines since the program began.
func (l *logbook) keep(data string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dir = filepath.Join(data, "log")
	if os.MkdirAll(l.dir, 0o700) != nil {
		return
	}
	l.lines = nil
	for _, file := range []string{"box.log.1", "box.log"} {
		text, _ := os.ReadFile(l.name(file))
		l.noteAll(text)
	}
	l.noteAll(l.early)
	l.open()
	l.store(append([]byte("\n"), l.early...)) // behind a line that a loss of power cut off
	l.early = nil
}

func (l *logbook) noteAll(text []byte) {
	for line := range bytes.Lines(text) {
		l.note(line)
	}
}

// LogLines are those that are kept, oldest first.
func (l *logbook) LogLines() []webui.LogLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// logFacts logs what happens to the box, and of calls their faults alone. No line tells who called.
func logFacts(to *slog.Logger, entries iter.Seq[telephony.Entry]) {
	for e := range entries {
		log := to
		if e.Call != "" {
			log = log.With("call", string(e.Call))
		}
		switch f := e.Fact.(type) {
		case telephony.ConfigApplied:
			log.Info("settings are in force", "revision", f.Revision, "who", f.Who)
		case telephony.LineStateChanged:
			level := slog.LevelInfo
			if f.State == telephony.LineFault {
				level = slog.LevelWarn
			}
			log.Log(context.Background(), level, "state of a line", "line", f.Line, "state", f.State, "detail", f.Detail)
		case telephony.Alarm:
			if f.On {
				log.Warn("alarm", "name", f.Name, "severity", f.Severity, "message", f.Message.EN)
			} else {
				log.Info("alarm over", "name", f.Name)
			}
		case telephony.Oddity:
			log.Warn("should not have come", "where", f.Where, "what", f.What)
		case telephony.Panicked:
			log.Error("a fault of the program", "where", f.Where, "what", f.What, "stack", f.Stack)
		case telephony.JournalGap:
			log.Error("the journal could not keep up", "lost", f.Lost)
		}
	}
}
