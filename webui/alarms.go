package webui

import (
	"context"

	"callbox/telephony"
)

// An AlarmKind is something that the box may tell of (A14.3).
type AlarmKind struct {
	Name     string             `json:"name"` // of its alarms, up to a slash: what stands behind that names the line, the webhook
	Severity telephony.Severity `json:"severity" enum:"fault,warning"`
}

type alarmKindsAnswer struct {
	Body struct {
		Kinds []AlarmKind `json:"kinds"`
	}
}

func (s *Server) getAlarmKinds(context.Context, *struct{}) (*alarmKindsAnswer, error) {
	answer := &alarmKindsAnswer{}
	for _, name := range telephony.AlarmKinds() {
		answer.Body.Kinds = append(answer.Body.Kinds, AlarmKind{name, telephony.SeverityOf(name)})
	}
	return answer, nil
}
