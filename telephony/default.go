package telephony

import "slices"

// DefaultTargets are those of the call centers that the box was made for (A11.13).
var DefaultTargets = Targets{ServiceLevel: 90, Satisfaction: 95, Connection: 99, HandlingSeconds: 300, FoundedComplaints: 3}

// DefaultHotCelsius leaves time to clean a fan: processors slow down from 95 to 105 °C, and boards with more around them age from here on.
const DefaultHotCelsius = 85

// DefaultQuietHour is when the fewest call.
const DefaultQuietHour = "03:00"

// DefaultConfig is what a new or reset box has before anybody set it up: it is valid, knows its country and office hours,
// lets nobody in and sends no call anywhere. It has no secret, because a secret that ships is known to all.
func DefaultConfig() *Config {
	return &Config{
		Format: ConfigFormat,
		Site: Site{
			Language:  "zh",
			TimeZone:  "Asia/Shanghai",
			Tones:     "cn",
			Emergency: slices.Clone(mandatoryEmergency),

			AnswerRate: 90, // A11.13
		},
		Lines:  []LineConfig{},
		Spans:  []SpanConfig{},
		Trunks: []Trunk{},
		Groups: []Group{},
		Phones: []Phone{},
		Agents: []Agent{},
		Queues: []Queue{},
		Menus:  []Menu{},
		Hours: []Hours{{
			ID: "office", Name: "上班时间",
			Week:     []DaySpan{{Days: []int{1, 2, 3, 4, 5}, From: "09:00", To: "18:00"}},
			Holidays: []SpecialDay{},
		}},
		Routes:    []Route{},
		Outbound:  []OutboundRule{},
		Blacklist: []ListedNumber{},
		VIPs:      []ListedNumber{},
		FAQ:       []Answer{},
		Mailboxes: []Mailbox{},
		Rooms:     []Room{},
		Websites:  []Website{},
		Prompts:   []Prompt{},
		Webhooks:  []Webhook{},
		Mail:      Mail{Alarms: []string{}, Reports: []ReportMail{}},
		Targets:   DefaultTargets,
		Network:   Network{NameServers: []string{}, TimeServers: []string{}},
		Recording: RecordingPolicy{Record: "always", KeepDays: 180, MinFreeMB: 2000, StopFreeMB: 500},
	}
}
