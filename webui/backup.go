package webui

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// maxBackup is the largest backup that may be uploaded, in octets. It is never held in memory.
const maxBackup = 8 << 30

func (s *Server) getBackup(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	if err := s.Configs.Note(ctx, by(ctx), "backup.made", "", ""); err != nil {
		return nil, err
	}
	name := "callbox-" + time.Now().In(s.Configs.Config().Location()).Format("20060102-1504") + ".backup"
	return stream("application/octet-stream", name, func(w http.ResponseWriter, r *http.Request) {
		if err := s.Backups.Backup(r.Context(), w); err != nil {
			s.Log.Error("backup broke off", "err", err)
			panic(http.ErrAbortHandler) // so that the far end does not take half a file for a whole one
		}
	}), nil
}

func (s *Server) postRestore(ctx context.Context, in *upload) (*struct{}, error) {
	return nil, in.came(s.Backups.Restore(ctx, in.body, by(ctx)))
}
