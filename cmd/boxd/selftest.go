package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"callbox/board"
	"callbox/hal"
	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/ivr"
	"callbox/telephony/rtp"
	"callbox/telephony/wav"
	"callbox/webui"
)

const (
	selfTestFolder = "selftest"      // in the data directory, while one goes on
	selfTestTalk   = 5 * time.Second // of each call
	selfTestUp     = 20 * time.Second
	selfTestRing   = 20 * time.Second
	selfTestCall   = 40 * time.Second // from the first ring to the end, on a slow computer
)

// A trial is one call of a self-test: somebody rings the box on a line, and somebody else answers.
type trial struct {
	what     string // as webui.Check has it
	line     string
	heard    func() []int16 // by who answers
	finished chan struct{}
	caller   *sim.Party
	err      error
}

// A rehearsal is a box of its own on this computer whose lines belong to a simulated exchange, with people at their ends. All that a
// call goes through is what every box has: signalling, echo cancellers, the media loops, SIP over the network, the recorder, the disk.
type rehearsal struct {
	folder string
	world  *sim.Exchange
	box    *Box
	end    context.CancelFunc
	ended  chan error
	phone  *sim.Phone
	asks   []int16 // what callers say
	says   []int16 // and those who answer
}

// selfTest rehearses calls in a folder of the data directory that is gone afterwards, and writes what was found as JSON.
func selfTest(ctx context.Context, data string, out io.Writer) error {
	folder := filepath.Join(data, selfTestFolder)
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	host := netip.AddrFrom4([4]byte{127, 241, byte(os.Getpid() >> 8), byte(os.Getpid()) | 1})
	udp, tcp, err := listenSIP(netip.AddrPortFrom(host, 0).String())
	if err != nil {
		return err
	}
	checks, err := rehearse(ctx, Options{
		Version: version, Data: folder, Log: slog.New(slog.DiscardHandler), UDP: udp, TCP: tcp, Advertise: host, RealTime: true,
		Media: func() (rtp.Conn, error) { return rtp.Listen(host, board.SpeechLow, board.SpeechHigh) },
	}, sim.PhoneOptions{})
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(checks)
}

// rehearse makes the calls, and says what came of them. The phone has its sockets, or makes some.
func rehearse(ctx context.Context, opt Options, phone sim.PhoneOptions) ([]webui.Check, error) {
	r, err := newRehearsal(ctx, opt, phone)
	if err != nil {
		return nil, err
	}
	trials := []*trial{
		{what: "analogue_sip", line: "fxo/1", heard: r.phone.Heard},
		{what: "e1_telephone", line: "e1/1", heard: r.world.Telephone("fxs/1").Heard},
	}
	err = r.up(ctx)
	if err == nil {
		for _, t := range trials {
			t.finished = make(chan struct{})
			go r.ring(ctx, t)
		}
		for _, t := range trials {
			<-t.finished
		}
	}
	if err = errors.Join(err, r.close()); err != nil {
		return nil, err
	}
	var checks []webui.Check
	for _, t := range trials {
		checks = append(checks, r.judge(t))
	}
	return append(checks, r.recordings(len(trials))), nil
}

// newRehearsal starts the exchange, the box and the people.
func newRehearsal(ctx context.Context, opt Options, phone sim.PhoneOptions) (*rehearsal, error) {
	r := &rehearsal{folder: opt.Data, ended: make(chan error, 1)}
	prompts := ivr.NewLibrary(filepath.Join(opt.Data, "prompts")) // the box's own ones alone
	r.asks, r.says = said(prompts.Source("zh", "queue_greeting", "main_menu")), said(prompts.Source("en", "voicemail_greeting", "main_menu"))
	var err error
	r.world, err = sim.New(sim.Options{Lines: []sim.Service{{CallerID: sim.NoCallerID}}, Spans: []sim.SpanService{{Number: "60000001"}}, Telephones: 1})
	if err != nil {
		return nil, err
	}
	r.world.Telephone("fxs/1").Answer(sim.Answering{After: time.Second, Play: r.says})
	opt.Board = &board.Board{
		Name: "selftest", FXO: r.world.Lines(), FXS: r.world.Ports(), Spans: r.world.Spans(), Panel: sim.NewPanel(20, 4), Clock: hal.SystemClock{},
	}
	opt.Initial = rehearsalConfig()
	if r.box, err = Open(opt); err != nil {
		r.world.Close()
		return nil, err
	}
	ctx, r.end = context.WithCancel(context.WithoutCancel(ctx))
	go func() { r.ended <- r.box.Run(ctx) }()
	phone.Extension, phone.Password, phone.Registrar = "801", opt.Initial.Phones[0].Password, opt.UDP.LocalAddr().String()
	phone.AnswerAfter, phone.Play = time.Second, r.says
	if r.phone, err = sim.NewPhone(phone); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// close ends everything. The recordings are whole then.
func (r *rehearsal) close() error {
	if r.phone != nil {
		r.phone.Close()
	}
	r.end()
	err := errors.Join(<-r.ended, r.box.Close())
	r.world.Close()
	return err
}

// rehearsalConfig has a telephone behind each line.
func rehearsalConfig() *telephony.Config {
	c := telephony.DefaultConfig()
	c.Site.Name = "self-test"
	c.Recording = telephony.RecordingPolicy{Record: "always", KeepDays: 1, MinFreeMB: 2, StopFreeMB: 1}
	c.Lines = []telephony.LineConfig{{ID: "fxo/1", Name: "fxo/1", Way: telephony.BothWays}}
	c.Spans = []telephony.SpanConfig{{ID: "e1/1", Name: "e1/1", Way: telephony.BothWays, Side: "user", Select: "ascending", Exclusive: true}}
	for _, p := range []telephony.Phone{{Extension: "801", Password: rand.Text()}, {Extension: "802", Port: "fxs/1"}} {
		p.Name, p.Permit, p.RingSeconds = p.Extension, telephony.PermitInternal, 20
		c.Phones = append(c.Phones, p)
	}
	c.Routes = []telephony.Route{
		{ID: "analogue", Lines: []string{"fxo/1"}, To: telephony.NewTarget(telephony.ToPhone, "801")},
		{ID: "e1", Lines: []string{"e1/1"}, To: telephony.NewTarget(telephony.ToPhone, "802")},
	}
	return c
}

// said is what somebody says in a call.
func said(s telephony.Source) (samples []int16) {
	var f telephony.Frame
	for more := true; more && len(samples) < int((selfTestTalk-time.Second)/telephony.Tick)*len(f); {
		more = s.Next(&f)
		samples = append(samples, f[:]...)
	}
	return samples
}

// up waits until every line is.
func (r *rehearsal) up(ctx context.Context) error {
	for end := time.Now().Add(selfTestUp); ; {
		wanting := notInService(r.box.Exchange.Live().Lines, []string{"fxo/1", "e1/1", "phone/801", "phone/802"})
		if len(wanting) == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("the lines of the self-test are not in service: %v", wanting)
		}
		if err := wait(ctx, time.Second/5); err != nil {
			return err
		}
	}
}

// ring makes the call of a trial.
func (r *rehearsal) ring(ctx context.Context, t *trial) {
	defer close(t.finished)
	if t.caller, t.err = r.world.Ring(sim.Call{Line: t.line, From: "13800000000", Play: r.asks, For: selfTestTalk, GiveUp: selfTestRing}); t.err != nil {
		return
	}
	select {
	case <-ctx.Done():
		t.err = ctx.Err()
	case <-time.After(selfTestCall):
		t.err = errors.New("the call does not end")
	case <-t.caller.Done():
	}
}

// judge says what came of a call.
func (r *rehearsal) judge(t *trial) webui.Check {
	c := webui.Check{What: t.what, Text: telephony.Text{ZH: "双方都听得清楚", EN: "both sides heard each other"}}
	switch {
	case t.err != nil:
		c.Text = telephony.Text{ZH: "呼叫失败：" + t.err.Error(), EN: "the call failed: " + t.err.Error()}
	case !t.caller.Answered():
		c.Text = telephony.Text{ZH: "来电没有接通", EN: "the call was not answered"}
	case !isHeard(t.heard(), r.asks):
		c.Text = telephony.Text{ZH: "接听方听不到主叫说的话", EN: "who answered did not hear what the caller said"}
	case !isHeard(t.caller.Heard(), r.says):
		c.Text = telephony.Text{ZH: "主叫听不到接听方说的话", EN: "the caller did not hear what was answered"}
	default:
		c.Passed = true
	}
	return c
}

// recordings reads those of the calls: callers are on the left, those who answered on the right.
func (r *rehearsal) recordings(calls int) webui.Check {
	c := webui.Check{What: "recording", Text: telephony.Text{ZH: "录音完整", EN: "the calls were recorded as they were heard"}}
	good := 0
	err := filepath.WalkDir(filepath.Join(r.folder, "recordings"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".wav" {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		sides, _, err := wav.DecodeChannels(f)
		if err == nil && len(sides) == 2 && isHeard(sides[0], r.asks) && isHeard(sides[1], r.says) {
			good++
		}
		return err
	})
	switch {
	case err != nil:
		c.Text = telephony.Text{ZH: "录音无法读取：" + err.Error(), EN: "a recording cannot be read: " + err.Error()}
	case good < calls:
		c.Text = telephony.Text{
			ZH: fmt.Sprintf("%d 个通话中只有 %d 个录音完整", calls, good), EN: fmt.Sprintf("only %d of %d calls were recorded as they were heard", good, calls),
		}
	default:
		c.Passed = true
	}
	return c
}
