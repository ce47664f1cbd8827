package webui

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"callbox/telephony"
)

// maxBackup is the largest backup that may be uploaded, in octets. It is never held in memory.
const maxBackup = 8 << 30

// A Sealing asks for an encrypted backup. The passphrase travels in a header, for addresses are written down on the way.
type Sealing struct {
	Passphrase string `header:"Passphrase" maxLength:"768" doc:"Encrypts the file; percent-encoded UTF-8"`
}

// An Unsealing reads one.
type Unsealing struct {
	Passphrase string `header:"Passphrase" maxLength:"768" doc:"By which the file was encrypted; percent-encoded UTF-8"`
}

// passphraseOf undoes the encoding of the header.
func passphraseOf(header string) (string, error) {
	text, err := url.PathUnescape(header)
	if err != nil {
		return "", telephony.Errorf(telephony.Invalid,
			"请求头 Passphrase 需要百分号编码。", "The header Passphrase is to be percent-encoded.").At("passphrase")
	}
	return text, nil
}

// backup is the answer that is a backup, which write writes; sealed where a passphrase was given.
func (s *Server) backup(ctx context.Context, in Sealing, name, of string, write func(context.Context, io.Writer) error) (*huma.StreamResponse, error) {
	passphrase, err := passphraseOf(in.Passphrase)
	if err != nil {
		return nil, err
	}
	how := ""
	seal := func(w io.Writer) io.WriteCloser { return nothingToClose{w} }
	if passphrase != "" {
		how = "encrypted"
		if seal, err = s.Backups.Seal(ctx, passphrase); err != nil {
			return nil, err
		}
	}
	if err := s.Configs.Note(ctx, by(ctx), "backup.made", of, how); err != nil {
		return nil, err
	}
	return stream("application/octet-stream", name, func(w http.ResponseWriter, r *http.Request) {
		sealed := seal(w)
		err := write(r.Context(), sealed)
		if err == nil {
			err = sealed.Close()
		}
		if err != nil {
			s.Log.Error("backup broke off", "err", err)
			panic(http.ErrAbortHandler) // so that the far end does not take half a file for a whole one
		}
	}), nil
}

// nothingToClose is a writer that has no end.
type nothingToClose struct{ io.Writer }

func (nothingToClose) Close() error { return nil }

func (s *Server) getBackup(ctx context.Context, in *Sealing) (*huma.StreamResponse, error) {
	name := "callbox-" + s.stamp(time.Now()) + ".backup"
	return s.backup(ctx, *in, name, "", s.Backups.Backup)
}

// stamp is a time in the name of a file.
func (s *Server) stamp(t time.Time) string {
	return t.In(s.Configs.Config().Location()).Format("20060102-1504")
}

type restoreInput struct {
	upload
	Unsealing
	Other bool `query:"other" doc:"Take another box's backup too"`
}

func (s *Server) postRestore(ctx context.Context, in *restoreInput) (*struct{}, error) {
	passphrase, err := passphraseOf(in.Passphrase)
	if err == nil {
		err = s.Backups.Restore(ctx, in.body, passphrase, in.Other, by(ctx))
	}
	return nil, in.came(err)
}
