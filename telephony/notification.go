package telephony

import "time"

// A Notification tells a program outside what happened. It is made of one entry of the journal, so that it is told even
// where the box was down in between.
type Notification struct {
	Seq  uint64           `json:"-"`    // of the entry; counts up
	Type string           `json:"type"` // one of NotificationTypes, or NotificationTest
	Time time.Time        `json:"timestamp"`
	Data NotificationData `json:"data"`
}

// NotificationData is what a program needs to act.
type NotificationData struct {
	Call   CallID  `json:"call,omitempty"`
	Caller *Caller `json:"caller,omitempty"` // of the call while it lasts
	Fact   Fact    `json:"fact"`             // the entry's own fields; Type says which
	Record any     `json:"record,omitempty"` // with call.ended: the call record, as the API gives it
}

// NotificationTypes are the things that programs are told of.
var NotificationTypes = []string{
	"call.arrived", "call.queued", "call.offered", "call.unqueued", "call.connected", "call.ended", "call.noted", "call.scored", "call.judged",
	"recording.ready", "voicemail.left", "agent.changed", "line.changed", "alarm.raised", "alarm.cleared",
}

// NotificationTest is sent when somebody asks for a trial.
const NotificationTest = "test"

// NotificationType is what programs call a fact; false for those that they are not told of.
func NotificationType(f Fact) (string, bool) {
	switch f := f.(type) {
	case CallArrived:
		return "call.arrived", true
	case Queued:
		return "call.queued", true
	case Unqueued:
		return "call.unqueued", true
	case Offered:
		return "call.offered", true
	case Bridged:
		return "call.connected", true
	case CallEnded:
		return "call.ended", true
	case CallNoted:
		return "call.noted", true
	case CallScored:
		return "call.scored", true
	case CallJudged:
		return "call.judged", true
	case Recorded:
		return "recording.ready", true
	case VoicemailLeft:
		return "voicemail.left", true
	case AgentChanged:
		return "agent.changed", true
	case LineStateChanged:
		return "line.changed", true
	case Alarm:
		if f.On {
			return "alarm.raised", true
		}
		return "alarm.cleared", true
	}
	return "", false
}

// Tested is the fact of a trial: By asked for it.
type Tested struct {
	By string `json:"by"`
}

// Kind is the name of the fact; it is in no journal.
func (Tested) Kind() string { return NotificationTest }
