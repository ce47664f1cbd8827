package webui

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"callbox/telephony"

	"github.com/gobwas/ws"
)

// TestForwardedAddresses (ASVS 4.1.3, 15.3.4): the address that a reverse proxy names is believed from a proxy that the configuration
// names alone, and of several that stand there the last one that is no proxy's.
func TestForwardedAddresses(t *testing.T) {
	const from = "X-Forwarded-For"
	for name, row := range map[string]struct {
		proxies []string
		remote  string
		headers [][2]string
		want    string
	}{
		"no proxy is named":                {nil, "10.0.0.5:999", [][2]string{{from, "203.0.113.9"}}, "10.0.0.5"},
		"from elsewhere":                   {[]string{"10.0.0.5"}, "10.0.0.6:999", [][2]string{{from, "203.0.113.9"}}, "10.0.0.6"},
		"from elsewhere, as the proxy":     {[]string{"10.0.0.5"}, "10.0.0.6:999", [][2]string{{from, "203.0.113.9, 10.0.0.5"}}, "10.0.0.6"},
		"from the proxy":                   {[]string{"10.0.0.5"}, "10.0.0.5:999", [][2]string{{from, "203.0.113.9"}}, "203.0.113.9"},
		"made up before it":                {[]string{"10.0.0.5"}, "10.0.0.5:999", [][2]string{{from, "1.1.1.1,  203.0.113.9"}}, "203.0.113.9"},
		"made up in a line of its own":     {[]string{"10.0.0.5"}, "10.0.0.5:999", [][2]string{{from, "1.1.1.1"}, {from, "203.0.113.9"}}, "203.0.113.9"},
		"the proxy's own, made up":         {[]string{"10.0.0.5"}, "10.0.0.5:999", [][2]string{{from, "1.1.1.1, 10.0.0.6, 203.0.113.9"}}, "203.0.113.9"},
		"two proxies":                      {[]string{"10.0.0.5", "10.0.0.6"}, "10.0.0.5:999", [][2]string{{from, "1.1.1.1, 203.0.113.9, 10.0.0.6"}}, "203.0.113.9"},
		"the proxy names nobody":           {[]string{"10.0.0.5"}, "10.0.0.5:999", nil, "10.0.0.5"},
		"no address":                       {[]string{"10.0.0.5"}, "10.0.0.5:999", [][2]string{{from, "203.0.113.9, unknown"}}, "10.0.0.5"},
		"an address and more":              {[]string{"10.0.0.5"}, "10.0.0.5:999", [][2]string{{from, "203.0.113.9\t;x"}}, "10.0.0.5"},
		"another header":                   {[]string{"10.0.0.5"}, "10.0.0.5:999", [][2]string{{"X-Real-IP", "1.1.1.1"}, {"Forwarded", "for=1.1.1.1"}}, "10.0.0.5"},
		"IPv6":                             {[]string{"2001:db8::5"}, "[2001:db8::5]:999", [][2]string{{from, "2001:db8:1:2::7%eth0"}}, "2001:db8:1:2::/64"},
		"IPv4 in IPv6":                     {[]string{"10.0.0.5"}, "[::ffff:10.0.0.5]:999", [][2]string{{from, "::ffff:203.0.113.9"}}, "203.0.113.9"},
		"a thousand, of proxies":           {[]string{"10.0.0.5"}, "10.0.0.5:999", [][2]string{{from, strings.Repeat("10.0.0.5,", 1000) + "10.0.0.5"}}, "10.0.0.5"},
		"by the socket in the data folder": {[]string{"10.0.0.5"}, "@", [][2]string{{from, "203.0.113.9"}}, "local"},
	} {
		b := newBox()
		b.config.Site.Proxies = row.proxies
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = row.remote
		for _, h := range row.headers {
			r.Header.Add(h[0], h[1])
		}
		if got := source(New(b.options()).forwarded(r).RemoteAddr); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

// TestAddressesBehindAProxy (ASVS 4.1.3, A15.2): the address that the box tells of itself has the scheme by which the asker came to a proxy
// that the configuration names; what others say of that is nothing.
func TestAddressesBehindAProxy(t *testing.T) {
	for name, row := range map[string]struct {
		proxies []string
		tls     bool
		said    []string
		want    string
	}{
		"plain":                        {nil, false, nil, "http"},
		"by TLS":                       {nil, true, nil, "https"},
		"no proxy is named":            {nil, false, []string{"https"}, "http"},
		"from elsewhere":               {[]string{"10.0.0.6"}, false, []string{"https"}, "http"},
		"the proxy ends TLS":           {[]string{"10.0.0.5"}, false, []string{"https"}, "https"},
		"the proxy begins TLS":         {[]string{"10.0.0.5"}, true, []string{"http"}, "http"},
		"the proxy says nothing":       {[]string{"10.0.0.5"}, true, nil, "https"},
		"the proxy lets others say it": {[]string{"10.0.0.5"}, false, []string{`javascript`}, "http"},
		"the proxy adds to it":         {[]string{"10.0.0.5"}, false, []string{"https, http"}, "http"},
	} {
		b := soapBox()
		b.config.Site.Proxies = row.proxies
		told := func(method, body string) string {
			r := httptest.NewRequest(method, "/api/soap", strings.NewReader(body))
			r.RemoteAddr = "10.0.0.5:999"
			r.Header.Set("Authorization", bearer(Supervisor))
			r.Header["X-Forwarded-Proto"] = row.said
			if row.tls {
				r.TLS = &tls.ConnectionState{}
			}
			w := httptest.NewRecorder()
			New(b.options()).Handler().ServeHTTP(w, r)
			return w.Body.String()
		}
		for _, c := range [][3]string{
			{"GET", "", `<soap:address location="` + row.want + `://example.com/api/soap"/>`},
			{"POST", inEnvelope(`<c:GetRecording><id>3-1.1</id></c:GetRecording>`), "<address>" + row.want + "://example.com/api/recordings/3-1.1/audio</address>"},
		} {
			if got := told(c[0], c[1]); !strings.Contains(got, c[2]) {
				t.Errorf("%s: %s lacks %s", name, got, c[2])
			}
		}
	}
}

// TestASessionBehindAProxy (ASVS 3.3.1, 3.3.3): where a named proxy says that the far end came by https, the cookie is one of https, and the
// session is found by it again; who else says so has one of plain http. The box's own certificate stands in no passkey's way that a browser
// never sees.
func TestASessionBehindAProxy(t *testing.T) {
	for name, row := range map[string]struct {
		proxies []string
		want    string
		mayKeep bool // a passkey
	}{
		"the proxy ends TLS": {[]string{"10.0.0.5"}, "__Host-callbox=", true},
		"no proxy is named":  {nil, "callbox=", false},
	} {
		b := newBox()
		_ = b.PutUser(t.Context(), User{Name: "lihua", Role: Agent}, testPassword, By{})
		b.config.Site.Proxies = row.proxies
		h := New(b.options()).Handler()
		asks := func(method, path, body, cookie string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, path, strings.NewReader(body))
			r.RemoteAddr, r.Host = "10.0.0.5:999", "box.example.cn"
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Forwarded-Proto", "https")
			r.Header.Set("Cookie", cookie)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		cookie := asks("POST", "/api/session", fmt.Sprintf(`{"user":"lihua","password":%q}`, testPassword), "").Header().Get("Set-Cookie")
		if secure := strings.Contains(cookie, "; Secure"); !strings.HasPrefix(cookie, row.want) || secure != (row.proxies != nil) {
			t.Errorf("%s: %s", name, cookie)
		}
		session, _, _ := strings.Cut(cookie, ";")
		if w := asks("GET", "/api/session", "", session); w.Code != http.StatusOK {
			t.Errorf("%s: the session is not found again: %d", name, w.Code)
		}
		proxied := row.proxies != nil
		if refusal := New(b.options()).noPasskeys(conn{host: "box.example.cn", secure: proxied, proxied: proxied}); (refusal == nil) != row.mayKeep {
			t.Errorf("%s: %v", name, refusal)
		}
	}
}

// TestGuessesBehindAProxy: one visitor of many behind a reverse proxy who guesses passwords makes nobody else wait, whatever address
// that visitor makes up, and is the one whom the audit names.
func TestGuessesBehindAProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox()
		b.config.Site.Proxies = []string{"10.0.0.5"}
		h := New(b.options()).Handler()
		signIn := func(forwarded string) int {
			r := httptest.NewRequest("POST", "/api/session", strings.NewReader(`{"user":"nobody","password":"wrong"}`))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Forwarded-For", forwarded)
			r.RemoteAddr = "10.0.0.5:999"
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Code
		}
		for n := range freeTries {
			if code := signIn(fmt.Sprintf("1.1.1.%d, 203.0.113.9", n)); code != http.StatusUnauthorized {
				t.Fatalf("try %d: %d", n, code)
			}
		}
		if line := b.audit[len(b.audit)-1]; line.Source != "203.0.113.9" {
			t.Errorf("the audit names %s", line.Source)
		}
		if code := signIn("1.1.1.99, 203.0.113.9"); code != http.StatusTooManyRequests {
			t.Errorf("the guesser: %d", code)
		}
		if code := signIn("203.0.113.10"); code != http.StatusUnauthorized {
			t.Errorf("another visitor: %d", code)
		}
	})
}

// TestAPhoneBehindAProxy: a browser that is a telephone has its own address, by which SIP bounds it.
func TestAPhoneBehindAProxy(t *testing.T) {
	b, lihua := newBox(), Person{Name: "lin", Role: Agent, Agent: "1001"}
	b.config.Site.Proxies = []string{"127.0.0.1"}
	b.sessions["cookie-agent"] = lihua
	b.live.Agents = []telephony.LiveAgent{{ID: "1001", State: telephony.AgentReady, Phone: "phone:801"}}
	server := httptest.NewServer(New(b.options()).Handler())
	t.Cleanup(server.Close)
	_, r, _ := askSocket(t, server, "/api/phone", "Sec-WebSocket-Protocol: sip", "Origin: http://box.example", "Cookie: callbox=cookie-agent",
		"X-Forwarded-For: 203.0.113.9")
	if frame, err := ws.ReadFrame(r); err != nil || string(frame.Payload) != "phone 801 at 203.0.113.9" {
		t.Errorf("%q, %v", frame.Payload, err)
	}
}
