package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/wav"
)

// slack is how much of a talk a recording may miss: it begins and ends on a tick of its own.
const slack = time.Second

// talksRecorded: who was to be recorded was, for as long as the talk. A pause is silence in the recording and counts.
func (n *night) talksRecorded() (list []string) {
	for _, r := range n.records {
		var talked, recorded time.Duration
		for i, must := range n.policies(r.ID) {
			if must && i < len(r.Talks) {
				talked += r.Talks[i].Talked - slack
			}
		}
		for _, f := range n.recorded() {
			if strings.HasPrefix(f.Recording, string(r.ID)+".") && f.Purpose != "voicemail" {
				recorded += f.Length
			}
		}
		if recorded < talked {
			list = append(list, fmt.Sprintf("call %s talked %v more than the %v that were recorded", r.ID, talked-recorded, recorded))
		}
	}
	return list
}

// policies says for each talk of a call, in order, whether it must be recorded: as the queue wants it that brought its caller,
// else as the box does.
func (n *night) policies(call telephony.CallID) (must []bool) {
	var direction telephony.Direction
	caller, queue := "", ""
	for _, e := range n.entries {
		if e.Call != call {
			continue
		}
		switch f := e.Fact.(type) {
		case telephony.CallArrived:
			direction, caller = f.Direction, f.Leg
		case telephony.LegReleased:
			if f.Leg == caller {
				queue = "" // colleagues may talk on
			}
		case telephony.Routed:
			queue = ""
		case telephony.Unqueued:
			queue = f.Queue
		case telephony.Bridged:
			rule := n.config.Recording.Record
			if q := n.config.Queue(queue); q != nil && q.Record != "" {
				rule = q.Record
			}
			inside := direction == telephony.InternalCall && strings.HasPrefix(f.B, "phone/")
			must = append(must, rule == "always" && (!inside || n.config.Recording.PhonesToo))
		}
	}
	return must
}

func (n *night) recorded() (list []telephony.Recorded) {
	for _, e := range n.entries {
		if f, ok := e.Fact.(telephony.Recorded); ok {
			list = append(list, f)
		}
	}
	return list
}

// recordingsWhole: each recording that began was closed, and its file plays for as long as the journal says, both channels.
func (n *night) recordingsWhole() []string {
	p := newPairs("the recording")
	for _, e := range n.entries {
		switch f := e.Fact.(type) {
		case telephony.RecordingStarted:
			p.begin(f.Recording)
		case telephony.Recorded:
			p.end(f.Recording)
			if f.Problem != "" {
				p.list = append(p.list, f.Recording+" ended with "+f.Problem)
			}
			if breach := n.unheard[f.Recording]; breach != "" {
				p.list = append(p.list, f.Recording+" "+breach)
			}
		}
	}
	return p.breaches()
}

// plays says how a file differs from what the journal says of it, or "".
func plays(name string, f telephony.Recorded) string {
	file, err := os.Open(name)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	channels, rate, err := wav.DecodeChannels(file)
	if err != nil {
		return err.Error()
	}
	if len(channels) != 2 || rate != telephony.SampleRate || len(channels[0]) != len(channels[1]) {
		return fmt.Sprintf("has %d channels at %d Hz", len(channels), rate)
	}
	if plays := time.Duration(len(channels[0])) * time.Second / time.Duration(rate); plays != f.Length || f.Octets != int64(2*len(channels[0])) {
		return fmt.Sprintf("plays %v, the journal says %v", plays, f.Length)
	}
	return ""
}

// agentsOnce: no queue gives an agent a second caller, nor rings one who has one. Agents who called somebody themselves and
// then sign in at another phone have left that call; who dials a phone directly leaves it to the phone whether it rings.
func (n *night) agentsOnce() (list []string) {
	type leg struct {
		call telephony.CallID
		name string
		own  bool // the agent is the caller
	}
	has, rung, at := map[string]leg{}, map[string]telephony.CallID{}, map[string]string{}
	answered, took := map[leg]bool{}, map[telephony.CallID]string{} // who took which leg as an agent, and which caller
	for _, e := range n.entries {
		switch f := e.Fact.(type) {
		case telephony.AgentChanged:
			seat := strings.Replace(f.Phone, ":", "/", 1) + "#"
			if at[f.Agent] != seat && has[f.Agent].own {
				delete(has, f.Agent)
			}
			at[f.Agent] = seat
		case telephony.Offered:
			if l, busy := has[f.Agent]; busy {
				list = append(list, fmt.Sprintf("agent %s in call %s was offered call %s", f.Agent, l.call, e.Call))
			}
			if other, rings := rung[f.Agent]; rings {
				list = append(list, fmt.Sprintf("agent %s was rung for calls %s and %s at once", f.Agent, other, e.Call))
			}
			rung[f.Agent] = e.Call
		case telephony.OfferEnded:
			delete(rung, f.Agent)
			if f.Result == telephony.OfferAnswered {
				took[e.Call] = f.Agent
			}
		case telephony.LegAnswered:
			answered[leg{call: e.Call, name: f.Leg}] = f.Agent != ""
		case telephony.Bridged:
			l := leg{call: e.Call, name: f.B}
			if !answered[l] { // nobody answered as an agent: the one who is named called
				l = leg{e.Call, f.A, true}
			}
			if f.Agent == "" || l.own && !strings.HasPrefix(f.A, at[f.Agent]) {
				continue
			}
			other, busy := has[f.Agent]
			if busy = busy && other.call != e.Call; busy && took[e.Call] == f.Agent {
				list = append(list, fmt.Sprintf("agent %s is in calls %s and %s at once", f.Agent, other.call, e.Call))
			}
			if !busy {
				has[f.Agent] = l
			}
		case telephony.LegReleased:
			for agent, l := range has {
				if l.call == e.Call && (l.own || l.name == f.Leg) { // whoever called is free when the first of both is gone
					delete(has, agent)
				}
			}
		}
	}
	return list
}

// agentsRest: by night nobody rings, talks or wraps up, the journal knows it, and a last wish is carried out at once.
func (n *night) agentsRest() (list []string) {
	told := map[string]telephony.AgentState{}
	for _, e := range n.entries {
		if f, ok := e.Fact.(telephony.AgentChanged); ok {
			told[f.Agent] = f.State
		}
	}
	resting := []telephony.AgentState{telephony.AgentSignedOut, telephony.AgentReady, telephony.AgentBusy, telephony.AgentBreak}
	for _, a := range n.live.Agents {
		if !slices.Contains(resting, a.State) || a.Call != "" {
			list = append(list, fmt.Sprintf("agent %s is %s in call %q", a.ID, a.State, a.Call))
		}
	}
	for _, a := range n.agents {
		if a.State != n.wished[a.ID] {
			list = append(list, fmt.Sprintf("agent %s wished to be %s and is %s %s", a.ID, n.wished[a.ID], a.State, a.Reason))
		}
		if s, ever := told[a.ID]; ever && s != a.State {
			list = append(list, fmt.Sprintf("agent %s is %s, the journal says %s", a.ID, a.State, s))
		}
	}
	return list
}

// queuesEmpty is pain 2: no ghost waits, none is counted as talking.
func (n *night) queuesEmpty() (list []string) {
	for _, q := range n.live.Queues {
		for _, w := range q.Waiting {
			list = append(list, fmt.Sprintf("call %s waits in %s", w.Call, q.ID))
		}
		if q.Talking != 0 {
			list = append(list, fmt.Sprintf("queue %s counts %d conversations", q.ID, q.Talking))
		}
	}
	return list
}

// outcomes counts the calls by what became of them.
func (n *night) outcomes() map[string]int {
	count := map[string]int{}
	for _, r := range n.records {
		count[string(r.Direction)+" "+string(r.Outcome)]++
	}
	return count
}

// story is what the journal tells of a call.
func (n *night) story(call telephony.CallID) string {
	var b strings.Builder
	for _, e := range n.entries {
		if e.Call == call {
			fmt.Fprintf(&b, "%8.1f %s\n", e.Mono.Seconds(), telling(e.Fact))
		}
	}
	return b.String()
}

// summary is the day in a few lines.
func (n *night) summary() string {
	odd, switched := map[string]int{}, map[string]int{}
	for _, e := range n.entries {
		switch f := e.Fact.(type) {
		case telephony.Oddity:
			odd[f.Where+": "+f.What]++
		case telephony.Transferred, telephony.Consulting, telephony.Conferenced, telephony.Monitored:
			switched[f.Kind()]++
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d: %d callers, %d calls, %d recordings, %d entries\n", n.seed, len(n.rings), len(n.records), len(n.recorded()), len(n.entries))
	outcomes := n.outcomes()
	for _, o := range keysOf(outcomes) {
		fmt.Fprintf(&b, "%4d %s\n", outcomes[o], o)
	}
	for _, o := range keysOf(switched) {
		fmt.Fprintf(&b, "%4d %s\n", switched[o], o)
	}
	for _, o := range keysOf(odd) {
		fmt.Fprintf(&b, "%4d oddity %s\n", odd[o], o)
	}
	return b.String()
}
