package call

import (
	"time"

	"callbox/telephony"
)

// ErrMakingRoom says that another call is being ended so that an emergency call has a line: ask again in a moment.
var ErrMakingRoom = telephony.Errorf(telephony.Busy, "正在为紧急呼叫腾出线路，请稍后再拨",
	"another call is being ended so that the emergency call has a line: dial again in a moment")

// roomWait is that moment.
const roomWait = 500 * time.Millisecond
