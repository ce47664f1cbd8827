package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/board"
	"callbox/telephony/sip/siptest"
)

// served is a box on this computer's own sockets.
type served struct {
	data, addr, second string
	end                func() error
}

// serveBox opens a box that answers for its page; no call can be made on it.
func serveBox(t *testing.T) served {
	t.Helper()
	b, err := board.Open("sim", board.Wires{})
	if err != nil {
		t.Fatal(err)
	}
	network := siptest.NewNetwork(1)
	data := t.TempDir()
	box, err := Open(Options{Version: "test", Board: b, Data: data, Log: slog.New(slog.DiscardHandler), UDP: network.Listen(boxAddr + ":5060")})
	if err != nil {
		t.Fatal(err)
	}
	web, err := listenPage("127.0.0.1:0,127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, SocketName), []byte("left by a killed box"), 0o666); err != nil {
		t.Fatal(err)
	}
	box.answersLines()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, slog.New(slog.DiscardHandler), box, web, data) }()
	t.Cleanup(func() { stop(); b.Close(); box.Close() })
	s := served{data: data, addr: web[0].Addr().String(), second: web[1].Addr().String(), end: func() error { stop(); return <-ended }}
	if _, err := s.ask("GET", "http://"+s.addr+"/api/status", ""); err != nil { // answers: the socket is there too
		t.Fatal(err)
	}
	return s
}

// ask sends a request by whichever way the address says.
func (s served) ask(method, url, body string, headers ...string) (*http.Response, error) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	road := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	if strings.HasPrefix(url, "http://socket") {
		road.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(s.data, SocketName))
		}
	}
	res, err := road.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	res.Body = io.NopCloser(bytes.NewReader(content))
	return res, err
}

// TestServe: each port answers in http and https, the socket answers whoever owns the box's files and nobody else, and all of
// it ends with the box.
func TestServe(t *testing.T) {
	s := serveBox(t)
	for _, url := range []string{"http://" + s.addr, "https://" + s.addr, "https://" + s.second} {
		if res, err := s.ask("GET", url+"/api/status", ""); err != nil || res.StatusCode != 200 {
			t.Errorf("%s: %v %v", url, res, err)
		}
	}
	socket := filepath.Join(s.data, SocketName)
	if info, err := os.Stat(socket); err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != os.ModeSocket {
		t.Errorf("socket: %v %v", info.Mode(), err)
	}
	if res, err := s.ask("GET", "http://socket/api/claim", ""); err != nil || res.StatusCode != 200 {
		t.Errorf("the claim code by the socket: %v %v", res, err)
	}
	if err := s.end(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(socket); !os.IsNotExist(err) {
		t.Errorf("the socket is left: %v", err)
	}
}

// open are the rows for anyone (figure 12: all others are refused to whoever has not signed in).
var open = []string{
	"GET /api/openapi.json", "GET /api/status", "POST /api/claim", "POST /api/claim/options", "GET /api/session", "POST /api/session",
	"DELETE /api/session", "POST /api/session/passkey/options", "POST /api/session/passkey",
	"GET /api/handouts/{secret}/{file}", // its own secret opens it: TestLinksThatOpenNothing
	"GET /api/websites/{id}/call",       // visitors of a web site: TestAVisitorIsServed
	"GET /api/soap", "POST /api/soap",   // a description, and what asks for the role of the request that it stands for: webui's TestSOAP
}

// TestUnsignedWalk asks for every row of the API in every way that is no way in (reliability.md figure 12, pain 44).
func TestUnsignedWalk(t *testing.T) {
	s := serveBox(t)
	res, err := s.ask("GET", "http://"+s.addr+"/api/openapi.json", "")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	if err := json.NewDecoder(res.Body).Decode(&document); err != nil || len(document.Paths) < 30 {
		t.Fatal(len(document.Paths), err)
	}
	fill := strings.NewReplacer("{id}", "1", "{revision}", "1", "{language}", "zh", "{name}", "x", "{by}", "daily", "{sound}", "heard-1")
	strangers := map[string][]string{
		"nobody": nil, "a wrong token": {"Authorization", "Bearer cbx_1_x"}, "an empty token": {"Authorization", "Bearer "},
		"a wrong cookie": {"Cookie", "callbox=x; __Host-callbox=x"}, "an empty cookie": {"Cookie", "callbox="}, "a password": {"Authorization", "Basic YWRtaW46YWRtaW4="},
		"one who says who he is": {"X-Forwarded-User", "local:root", "X-Forwarded-For", "127.0.0.1"},
	}
	for path, methods := range document.Paths {
		for method := range methods {
			name := strings.ToUpper(method) + " " + path
			if slices.Contains(open, name) {
				continue
			}
			for stranger, headers := range strangers {
				res, err := s.ask(strings.ToUpper(method), "http://"+s.addr+fill.Replace(path), "", headers...)
				if err != nil || res.StatusCode != http.StatusUnauthorized {
					t.Errorf("%s lets %s in: %v %v", name, stranger, res, err)
				}
			}
		}
	}
}

// TestPathsStayInside: no way of writing a path leads to a file, or round the gate (pain 44).
func TestPathsStayInside(t *testing.T) {
	s := serveBox(t)
	conn := func(path string) string {
		c, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: box\r\nConnection: close\r\n\r\n", path)
		answer, _ := io.ReadAll(c)
		return string(answer)
	}
	for _, path := range []string{
		"/../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/assets/../../../config.db", "//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd",
		"/api/recordings/..%2f..%2fconfig.db/audio", "/api/recordings/%2e%2e/audio", "/api//config", "/api/./config", "/API/config",
		"/api/config/", "/api/config%00", "/x/../api/config", "/api/prompts/..%2f..%2fkeys/zh", "/api/prompts/main_menu/..",
		"/api/config;x", "/api/%63onfig", "http://box/api/config", "/boxd.sock", "/keys/tls.key",
	} {
		answer := conn(path)
		for _, secret := range []string{"root:", "PRIVATE KEY", `"phones"`, "bbolt"} {
			if strings.Contains(answer, secret) {
				t.Errorf("%s gives %.200s", path, answer)
			}
		}
		if status := strings.Fields(answer)[1]; strings.HasPrefix(strings.ToLower(path), "/api/config") && status == "200" {
			if !strings.Contains(answer, "text/html") {
				t.Errorf("%s: %.200s", path, answer)
			}
		}
	}
}

// inHall tells a story of visitors at the door of a box, in a bubble.
func inHall(t *testing.T, story func(t *testing.T, hall *siptest.Network, c *crowd)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, testConfig())
		defer w.close()
		who, err := openIdentity(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		visitors := newCrowd(w.net.ListenStream(boxAddr+":8080"), maxVisitors)
		s := server(ctx, slog.New(slog.DiscardHandler), w.box.Web().Handler())
		ended := make(chan error)
		go func() { ended <- s.Serve(listenEither(ctx, visitors, who)) }()
		story(t, w.net, visitors)
		stop()
		<-ended
		s.Close()
	})
}

func visit(t *testing.T, hall *siptest.Network, from string) net.Conn {
	t.Helper()
	c, err := hall.Dial(t.Context(), netip.MustParseAddr(from), netip.MustParseAddrPort(boxAddr+":8080"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestTheSlowAreSentAway: who connects and does not go on is hung up on, wherever he stops (figure 15).
func TestTheSlowAreSentAway(t *testing.T) {
	for name, says := range map[string]string{
		"nothing at all":                    "",
		"the first octet of TLS":            "\x16",
		"half a TLS record":                 "\x16\x03\x01\x02\x00\x01",
		"half a request":                    "GET /api/sta",
		"a request and no body, refused":    "POST /api/config/diff HTTP/1.1\r\nHost: box\r\nContent-Length: 100\r\n\r\n",
		"a request and no body, for anyone": "POST /api/session HTTP/1.1\r\nHost: box\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n",
		"a body where none is read":         "GET /api/openapi.json HTTP/1.1\r\nHost: box\r\nContent-Length: 100\r\n\r\n",
		"a body in pieces, for the page":    "POST / HTTP/1.1\r\nHost: box\r\nTransfer-Encoding: chunked\r\n\r\n",
		"a restore that nobody may do":      "POST /api/restore HTTP/1.1\r\nHost: box\r\nContent-Length: 1000000\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			inHall(t, func(t *testing.T, hall *siptest.Network, _ *crowd) {
				c := visit(t, hall, "10.9.9.9")
				defer c.Close()
				began := time.Now()
				if _, err := io.WriteString(c, says); err != nil {
					t.Fatal(err)
				}
				io.Copy(io.Discard, c)
				if held := time.Since(began); held > 2*headerTime {
					t.Errorf("held for %v", held)
				}
			})
		})
	}
}

// TestAFloodOfVisitors: five thousand silent connections of one stranger keep nobody else waiting, and cost nobody the
// connection that he has (figure 15).
func TestAFloodOfVisitors(t *testing.T) {
	inHall(t, func(t *testing.T, hall *siptest.Network, c *crowd) {
		lihua := visit(t, hall, "10.0.0.7")
		defer lihua.Close()
		status(t, lihua)
		for range 5000 {
			flood := visit(t, hall, "10.9.9.9")
			defer flood.Close()
			io.WriteString(flood, "GET / HTTP/1.1\r\n")
		}
		began := time.Now()
		for _, from := range []string{"10.0.0.8", "10.9.9.9"} {
			late := visit(t, hall, from)
			defer late.Close()
			status(t, late)
		}
		status(t, lihua)
		if waited := time.Since(began); waited > time.Second {
			t.Errorf("others waited %v", waited)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.count > maxVisitors {
			t.Errorf("%d connections", c.count)
		}
	})
}

// status asks for the status on a connection and leaves it open.
func status(t *testing.T, c net.Conn) {
	t.Helper()
	io.WriteString(c, "GET /api/status HTTP/1.1\r\nHost: box\r\n\r\n")
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	if err != nil || !bytes.HasPrefix(buf[:n], []byte("HTTP/1.1 200")) {
		t.Errorf("%s %v", buf[:n], err)
	}
}
