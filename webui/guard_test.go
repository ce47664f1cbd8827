package webui

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnswersDefendTheBrowser (ASVS 3.4): on pages, answers and refusals alike.
func TestAnswersDefendTheBrowser(t *testing.T) {
	h := New(newBox().options()).Handler()
	for _, path := range []string{"/", "/calls", "/api/status", "/api/config", "/api/nowhere"} {
		got := ask(h, "GET", path, "").Header()
		csp := got.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") ||
			!strings.Contains(csp, "object-src 'none'") || !strings.Contains(csp, "base-uri 'none'") || strings.Contains(csp, "unsafe") ||
			got.Get("X-Content-Type-Options") != "nosniff" || got.Get("X-Frame-Options") != "DENY" || got.Get("Referrer-Policy") != "no-referrer" ||
			got.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, got)
		}
	}
}

// TestPagesOfOthersTakeOneScript (Fetch 3.6): the button of a web site and nothing else of the box, and from the box alone is decided
// who may call by it.
func TestPagesOfOthersTakeOneScript(t *testing.T) {
	p := &page{assets: map[string]asset{callScript: newAsset("app/dist/call.js", []byte("//")), "/index.html": newAsset("index.html", nil)}}
	s := New(newBox().options())
	for path, want := range map[string]string{callScript: "cross-origin", "/": "same-origin", "/desk": "same-origin"} {
		if got := ask(s.guard(p), "GET", path, "").Header().Get("Cross-Origin-Resource-Policy"); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// TestPageMakesNoMarkupOfText (ASVS 1.2.1, 1.3.2, 3.2.2): what a caller calls himself becomes text. No source of the page can turn
// a string into markup or script.
func TestPageMakesNoMarkupOfText(t *testing.T) {
	files := 0
	err := filepath.WalkDir("app/src", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		for _, way := range []string{"{@html", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc", "javascript:"} {
			if bytes.Contains(text, []byte(way)) {
				t.Errorf("%s has %s", path, way)
			}
		}
		return err
	})
	if err != nil || files < 100 {
		t.Fatalf("%d files, %v", files, err)
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
