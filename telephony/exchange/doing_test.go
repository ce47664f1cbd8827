package exchange

import (
	"testing"

	"callbox/telephony"
)

func TestWhatAnAgentsTalkIs(t *testing.T) { // A5.1
	talking := telephony.LiveAgent{ID: "1001", State: telephony.AgentTalking, Phone: "phone:801", Call: "7"}
	dials := talking
	dials.Call = ""
	ringing := talking
	ringing.State = telephony.AgentRinging
	in := func(state string, of telephony.PartyState) telephony.LiveCall {
		return telephony.LiveCall{ID: "7", Direction: telephony.Inbound, Line: "e1/1", State: state, Parties: []telephony.LiveParty{
			{Line: "e1/1", State: telephony.PartyTalking}, {Line: "phone/801", Agent: "1001", State: of},
		}}
	}
	out := telephony.LiveCall{ID: "7", Direction: telephony.Outbound, Line: "phone/801", State: "ringing"}
	monitored := in("talk", telephony.PartyListen)
	monitored.Parties[1].Agent = ""
	for name, c := range map[string]struct {
		agent telephony.LiveAgent
		call  telephony.LiveCall
		want  telephony.AgentDoing
		in    telephony.CallID
	}{
		"a call that came in":           {talking, in("talk", telephony.PartyTalking), "", "7"},
		"holds the caller":              {talking, in("hold", telephony.PartyTalking), telephony.DoingHold, "7"},
		"is put on hold by a colleague": {talking, in("consult", telephony.PartyAway), telephony.DoingHold, "7"},
		"consults, or is consulted":     {talking, in("consult", telephony.PartyTalking), telephony.DoingConsult, "7"},
		"three-way":                     {talking, in("conference", telephony.PartyTalking), telephony.DoingConference, "7"},
		"in a room":                     {talking, in("room", telephony.PartyTalking), telephony.DoingRoom, "7"},
		"calls out":                     {talking, out, telephony.DoingOutbound, "7"},
		"calls out, not answered yet":   {dials, out, telephony.DoingOutbound, "7"},
		"listens to another":            {dials, monitored, "", ""}, // which agents are not told (A6.1)
		"rings":                         {ringing, in("queue", telephony.PartyCalled), "", "7"},
		"in a call that is just over":   {talking, telephony.LiveCall{ID: "8"}, "", "7"},
	} {
		t.Run(name, func(t *testing.T) {
			given := []telephony.LiveAgent{c.agent}
			got := busied(given, []telephony.LiveCall{c.call})
			if got[0].Doing != c.want || got[0].Call != c.in {
				t.Errorf("%q in %q, want %q in %q", got[0].Doing, got[0].Call, c.want, c.in)
			}
			if given[0].Doing != "" {
				t.Error("the picture of the queues is others' too")
			}
		})
	}
}
