package telephony

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// A14.1: what is switched off is empty for the rest of the box and kept for when it is switched on again; what leads there is refused at
// its field, and what is within it is not checked.
func TestFunctionsThatAreOff(t *testing.T) {
	with := func(c *Config) {
		c.Rooms = []Room{{ID: "board", Name: "Board", Number: "890", MaxParties: 8}}
		c.Websites = []Website{{ID: "shop", Origins: []string{"https://shop.example.cn"}, MaxCalls: 2}}
		c.Webhooks = []Webhook{{ID: "crm", URL: "https://crm.example.cn", Events: []string{NotificationTypes[0]}, Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}
		c.Recording.Record = "always"
		c.Queues[0].Record, c.Queues[0].NoticePrompt = "always", "recorded"
	}
	leads := map[Function]struct {
		to   func(*Config)
		path string
	}{
		FunctionRooms:      {func(c *Config) { c.Routes[0].To = "room:board" }, "routes[0].to"},
		FunctionMailboxes:  {func(c *Config) { c.Routes[0].To = NewTarget(ToVoicemail, c.Mailboxes[0].ID) }, "routes[0].to"},
		FunctionWebsites:   {func(c *Config) { c.Routes[0].Lines = []string{"web/shop"} }, "routes[0].lines[0]"},
		FunctionForwarding: {func(c *Config) { c.Routes[0].To = "outside:62345678" }, "routes[0].to"},
	}
	for _, f := range Functions {
		c := office()
		with(c)
		c.Off = []Function{f}
		before, _ := json.Marshal(c)
		e := c.Effective()
		empty := map[Function]bool{
			FunctionRooms: len(e.Rooms) == 0, FunctionMailboxes: len(e.Mailboxes) == 0, FunctionWebsites: len(e.Websites) == 0,
			FunctionPrograms: len(e.Webhooks) == 0, FunctionRecording: e.Recording.Record == "never" && e.Queues[0].Record == "" && e.Queues[0].NoticePrompt == "",
		}
		for g, is := range empty {
			if is != (f == g) {
				t.Errorf("%s is off: %s is empty: %v", f, g, is)
			}
		}
		if after, _ := json.Marshal(c); string(before) != string(after) {
			t.Errorf("%s: what was made has changed", f)
		}
		if lead, ok := leads[f]; ok {
			lead.to(c)
			err := c.Validate()
			if err == nil || !slices.ContainsFunc(err.Problems, func(p Problem) bool { return p.Path == lead.path && strings.Contains(p.Message.EN, "switched off") }) {
				t.Errorf("%s: a way there is not refused: %v", f, err)
			}
		}
	}
	c := office()
	if c.Off = []Function{"dancing"}; c.Validate() == nil {
		t.Error("an unknown function is off")
	}
	c.Rooms = []Room{{ID: "UPPER", MaxParties: 1}}
	if c.Off = []Function{FunctionRooms}; c.Validate() != nil {
		t.Errorf("what is within is checked: %v", c.Validate().Problems)
	}
}
