package webui

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"callbox/telephony"
	"callbox/telephony/q931"
	"callbox/telephony/sip"
)

// memoryBox is a box in memory that has all the verbs: tests drive it by hand, the demonstration (demo_test.go) lets it run.
type memoryBox struct {
	mu        sync.Mutex
	config    *telephony.Config
	revisions []Revision
	audit     []AuditLine
	records   []CallRecord
	journals  map[telephony.CallID][]telephony.Entry
	messages  map[telephony.CallID][]telephony.Trace
	recorded  []Recording
	claimed   bool
	users     []User
	passwords map[string]string
	sessions  map[string]Person
	tokens    []Token
	secrets   map[string]Person
	live      telephony.Live
	watchers  map[chan struct{}]bool
	asked     []string // what was asked of Agents, CallControl, Prompts and Backups
	phones    []SimPhone
	notes     []CallNote
	wishes    map[string]telephony.LiveAgent // what agents asked to be
	setup     []byte
	happened  uint64               // beyond the first two things
	tried     []telephony.Delivery // of webhooks
	handouts  map[string]Handout   // by their secrets
	keyrings  map[string]Keyring   // by user
	books     map[string][]Contact // by user
	reports   map[string][]OwnReport
	proved    map[string]time.Time // sessions, and when their holder last gave a password or a passkey
	trusted   bool                 // browsers trust its certificate
}

const (
	testCode     = "4821-7730"
	testPassword = "correct horse battery"
)

func newBox() *memoryBox {
	b := &memoryBox{
		config: testConfig(), journals: map[telephony.CallID][]telephony.Entry{}, messages: map[telephony.CallID][]telephony.Trace{}, passwords: map[string]string{},
		sessions: map[string]Person{}, secrets: map[string]Person{}, watchers: map[chan struct{}]bool{},
		wishes: map[string]telephony.LiveAgent{}, keyrings: map[string]Keyring{}, books: map[string][]Contact{}, reports: map[string][]OwnReport{}, proved: map[string]time.Time{},
	}
	for _, role := range []Role{Agent, Supervisor, Admin} {
		b.secrets["token-"+string(role)] = Person{Name: "token:" + string(role), Role: role}
	}
	return b
}

func (b *memoryBox) options() Options {
	return Options{
		Version: "0.1.0", Board: "sim", Started: time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC), Log: slog.New(slog.DiscardHandler),
		Configs: b, Routing: b, Calls: b, Traces: b, Recordings: b, Accounts: b, Live: b, Agents: b, Desks: b, Control: b, Prompts: b, Backups: b,
		Updates: b, Reports: b, Machine: b, Logbook: b, Bans: b, Lines: b, Setup: b, Phones: b, Handouts: b, Registrar: Registrar{Port: 5060, TLSPort: 5061}, Events: b, Webhooks: b, Websites: b, Certificates: b, Postman: postman{b}, Letters: letters{b}, Texts: letters{b}, World: b,
	}
}

// LogLines are two lines a minute apart and one of a fault.
func (b *memoryBox) LogLines() []LogLine {
	at := func(minute int) time.Time { return time.Date(2026, 11, 23, 1, minute, 0, 0, time.UTC) }
	return []LogLine{
		{ID: 1, Time: at(0), Level: "info", Text: "box runs", More: "version=0.1.0"},
		{ID: 2, Time: at(1), Level: "warn", Text: "alarm", More: "name=line_fault/fxo/1"},
		{ID: 3, Time: at(1), Level: "error", Text: "a request failed", More: "err=Disk"},
	}
}

// TestLine, LearnedTone and ForgetTone are the verbs of analogue lines: fxo/1 has learned a tone, fxo/2 is in a call.
func (b *memoryBox) TestLine(_ context.Context, line string) (*telephony.LineReport, error) {
	if line == "fxo/2" {
		return nil, telephony.Errorf(telephony.Busy, "线路 fxo/2 正在使用", "line fxo/2 is in use")
	}
	return &telephony.LineReport{
		Line: line, Light: telephony.Yellow, Time: time.Date(2026, 11, 23, 1, 10, 0, 0, time.UTC),
		Findings: []telephony.LineFinding{
			{About: "hum", Light: telephony.Yellow, Text: telephony.Text{ZH: "50 Hz 交流声 -45 dBm0：电话线离电源线太近或接地不良", EN: "mains hum of 50 Hz at -45 dBm0: the wire runs beside a power cable, or an earth is bad"}},
			{About: "level", Light: telephony.Green, Text: telephony.Text{ZH: "拨号音 -12 dBm0，正常", EN: "dial tone at -12 dBm0"}},
		},
	}, nil
}

func (b *memoryBox) LearnedTone(line string) (telephony.LearnedTone, error) {
	if line != "fxo/1" {
		return telephony.LearnedTone{Line: line}, nil
	}
	t := telephony.LearnedTone{
		Line: line, Calls: 2, Of: 2, Confidence: 0.67, Proposed: true, Tone: telephony.LineTone{Hz: []int{620}, CadenceMS: []int{250, 250}},
	}
	for hz := 300.0; hz <= 1000; hz += 20 { // a tone above the noise of a line
		t.Spectrum = append(t.Spectrum, telephony.ToneBand{Hz: hz, DBm0: max(-60, -10-math.Abs(hz-620)/2)})
	}
	return t, nil
}

func (b *memoryBox) ForgetTone(line string) error {
	b.asked = append(b.asked, "forget "+line)
	return nil
}

func testConfig() *telephony.Config {
	return &telephony.Config{
		Format: telephony.ConfigFormat, Revision: 7,
		Site:    telephony.Site{Name: "海棠家电服务", Language: "zh", TimeZone: "Asia/Shanghai", AreaCode: "021", Tones: "cn", AnswerRate: 90, Emergency: []string{"110", "119", "120", "122"}},
		Lines:   []telephony.LineConfig{{ID: "fxo/1", Name: "外线 1", Way: telephony.BothWays}, {ID: "fxo/2", Name: "外线 2", Way: telephony.BothWays}},
		Targets: telephony.DefaultTargets,
		Trunks:  []telephony.Trunk{{ID: "ctc", Name: "电信中继", Host: "sip.example.cn", User: "u", Password: "trunk secret", MaxCalls: 30}},
		Phones:  []telephony.Phone{{Extension: "801", Name: "前台", Password: "phone secret"}},
		Agents:  []telephony.Agent{{ID: "1001", Name: "李华", PIN: "4321", Phone: "phone:801"}, {ID: "1002", Name: "王芳", PIN: "9876", Phone: "phone:802"}},
		Queues:  []telephony.Queue{{ID: "sales", Name: "销售"}, {ID: "support", Name: "售后"}},
		Menus:   []telephony.Menu{{ID: "main", Name: "总机"}},
	}
}

func (b *memoryBox) Bans(context.Context) ([]telephony.Ban, error) {
	return []telephony.Ban{
		{Address: "198.51.100.7", Reason: telephony.BanFlood, Until: time.Date(2026, 11, 23, 1, 10, 0, 0, time.UTC)},
		{Address: "203.0.113.9", Account: "801", Reason: telephony.BanGuesses, Until: time.Date(2026, 11, 23, 1, 5, 0, 0, time.UTC)},
	}, nil
}

func (b *memoryBox) Unban(_ context.Context, address string, by By) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, "unban "+address+" by "+by.Who)
	return nil
}

func notFound() error {
	return telephony.Errorf(telephony.NotFound, "没有找到。", "There is no such thing.")
}

func (b *memoryBox) Config() *telephony.Config { b.mu.Lock(); defer b.mu.Unlock(); return b.config }

func (b *memoryBox) Configured() *telephony.Config { return b.Config() }

func (b *memoryBox) DiffConfig(c *telephony.Config) ([]Difference, error) {
	if c.Site.Name == "" {
		return nil, &telephony.Error{
			Code: telephony.Invalid, Message: telephony.Text{ZH: "配置有误。", EN: "The configuration is wrong."},
			Problems: []telephony.Problem{{Path: "site.name", Message: telephony.Text{ZH: "请填写名称", EN: "give it a name"}}},
		}
	}
	if now := b.Config(); c.Site.Name != now.Site.Name {
		return []Difference{{Path: "site.name", Before: now.Site.Name, After: c.Site.Name}}, nil
	}
	return nil, nil
}

func (b *memoryBox) PutConfig(_ context.Context, c *telephony.Config, by By) (*telephony.Config, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.Revision != b.config.Revision {
		return nil, telephony.Errorf(telephony.Conflict, "配置已被他人修改，请重新读取。", "Somebody changed it first. Read it again.")
	}
	next := *c
	next.Revision++
	b.config = &next
	b.revisions = append([]Revision{{Revision: next.Revision, Time: time.Now(), Who: by.Who}}, b.revisions...)
	return b.config, nil
}

func (b *memoryBox) Arrival(_ *telephony.Config, a telephony.Arrival, _ time.Time) (telephony.Routed, int) {
	return telephony.Routed{
		Target: "menu:main", Rule: "route/day", Why: telephony.Text{ZH: "第一条符合的路由", EN: "the first route that matches"},
		Candidates: []string{"route/night: hours are work", "route/vip: caller " + a.Caller.Number, "route/old: disabled"},
	}, 2
}

func (b *memoryBox) Dialled(_ *telephony.Config, _, number string) Leaving {
	return Leaving{
		Routed: telephony.Routed{Target: telephony.NewTarget("outside", number), Rule: "outbound/local", Why: telephony.Text{ZH: "呼出规则", EN: "an outbound rule"}},
		Digits: number, Lines: []string{"fxo/1"}, Shown: "62345600",
	}
}

func (b *memoryBox) Revisions() ([]Revision, error) { return b.revisions, nil }

func (b *memoryBox) RevisionChanges(revision uint64) ([]Difference, error) {
	if revision > b.Config().Revision {
		return nil, notFound()
	}
	return []Difference{{Path: "site.name", Before: "before", After: b.Config().Site.Name}}, nil
}

func (b *memoryBox) Setup() ([]byte, error) { return b.setup, nil }

func (b *memoryBox) PutSetup(text []byte) error { b.setup = text; return nil }

func (b *memoryBox) Health() Health {
	c, _ := b.Measure(context.Background(), true)
	return Health{
		Time: time.Now(), DiskFreeMB: 41_000, DiskTotalMB: 64_000, DiskState: "good", DiskUsed: 7, MemoryMB: 85, Load: 0.3, Processors: 4, Starts: 12,
		Clean: true, Calls: 4, Busy: 0.02, Loop: 0.03, Late: []uint64{81_000, 12, 0, 0, 0, 0}, HeapMB: 12.5, Goroutines: 71, Capacity: &c,
		ProgramMS: 9_120, LinesMS: 9_480, PageMS: 9_910, FirstCallMS: 14_230,
		Clock: Clock{Synchronized: true, ErrorMS: 41.5, Servers: []string{"ntp.example.cn"}, By: ClockBySettings},
	}
}

// Measure finds a busy box unless it is to measure anyway.
func (b *memoryBox) Measure(_ context.Context, anyway bool) (Capacity, error) {
	if !anyway {
		return Capacity{}, telephony.Errorf(telephony.Busy, "有 4 个通话正在进行", "4 calls are in progress")
	}
	return Capacity{
		Measured: time.Date(2026, 11, 23, 1, 20, 0, 0, time.UTC), Seconds: 170, Version: "0.1.0", Processors: 4,
		Bridged: Rated{Rated: 812, Load: 0.59}, Recorded: Rated{Rated: 640, Load: 0.58, Late: 0.0004}, Mixed: Rated{Rated: 1000, Load: 0.55, Bound: true},
		Setups: Rated{Rated: 120, Load: 0.57}, Registrations: Rated{Rated: 900, Load: 0.6},
	}, nil
}

func (b *memoryBox) SelfTest(context.Context) (SelfTest, error) {
	return SelfTest{Checks: []Check{
		{What: "analogue_sip", Passed: true, Text: telephony.Text{ZH: "双方都听得清楚", EN: "both sides heard each other"}},
		{What: "recording", Text: telephony.Text{ZH: "2 个通话中只有 1 个录音完整", EN: "only 1 of 2 calls were recorded as they were heard"}},
	}}, nil
}

func (b *memoryBox) Certificate() Certificate {
	return Certificate{
		Own: b.OwnCertificate(), Names: []string{"callbox.local", "127.0.0.1"}, Issuer: "callbox", Expires: time.Date(2036, 11, 23, 0, 0, 0, 0, time.UTC),
		Fingerprint: strings.Repeat("5a", 32),
	}
}

func (b *memoryBox) OwnCertificate() bool { b.mu.Lock(); defer b.mu.Unlock(); return !b.trusted }

func (b *memoryBox) PutCertificate(_ context.Context, chain, _ string, by By) error {
	return b.ask("certificate", by.Who, chain)
}

func (b *memoryBox) OrderCertificate(_ context.Context, o CertificateOrder, by By) error {
	return b.ask("order certificate", by.Who, o.Name)
}

func (b *memoryBox) DeleteCertificate(_ context.Context, by By) error {
	return b.ask("own certificate", by.Who)
}

func (b *memoryBox) ConfigBefore(revision uint64) (*telephony.Config, error) {
	if revision > b.Config().Revision {
		return nil, notFound()
	}
	c := *b.Config()
	c.Site.Name = "海棠"
	return &c, nil
}

func (b *memoryBox) UndoConfig(ctx context.Context, revision, base uint64, by By) (*telephony.Config, error) {
	if base != 0 && base != b.Config().Revision {
		return nil, telephony.Errorf(telephony.Conflict, "别人刚改过", "somebody was first")
	}
	if revision > b.Config().Revision {
		return nil, notFound()
	}
	return b.PutConfig(ctx, b.Config(), by)
}

func (b *memoryBox) Audit(uint64, int) ([]AuditLine, error) { return b.audit, nil }

func (b *memoryBox) ProveAudit(context.Context, uint64) (AuditProof, error) {
	return AuditProof{Lines: len(b.audit)}, nil
}

func (b *memoryBox) Note(_ context.Context, by By, action, on, detail string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.audit = append(b.audit, AuditLine{Seq: uint64(len(b.audit) + 1), Who: by.Who, Source: by.Source, Action: action, On: on, Detail: detail})
	return nil
}

func (b *memoryBox) Calls(_ context.Context, q CallQuery) (CallPage, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var page CallPage
	for _, r := range b.records {
		if q.Before != "" && r.ID >= q.Before || q.Number != "" && !strings.Contains(r.Caller.Number+" "+r.Called, q.Number) ||
			q.Outcome != "" && r.Outcome != q.Outcome || q.Direction != "" && r.Direction != q.Direction ||
			q.Answered != "" && (q.Answered == "yes") != (r.Outcome == telephony.OutcomeAnswered) ||
			q.ForPerson != "" && (q.ForPerson == "yes") != forPerson(&r) ||
			q.Line != "" && r.Line != q.Line ||
			q.Closed != "" && (r.Closed == "" || q.Closed != "*" && r.Closed != q.Closed) ||
			q.Queue != "" && r.Queue != q.Queue || q.Agent != "" && r.Agent != q.Agent ||
			q.Own != "" && r.Agent != q.Own && r.Calling != q.Own || !r.of(q.Team) ||
			!q.From.IsZero() && r.Arrived.Before(q.From) || !q.To.IsZero() && !r.Arrived.Before(q.To) {
			continue
		}
		if q.Limit > 0 && len(page.Calls) == q.Limit {
			page.Next = page.Calls[q.Limit-1].ID
			break
		}
		page.Calls = append(page.Calls, r)
	}
	return page, nil
}

func (b *memoryBox) Call(_ context.Context, id telephony.CallID) (CallRecord, error) {
	i := slices.IndexFunc(b.records, func(r CallRecord) bool { return r.ID == id })
	if i < 0 {
		return CallRecord{}, notFound()
	}
	return b.records[i], nil
}

func (b *memoryBox) JudgeCall(_ context.Context, r *CallRecord, j Judgment) error {
	i := slices.IndexFunc(b.records, func(x CallRecord) bool { return x.ID == r.ID })
	b.records[i].Complaint.Judgment = &j
	return nil
}

func (b *memoryBox) ScoreCall(_ context.Context, r *CallRecord, score Score) error {
	i := slices.IndexFunc(b.records, func(have CallRecord) bool { return have.ID == r.ID })
	score.Time = time.Now()
	b.records[i].Score = &score
	return nil
}

func (b *memoryBox) CallJournal(_ context.Context, id telephony.CallID) ([]telephony.Entry, error) {
	if b.journals[id] == nil {
		return nil, notFound()
	}
	return b.journals[id], nil
}

func (b *memoryBox) CallTraces(_ context.Context, id telephony.CallID, limit int) ([]telephony.Trace, error) {
	messages := b.messages[id]
	return messages[:min(len(messages), limit)], nil
}

func (b *memoryBox) Read(m telephony.Trace) telephony.Reading {
	if m.Protocol == telephony.ProtocolQ931 {
		return q931.Read(m.Octets)
	}
	return sip.Read(m.Octets)
}

func (b *memoryBox) ExportTraces(_ context.Context, w io.Writer, id telephony.CallID) error {
	if b.messages[id] == nil {
		return notFound()
	}
	_, err := io.WriteString(w, "a capture file")
	return err
}

func (b *memoryBox) ExportCalls(ctx context.Context, w io.Writer, _, _ string, q CallQuery) error {
	page, err := b.Calls(ctx, q)
	c := csv.NewWriter(w)
	for _, r := range page.Calls {
		_ = c.Write([]string{string(r.ID), r.Caller.Number, string(r.Outcome)})
	}
	c.Flush()
	return err
}

// CallsAfter has each record at the entry that is its number.
func (b *memoryBox) CallsAfter(_ context.Context, q EndedQuery) (EndedCalls, error) {
	ended := EndedCalls{Calls: []CallRecord{}, Next: q.After}
	for i, r := range b.records {
		if n := uint64(i + 1); n > q.After && len(ended.Calls) < q.Limit {
			ended.Calls, ended.Next = append(ended.Calls, r), n
		}
	}
	return ended, nil
}

func (b *memoryBox) ExportSQL(_ context.Context, w io.Writer, dialect string, q EndedQuery) error {
	_, err := fmt.Fprintln(w, "-- ", dialect, q.After, q.Limit)
	return err
}

func (b *memoryBox) Recordings(_ context.Context, q RecordingQuery) (RecordingPage, error) {
	var page RecordingPage
	for _, r := range b.recorded {
		if (q.Purpose == "" || r.Purpose == q.Purpose) && (q.Call == "" || r.Call == q.Call) {
			page.Recordings = append(page.Recordings, r)
		}
	}
	return page, nil
}

func (b *memoryBox) Recording(_ context.Context, id string) (Recording, error) {
	i := slices.IndexFunc(b.recorded, func(r Recording) bool { return r.ID == id })
	if i < 0 {
		return Recording{}, notFound()
	}
	return b.recorded[i], nil
}

type soundFile struct{ *bytes.Reader }

func (soundFile) Close() error { return nil }

func (b *memoryBox) OpenRecording(ctx context.Context, id string) (io.ReadSeekCloser, error) {
	r, err := b.Recording(ctx, id)
	if err != nil {
		return nil, err
	}
	channels := 2
	if r.Purpose == "voicemail" {
		channels = 1
	}
	return soundFile{bytes.NewReader(alawWAV(channels, int(r.LengthMS/1000)))}, nil
}

func (b *memoryBox) MarkMessage(_ context.Context, id string, heard bool, by By) error {
	return b.ask("mark message", by.Who, fmt.Sprint(id, " ", heard))
}

func (b *memoryBox) DeleteMessage(_ context.Context, id string, by By) error {
	return b.ask("delete message", by.Who, id)
}

func (b *memoryBox) DeleteRecording(_ context.Context, id string, by By) error {
	return b.ask("delete recording", by.Who, id)
}

func (b *memoryBox) Claimed() bool     { b.mu.Lock(); defer b.mu.Unlock(); return b.claimed }
func (b *memoryBox) ClaimCode() string { return testCode }

func (b *memoryBox) Claim(_ context.Context, code, user, password string, _ By) error {
	if code != testCode {
		return telephony.Errorf(telephony.Forbidden, "认领码不对，请看设备面板上的数字。", "The code is wrong. Read it from the panel.")
	}
	if len(password) < 10 {
		return &telephony.Error{
			Code: telephony.Invalid, Message: telephony.Text{ZH: "密码太短。", EN: "The password is too short."},
			Problems: []telephony.Problem{{Path: "password", Message: telephony.Text{ZH: "至少 10 个字符", EN: "at least 10 characters"}}},
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.claimed = true
	b.users = append(b.users, User{Name: user, Role: Admin})
	b.passwords[user] = password
	return nil
}

func (b *memoryBox) SignIn(_ context.Context, user, password string, _ By) (string, Person, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.users, func(u User) bool { return u.Name == user })
	if i < 0 || b.passwords[user] != password {
		return "", Person{}, telephony.Errorf(telephony.Unsigned, "用户名或密码不对。", "The name or the password is wrong.")
	}
	secret, p := b.letIn(b.users[i])
	return secret, p, nil
}

func (b *memoryBox) letIn(u User) (string, Person) {
	secret := "session-" + strconv.Itoa(len(b.proved))
	p := Person{Name: u.Name, Role: u.Role, Agent: u.Agent}
	b.sessions[secret], b.proved[secret] = p, time.Now()
	return secret, p
}

func (b *memoryBox) Session(secret string) (Person, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.sessions[secret]
	return p, ok
}

func (b *memoryBox) SignOut(secret string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.sessions, secret)
}

func (b *memoryBox) ChangePassword(_ context.Context, user, present, next string, _ By) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.passwords[user] != present {
		return "", telephony.Errorf(telephony.Forbidden, "现在的密码不对。", "The present password is wrong.").At("present")
	}
	b.passwords[user] = next
	var own Person
	for secret, p := range b.sessions {
		if p.Name == user {
			own = p
			delete(b.sessions, secret)
		}
	}
	b.sessions["changed"] = own
	return "changed", nil
}

func (b *memoryBox) Sessions(user, secret string) (list []OwnSession, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	for s, p := range b.sessions {
		if p.Name == user {
			list = append(list, OwnSession{Created: at, Seen: at, Source: "192.0.2.1", Current: s == secret})
		}
	}
	return list, nil
}

func (b *memoryBox) EndSessions(_ context.Context, user, secret string, _ By) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.sessions, func(s string, p Person) bool { return s != secret && p.Name == user })
	return nil
}

func (b *memoryBox) Token(secret string) (Person, bool) { p, ok := b.secrets[secret]; return p, ok }
func (b *memoryBox) Users() ([]User, error)             { return b.users, nil }
func (b *memoryBox) DeleteUser(_ context.Context, name string, by By) error {
	return b.ask("delete user", by.Who, name)
}
func (b *memoryBox) Tokens() ([]Token, error) { return b.tokens, nil }
func (b *memoryBox) DeleteToken(_ context.Context, id string, by By) error {
	return b.ask("delete token", by.Who, id)
}

func (b *memoryBox) PutTokenTeam(_ context.Context, id string, queues []string, by By) error {
	return b.ask("put token team", by.Who, id, strings.Join(queues, ","))
}

func (b *memoryBox) AddUser(ctx context.Context, u User, password string, by By) error {
	return b.PutUser(ctx, u, password, by)
}

func (b *memoryBox) PutUser(_ context.Context, u User, password string, _ By) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.users = append(b.users, u)
	b.passwords[u.Name] = password
	return nil
}

func (b *memoryBox) CreateToken(_ context.Context, t Token, by By) (string, Token, error) {
	t.ID, t.By = "t1", by.Who
	return "secret", t, b.ask("create token", by.Who, t.Name)
}

func (b *memoryBox) Live() telephony.Live { b.mu.Lock(); defer b.mu.Unlock(); return b.live }

func (b *memoryBox) Watch() (<-chan struct{}, func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	changes := make(chan struct{}, 1)
	b.watchers[changes] = true
	return changes, func() { b.mu.Lock(); defer b.mu.Unlock(); delete(b.watchers, changes) }
}

func (b *memoryBox) setLive(l telephony.Live) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.live = l
	for changes := range b.watchers {
		select {
		case changes <- struct{}{}:
		default:
		}
	}
}

func (b *memoryBox) ask(words ...string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, strings.Join(words, " "))
	return nil
}

func (b *memoryBox) SetAgent(_ context.Context, agent string, state telephony.AgentState, reason string, _ telephony.Target, by By) error {
	b.mu.Lock()
	b.wishes[agent] = telephony.LiveAgent{State: state, Reason: reason, Since: time.Now()}
	b.mu.Unlock()
	return b.ask("agent", by.Who, agent, string(state), reason)
}

func (b *memoryBox) AskBreak(_ context.Context, agent string, on bool, by By) error {
	b.mu.Lock()
	wished := b.wishes[agent]
	if wished.Asks = (time.Time{}); on {
		wished.Asks = time.Now()
	}
	b.wishes[agent] = wished
	b.mu.Unlock()
	return b.ask("break", by.Who, agent, strconv.FormatBool(on))
}

func (b *memoryBox) wish(agent string) (telephony.LiveAgent, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w, ok := b.wishes[agent]
	return w, ok
}

func (b *memoryBox) Record(call telephony.CallID, action string, by By) error {
	return b.ask("record", by.Who, string(call), action)
}

func (b *memoryBox) Hangup(call telephony.CallID, agent string, by By) error {
	return b.ask("hangup", by.Who, string(call), agent)
}

func (b *memoryBox) Order(call telephony.CallID, o CallOrder, by By) error {
	return b.ask("order", by.Who, string(call), o.Do, o.Agent, o.To, string(o.Phone), o.Mode)
}

func (b *memoryBox) Place(p Placing, by By) (telephony.CallID, error) {
	own := ""
	if p.Own {
		own = "own"
	}
	return "3-43", b.ask("place", by.Who, string(p.From), p.To, own)
}

func (b *memoryBox) LockRoom(room string, on bool, by By) error {
	return b.ask("lock", by.Who, room, fmt.Sprint(on))
}

func (b *memoryBox) Prompts() ([]PromptSounds, error) {
	return []PromptSounds{{ID: "welcome", Name: "欢迎", Sounds: []Sound{{Language: "zh", LengthMS: 2400}}}}, nil
}

func (b *memoryBox) OpenPrompt(string, string) (io.ReadSeekCloser, time.Time, error) {
	return soundFile{bytes.NewReader(alawWAV(1, 2))}, time.Time{}, nil
}

func (b *memoryBox) PutPrompt(id, language string, wav []byte, by By) error {
	return b.ask("prompt", by.Who, id, language, strconv.Itoa(len(wav)))
}

func (b *memoryBox) SpeakPrompt(_ context.Context, id, language, text string, by By) error {
	return b.ask("speak", by.Who, id, language, text)
}

func (b *memoryBox) DeletePrompt(id, language string, by By) error {
	return b.ask("delete prompt", by.Who, id, language)
}

func (b *memoryBox) Backup(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, "the whole box")
	return err
}

func (b *memoryBox) BeforeUpdate() (*Saved, io.ReadCloser, error) {
	return &Saved{Version: "1.5.0", Made: time.Date(2026, 11, 27, 2, 11, 9, 0, time.UTC)}, io.NopCloser(strings.NewReader("the box of before")), nil
}

// Seal knows one passphrase, and what it seals is seen.
func (b *memoryBox) Seal(_ context.Context, passphrase string) (func(io.Writer) io.WriteCloser, error) {
	if passphrase != "四只 kites" {
		return nil, telephony.Errorf(telephony.Invalid, "太短", "Too short.").At("passphrase")
	}
	return func(w io.Writer) io.WriteCloser { return &bracket{w, false} }, nil
}

type bracket struct {
	io.Writer
	begun bool
}

func (b *bracket) Write(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		_, _ = io.WriteString(b.Writer, "[")
	}
	return b.Writer.Write(p)
}

func (b *bracket) Close() error { _, err := io.WriteString(b.Writer, "]"); return err }

func (b *memoryBox) Restore(_ context.Context, r io.Reader, passphrase string, other bool, by By) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if other {
		data = append(data, " of another"...)
	}
	return b.ask("restore", by.Who, string(data)+passphrase)
}

func (b *memoryBox) Update(_ context.Context, r io.Reader, older bool, restart When, by By) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return b.ask("update", by.Who, fmt.Sprint(older), string(restart), string(data))
}

func (b *memoryBox) Installed() *Installed {
	return &Installed{Version: "1.5.0", At: time.Date(2026, 11, 27, 19, 0, 0, 0, time.UTC)}
}

func (b *memoryBox) Restart(_ context.Context, when When, by By) error {
	return b.ask("restart", by.Who, string(when))
}

func (b *memoryBox) Report(_ context.Context, q ReportQuery) (Report, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return memoryReport(b.records, q), nil
}

func (b *memoryBox) ExportReport(_ context.Context, w io.Writer, _, _ string, q ReportQuery) error {
	_, err := io.WriteString(w, "report "+q.By)
	return err
}

func (b *memoryBox) Stretches(_ context.Context, q StretchQuery) ([]StretchRow, error) {
	from := q.From.Add(9 * time.Hour)
	return []StretchRow{
		{Agent: "1001", State: "online", Phone: "phone:801", From: from, To: from.Add(8 * time.Hour), LengthMS: 28_800_000},
		{Agent: "1002", State: "online", Phone: "phone:802", From: from, To: time.Now(), LengthMS: time.Since(from).Milliseconds(), Open: true},
	}, nil
}

func (b *memoryBox) ExportStretches(_ context.Context, w io.Writer, _, _ string, q StretchQuery) error {
	_, err := io.WriteString(w, "stretches "+string(q.State))
	return err
}

func (b *memoryBox) StaffReport(_ context.Context, q StaffQuery) (StaffReport, error) {
	days, _ := b.Attendance(context.Background(), q)
	report := StaffReport{From: q.From, To: q.To, Turnover: Turnover{Since: q.From, Left: 1, Mean: 2.4, Stays: []Stay{
		{Agent: "1001", Name: "李华"}, {Agent: "1002", Name: "王芳", From: q.From.AddDate(0, -1, 0)}, {Agent: "1003", Name: "陈强", Until: q.From.Add(10 * time.Hour)},
	}}}
	rate := 100 * float64(report.Turnover.Left) / report.Turnover.Mean
	report.Turnover.Rate = &rate
	share := func(part, whole int64) *float64 {
		if whole == 0 {
			return nil
		}
		f := 100 * float64(part) / float64(whole)
		return &f
	}
	for _, d := range days {
		row := StaffRow{Agent: d.Agent, Name: b.config.Agent(d.Agent).Name, PlannedMS: d.PlannedMS, PresentMS: d.PresentMS, OnlineMS: d.OnlineMS, WorkedMS: d.WorkedMS}
		row.Attendance, row.WorkRate = share(row.PresentMS, row.PlannedMS), share(row.WorkedMS, row.OnlineMS)
		report.Rows = append(report.Rows, row)
		t := &report.Total
		t.PlannedMS, t.PresentMS, t.OnlineMS, t.WorkedMS = t.PlannedMS+d.PlannedMS, t.PresentMS+d.PresentMS, t.OnlineMS+d.OnlineMS, t.WorkedMS+d.WorkedMS
		t.Attendance, t.WorkRate = share(t.PresentMS, t.PlannedMS), share(t.WorkedMS, t.OnlineMS)
	}
	return report, nil
}

func (b *memoryBox) ExportStaffReport(_ context.Context, w io.Writer, _, _ string, q StaffQuery) error {
	_, err := io.WriteString(w, "staff "+q.Agent)
	return err
}

func (b *memoryBox) ExportAttendance(_ context.Context, w io.Writer, _, _ string, q StaffQuery) error {
	_, err := io.WriteString(w, "attendance "+q.Agent)
	return err
}

func (b *memoryBox) Attendance(_ context.Context, q StaffQuery) ([]AttendanceDay, error) {
	in, day := q.From.Add(9*time.Hour), q.From.Format(time.DateOnly)
	return slices.DeleteFunc([]AttendanceDay{
		{Agent: "1001", Day: day, PlannedMS: 28_800_000, PresentMS: 27_600_000, OnlineMS: 28_800_000, WorkedMS: 25_200_000, In: in, Out: in.Add(8 * time.Hour)},
		{Agent: "1002", Day: day, OnlineMS: 14_400_000, WorkedMS: 9_000_000, In: in, Out: in.Add(4 * time.Hour)},
	}, func(d AttendanceDay) bool { return q.Agent != "" && q.Agent != d.Agent }), nil
}

func (b *memoryBox) Present(agent string, there bool) {
	_ = b.ask("present", agent, strconv.FormatBool(there))
}

func (b *memoryBox) Notes(number string, limit int) (list []CallNote, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range slices.Backward(b.notes) {
		if n.Number == number && len(list) < limit {
			list = append(list, n)
		}
	}
	return list, nil
}

func (b *memoryBox) PutNote(_ context.Context, n CallNote) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	n.Time = time.Now()
	b.notes = append(b.notes, n)
	return nil
}

func (b *memoryBox) World() WorldState {
	return WorldState{Lines: []string{"fxo/1", "fxo/2", "fxo/3", "fxo/4"}, Phones: b.phones}
}

func (b *memoryBox) Ring(context.Context, Ring) (Heard, error) {
	return Heard{
		Call: "3-1042", Outcome: telephony.OutcomeAnswered, Sound: "heard-1",
		Text: telephony.Text{
			ZH: "主叫等了 6 秒，李华（1001）接听，通话 12 秒后主叫挂机。",
			EN: "The caller waited 6 s, 李华 (1001) answered, and the caller hung up after 12 s of talk.",
		},
	}, nil
}

func (b *memoryBox) OpenHeard(string) (io.ReadSeekCloser, error) {
	return soundFile{bytes.NewReader(alawWAV(1, 12))}, nil
}

func (b *memoryBox) StartPhones(p []SimPhone) error {
	for _, phone := range p {
		phone.State = "idle"
		b.phones = append(b.phones, phone)
	}
	return nil
}

func (b *memoryBox) Handset(extension string, lift bool) error {
	return b.ask("handset", extension, strconv.FormatBool(lift))
}

func (b *memoryBox) Hold(extension string, on bool) error {
	return b.ask("hold", extension, strconv.FormatBool(on))
}

func (b *memoryBox) StartDay(Day) error { return b.ask("day") }

// letters is an outbox whose messages are sent once somebody asks.
type letters struct{ *memoryBox }

func (l letters) Room() error { return nil }

func (l letters) Post(_ context.Context, m telephony.Outgoing) (telephony.Sending, error) {
	return telephony.Sending{ID: m.ID, By: m.By, To: len(m.To), State: "queued"}, l.ask("post", m.By, strings.Join(m.To, " "), m.Text)
}

func (l letters) Sending(id string) (telephony.Sending, error) {
	return telephony.Sending{ID: id, State: "sent", Tries: 1}, nil
}
