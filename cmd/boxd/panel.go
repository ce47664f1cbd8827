package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"callbox/board"
	"callbox/board/panel"
	"callbox/hal"
	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/machine"
	"callbox/webui"
)

const (
	panelPause = 500 * time.Millisecond // the least time between two looks at what goes on
	panelLook  = time.Minute            // the longest
)

// languageFile in the data directory is the language that somebody chose at the panel.
const languageFile = "panel.language"

// front hosts the front panel's menu. Its goroutine owns everything here.
type front struct {
	*Box
	hal.Panel
	stick   string          // the folder of the stick that is plugged in
	done    chan panel.Done // a verb has ended; there is one at a time
	today   panel.Today
	counted time.Time // when today was
}

// panel runs the front panel until ctx ends.
func (b *Box) panel(ctx context.Context) {
	f := &front{Box: b, Panel: b.opt.Board.Panel, stick: stickDir, done: make(chan panel.Done, 1)}
	menu := panel.New(f.options())
	expired := func(t machine.Timer) any { return t }
	host := machine.New(menu.Step, expired, func(action any) { f.act(ctx, action) })
	defer host.Close()
	watched, stop := b.Exchange.Watch()
	defer stop()
	changes, look := watched, time.After(0)
	for {
		select {
		case <-ctx.Done():
			return
		case k := <-f.Keys():
			host.Step(k)
		case d := <-f.done:
			host.Step(d)
		case <-host.Alarm():
			host.Expire()
		case <-changes:
			changes, look = nil, time.After(panelPause)
		case <-look:
			host.Step(f.facts(ctx))
			changes, look = watched, time.After(panelLook)
		}
	}
}

func (f *front) options() panel.Options {
	o := panel.Options{Language: f.Store.Config().Site.Language, Code: resetCode}
	o.Columns, o.Rows = f.Size()
	_, o.Dots = f.Panel.(hal.DotPanel)
	if chosen, err := os.ReadFile(filepath.Join(f.opt.Data, languageFile)); err == nil {
		o.Language = string(chosen)
	}
	o.Verbs.SetLanguage = func(_ context.Context, language string) error {
		return replace(filepath.Join(f.opt.Data, languageFile), []byte(language), secretFile)
	}
	if f.opt.Board.Sim != nil {
		o.Verbs.TestCall = f.testCall
	}
	o.Verbs.TestLine, o.Verbs.SelfTest = f.testLine, f.selfTest
	if f.opt.Restart != nil {
		o.Verbs.Restart = func(context.Context) error { f.opt.Restart(); return nil }
	}
	if f.opt.Requests != "" {
		o.Verbs.Restart = func(context.Context) error { return f.request(rebootFile) }
		o.Verbs.Update = f.updateFromStick
		if recovers, _ := board.Recovery(board.SystemDir); !recovers { // what that one is told is forgotten
			o.Verbs.Restore, o.Verbs.Reset, o.Verbs.SetNetwork = f.restoreFromStick, f.reset, f.setNetwork
		}
	}
	return o
}

// reset leaves a note to the next start (image/init/data.go), and has the computer start.
func (f *front) reset(_ context.Context, everything bool) error {
	what := "settings"
	if everything {
		what = "everything"
	}
	note := func(w io.Writer) error { _, err := io.WriteString(w, what); return err }
	if err := writeFile(filepath.Join(f.opt.Data, "reset"), note); err != nil {
		return err
	}
	return f.request(rebootFile)
}

// resetCode is four digits for what must not happen by chance.
func resetCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(10_000))
	if err != nil { // since Go 1.24 the program ends before
		panic(err)
	}
	return fmt.Sprintf("%04d", n)
}

// act does what the menu asks for. A front that is out of order is no reason to stop.
func (f *front) act(ctx context.Context, action any) {
	var err error
	switch a := action.(type) {
	case panel.Show:
		err = f.show(a.Screen)
	case panel.Lamp:
		err = f.Lamp(a.Name, a.On)
	case panel.Buzz:
		err = f.Buzz(a.On)
	case panel.Do:
		f.run(func() { f.done <- panel.Done{Err: a.Run(ctx)} })
	}
	if err != nil {
		f.opt.Log.Warn("front panel", "error", err)
	}
}

func (f *front) show(s panel.Screen) error {
	if dots, ok := f.Panel.(hal.DotPanel); ok {
		width, height := dots.Dots()
		return dots.Draw(panel.Picture(s, width, height))
	}
	return f.Show(s.Rows)
}

// facts are what goes on.
func (f *front) facts(ctx context.Context) panel.Facts {
	cfg, live := f.Store.Config(), f.Exchange.Live()
	now := time.Now().In(cfg.Location())
	if now.Sub(f.counted) >= panelLook {
		f.count(ctx, now)
	}
	facts := panel.Facts{
		Time: now, Name: cfg.Site.Name, Version: f.opt.Version, ClaimCode: f.Store.ClaimCode(), Page: f.opt.Page,
		Network: networkOf(readNetwork(networkDir), f.opt.Advertise), Today: f.today, Alarms: live.Alarms, Calls: len(live.Calls),
		Disk: f.disk(),
		Boot: panel.Boot{Lines: time.Duration(f.boot.lines.Load()), Call: time.Duration(f.boot.call.Load())},
	}
	for _, port := range f.opt.Board.FXO {
		facts.Callable = append(facts.Callable, port.Name())
	}
	for _, q := range live.Queues {
		facts.Waiting += len(q.Waiting)
	}
	for _, l := range live.Lines {
		if !strings.HasPrefix(l.ID, "phone/") {
			facts.Lines = append(facts.Lines, l)
		}
	}
	facts.Busy, facts.Channels = channels(facts.Lines, f.E1.Live(), cfg)
	return facts
}

// channels counts the calls on lines to the outside, and how many those lines could carry now: an analogue line one, an E1 as many as it
// has bearers in service, a trunk as many as it is configured for. Visitors of web sites are on no line.
func channels(lines []telephony.LineStatus, spans []telephony.LiveSpan, cfg *telephony.Config) (busy, all int) {
	for _, l := range lines {
		kind, name, _ := strings.Cut(l.ID, "/")
		most := 1
		switch kind {
		case "web":
			continue
		case "e1":
			most = bearers(spans, l.ID)
		case "trunk":
			if t := cfg.Trunk(name); t != nil {
				most = t.MaxCalls
			}
		}
		if !inService(l) {
			most = 0
		}
		busy, all = busy+l.Busy, all+max(most, l.Busy)
	}
	return busy, all
}

// bearers counts those of a span that have a call or could take one.
func bearers(spans []telephony.LiveSpan, id string) (n int) {
	for _, s := range spans {
		for _, c := range s.Channels {
			usable := c.State != telephony.ChannelBlocked && c.State != telephony.ChannelMaintenance && c.State != telephony.ChannelDown
			if s.Span == id && usable {
				n++
			}
		}
	}
	return n
}

// disk is the one that the box is on, as the page of the system's health has it.
func (f *front) disk() (d panel.Disk) {
	d.FreeMB, d.TotalMB = space(f.opt.Data)
	s := disk()
	d.State, d.Used = s.State, s.Used
	return d
}

// count counts the calls of this day.
func (f *front) count(ctx context.Context, now time.Time) {
	year, month, day := now.Date()
	report, err := f.Store.Report(ctx, storage.ReportQuery{
		Per: storage.PerDay, From: time.Date(year, month, day, 0, 0, 0, 0, now.Location()), To: now,
	})
	if err != nil {
		f.opt.Log.Warn("front panel: calls of today", "error", err)
		return
	}
	r := &report.Total
	f.counted, f.today = now, panel.Today{Offered: r.Offered, ForPerson: r.ForPerson, Answered: r.Answered, Outgoing: r.Outgoing, Rate: r.Rate}
}

// selfTest has the box call itself (capacity.go), and says the first thing that is wrong.
func (f *front) selfTest(ctx context.Context) error {
	t, err := computer{f.Box}.SelfTest(ctx)
	if err != nil {
		return err
	}
	for _, c := range t.Checks {
		if !c.Passed {
			return &telephony.Error{Code: telephony.Unavailable, Message: c.Text}
		}
	}
	return nil
}

// testSeconds is how long a test call lasts once it is answered.
const testSeconds = 5

// testCall rings a line of the simulated board and says whether the box answered.
func (f *front) testCall(ctx context.Context, line string) error {
	s := &simulation{Box: f.Box}
	heard, err := s.Ring(ctx, webui.Ring{Line: line, ForSeconds: testSeconds})
	if err == nil && heard.Outcome == "" {
		err = &telephony.Error{Code: telephony.Unavailable, Message: heard.Text}
	}
	return err
}
