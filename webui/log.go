package webui

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// A LogLine is one line of the log (A14.1): for whoever maintains the box, in English. There is no secret in it.
type LogLine struct {
	ID    int64     `json:"id"` // grows from line to line, over a start of the box too
	Time  time.Time `json:"time"`
	Level string    `json:"level" enum:"info,warn,error"`
	Text  string    `json:"text"`
	More  string    `json:"more,omitempty"` // what it is about: key=value
}

// logLevels are from the least to the worst.
var logLevels = []string{"info", "warn", "error"}

// A LogFilter chooses lines.
type LogFilter struct {
	Level string `query:"level" enum:"info,warn,error" default:"info" doc:"Lines of this level and of worse ones"`
	Text  string `query:"text" maxLength:"100" doc:"Lines in which this stands, in capitals or not"`
}

type logInput struct {
	LogFilter
	After  int64 `query:"after" doc:"Lines newer than this id"`
	Before int64 `query:"before" doc:"Lines older than this id"`
	Limit  int   `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type logAnswer struct {
	Body struct {
		Lines []LogLine `json:"lines"`
		Older bool      `json:"older"` // there are more behind the last one
	}
}

// getLog is also asked again and again for what is new, which is the same opening.
func (s *Server) getLog(ctx context.Context, in *logInput) (*logAnswer, error) {
	if err := s.look(ctx, "log.read", ""); err != nil {
		return nil, err
	}
	lines := slices.DeleteFunc(s.logLines(in.LogFilter), func(l LogLine) bool {
		return l.ID <= in.After || in.Before > 0 && l.ID >= in.Before
	})
	answer := &logAnswer{}
	answer.Body.Older = len(lines) > in.Limit
	answer.Body.Lines = lines[:min(len(lines), in.Limit)]
	return answer, nil
}

// logLines are those that fit, newest first.
func (s *Server) logLines(f LogFilter) []LogLine {
	least, text := slices.Index(logLevels, f.Level), strings.ToLower(f.Text)
	lines := slices.DeleteFunc(s.Logbook.LogLines(), func(l LogLine) bool {
		return slices.Index(logLevels, l.Level) < least || !strings.Contains(strings.ToLower(l.Text+" "+l.More), text)
	})
	slices.Reverse(lines)
	return lines
}

func (s *Server) getLogText(ctx context.Context, in *LogFilter) (*huma.StreamResponse, error) {
	if err := s.Configs.Note(ctx, by(ctx), "log.exported", "", ""); err != nil {
		return nil, err
	}
	place := s.Configs.Config().Location()
	var file bytes.Buffer
	for _, l := range s.logLines(*in) {
		_, _ = fmt.Fprintf(&file, "%s %-5s %s %s\n", l.Time.In(place).Format(time.RFC3339Nano), strings.ToUpper(l.Level), l.Text, l.More)
	}
	return stream("text/plain; charset=utf-8", "log-"+today(place)+".txt", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = file.WriteTo(w)
	}), nil
}
