package telephony

import (
	"maps"
	"slices"
	"strings"
)

// A Severity says whether an alarm calls for a hand now.
type Severity string

// The severities. A fault lights the red lamp and sounds the buzzer: something does not work, or is about to break. A warning waits for
// somebody who looks: everything works, and what it tells of is to be dealt with in good time.
const (
	Fault   Severity = "fault"
	Warning Severity = "warning"
)

// severities are those of all alarms, by their names up to a slash; what stands behind it names the line, the file, the webhook.
var severities = map[string]Severity{
	"cards":               Fault, // telephone cards cannot be used
	"certificate_expired": Fault,
	"certificate_expiry":  Warning, // it comes
	"certificate_order":   Warning, // the old one is good meanwhile
	"data_went_back":      Warning, // the system before it runs
	"disk_error":          Fault,   // it refuses recordings
	"disk_failing":        Fault,
	"disk_full":           Fault, // recording has stopped
	"disk_worn":           Warning,
	"journal_stalled":     Fault,
	"line_fault":          Fault,
	"mail_failed":         Warning,
	"answer_rate":         Warning,
	"overload":            Fault, // new calls are refused
	"recordings_expire":   Warning,
	"recordings_space":    Warning,
	"recovery":            Fault,
	"storage_damaged":     Fault,
	"temperature":         Fault,
	"update_undone":       Warning, // the system before it runs
	"webhook_failed":      Warning,
}

// AlarmKinds are the names of all alarms, up to a slash, in order.
func AlarmKinds() []string { return slices.Sorted(maps.Keys(severities)) }

// SeverityOf is the severity of the alarm with a name. One that nobody has judged is a fault.
func SeverityOf(alarm string) Severity {
	kind, _, _ := strings.Cut(alarm, "/")
	if s, judged := severities[kind]; judged {
		return s
	}
	return Fault
}

// In is the severity in words.
func (s Severity) In(language string) string {
	if s == Warning {
		return Text{ZH: "提醒", EN: "Warning"}.In(language)
	}
	return Text{ZH: "故障", EN: "Fault"}.In(language)
}
