package webui

import (
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// streamTime bounds how long the far end may take over one file.
const streamTime = time.Hour

// stream is an answer that is not JSON. A name makes the browser keep it as a file.
func stream(contentType, name string, write func(http.ResponseWriter, *http.Request)) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		r, w := humago.Unwrap(ctx)
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(streamTime))
		w.Header().Set("Content-Type", contentType)
		if name != "" {
			w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		}
		write(w, r)
	}}
}

// sound is a WAV file, of which the browser may ask for ranges (RFC 9110 14.2). It closes the file.
func sound(name string, changed time.Time, file io.ReadSeekCloser) *huma.StreamResponse {
	return stream("audio/wav", name, func(w http.ResponseWriter, r *http.Request) {
		defer func() { _ = file.Close() }()
		http.ServeContent(w, r, "", changed, file)
	})
}

// An upload is the input of a row whose body is a file too large for memory; the handler reads it.
type upload struct{ body io.Reader }

// Resolve finds the body before huma calls the handler.
func (u *upload) Resolve(ctx huma.Context) []error {
	r, w := humago.Unwrap(ctx)
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(streamTime))
	_ = c.SetWriteDeadline(time.Now().Add(streamTime))
	u.body = http.MaxBytesReader(w, r.Body, ctx.Operation().MaxBodyBytes)
	return nil
}

// came waits for the rest of a body that was refused: whoever still sends it would see the connection break, and not the reason.
func (u *upload) came(err error) error {
	if err != nil {
		_, _ = io.Copy(io.Discard, u.body)
	}
	return err
}
