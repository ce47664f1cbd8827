package webui

import (
	"context"
	"time"

	"callbox/telephony"
)

const (
	maxUpdate     = 512 << 20        // octets of a bundle, which goes to the disk
	longestUpdate = 15 * time.Minute // eMMC is slow
)

// When says when the computer starts with what was installed. Calls that are up have five minutes to end either way.
type When string

// The times of a restart.
const (
	RestartNow   When = "now"
	RestartQuiet When = "quiet" // at Site.QuietHour
	RestartLater When = "later" // when somebody says so, or the power fails
)

// Installed is a system that the computer starts with next.
type Installed struct {
	Version string    `json:"version"`
	At      time.Time `json:"at,omitzero"` // of the restart; absent: when somebody says so
	Drains  bool      `json:"drains"`      // new calls are refused, and it starts when those that are up have ended
}

// updateUpload is a bundle that comes in.
type updateUpload struct {
	upload
	Older   bool `query:"older" doc:"Install it even if it is older than what runs"`
	Restart When `query:"restart" enum:"now,quiet,later" default:"now" doc:"When to start with it: now, at the quiet hour, or when POST /api/update/restart says so"`
}

type restartInput struct {
	Body struct {
		When When `json:"when" enum:"now,quiet,later"`
	}
}

// UpdateState is what an update has come to. Installed is absent where nothing waits for a restart.
type UpdateState struct {
	QuietHour string     `json:"quiet_hour"` // "03:00"
	Installed *Installed `json:"installed,omitempty"`
}

type updateAnswer struct{ Body UpdateState }

var errNoImage = telephony.Errorf(telephony.Unavailable,
	"本设备不是从镜像启动的，请用安装时的方法升级。", "This box does not run from an image: update it the way it was installed.")

func (s *Server) postUpdate(ctx context.Context, in *updateUpload) (*struct{}, error) {
	if s.Updates == nil {
		return nil, in.came(errNoImage)
	}
	return nil, in.came(s.Updates.Update(ctx, in.body, in.Older, in.Restart, by(ctx)))
}

func (s *Server) getUpdate(context.Context, *struct{}) (*updateAnswer, error) {
	if s.Updates == nil {
		return nil, errNoImage
	}
	return &updateAnswer{UpdateState{s.Configs.Config().Site.Quiet(), s.Updates.Installed()}}, nil
}

func (s *Server) postUpdateRestart(ctx context.Context, in *restartInput) (*struct{}, error) {
	if s.Updates == nil {
		return nil, errNoImage
	}
	return nil, s.Updates.Restart(ctx, in.Body.When, by(ctx))
}
