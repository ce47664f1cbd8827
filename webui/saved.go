package webui

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"callbox/telephony"
)

// Saved is the backup that the box made before an update.
type Saved struct {
	Version string    `json:"version"` // that was installed then; empty where that is not known
	Made    time.Time `json:"made"`
}

// SavedState says whether there is one.
type SavedState struct {
	Saved *Saved `json:"saved,omitempty"`
}

type savedAnswer struct{ Body SavedState }

func (s *Server) getSaved(context.Context, *struct{}) (*savedAnswer, error) {
	saved, file, err := s.Backups.BeforeUpdate()
	if e := new(telephony.Error); errors.As(err, &e) && e.Code == telephony.NotFound {
		return &savedAnswer{}, nil
	}
	if err != nil {
		return nil, err
	}
	return &savedAnswer{SavedState{saved}}, file.Close()
}

func (s *Server) getSavedFile(ctx context.Context, in *Sealing) (*huma.StreamResponse, error) {
	saved, file, err := s.Backups.BeforeUpdate()
	if err != nil {
		return nil, err
	}
	name := "callbox-before-update-" + s.stamp(saved.Made) + ".backup"
	answer, err := s.backup(ctx, *in, name, saved.Version, func(_ context.Context, w io.Writer) error {
		defer func() { _ = file.Close() }()
		_, err := io.Copy(w, file)
		return err
	})
	if err != nil {
		_ = file.Close()
	}
	return answer, err
}

func (s *Server) postSavedRestore(ctx context.Context, _ *struct{}) (*struct{}, error) {
	_, file, err := s.Backups.BeforeUpdate()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return nil, s.Backups.Restore(ctx, file, "", false, by(ctx))
}
