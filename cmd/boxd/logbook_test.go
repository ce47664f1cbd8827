package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"callbox/telephony"
	"callbox/webui"
)

func (l *logbook) said() (texts []string) {
	for _, line := range l.LogLines() {
		texts = append(texts, strings.TrimSpace(line.Level+" "+line.Text+" "+line.More))
	}
	return texts
}

// TestLogbook (A14.1): the log goes on over a start and over lines that a loss of power cut off, is bounded in memory and on the disk, and
// holds neither a claim code nor a line that a value made.
func TestLogbook(t *testing.T) {
	data := t.TempDir()
	first := new(logbook)
	log := slog.New(first.handler())
	log.Info("no owner yet", "code", "4821-7730")
	first.keep(data)
	log.Warn("alarm", "name", "disk", "message", "two\nlines")
	log.Debug("not kept")
	name := filepath.Join(data, "log", "box.log")
	cut, _ := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	fmt.Fprint(cut, `{"time":"2026`)
	cut.Close()

	second := new(logbook)
	log = slog.New(second.handler())
	log.Error("fault", "stack", strings.Repeat("a", 9000))
	second.keep(data)
	log.Info("runs", "ms", 51322677)
	want := []string{"info no owner yet", `warn alarm message="two\nlines" name=disk`, "error fault stack=\"" + strings.Repeat("a", logValue) + ` ..."`, "info runs ms=51322677"}
	if got := second.said(); !slices.Equal(got, want) {
		t.Errorf("the log is %q", got)
	}
	ids := second.LogLines()
	if !slices.IsSortedFunc(ids, func(a, b webui.LogLine) int { return int(a.ID - b.ID) }) {
		t.Errorf("the ids do not grow: %v", ids)
	}
	for range 3 * logLines {
		log.Info("again", "what", strings.Repeat("b", 400))
	}
	if n := len(second.LogLines()); n > logLines {
		t.Errorf("%d lines are in memory", n)
	}
	for _, file := range []string{name, name + ".1"} {
		if s, err := os.Stat(file); err != nil || s.Size() > logOctets || s.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", file, s, err)
		}
	}
}

// TestFactsAreLogged: what happens to the box is in its log, and who calls is not.
func TestFactsAreLogged(t *testing.T) {
	book := new(logbook)
	logFacts(slog.New(book.handler()), slices.Values([]telephony.Entry{
		{Fact: telephony.ConfigApplied{Revision: 7, Who: "admin"}},
		{Fact: telephony.Alarm{Name: "disk_full", On: true, Message: telephony.Text{EN: "The disk is full."}, Severity: telephony.Fault}},
		{Call: "1-1", Fact: telephony.CallArrived{Caller: telephony.Caller{Number: "13800138000"}}},
		{Call: "1-1", Fact: telephony.Panicked{Where: "call", What: "nil", Stack: "main"}},
		{Fact: telephony.LineStateChanged{Line: "fxo/1", State: telephony.LineFault}},
		{Fact: telephony.Alarm{Name: "disk_full"}},
	}))
	want := []string{
		"info settings are in force revision=7 who=admin",
		`warn alarm message="The disk is full." name=disk_full severity=fault`,
		"error a fault of the program call=1-1 stack=main what=nil where=call",
		"warn state of a line line=fxo/1 state=fault",
		"info alarm over name=disk_full",
	}
	if got := book.said(); !slices.Equal(got, want) {
		t.Errorf("the log is %q", got)
	}
}
