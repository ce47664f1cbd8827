package webhook

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// TestSignature: the example of Standard Webhooks 1.0, whose value was made by openssl.
func TestSignature(t *testing.T) {
	w := telephony.Webhook{Secret: secret}
	got := signature(w.Key(), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A world is a box's journal, the webhooks of its configuration, and the far end, in a bubble.
type world struct {
	t    *testing.T
	far  *httptest.Server
	hook telephony.Webhook
	*memory

	webhooks *Webhooks
	stop     context.CancelFunc
	ended    chan struct{}
}

// memory is a journal and what storage keeps; it outlives the webhooks' runs.
type memory struct {
	mu       sync.Mutex
	happened []telephony.Notification
	more     chan struct{}
	kept     map[string]uint64
	alarms   []string
	got      []*received
	answer   func(n int, w http.ResponseWriter) // to the nth request, from 1; nil: 200
}

type received struct {
	after time.Duration // since the world began
	id    string
	body  string
}

func (m *memory) tell(kind string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.happened = append(m.happened, telephony.Notification{
		Seq: uint64(len(m.happened) + 1), Type: kind, Time: time.Now().UTC(),
		Data: telephony.NotificationData{Call: "1-7", Fact: telephony.CallEnded{Outcome: telephony.OutcomeAnswered}},
	})
	close(m.more)
	m.more = make(chan struct{})
}

func (m *memory) newest() uint64 { m.mu.Lock(); defer m.mu.Unlock(); return uint64(len(m.happened)) }

func (m *memory) notifications(ctx context.Context, after uint64) iter.Seq[telephony.Notification] {
	return func(yield func(telephony.Notification) bool) {
		for {
			m.mu.Lock()
			list, more := m.happened[after:], m.more
			m.mu.Unlock()
			for _, n := range list {
				if after++; !yield(n) {
					return
				}
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}
}

func (m *memory) Progress(name string, value any) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seq, ok := m.kept[name]
	*value.(*uint64) = seq
	return ok, nil
}

func (m *memory) PutProgress(_ context.Context, name string, value any) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if delete(m.kept, name); value != nil {
		m.kept[name] = value.(uint64)
	}
	return nil
}

func (m *memory) Append(e telephony.Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := e.Fact.(telephony.Alarm)
	m.alarms = append(m.alarms, fmt.Sprint(a.Name, " ", a.On))
}

// ids are those that came, in order.
func (m *memory) ids() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []string
	for _, r := range m.got {
		list = append(list, strings.Split(r.id, "_")[1])
	}
	return list
}

// pipes is a network of one host, without sockets, so that the bubble's clock runs.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 9), Port: 443} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inWorld runs a test in a bubble with a box that has one webhook.
func inWorld(t *testing.T, test func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, memory: &memory{more: make(chan struct{}), kept: map[string]uint64{}}}
		network := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
		began := time.Now()
		w.far = httptest.NewUnstartedServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) { w.receive(began, answer, r) }))
		w.far.Listener.Close()
		w.far.Listener = network
		w.far.Config.ErrorLog = nil
		w.far.StartTLS()
		defer w.far.Close()
		sum := sha256.Sum256(w.far.Certificate().Raw)
		w.hook = telephony.Webhook{
			ID: "crm", URL: "https://crm.example.cn/in", Events: []string{"call.ended", "alarm.raised"}, Secret: secret, Fingerprint: hex.EncodeToString(sum[:]),
		}
		w.start(network.dial)
		defer w.halt()
		test(w)
	})
}

func (w *world) start(dial Dial) {
	ctx, stop := context.WithCancel(context.Background())
	w.webhooks = New(Options{Notifications: w.notifications, Newest: w.newest, Progress: w.memory, Journal: w.memory, Dial: dial})
	w.stop, w.ended = stop, make(chan struct{})
	w.configure(w.hook)
	go func() { defer close(w.ended); w.webhooks.Run(ctx) }()
	synctest.Wait()
}

func (w *world) configure(list ...telephony.Webhook) {
	w.webhooks.Configure(&telephony.Config{Webhooks: list})
	synctest.Wait()
}

func (w *world) halt() {
	w.stop()
	<-w.ended
}

// receive is the far end: it verifies as Standard Webhooks tells a receiver to, and keeps what came.
func (w *world) receive(began time.Time, answer http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	id, at := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if want := "v1," + base64.StdEncoding.EncodeToString(rfc2104(key, []byte(id+"."+at+"."+string(body)))); r.Header.Get("webhook-signature") != want {
		w.t.Errorf("the signature is %q, want %q", r.Header.Get("webhook-signature"), want)
	}
	if sent, _ := strconv.ParseInt(at, 10, 64); time.Since(time.Unix(sent, 0)).Abs() > time.Second {
		w.t.Errorf("the timestamp is %s at %d", at, time.Now().Unix())
	}
	w.mu.Lock()
	w.got = append(w.got, &received{time.Since(began), id, string(body)})
	n, answers := len(w.got), w.answer
	w.mu.Unlock()
	if answers != nil {
		answers(n, answer)
	}
}

// rfc2104 is HMAC-SHA256 by the letter of RFC 2104, so that the far end does not verify with what signed.
func rfc2104(key, text []byte) []byte {
	inner, outer := make([]byte, 64), make([]byte, 64)
	copy(inner, key)
	copy(outer, key)
	for i := range inner {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	in := sha256.Sum256(append(inner, text...))
	out := sha256.Sum256(append(outer, in[:]...))
	return out[:]
}

// TestDelivery (A15.1): what was asked for comes once, in order and signed; what was not asked for does not come.
func TestDelivery(t *testing.T) {
	inWorld(t, func(w *world) {
		for _, kind := range []string{"call.ended", "call.arrived", "alarm.raised", "call.ended"} {
			w.tell(kind)
		}
		synctest.Wait()
		if got := w.ids(); !slices.Equal(got, []string{"1", "3", "4"}) {
			t.Fatalf("%v came", got)
		}
		var n struct {
			Type      string
			Timestamp time.Time
			Data      struct {
				Call string
				Fact struct{ Outcome string }
			}
		}
		if err := json.Unmarshal([]byte(w.got[0].body), &n); err != nil || n.Type != "call.ended" || n.Timestamp.IsZero() ||
			n.Data.Call != "1-7" || n.Data.Fact.Outcome != "answered" {
			t.Errorf("%s: %+v, %v", w.got[0].body, n, err)
		}
		list := w.webhooks.Deliveries("crm")
		if len(list) != 3 || !list[0].Taken() || list[0].Status != 200 || list[0].ID != w.got[2].id {
			t.Errorf("the page is told %+v", list)
		}
	})
}

// TestRetry: a far end that fails is tried again after 5 s, 10 s, 20 s ... with the same octets under the same id.
func TestRetry(t *testing.T) {
	inWorld(t, func(w *world) {
		w.answer = func(n int, a http.ResponseWriter) {
			if n < 8 {
				a.WriteHeader(http.StatusBadGateway)
			}
		}
		w.tell("call.ended")
		w.tell("call.ended")
		time.Sleep(time.Hour)
		var at []int
		for _, r := range w.got[:8] {
			at = append(at, int(r.after.Seconds()))
			if r.id != w.got[0].id || r.body != w.got[0].body {
				t.Errorf("tried again as %s %s", r.id, r.body)
			}
		}
		if want := []int{0, 5, 15, 35, 75, 155, 315, 635}; !slices.Equal(at, want) {
			t.Errorf("tried after %v s, want %v", at, want)
		}
		if ids := w.ids(); len(ids) != 9 || ids[8] != "2" {
			t.Errorf("the second waits for the first: %v", ids)
		}
		if want := []string{"webhook_failed/crm true", "webhook_failed/crm false"}; !slices.Equal(w.alarms, want) {
			t.Errorf("alarms %v, want %v", w.alarms, want)
		}
	})
}

// TestRestart: what happened before a stop and while nothing ran is sent after it, and what was sent is not sent again.
func TestRestart(t *testing.T) {
	inWorld(t, func(w *world) {
		dial := w.webhooks.opt.Dial
		w.tell("call.ended")
		synctest.Wait()
		w.answer = func(_ int, a http.ResponseWriter) { a.WriteHeader(http.StatusServiceUnavailable) }
		w.tell("call.ended")
		synctest.Wait()
		w.halt()
		w.answer = nil
		w.tell("call.ended")
		w.start(dial)
		if got, want := w.ids(), []string{"1", "2", "2", "3"}; !slices.Equal(got, want) {
			t.Errorf("%v came, want %v", got, want)
		}
	})
}

// TestBounds: nothing waits for ever. What is three days old is given up; what the far end refuses holds up the next for an
// hour only; who asks to slow down is no refusal.
func TestBounds(t *testing.T) {
	inWorld(t, func(w *world) {
		w.answer = func(n int, a http.ResponseWriter) {
			if w.got[n-1].id == w.got[0].id {
				a.WriteHeader(http.StatusNotFound)
			}
		}
		w.tell("call.ended")
		w.tell("call.ended")
		time.Sleep(59 * time.Minute)
		if slices.Contains(w.ids(), "2") {
			t.Error("the second came before the first was given up")
		}
		time.Sleep(12 * time.Minute)
		if !slices.Contains(w.ids(), "2") || !w.webhooks.Deliveries("crm")[1].GivenUp {
			t.Errorf("a refused one is not given up: %+v", w.webhooks.Deliveries("crm"))
		}
	})
	inWorld(t, func(w *world) {
		w.answer = func(int, http.ResponseWriter) { panic(http.ErrAbortHandler) }
		w.tell("call.ended")
		time.Sleep(71 * time.Hour)
		if w.webhooks.Deliveries("crm")[0].GivenUp {
			t.Error("given up before three days were over")
		}
		time.Sleep(2 * time.Hour)
		if list := w.webhooks.Deliveries("crm"); !list[0].GivenUp || len(list) != keptDeliveries {
			t.Errorf("%d deliveries are kept, the last %+v", len(list), list[0])
		}
		if w.newest() != 1 || w.kept["webhook/crm"] != 1 {
			t.Errorf("it stands at %d", w.kept["webhook/crm"])
		}
	})
	if refused(http.StatusTooManyRequests) || refused(http.StatusBadGateway) || !refused(http.StatusGone) {
		t.Error("what is a refusal?")
	}
}

// TestOff: a webhook that is switched off is sent nothing, and of what happened meanwhile nothing later.
func TestOff(t *testing.T) {
	inWorld(t, func(w *world) {
		off := w.hook
		off.Disabled = true
		w.configure(off)
		w.tell("call.ended")
		w.configure(w.hook)
		w.tell("call.ended")
		synctest.Wait()
		w.configure()
		w.tell("call.ended")
		w.configure(w.hook)
		if got := w.ids(); !slices.Equal(got, []string{"2"}) {
			t.Errorf("%v came", got)
		}
	})
}

// TestFarEnds: what a far end may do to the box, and what the page says of it.
func TestFarEnds(t *testing.T) {
	for name, row := range map[string]struct {
		answer func(http.ResponseWriter)
		mend   func(*telephony.Webhook)
		says   string
		within time.Duration
	}{
		"takes it": {answer: func(a http.ResponseWriter) { a.WriteHeader(http.StatusAccepted) }},
		"redirects": {answer: func(a http.ResponseWriter) {
			a.Header().Set("Location", "https://other.example/")
			a.WriteHeader(http.StatusTemporaryRedirect)
		}, says: "elsewhere"},
		"refuses":            {answer: func(a http.ResponseWriter) { a.WriteHeader(http.StatusUnauthorized) }, says: "it answered 401"},
		"never answers":      {answer: func(http.ResponseWriter) { time.Sleep(time.Minute) }, says: "no answer within 10 seconds", within: sendTime},
		"never ends":         {answer: func(a http.ResponseWriter) { endless(a, 0) }},
		"ends never, slowly": {answer: func(a http.ResponseWriter) { endless(a, time.Second) }, within: sendTime},
		"has long headers":   {answer: func(a http.ResponseWriter) { a.Header().Set("X", strings.Repeat("x", 1<<20)) }, says: "the connection failed"},
		"is another":         {mend: func(h *telephony.Webhook) { h.Fingerprint = strings.Repeat("00", 32) }, says: "another fingerprint"},
		"vouches for itself": {mend: func(h *telephony.Webhook) { h.Fingerprint = "" }, says: "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				if row.answer != nil {
					w.answer = func(_ int, a http.ResponseWriter) { row.answer(a) }
				}
				if row.mend != nil {
					row.mend(&w.hook)
					w.configure(w.hook)
				}
				began := time.Now()
				d, err := w.webhooks.Test(w.t.Context(), "crm", "admin")
				if took := time.Since(began); err != nil || took > row.within {
					t.Errorf("took %v, %v", took, err)
				}
				if (row.says == "") != d.Taken() || !strings.Contains(d.Problem.EN, row.says) || !d.Taken() && d.Problem.ZH == "" {
					t.Errorf("%+v, want %q", d, row.says)
				}
				if n := len(w.ids()); n > 1 {
					t.Errorf("%d requests came", n)
				}
			})
		})
	}
	inWorld(t, func(w *world) {
		if _, err := w.webhooks.Test(w.t.Context(), "erp", "admin"); err == nil {
			t.Error("a webhook that is not there was tried")
		}
	})
}

// endless answers for as long as somebody reads.
func endless(a http.ResponseWriter, rest time.Duration) {
	for ; ; time.Sleep(rest) {
		if _, err := a.Write(make([]byte, 4096)); err != nil {
			return
		}
		a.(http.Flusher).Flush()
	}
}

// TestPost (A15.1): what is posted to somebody who is no webhook is signed and dialled as all is, and says whether another try would help.
func TestPost(t *testing.T) {
	inWorld(t, func(w *world) {
		for status, final := range map[int]bool{200: false, 401: false, 404: false, 422: true, 429: false, 503: false} {
			w.answer = func(_ int, a http.ResponseWriter) { a.WriteHeader(status) }
			d, last := w.webhooks.Post(context.Background(), w.hook, "k3", "sms.send", time.Now(), map[string]string{"text": "hello"})
			if _, old := w.webhooks.Post(context.Background(), w.hook, "k3", "sms.send", time.Now().Add(-refusedFor), nil); old != (status/100 == 4 && status != 429) {
				t.Errorf("%d after an hour: final %v", status, old)
			}
			if d.Status != status || last != final || d.Taken() != (status == 200) {
				t.Errorf("%d: %+v, final %v", status, d, last)
			}
		}
		if got := w.got[0]; got.id != "msg_k3" || !strings.HasPrefix(got.body, `{"type":"sms.send","timestamp":"`) || !strings.HasSuffix(got.body, `"data":{"text":"hello"}}`) {
			t.Errorf("%+v", got)
		}
		self := telephony.Webhook{URL: "https://127.0.0.1/sms", Secret: secret}
		if d, _ := New(Options{}).Post(context.Background(), self, "k4", "sms.send", time.Now(), nil); d.Problem != errSelf.why {
			t.Errorf("to the box itself: %+v", d)
		}
	})
}
