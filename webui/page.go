package webui

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// The page as `npm run build` leaves it. The folder is there without a build too, with nothing in it but .keep.
//
//go:embed all:app/dist
var dist embed.FS

const unbuilt = `<!doctype html><html lang="zh"><meta charset="utf-8"><title>Callbox</title>
<p>页面尚未构建。请在源码目录运行 <code>make run</code>。</p>
<p lang="en">The page was not built. Run <code>make run</code> in the source folder.</p></html>
`

// callScript is the one file that pages of other sites may take: the button by which their visitors call.
const callScript = "/call.js"

// An asset is one file of the page, ready to send.
type asset struct {
	contentType string
	plain       []byte
	gz          func() []byte // packed when first asked for, so that a start does not wait for it; nil where it would be no shorter
	forever     bool          // its name holds its hash
}

// page answers with the files of the page; every address that is no file is an address within the page.
type page struct{ assets map[string]asset }

func newPage() *page {
	p := &page{assets: map[string]asset{}}
	_ = fs.WalkDir(dist, "app/dist", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		plain, err := dist.ReadFile(name)
		p.assets[strings.TrimPrefix(name, "app/dist")] = newAsset(name, plain)
		return err
	})
	if _, built := p.assets["/index.html"]; !built {
		p.assets["/index.html"] = newAsset("index.html", []byte(unbuilt))
	}
	return p
}

func newAsset(name string, plain []byte) asset {
	return asset{
		contentType: mime.TypeByExtension(path.Ext(name)), plain: plain, gz: sync.OnceValue(func() []byte { return packed(plain) }),
		forever: strings.Contains(name, "/assets/"),
	}
}

func packed(plain []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid one
	_, _ = z.Write(plain)
	_ = z.Close()
	if b.Len() >= len(plain) {
		return nil
	}
	return b.Bytes()
}

func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "GET only", http.StatusMethodNotAllowed)
		return
	}
	a, ok := p.assets[r.URL.Path]
	if !ok && path.Ext(r.URL.Path) != "" {
		http.NotFound(w, r)
		return
	}
	if !ok {
		a = p.assets["/index.html"]
	}
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-cache")
	switch {
	case a.forever:
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	case r.URL.Path == callScript:
		h.Set("Cache-Control", "public, max-age=600")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	body := a.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if gz := a.gz(); gz != nil {
			h.Set("Content-Encoding", "gzip")
			body = gz
		}
	}
	_, _ = w.Write(body)
}
