package main

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/webui"
)

// box is the little of a box that boxctl's verbs need, behind the real API. What no verb needs is nil and would show as a
// fault of the box.
type box struct {
	webui.Configs
	webui.Accounts
	webui.Traces
	config   *telephony.Config
	claimed  bool
	asked    []string              // what was ordered
	world    []webui.WorldState    // what GET /api/sim shows, one after the other; the last stays
	ringing  func(context.Context) // while a simulated call lasts
	breaking bool                  // a backup breaks off in the middle
	deaf     bool                  // it fails its self-test,
	tested   func()                // and this is called at each
}

const secret = "cbx_1_secret"

func newBox() *box {
	return &box{
		config: &telephony.Config{
			Format: telephony.ConfigFormat, Revision: 7, Site: telephony.Site{Name: "海棠", Language: "zh", TimeZone: "Asia/Shanghai"},
			Lines: []telephony.LineConfig{{ID: "fxo/1"}}, Spans: []telephony.SpanConfig{{ID: "e1/1"}}, Phones: []telephony.Phone{{Extension: "801", Password: "phone secret"}},
		},
		world: []webui.WorldState{{Phones: []webui.SimPhone{{Extension: "801", State: "idle"}}}},
	}
}

// ownCertificate is that of a box to which nobody has given another.
type ownCertificate struct{ webui.Certificates }

func (ownCertificate) OwnCertificate() bool { return true }

func (b *box) server() *webui.Server {
	return webui.New(webui.Options{
		Version: "0.1.0", Board: "sim", Started: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC), Log: slog.New(slog.DiscardHandler),
		Configs: b, Calls: b, Traces: b, Recordings: b, Accounts: b, Live: b, Agents: b, Control: b, Backups: b, Updates: b, World: b, Bans: b, Lines: b, Machine: b,
		Certificates: ownCertificate{},
	})
}

// onSocket serves the box on the unix socket of a data directory and gives that.
func (b *box) onSocket(t *testing.T) (data string) {
	t.Helper()
	data = t.TempDir()
	l, err := net.Listen("unix", filepath.Join(data, "boxd.sock"))
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: b.server().LocalHandler()}}
	s.Start()
	t.Cleanup(s.Close)
	return data
}

// onHTTPS serves the box with a certificate of its own.
func (b *box) onHTTPS(t *testing.T) (url, cert string) {
	t.Helper()
	s := httptest.NewUnstartedServer(b.server().Handler())
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	s.StartTLS()
	t.Cleanup(s.Close)
	cert = filepath.Join(t.TempDir(), "tls.crt")
	writeFile(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	return s.URL, cert
}

func writeFile(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (b *box) Bans(context.Context) ([]telephony.Ban, error) {
	return []telephony.Ban{{Address: "198.51.100.7", Account: "801", Reason: telephony.BanGuesses, Until: time.Now().Add(time.Minute)}}, nil
}

func (b *box) Unban(_ context.Context, address string, by webui.By) error {
	return b.order("unban " + address + " by " + by.Who)
}

func (b *box) Health() webui.Health { return webui.Health{} }

func (b *box) Measure(_ context.Context, anyway bool) (webui.Capacity, error) {
	b.asked = append(b.asked, fmt.Sprint("measure ", anyway))
	return webui.Capacity{Bridged: webui.Rated{Rated: 812, Load: 0.59, Late: 0.0004}, Mixed: webui.Rated{Rated: 1000, Bound: true}}, nil
}

func (b *box) SelfTest(context.Context) (webui.SelfTest, error) {
	b.asked = append(b.asked, "self-test")
	heard := webui.Check{What: "analogue_sip", Passed: !b.deaf, Text: telephony.Text{ZH: "双方都听得清楚", EN: "both sides heard each other"}}
	if b.deaf {
		b.tested()
		heard.Text.EN = "the caller did not hear what was answered"
	}
	return webui.SelfTest{Passed: heard.Passed, Checks: []webui.Check{heard}}, nil
}

func (b *box) order(words string) error { b.asked = append(b.asked, words); return nil }

func (b *box) TestLine(_ context.Context, line string) (*telephony.LineReport, error) {
	return &telephony.LineReport{Line: line, Light: telephony.Yellow, Findings: []telephony.LineFinding{
		{About: "hum", Light: telephony.Yellow, Text: telephony.Text{ZH: "交流声", EN: "mains hum"}},
	}}, nil
}

func (b *box) LearnedTone(line string) (telephony.LearnedTone, error) {
	return telephony.LearnedTone{
		Line: line, Calls: 2, Of: 2, Proposed: true, Tone: telephony.LineTone{Hz: []int{620}, CadenceMS: []int{250, 250}},
		Spectrum: []telephony.ToneBand{{Hz: 620, DBm0: -10}},
	}, nil
}

func (b *box) ForgetTone(line string) error { return b.order("forget " + line) }

func (b *box) Config() *telephony.Config     { return b.config }
func (b *box) Configured() *telephony.Config { return b.config }

func (b *box) DiffConfig(c *telephony.Config) ([]webui.Difference, error) {
	if c.Site.Name == "" {
		err := telephony.Errorf(telephony.Invalid, "配置有误", "1 place of the configuration needs correction")
		err.Problems = []telephony.Problem{{Path: "site.name", Message: telephony.Text{ZH: "请填写", EN: "give it a name"}}}
		return nil, err
	}
	if c.Site.Name == b.config.Site.Name {
		return nil, nil
	}
	return []webui.Difference{{Path: "site.name", Before: b.config.Site.Name, After: c.Site.Name}}, nil
}

func (b *box) PutConfig(_ context.Context, c *telephony.Config, by webui.By) (*telephony.Config, error) {
	next := *c
	next.Revision = 8
	b.config = &next
	return b.config, b.order("put by " + by.Who)
}

func (b *box) Revisions() ([]webui.Revision, error) {
	return []webui.Revision{{Revision: 7, Who: "lihua", Why: "开业"}}, nil
}

func (b *box) ConfigBefore(uint64) (*telephony.Config, error) { return b.config, nil }

func (b *box) UndoConfig(_ context.Context, revision, _ uint64, by webui.By) (*telephony.Config, error) {
	next := *b.config
	next.Revision = 9
	return &next, b.order(fmt.Sprintf("undo %d by %s", revision, by.Who))
}

func (b *box) Note(context.Context, webui.By, string, string, string) error { return nil }

func (b *box) Calls(_ context.Context, q webui.CallQuery) (webui.CallPage, error) {
	return webui.CallPage{Calls: []webui.CallRecord{aCall}}, b.order("calls " + q.Number + " " + string(q.Outcome))
}

var aCall = webui.CallRecord{
	ID: "3-42", Line: "fxo/1", Caller: telephony.Caller{Number: "13800138000"}, Queue: "sales", Agent: "1001",
	TalkMS: 61_000, Outcome: telephony.OutcomeAnswered,
}

func (b *box) Call(_ context.Context, id telephony.CallID) (webui.CallRecord, error) {
	if id != aCall.ID {
		return webui.CallRecord{}, telephony.Errorf(telephony.NotFound, "没有通话 %s", "there is no call %s", id)
	}
	return aCall, nil
}

func (b *box) CallJournal(ctx context.Context, id telephony.CallID) ([]telephony.Entry, error) {
	_, err := b.Call(ctx, id)
	return []telephony.Entry{{Seq: 1, Call: id, Fact: telephony.CallAnswered{}}}, err
}

func (b *box) Recordings(context.Context, webui.RecordingQuery) (webui.RecordingPage, error) {
	return webui.RecordingPage{Recordings: []webui.Recording{{ID: "r1", Call: "3-42", Purpose: "call", LengthMS: 61_000}}}, nil
}

func (b *box) Recording(_ context.Context, id string) (webui.Recording, error) {
	if id != "r1" {
		return webui.Recording{}, telephony.Errorf(telephony.NotFound, "没有录音 %s", "there is no recording %s", id)
	}
	return webui.Recording{ID: id}, nil
}

func (b *box) OpenRecording(context.Context, string) (io.ReadSeekCloser, error) {
	return sound{bytes.NewReader([]byte("RIFF recorded"))}, nil
}

type sound struct{ *bytes.Reader }

func (sound) Close() error { return nil }

func (b *box) ExportTraces(_ context.Context, w io.Writer, id telephony.CallID) error {
	_, _ = io.WriteString(w, "a capture file")
	return b.order("trace " + string(id))
}

func (b *box) ScoreCall(context.Context, *webui.CallRecord, webui.Score) error    { return nil }
func (b *box) JudgeCall(context.Context, *webui.CallRecord, webui.Judgment) error { return nil }

func (b *box) CallsAfter(context.Context, webui.EndedQuery) (webui.EndedCalls, error) {
	return webui.EndedCalls{}, nil
}
func (b *box) ExportSQL(context.Context, io.Writer, string, webui.EndedQuery) error { return nil }

func (b *box) ExportCalls(context.Context, io.Writer, string, string, webui.CallQuery) error {
	return nil
}

func (b *box) DeleteRecording(context.Context, string, webui.By) error   { return nil }
func (b *box) MarkMessage(context.Context, string, bool, webui.By) error { return nil }
func (b *box) DeleteMessage(context.Context, string, webui.By) error     { return nil }

func (b *box) Claimed() bool     { return b.claimed }
func (b *box) ClaimCode() string { return "48217730" }

func (b *box) Token(s string) (webui.Person, bool) {
	return webui.Person{Name: "token:crm", Role: webui.Admin}, s == secret
}

func (b *box) CreateToken(_ context.Context, t webui.Token, by webui.By) (string, webui.Token, error) {
	t.ID, t.By = "1", by.Who
	return secret, t, b.order(fmt.Sprintf("token %s %s %s by %s", t.Name, t.Role, strings.Join(t.Queues, ","), by.Who))
}

func (b *box) Live() telephony.Live {
	return telephony.Live{
		Lines: []telephony.LineStatus{{ID: "fxo/1", State: telephony.LineIdle}},
		Spans: []telephony.LiveSpan{{
			Span: "e1/1", Name: "电信", Side: "user", Alarm: "clear", DChannel: "up", Channels: []telephony.LiveChannel{
				{Number: 1, State: telephony.ChannelIdle}, {Number: 2, State: telephony.ChannelTalking, Leg: "e1/1#1", Party: "13800138000"},
			},
		}},
		Calls:  []telephony.LiveCall{{ID: aCall.ID, Agent: "1001"}},
		Agents: []telephony.LiveAgent{{ID: "1001", Name: "李华", State: telephony.AgentReady, Phone: "phone:801"}},
		Alarms: []telephony.LiveAlarm{{Name: "disk", Severity: telephony.Fault, Message: telephony.Text{EN: "the disk is almost full"}}},
	}
}
func (b *box) Watch() (<-chan struct{}, func()) { return nil, func() {} }

func (b *box) SetAgent(_ context.Context, agent string, s telephony.AgentState, _ string, at telephony.Target, by webui.By) error {
	return b.order("agent " + agent + " " + string(s) + " " + string(at) + " by " + by.Who)
}
func (b *box) AskBreak(context.Context, string, bool, webui.By) error { return nil }
func (b *box) Record(telephony.CallID, string, webui.By) error        { return nil }
func (b *box) Hangup(telephony.CallID, string, webui.By) error        { return nil }
func (b *box) LockRoom(string, bool, webui.By) error                  { return nil }

func (b *box) Order(id telephony.CallID, o webui.CallOrder, by webui.By) error {
	return b.order(fmt.Sprintf("%s %s %s by %s", id, o.Do, o.To, by.Who))
}

func (b *box) Place(p webui.Placing, by webui.By) (telephony.CallID, error) {
	return "3-43", b.order("place " + string(p.From) + " " + p.To + " by " + by.Who)
}

func (b *box) BeforeUpdate() (*webui.Saved, io.ReadCloser, error) {
	return &webui.Saved{Version: "1.5.0"}, io.NopCloser(bytes.NewReader([]byte("the box of before"))), nil
}

func (b *box) Backup(_ context.Context, w io.Writer) error {
	_, _ = io.WriteString(w, "the whole box")
	if b.breaking {
		_, _ = w.Write(make([]byte, 64<<10)) // more than is kept back
		return io.ErrUnexpectedEOF
	}
	return nil
}

func (b *box) Seal(_ context.Context, passphrase string) (func(io.Writer) io.WriteCloser, error) {
	if passphrase == "short" {
		return nil, telephony.Errorf(telephony.Invalid, "太短", "A passphrase needs at least 10 characters.")
	}
	return func(w io.Writer) io.WriteCloser {
		_, _ = io.WriteString(w, "sealed: ")
		return sealing{w}
	}, nil
}

type sealing struct{ io.Writer }

func (sealing) Close() error { return nil }

func (b *box) Restore(_ context.Context, r io.Reader, passphrase string, other bool, by webui.By) error {
	content, _ := io.ReadAll(r)
	if passphrase != "" || other {
		return b.order(fmt.Sprintf("restore with %s, other %t by %s", passphrase, other, by.Who))
	}
	if string(content) != "the whole box" {
		return telephony.Errorf(telephony.Invalid, "备份不可用", "The backup cannot be used: it is no backup.")
	}
	return b.order("restore by " + by.Who)
}

func (b *box) Update(_ context.Context, r io.Reader, older bool, restart webui.When, by webui.By) error {
	content, _ := io.ReadAll(r)
	return b.order(fmt.Sprintf("update older %t, restart %s: %s by %s", older, restart, content, by.Who))
}

func (b *box) Installed() *webui.Installed { return nil }

func (b *box) Restart(_ context.Context, when webui.When, by webui.By) error {
	return b.order(fmt.Sprintf("restart %s by %s", when, by.Who))
}

func (b *box) World() webui.WorldState {
	now := b.world[0]
	b.world = b.world[min(1, len(b.world)-1):]
	return now
}

func (b *box) Ring(ctx context.Context, r webui.Ring) (webui.Heard, error) {
	if b.ringing != nil {
		b.ringing(ctx)
	}
	return webui.Heard{Call: "3-42", Sound: "heard-1"}, b.order("ring " + r.Line + " " + r.From + " " + r.Keys + " " + string(r.Say))
}

func (b *box) OpenHeard(string) (io.ReadSeekCloser, error) {
	return sound{bytes.NewReader([]byte("RIFF heard"))}, nil
}

func (b *box) StartPhones(list []webui.SimPhone) error {
	if list[0].Extension == "899" {
		return telephony.Errorf(telephony.NotFound, "没有分机 899", "there is no extension 899")
	}
	return b.order("phone " + list[0].Extension)
}
func (b *box) Handset(string, bool) error { return nil }
func (b *box) Hold(string, bool) error    { return nil }
func (b *box) StartDay(d webui.Day) error { return b.order("day") }
