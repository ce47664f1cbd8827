package webui

import (
	"net/http"
	"slices"
	"testing"

	"callbox/telephony"
)

// TestWhoMaySwitch: an agent acts on the own part of a call and from the own phone, a supervisor on every call and with any
// phone (A2.10, A2.12, A6.1); what is asked reaches the box as it was meant.
func TestWhoMaySwitch(t *testing.T) {
	const refused = ""
	live := telephony.Live{
		Calls: []telephony.LiveCall{
			{ID: "3-1", Agent: "1001", Parties: []telephony.LiveParty{{Agent: "1001", State: telephony.PartyTalking}, {Agent: "1003", State: telephony.PartyAway}}},
			{ID: "3-2", Agent: "1002", Parties: []telephony.LiveParty{{Agent: "1002", State: telephony.PartyTalking}, {Agent: "1001", State: telephony.PartyCalled}}},
		},
		Agents: []telephony.LiveAgent{{ID: "1001", Phone: "phone:801"}, {ID: "1003"}},
	}
	for _, c := range []struct{ who, path, body, asked string }{
		{"lihua", "/api/calls/3-1/hold", "", "order lihua 3-1 hold 1001   "},
		{"lihua", "/api/calls/3-1/retrieve", "", "order lihua 3-1 retrieve 1001   "},
		{"lihua", "/api/calls/3-1/consult", `{"to":"802"}`, "order lihua 3-1 consult 1001 802  "},
		{"lihua", "/api/calls/3-1/transfer", `{}`, "order lihua 3-1 transfer 1001   "},
		{"lihua", "/api/calls/3-1/data", `{"data":{"order":"7"}}`, "order lihua 3-1 attach 1001   "},
		{"wangwu", "/api/calls/3-1/back", "", "order wangwu 3-1 back 1003   "}, // who was consulted has a part, too
		{"wangwu", "/api/calls/3-1/hangup", "", "hangup wangwu 3-1 1003"},
		{"wangwu", "/api/calls/3-2/hangup", "", refused},
		{"lihua", "/api/calls/3-2/hold", "", refused}, // it only rings there
		{"wangwu", "/api/calls/3-2/conference", "", refused},
		{"boss", "/api/calls/3-2/park", "", "order boss 3-2 park    "},
		{"boss", "/api/calls/3-9/park", "", refused},
		{"lihua", "/api/calls/3-2/pickup", `{}`, "order lihua 3-2 pickup   phone:801 "},
		{"lihua", "/api/calls/3-2/pickup", `{"phone":"phone:802"}`, refused},
		{"wangwu", "/api/calls/3-2/pickup", `{}`, refused}, // sits nowhere
		{"lihua", "/api/calls/3-1/monitor", `{"mode":"listen"}`, refused},
		{"boss", "/api/calls/3-1/monitor", `{"mode":"whisper","phone":"phone:805"}`, "order boss 3-1 monitor   phone:805 whisper"},
		{"boss", "/api/calls/3-1/monitor", `{"mode":"whisper"}`, refused},
		{"boss", "/api/calls/3-1/monitor", `{"mode":"shout","phone":"phone:805"}`, refused},
		{"lihua", "/api/calls", `{"to":"13800138000"}`, "place lihua phone:801 13800138000 own"},
		{"lihua", "/api/calls", `{"from":"phone:805","to":"802"}`, refused},
		{"boss", "/api/calls", `{"from":"phone:805","to":"queue:sales"}`, "place boss phone:805 queue:sales "},
		{"boss", "/api/rooms/board/lock", `{"on":true}`, "lock boss board true"},
		{"boss", "/api/rooms/board/invite", `{"to":"agent:1001"}`, "place boss agent:1001 room:board "},
		{"lihua", "/api/rooms/board/invite", `{"to":"agent:1001"}`, refused},
	} {
		box := newBox()
		box.secrets["lihua"] = Person{Name: "lihua", Role: Agent, Agent: "1001"}
		box.secrets["wangwu"] = Person{Name: "wangwu", Role: Agent, Agent: "1003"}
		box.secrets["boss"] = Person{Name: "boss", Role: Supervisor}
		box.setLive(live)
		w := ask(New(box.options()).Handler(), http.MethodPost, c.path, c.body, "Authorization", "Bearer "+c.who)
		switch asked := box.asked; {
		case c.asked == refused && (w.Code < 400 || len(asked) > 0):
			t.Errorf("%s %s %s: %d, and asked %v", c.who, c.path, c.body, w.Code, asked)
		case c.asked != refused && !slices.Equal(asked, []string{c.asked}):
			t.Errorf("%s %s %s: %d %s, asked %v, want %v", c.who, c.path, c.body, w.Code, w.Body, asked, c.asked)
		}
	}
}
