package webui

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestAnswersDefendTheBrowser (ASVS 3.4): on pages, answers and refusals alike.
func TestAnswersDefendTheBrowser(t *testing.T) {
	h := New(newBox().options()).Handler()
	for _, path := range []string{"/", "/calls", "/api/status", "/api/config", "/api/nowhere"} {
		got := ask(h, "GET", path, "").Header()
		csp := got.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") ||
			strings.Contains(csp, "unsafe") || got.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, got)
		}
	}
}

// TestPageIsEveryAddressOutsideTheAPI: addresses within the page come from index.html, built or not; files do not.
func TestPageIsEveryAddressOutsideTheAPI(t *testing.T) {
	h := New(newBox().options()).Handler()
	for path, want := range map[string]int{"/": 200, "/calls/3-42": 200, "/assets/none.js": 404, "/../webui.go": 307} {
		if w := ask(h, "GET", path, ""); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	if w := ask(h, "GET", "/", ""); !strings.Contains(w.Header().Get("Content-Type"), "text/html") {
		t.Errorf("content type %q", w.Header().Get("Content-Type"))
	}
}

// TestAssetsAreSmallAndKept: files go out packed to those who can unpack, and a file named by its hash is kept for good.
func TestAssetsAreSmallAndKept(t *testing.T) {
	script := []byte(strings.Repeat("let calls = 1;", 100))
	p := &page{assets: map[string]asset{"/assets/a-1f.js": newAsset("app/dist/assets/a-1f.js", script)}}
	w := ask(p, "GET", "/assets/a-1f.js", "", "Accept-Encoding", "gzip, br")
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(z); !bytes.Equal(got, script) || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d octets, %v", len(got), w.Header())
	}
	if w := ask(p, "GET", "/assets/a-1f.js", ""); !bytes.Equal(w.Body.Bytes(), script) || w.Header().Get("Content-Encoding") != "" {
		t.Errorf("who cannot unpack got %v", w.Header())
	}
	if w := ask(p, "POST", "/assets/a-1f.js", "{}"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

// TestSourceOfAnAddress: an IPv6 stranger has a whole /64 to guess from.
func TestSourceOfAnAddress(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7:4711": "192.0.2.7", "[2001:db8::1:2]:80": "2001:db8::/64", "[::ffff:192.0.2.7]:1": "192.0.2.7", "@": "local",
	} {
		if got := source(remote); got != want {
			t.Errorf("%s: %s, want %s", remote, got, want)
		}
	}
}

// TestServeOnASocket: the bounds of the server, over a real connection; it ends with its context.
func TestServeOnASocket(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, New(newBox().options()).Handler()) }()
	url := "http://" + l.Addr().String()
	client := &http.Client{Timeout: 10 * time.Second}

	answer, err := client.Get(url + "/api/status")
	if err != nil || answer.StatusCode != 200 {
		t.Fatalf("%v %v", answer, err)
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()

	request, _ := http.NewRequest("GET", url+"/api/status", nil)
	request.Header.Set("X-Large", strings.Repeat("a", 2*maxHeader))
	answer, err = client.Do(request)
	if err != nil || answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Fatalf("headers over the bound: %v %v", answer, err)
	}
	_ = answer.Body.Close()
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

// TestConnectionsAreBounded: the next is taken only when one is closed.
func TestConnectionsAreBounded(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	b := &bounded{Listener: l, free: make(chan struct{}, 1)}
	for range 2 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
	}
	first, err := b.Accept()
	if err != nil || len(b.free) != 1 {
		t.Fatal(err)
	}
	_, _ = first.Close(), first.Close() // closing twice frees one place
	if len(b.free) != 0 {
		t.Fatal("the place is not free")
	}
	second, err := b.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_ = second.Close()
}
