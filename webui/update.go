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

// updateUpload is a bundle that comes in.
type updateUpload struct {
	upload
	Older bool `query:"older" doc:"Install it even if it is older than what runs"`
}

func (s *Server) postUpdate(ctx context.Context, in *updateUpload) (*struct{}, error) {
	if s.Updates == nil {
		return nil, in.came(telephony.Errorf(telephony.Unavailable,
			"本设备不是从镜像启动的，请用安装时的方法升级。", "This box does not run from an image: update it the way it was installed."))
	}
	return nil, in.came(s.Updates.Update(ctx, in.body, in.Older, by(ctx)))
}
