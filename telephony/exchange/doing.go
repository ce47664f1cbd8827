package exchange

import (
	"slices"
	"strings"

	"callbox/telephony"
)

// busied are the agents with what those who talk are doing there (A5.1): it follows from the calls, and is no state of its own.
func busied(agents []telephony.LiveAgent, calls []telephony.LiveCall) []telephony.LiveAgent {
	agents = slices.Clone(agents)
	for i := range agents {
		if a := &agents[i]; a.State == telephony.AgentTalking {
			if c := callOf(a, calls); c != nil {
				a.Call, a.Doing = c.ID, doing(a, c)
			}
		}
	}
	return agents
}

// callOf is the call that an agent is in, or that the phone there dials before anybody has answered it; nil: neither.
func callOf(a *telephony.LiveAgent, calls []telephony.LiveCall) *telephony.LiveCall {
	line := strings.Replace(a.Phone, ":", "/", 1)
	at := slices.IndexFunc(calls, func(c telephony.LiveCall) bool {
		return a.Call != "" && c.ID == a.Call || a.Call == "" && c.Line == line
	})
	if at < 0 {
		return nil
	}
	return &calls[at]
}

func doing(a *telephony.LiveAgent, c *telephony.LiveCall) telephony.AgentDoing {
	away := slices.ContainsFunc(c.Parties, func(p telephony.LiveParty) bool {
		return p.Agent == a.ID && p.State == telephony.PartyAway
	})
	switch {
	case away || c.State == "hold":
		return telephony.DoingHold
	case c.State == "consult":
		return telephony.DoingConsult
	case c.State == "conference":
		return telephony.DoingConference
	case c.State == "room":
		return telephony.DoingRoom
	case c.Direction == telephony.Outbound:
		return telephony.DoingOutbound
	}
	return ""
}
