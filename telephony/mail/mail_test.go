package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"mime/multipart"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// A server is a mail server (RFC 5321) without sockets, so that a bubble's clock runs. Its certificate is for example.com.
type server struct {
	mu       sync.Mutex
	cert     tls.Certificate
	starttls bool     // offers STARTTLS instead of speaking TLS from the first octet
	bare     bool     // has no TLS at all
	down     bool     // nobody listens
	refuses  []string // addresses that it does not know
	password string
	got      []mailed
}

// mailed is a message that the server took.
type mailed struct {
	to   []string
	text string
}

func (s *server) dial(ctx context.Context, _, address string) (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return nil, errors.New("connection refused")
	}
	here, there := net.Pipe()
	go func() {
		defer there.Close()
		c := net.Conn(there)
		if !s.starttls && !s.bare {
			c = tls.Server(there, &tls.Config{Certificates: []tls.Certificate{s.cert}})
		}
		s.talk(c, !s.starttls && !s.bare)
	}()
	return here, nil
}

// talk is one session of SMTP.
func (s *server) talk(c net.Conn, secure bool) {
	var m mailed
	lines := bufio.NewReader(c)
	say := func(text string) { fmt.Fprint(c, text, "\r\n") }
	say("220 example.com ESMTP")
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch verb = strings.ToUpper(verb); {
		case verb == "EHLO" && secure:
			say("250-example.com\r\n250 AUTH PLAIN")
		case verb == "EHLO" && s.starttls:
			say("250-example.com\r\n250 STARTTLS")
		case verb == "STARTTLS" && s.starttls:
			say("220 go on")
			s.talkOver(tls.Server(c, &tls.Config{Certificates: []tls.Certificate{s.cert}}))
			return
		case !secure:
			say("530 in the clear nothing is taken") // RFC 3207 4
		case verb == "AUTH":
			if arg == "PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00box@example.com\x00"+s.password)) {
				say("235 welcome")
			} else {
				say("535 no")
			}
		case verb == "MAIL":
			m = mailed{}
			say("250 ok")
		case verb == "RCPT":
			to := strings.Trim(strings.TrimPrefix(strings.ToUpper(arg), "TO:"), "<>")
			if slices.Contains(s.refuses, strings.ToLower(to)) {
				say("550 nobody of that name")
				continue
			}
			m.to = append(m.to, strings.ToLower(to))
			say("250 ok")
		case verb == "DATA":
			say("354 go on")
			m.text = body(lines)
			s.mu.Lock()
			s.got = append(s.got, m)
			s.mu.Unlock()
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("502 what?")
		}
	}
}

// talkOver goes on by TLS, without another greeting.
func (s *server) talkOver(c net.Conn) {
	skip := &ungreeted{Conn: c}
	s.talk(skip, true)
}

// ungreeted swallows the first thing that is said.
type ungreeted struct {
	net.Conn
	said bool
}

func (u *ungreeted) Write(b []byte) (int, error) {
	if !u.said {
		// The greeting is written in pieces; it ends with a line.
		u.said = strings.HasSuffix(string(b), "\n")
		return len(b), nil
	}
	return u.Conn.Write(b)
}

// body reads to the line with a single dot (RFC 5321 4.5.2).
func body(lines *bufio.Reader) string {
	var b strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return b.String()
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
}

// A world is a box that sends mail, in a bubble.
type world struct {
	t       *testing.T
	server  *server
	config  *telephony.Config
	postman *Postman
	stop    context.CancelFunc
	ended   chan struct{}

	mu      sync.Mutex
	entries []telephony.Entry
	kept    map[string]any
	full    bool     // the disk
	asked   []string // reports
}

func (w *world) Append(e telephony.Entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.Seq, e.Time = uint64(len(w.entries)+1), time.Now().UTC()
	w.entries = append(w.entries, e)
}

func (w *world) Progress(name string, value any) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	kept, ok := w.kept[name]
	switch v := value.(type) {
	case *uint64:
		*v, _ = kept.(uint64)
	case *time.Time:
		*v, _ = kept.(time.Time)
	}
	return ok, nil
}

func (w *world) PutProgress(_ context.Context, name string, value any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.full {
		return errors.New("no space left on device")
	}
	w.kept[name] = value
	return nil
}

func (w *world) report(_ context.Context, out io.Writer, form string, r *telephony.ReportMail, from, to time.Time, language string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, fmt.Sprint(r.Report, " ", from.Format("01-02 15:04"), " ", to.Format("01-02 15:04"), " ", language))
	file := "\ufeff队列,来电\r\n销售,42\r\n"
	if form == "xlsx" {
		file = "PK\x03\x04\x00\xff"
	}
	_, err := io.WriteString(out, file)
	return err
}

// inWorld runs a test on Friday 2 January 2026, 06:00 in Shanghai.
func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS()
	cert, roots := certified.TLS.Certificates[0], x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	certified.Close()
	synctest.Test(t, func(t *testing.T) {
		c := telephony.DefaultConfig()
		c.Site.Name = "海棠家电"
		c.Mail = telephony.Mail{
			Server: "example.com", User: "box@example.com", Password: "paper-kite", From: "box@example.com", Alarms: []string{"it@example.com"},
			Reports: []telephony.ReportMail{{ID: "day", Name: "日报", Report: "queues", Every: "day", At: "07:00", To: []string{"boss@example.com", "li@example.com"}}},
		}
		w := &world{t: t, server: &server{cert: cert, password: "paper-kite"}, config: c, kept: map[string]any{}}
		time.Sleep(time.Until(time.Date(2026, 1, 2, 6, 0, 30, 0, c.Location())))
		w.start(roots)
		defer w.halt()
		test(w)
	})
}

func (w *world) start(roots *x509.CertPool) {
	ctx, stop := context.WithCancel(context.Background())
	w.postman = New(Options{
		Config: func() *telephony.Config { w.mu.Lock(); defer w.mu.Unlock(); return w.config }, Report: w.report, Entries: w.after, Newest: w.newest,
		Progress: w, Journal: w, Dial: w.server.dial, Roots: roots,
	})
	w.stop, w.ended = stop, make(chan struct{})
	go func() { defer close(w.ended); w.postman.Run(ctx) }()
	synctest.Wait()
}

func (w *world) halt() { w.stop(); <-w.ended; synctest.Wait() }

func (w *world) newest() uint64 { w.mu.Lock(); defer w.mu.Unlock(); return uint64(len(w.entries)) }

func (w *world) after(seq uint64) iter.Seq[telephony.Entry] {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Values(slices.Clone(w.entries[seq:]))
}

// configure changes the configuration, as a whole new value.
func (w *world) configure(change func(*telephony.Config)) {
	next := *w.config
	next.Mail.Reports = slices.Clone(next.Mail.Reports)
	change(&next)
	w.mu.Lock()
	w.config = &next
	w.mu.Unlock()
}

// at lets the time in Shanghai come.
func (w *world) at(day, hour, minute int) {
	time.Sleep(time.Until(time.Date(2026, 1, day, hour, minute, 45, 0, w.config.Location())))
	synctest.Wait()
}

// mails are the messages that came, their heads and parts decoded by the standard library.
func (w *world) mails() (list []letter) {
	w.t.Helper()
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	for _, m := range w.server.got {
		list = append(list, read(w.t, m))
	}
	return list
}

type letter struct {
	to            []string
	head          netmail.Header
	subject, text string
	name, file    string
	contentType   string // of the file
}

func read(t *testing.T, m mailed) letter {
	t.Helper()
	for _, line := range strings.Split(m.text, "\r\n") {
		if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("not a line of mail (RFC 5322 2.1.1): %q", line)
		}
	}
	msg, err := netmail.ReadMessage(strings.NewReader(m.text))
	if err != nil {
		t.Fatalf("%v:\n%s", err, m.text)
	}
	l := letter{to: m.to, head: msg.Header}
	l.subject, _ = (&mime.WordDecoder{}).DecodeHeader(msg.Header.Get("Subject"))
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(msg.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return l
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, p))
		if err != nil {
			t.Error(err)
		}
		if p.FileName() == "" {
			l.text = string(text)
		} else {
			l.name, l.file, l.contentType = p.FileName(), string(text), p.Header.Get("Content-Type")
		}
	}
}

// TestDailyReport (A11.15): at its hour the report of the day before goes to all, with the figures as a file, and once a day.
func TestDailyReport(t *testing.T) {
	inWorld(t, func(w *world) {
		w.at(2, 6, 59)
		if n := len(w.mails()); n != 0 {
			t.Fatalf("%d before the hour", n)
		}
		w.at(2, 7, 1)
		w.at(3, 6, 59)
		list := w.mails()
		if len(list) != 1 {
			t.Fatalf("%d messages on the first day", len(list))
		}
		m := list[0]
		if m.subject != "海棠家电: 日报 2026-01-01" || !slices.Equal(m.to, []string{"boss@example.com", "li@example.com"}) ||
			m.name != "queues-2026-01-01.csv" || m.file != "\ufeff队列,来电\r\n销售,42\r\n" || !strings.Contains(m.text, "2026-01-01") ||
			m.head.Get("Auto-Submitted") != "auto-generated" || m.head.Get("Message-Id") == "" {
			t.Errorf("%+v", m)
		}
		if at, err := m.head.Date(); err != nil || time.Since(at) > 24*time.Hour {
			t.Errorf("dated %v, %v", at, err)
		}
		w.at(3, 7, 1)
		if n := len(w.mails()); n != 2 || w.asked[1] != "queues 01-02 00:00 01-03 00:00 zh" {
			t.Errorf("%d messages, asked %v", n, w.asked)
		}
	})
}

// TestCaughtUpOnce: after days without power one report comes, of the last day, and not again.
func TestCaughtUpOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		roots := w.postman.opt.Roots
		w.at(2, 7, 1)
		w.halt()
		w.at(6, 15, 0)
		w.start(roots)
		w.at(6, 15, 10)
		w.halt()
		w.start(roots)
		w.at(6, 15, 20)
		if list := w.mails(); len(list) != 2 || list[1].name != "queues-2026-01-05.csv" {
			t.Errorf("asked %v, %d messages", w.asked, len(list))
		}
	})
}

// TestWeeklyAndMonthly: of the week before on Monday, of the month before on the 1st, each once whatever starts anew meanwhile, and as
// the file that was asked for. A report of an older configuration names none: it is CSV.
func TestWeeklyAndMonthly(t *testing.T) {
	inWorld(t, func(w *world) {
		w.configure(func(c *telephony.Config) {
			to := []string{"boss@example.com"}
			c.Mail.Reports = []telephony.ReportMail{
				{ID: "week", Report: "agents", Every: "week", At: "08:00", Form: "xlsx", To: to},
				{ID: "month", Report: "weekly", Every: "month", At: "00:10", To: to},
			}
		})
		roots := w.postman.opt.Roots
		for day := 2; day <= 32; day++ { // to 1 February; 5 January is a Monday
			w.at(day, 7, 59)
			w.halt()
			w.start(roots)
			w.at(day, 8, 1)
		}
		want := []string{
			"agents 12-29 00:00 01-05 00:00 zh", "agents 01-05 00:00 01-12 00:00 zh", "agents 01-12 00:00 01-19 00:00 zh",
			"agents 01-19 00:00 01-26 00:00 zh", "weekly 01-01 00:00 02-01 00:00 zh",
		}
		list := w.mails()
		if !slices.Equal(w.asked, want) || len(list) != len(want) {
			t.Fatalf("asked %q, %d messages", w.asked, len(list))
		}
		if m := list[0]; m.subject != "海棠家电: 报表 2025-12-29 至 2026-01-04" || m.name != "agents-2025-12-29.xlsx" ||
			m.contentType != "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" || m.file != "PK\x03\x04\x00\xff" {
			t.Errorf("the week: %+v", m)
		}
		if m := list[4]; m.name != "weekly-2026-01-01.csv" || m.contentType != "text/csv; charset=utf-8" {
			t.Errorf("the month: %+v", m)
		}
	})
}

// TestDiskFull: what was sent and cannot be noted is not sent each minute.
func TestDiskFull(t *testing.T) {
	inWorld(t, func(w *world) {
		w.mu.Lock()
		w.full = true
		w.mu.Unlock()
		w.at(2, 23, 0)
		if n := len(w.mails()); n != 1 {
			t.Errorf("%d messages", n)
		}
	})
}

// TestOffAndNew: a report that is off is not sent, nor when it is on again what was due meanwhile; a new one begins with its next time.
func TestOffAndNew(t *testing.T) {
	inWorld(t, func(w *world) {
		w.configure(func(c *telephony.Config) { c.Mail.Reports[0].Disabled = true })
		w.at(3, 8, 0)
		w.configure(func(c *telephony.Config) {
			c.Mail.Reports[0].Disabled = false
			c.Mail.Reports = append(c.Mail.Reports, telephony.ReportMail{ID: "agents", Report: "agents", Every: "day", At: "07:30", To: []string{"li@example.com"}})
		})
		w.at(4, 6, 59)
		if len(w.asked) != 0 {
			t.Errorf("asked %v", w.asked)
		}
		w.at(4, 7, 31)
		if !slices.Equal(w.asked, []string{"queues 01-03 00:00 01-04 00:00 zh", "agents 01-03 00:00 01-04 00:00 zh"}) {
			t.Errorf("asked %v", w.asked)
		}
	})
}

// TestServerDown: what the server does not take is tried again with longer and longer rests; the third failure is an alarm, which is
// no mail itself, and which goes when a mail goes.
func TestServerDown(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.down = true
		w.at(2, 7, 30)
		if n := len(w.asked); n != 5 { // at 7:01, 2, 4, 8, 16; the next at 32
			t.Errorf("tried %d times in half an hour: %v", n, w.asked)
		}
		alarms := func() (said []string) {
			for e := range w.after(0) {
				a := e.Fact.(telephony.Alarm)
				said = append(said, fmt.Sprint(a.Name, " ", a.On))
			}
			return said
		}
		if got := alarms(); !slices.Equal(got, []string{"mail_failed true"}) {
			t.Errorf("alarms %v", got)
		}
		w.server.mu.Lock()
		w.server.down = false
		w.server.mu.Unlock()
		w.at(2, 8, 30)
		if got := alarms(); !slices.Equal(got, []string{"mail_failed true", "mail_failed false"}) || len(w.mails()) != 1 {
			t.Errorf("alarms %v, %d messages", got, len(w.mails()))
		}
	})
}

// TestAlarms (A14.2): those of a minute come in one message, each once, over a restart too; a flood is bounded.
func TestAlarms(t *testing.T) {
	inWorld(t, func(w *world) {
		raise := func(name string, on bool) {
			w.Append(telephony.Entry{Fact: telephony.Alarm{Name: name, On: on, Message: telephony.Text{ZH: "磁盘将满\r\nBcc: x@example.com", EN: "the disk fills"}}})
		}
		raise("disk_low", true)
		w.Append(telephony.Entry{Fact: telephony.BoxStopped{}})
		raise("disk_low", false)
		w.at(2, 6, 5)
		list := w.mails()
		if len(list) != 1 || !slices.Equal(list[0].to, []string{"it@example.com"}) || list[0].head.Get("Bcc") != "" ||
			!strings.HasPrefix(list[0].subject, "海棠家电: 06:00 故障: 磁盘将满") || strings.Count(list[0].text, "06:00 ") != 2 || !strings.Contains(list[0].text, "恢复") {
			t.Fatalf("%+v", list)
		}
		roots := w.postman.opt.Roots
		w.halt()
		for range 200 {
			raise("flood", true)
		}
		w.start(roots)
		w.at(2, 6, 10)
		if list := w.mails(); len(list) != 2 || strings.Count(list[1].text, "故障") != maxLines || !strings.Contains(list[1].text, "另有 150 条") {
			t.Errorf("%d messages", len(list))
		}
	})
}

// TestServers: what a mail server may be and say, and what the page is told.
func TestServers(t *testing.T) {
	for name, row := range map[string]struct {
		server func(*server)
		config func(*telephony.Mail)
		says   string
	}{
		"TLS from the first octet":   {},
		"STARTTLS":                   {server: func(s *server) { s.starttls = true }, config: func(m *telephony.Mail) { m.Security = "starttls" }},
		"an open relay inside":       {config: func(m *telephony.Mail) { m.User, m.Password = "", "" }},
		"a wrong password":           {config: func(m *telephony.Mail) { m.Password = "guess" }, says: "neither user name nor password"},
		"STARTTLS in vain":           {config: func(m *telephony.Mail) { m.Security = "starttls" }, says: "does not answer"},
		"TLS in vain":                {server: func(s *server) { s.starttls = true }, says: "does not answer"},
		"the clear alone":            {server: func(s *server) { s.bare = true }, config: func(m *telephony.Mail) { m.Security = "starttls" }, says: "refuses"},
		"another name":               {config: func(m *telephony.Mail) { m.Server = "mail.example.org" }, says: "certificate"},
		"nobody there":               {server: func(s *server) { s.down = true }, says: "cannot be reached"},
		"an address it knows not of": {server: func(s *server) { s.refuses = []string{"li@example.com"} }, says: "nobody of that name"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				if row.server != nil {
					row.server(w.server)
				}
				w.configure(func(c *telephony.Config) {
					if row.config != nil {
						row.config(&c.Mail)
					}
				})
				err := w.postman.Test(w.t.Context(), "li@example.com")
				if row.says == "" && (err != nil || len(w.mails()) != 1) || row.says != "" && (err == nil || !strings.Contains(err.Error(), row.says)) {
					t.Errorf("%v, %d messages", err, len(w.server.got))
				}
			})
		})
	}
}

// TestOneWrongAddress keeps a report from nobody else.
func TestOneWrongAddress(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.refuses = []string{"boss@example.com"}
		w.at(2, 7, 5)
		if list := w.mails(); len(list) != 1 || !slices.Equal(list[0].to, []string{"li@example.com"}) {
			t.Errorf("%+v", list)
		}
	})
}

// TestLastStretch: which stretch of time a report is of, over weeks, months and changes of the clock.
func TestLastStretch(t *testing.T) {
	for _, row := range []struct{ zone, every, now, from, to string }{
		{"Asia/Shanghai", "day", "2026-03-01 06:59", "2026-02-27 00:00", "2026-02-28 00:00"},
		{"Asia/Shanghai", "day", "2026-03-01 07:00", "2026-02-28 00:00", "2026-03-01 00:00"},
		{"Asia/Shanghai", "week", "2026-11-29 23:00", "2026-11-16 00:00", "2026-11-23 00:00"}, // a Sunday
		{"Asia/Shanghai", "week", "2026-11-30 06:59", "2026-11-16 00:00", "2026-11-23 00:00"}, // Monday, before the hour
		{"Asia/Shanghai", "week", "2026-11-30 07:00", "2026-11-23 00:00", "2026-11-30 00:00"},
		{"Asia/Shanghai", "month", "2026-03-01 06:59", "2026-01-01 00:00", "2026-02-01 00:00"},
		{"Asia/Shanghai", "month", "2026-03-01 07:00", "2026-02-01 00:00", "2026-03-01 00:00"},
		{"Asia/Shanghai", "month", "2026-01-15 12:00", "2025-12-01 00:00", "2026-01-01 00:00"},
		{"Europe/Berlin", "day", "2026-03-30 07:00", "2026-03-29 00:00", "2026-03-30 00:00"}, // 23 hours
		{"Europe/Berlin", "day", "2026-10-26 07:00", "2026-10-25 00:00", "2026-10-26 00:00"}, // 25 hours
	} {
		zone, err := time.LoadLocation(row.zone)
		if err != nil {
			t.Fatal(err)
		}
		const form = "2006-01-02 15:04"
		now, _ := time.ParseInLocation(form, row.now, zone)
		from, to := lastStretch(&telephony.ReportMail{Every: row.every, At: "07:00"}, now)
		if from.Format(form) != row.from || to.Format(form) != row.to {
			t.Errorf("%s at %s: %s to %s, want %s to %s", row.every, row.now, from.Format(form), to.Format(form), row.from, row.to)
		}
	}
}

// TestDeliver (A15.1): what somebody asked to be sent goes to all, who do not see each other; whom the server refuses is told, and one
// whom it refuses alone is not tried again.
func TestDeliver(t *testing.T) {
	inWorld(t, func(w *world) {
		w.server.refuses = []string{"gone@example.com"}
		o := telephony.Outgoing{To: []string{"li@example.com", "gone@example.com"}, Subject: "周三停机", Text: "22 点起\n一小时"}
		p := w.postman.Deliver(context.Background(), o)
		m := w.mails()[0]
		if p.Problem != (telephony.Text{}) || !slices.Equal(p.Refused, []string{"gone@example.com"}) || !slices.Equal(m.to, []string{"li@example.com"}) {
			t.Errorf("%+v, %+v", p, m)
		}
		if m.head.Get("To") != "undisclosed-recipients:;" || m.subject != "海棠家电: 周三停机" || m.text != "22 点起\n一小时\r\n" {
			t.Errorf("%+v", m)
		}
		o.To = []string{"gone@example.com"}
		if p := w.postman.Deliver(context.Background(), o); !p.Final || p.Problem.EN == "" {
			t.Errorf("nobody: %+v", p)
		}
		w.server.down = true
		if p := w.postman.Deliver(context.Background(), o); p.Final || p.Problem.EN == "" {
			t.Errorf("no server: %+v", p)
		}
	})
}
