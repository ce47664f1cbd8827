package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"callbox/board"
	"callbox/telephony"
	"callbox/webui"
)

const (
	beforeFile = "before-update.lines" // beside the data that was saved before the update
	backTime   = time.Minute           // for a trunk to register again, an E1 to come up
)

// linesBefore are the lines that were in service when a version was about to be replaced.
type linesBefore struct {
	System string   `json:"system"` // board.Running
	Lines  []string `json:"lines"`
}

// keepLines writes down which lines are in service, for the version that comes to compare with.
func (b *Box) keepLines() error {
	before := linesBefore{System: board.Running(b.opt.Version)}
	for _, l := range b.Exchange.Live().Lines {
		if inService(l) && !strings.HasPrefix(l.ID, "phone/") { // whose phone is switched off is nobody's fault
			before.Lines = append(before.Lines, l.ID)
		}
	}
	text, err := json.Marshal(before)
	if err != nil {
		return err
	}
	return replace(filepath.Join(b.Store.Dir(updateDir), beforeFile), text, secretFile)
}

// linesAsBefore waits until the lines are in service that were so under the version before. There is nothing to compare where none
// was, or where a comparison has ended well.
func (b *Box) linesAsBefore(ctx context.Context) (c webui.Check, compared bool, err error) {
	c.What, c.Text = "lines", telephony.Text{ZH: "线路与升级前一样正常", EN: "in service as before the update"}
	name := filepath.Join(b.Store.Dir(updateDir), beforeFile)
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return c, false, nil
	}
	var before linesBefore
	if err == nil {
		err = json.Unmarshal(text, &before)
	}
	if err != nil {
		b.opt.Log.Warn("the lines before the update cannot be read, and are not compared", "error", err)
	}
	if err != nil || before.System == board.Running(b.opt.Version) {
		return c, false, nil
	}
	before.Lines = slices.DeleteFunc(before.Lines, func(id string) bool { return !b.Store.Config().Serves(id) }) // taken out of service since
	for end := time.Now().Add(backTime); ; {
		wanting := strings.Join(notInService(b.Exchange.Live().Lines, before.Lines), ", ")
		switch {
		case wanting == "":
			c.Passed = true
			return c, true, os.Remove(name)
		case time.Now().After(end):
			c.Text = telephony.Text{ZH: "升级前正常的线路现在不可用：" + wanting, EN: "lines that were in service before the update are not: " + wanting}
			return c, true, nil
		}
		if err := wait(ctx, time.Second); err != nil {
			return c, true, err
		}
	}
}

// notInService are those of the wanted lines that are not in service, or not there.
func notInService(lines []telephony.LineStatus, wanted []string) []string {
	return slices.DeleteFunc(slices.Clone(wanted), func(id string) bool {
		return slices.ContainsFunc(lines, func(l telephony.LineStatus) bool { return l.ID == id && inService(l) })
	})
}

// inService reports whether a line takes calls, or has one.
func inService(l telephony.LineStatus) bool {
	return l.State != telephony.LineBlocked && l.State != telephony.LineFault && l.State != telephony.LineOffline
}
