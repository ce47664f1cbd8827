package webui

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"callbox/telephony"
)

// twoQueues are sales with 1001 and support with 1002; 1003 is in both.
func twoQueues() *telephony.Config {
	c := testConfig()
	c.Agents = append(c.Agents, telephony.Agent{ID: "1003"})
	c.Queues[0].Members = []telephony.Member{{Agent: "1001"}, {Agent: "1003"}}
	c.Queues[1].Members = []telephony.Member{{Agent: "1002"}, {Agent: "1003"}}
	return c
}

// twoTeams is a live picture of both.
func twoTeams() telephony.Live {
	party := func(leg, agent string) []telephony.LiveParty { return []telephony.LiveParty{{Leg: leg, Agent: agent}} }
	return telephony.Live{
		Calls: []telephony.LiveCall{
			{ID: "3-1", Queues: []string{"sales"}, Parties: party("e1/1#1", "")},
			{ID: "3-2", Queues: []string{"support"}, Agent: "1002", Parties: party("e1/1#2", "1002")},
			{ID: "3-3", Queues: []string{"support"}, Parties: party("fxo/1#1", "1003")},
			{ID: "3-4", Line: "phone/801"},
			{ID: "3-5", Line: "fxo/2"}, // in a menu: nobody's yet
		},
		Agents: []telephony.LiveAgent{
			{ID: "1001", Call: "3-4", Phone: "phone:801", Queues: []string{"sales"}},
			{ID: "1002", Call: "3-2", Phone: "phone:802", Queues: []string{"support"}},
			{ID: "1003", Queues: []string{"sales", "support"}},
		},
		Lines:  []telephony.LineStatus{{ID: "fxo/1"}, {ID: "phone/801"}, {ID: "phone/802"}, {ID: "phone/803"}},
		Queues: []telephony.LiveQueue{{ID: "sales"}, {ID: "support"}},
		Rooms:  []telephony.LiveRoom{{ID: "board", Calls: []telephony.CallID{"3-2", "3-5"}}, {ID: "hall", Calls: []telephony.CallID{"3-1", "3-2"}}, {ID: "attic"}},
		Alarms: []telephony.LiveAlarm{{Name: "answer_rate"}, {Name: "line_fault/fxo/1"}},
		Spans:  []telephony.LiveSpan{{Span: "e1/1", Channels: []telephony.LiveChannel{{Leg: "e1/1#1", Party: "1"}, {Leg: "e1/1#2", Party: "2"}}}},
	}
}

// TestNarrow (A16.2): what a team sees of the box at this moment; the picture itself stays whole for others.
func TestNarrow(t *testing.T) {
	whole, c := twoTeams(), twoQueues()
	got := narrow(whole, c.Team([]string{"sales"}, ""))
	if !reflect.DeepEqual(whole, twoTeams()) {
		t.Error("the picture of the others is narrowed, too")
	}
	want := telephony.Live{
		Calls:  []telephony.LiveCall{whole.Calls[0], whole.Calls[2], whole.Calls[3]},
		Agents: []telephony.LiveAgent{whole.Agents[0], {ID: "1003", Queues: []string{"sales"}}},
		Lines:  []telephony.LineStatus{whole.Lines[0], whole.Lines[1], whole.Lines[3]},
		Queues: whole.Queues[:1],
		Rooms:  []telephony.LiveRoom{{ID: "board", Calls: []telephony.CallID{}}, {ID: "hall", Calls: []telephony.CallID{"3-1"}}, {ID: "attic"}},
		Alarms: whole.Alarms[1:],
		Spans:  []telephony.LiveSpan{{Span: "e1/1", Channels: []telephony.LiveChannel{{Leg: "e1/1#1", Party: "1"}, {}}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if gone := narrow(whole, c.Team([]string{"deleted"}, "1002")); len(gone.Queues) != 0 || len(gone.Agents) != 1 || len(gone.Calls) != 1 {
		t.Errorf("a team of a queue that is gone, and of herself as an agent, sees %+v", gone)
	}
}

// TestAtDesk (A16.2): of all that goes on an agent sees the own calls, the own queues with who waits in them, and the colleagues, whose
// calls are not told, nor where they sit at home; the lines, and what is wrong with them, are for others. Whoever is no agent sees the
// colleagues alone.
func TestAtDesk(t *testing.T) {
	c, noon := twoQueues(), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	whole := func() telephony.Live {
		l := twoTeams()
		l.Agents[1].State, l.Agents[1].Asks = telephony.AgentTalking, noon
		l.Agents[2] = telephony.LiveAgent{ID: "1003", State: telephony.AgentRinging, Phone: "outside:13800138000", Call: "3-3", Queues: []string{"sales", "support"}}
		l.Queues[0].Waiting = []telephony.LiveWaiter{{Call: "3-1", Caller: telephony.Caller{Number: "13816402257"}}}
		l.Queues[1].Waiting = []telephony.LiveWaiter{{Call: "3-6", Caller: telephony.Caller{Number: "13900004441"}}}
		l.Calls[2].Parties = []telephony.LiveParty{{Leg: "phone/801#1", Agent: "1001", State: telephony.PartyAway}, {Leg: "phone/807#1", Mode: "whisper"}}
		l.Closed, l.HandlingSeconds = []telephony.LiveHours{{ID: "day"}}, 300
		return l
	}
	l := whole()
	others := []telephony.LiveAgent{
		{ID: "1002", State: telephony.AgentTalking, Phone: "phone:802"},
		{ID: "1003", State: telephony.AgentRinging, Call: "3-3"},
	}
	consulted := l.Calls[2]
	consulted.Parties = consulted.Parties[:1]
	want := telephony.Live{
		Calls:  []telephony.LiveCall{consulted, l.Calls[3]}, // in which she is away, and which she dials
		Agents: append([]telephony.LiveAgent{l.Agents[0]}, others...),
		Queues: l.Queues[:1],
		Rooms:  l.Rooms,
		Closed: l.Closed, HandlingSeconds: 300,
	}
	if got := atDesk(l, c.Desk("1001")); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	if !reflect.DeepEqual(l, whole()) {
		t.Error("the picture of the others is narrowed, too")
	}
	if got := atDesk(l, c.Desk("")); len(got.Calls)+len(got.Queues) > 0 || !reflect.DeepEqual(got.Agents[1:], others) || got.Agents[0].Call != "" {
		t.Errorf("who is no agent sees %+v", got)
	}
}

// TestMayHost: a room is of a team that has a call in it, or of all while it is empty; no phone of another team is rung for her.
func TestMayHost(t *testing.T) {
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", "/api/rooms/board/lock", `{"on":true}`, 403},
		{"POST", "/api/rooms/hall/lock", `{"on":true}`, 204},
		{"POST", "/api/rooms/attic/invite", `{"to":"phone:801"}`, 200},
		{"POST", "/api/rooms/attic/invite", `{"to":"phone:802"}`, 403},
		{"POST", "/api/calls", `{"from":"phone:803","to":"agent:1002"}`, 200}, // may be called
		{"POST", "/api/calls", `{"from":"agent:1002","to":"803"}`, 403},
		{"POST", "/api/agents/1001/state", `{"state":"ready","phone":"phone:802"}`, 403},
		{"POST", "/api/calls/3-1/monitor", `{"mode":"listen","phone":"phone:803"}`, 204},
		{"POST", "/api/calls/3-5/hangup", ``, 403},
	} {
		b := newBox()
		b.config = twoQueues()
		b.setLive(twoTeams())
		b.records = []CallRecord{{ID: "3-5"}}
		b.secrets["li"] = Person{Name: "li", Role: Supervisor, Queues: []string{"sales"}}
		w := ask(New(b.options()).Handler(), c.method, c.path, c.body, "Authorization", "Bearer li")
		if w.Code != c.want || (len(b.asked) > 0) != (c.want < 300) {
			t.Errorf("%s %s: %d %s, asked %v", c.path, c.body, w.Code, w.Body, b.asked)
		}
	}
}

// TestMessagesOfTeams: supervisors hear of the agents of their team, and all of a supervisor with a team are her agents.
func TestMessagesOfTeams(t *testing.T) {
	c := twoQueues()
	sales, support := c.Team([]string{"sales"}, ""), c.Team([]string{"support"}, "")
	agent := func(id string) Person { return Person{Name: "of" + id, Role: Agent, Agent: id} }
	boss := func(name string) Person { return Person{Name: name, Role: Supervisor} }
	var of talk
	of.say(Message{From: "of1002", Agent: "1002", To: "supervisors", Kind: "help"})
	of.say(Message{From: "of1003", Agent: "1003", To: "supervisors", Kind: "break"})
	of.say(Message{From: "boss", To: "all", Supervisor: true})
	of.say(Message{From: "li", To: "all", Supervisor: true, team: sales})
	for _, c := range []struct {
		who  Person
		team *telephony.Team
		want []uint64
	}{
		{boss("boss"), nil, []uint64{1, 2, 3}},
		{boss("li"), sales, []uint64{2, 3, 4}},
		{boss("wang"), support, []uint64{1, 2, 3}},
		{agent("1001"), nil, []uint64{3, 4}},
		{agent("1002"), nil, []uint64{1, 3}},
	} {
		var got []uint64
		for _, m := range of.after(0, c.who, c.team) {
			got = append(got, m.Seq)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s reads %v, want %v", c.who.Name, got, c.want)
		}
	}
	if err := of.help(1, boss("li"), sales); err != errTeam {
		t.Errorf("another team's call for help: %v", err)
	}
	if err := of.help(1, boss("wang"), support); err != nil {
		t.Error(err)
	}
	if n := len(of.after(4, boss("li"), sales)); n != 0 {
		t.Errorf("%d words of who helps another team", n)
	}
}

// TestStreamsOfAnotherTeam (A16.2): a token's streams end with the next beat after its team was changed, so that the program opens others,
// which are narrowed anew.
func TestStreamsOfAnotherTeam(t *testing.T) {
	for _, path := range []string{"/api/live/events", "/api/events"} {
		walled(t, func(t *testing.T, ctx context.Context, box *memoryBox, s *Server) {
			p := Person{Name: "token:crm", Role: Supervisor, Queues: []string{"sales"}}
			box.secrets["token-supervisor"] = p
			_, ended := following(ctx, s, Supervisor, path)
			time.Sleep(2 * liveBeat)
			select {
			case <-ended:
				t.Errorf("%s ended with the same team", path)
			default:
			}
			p.Queues = []string{"support"}
			box.secrets["token-supervisor"] = p
			time.Sleep(liveBeat + time.Second)
			select {
			case <-ended:
			default:
				t.Errorf("%s goes on as of the team before", path)
			}
		})
	}
}

// TestAStoryOfATeam (A15.1, A16.2): of a call that began before a program followed it is asked once; one that comes to the team later is
// told from then on.
func TestAStoryOfATeam(t *testing.T) {
	b := newBox()
	b.config = twoQueues()
	b.records = []CallRecord{{ID: "3-1", Queues: []string{"sales", "support"}, Queue: "support"}, {ID: "3-2", Agents: []string{"1002"}}}
	s := New(b.options())
	story := &teamStory{s, Person{Role: Supervisor, Queues: []string{"sales"}}, map[telephony.CallID]bool{}}
	for i, c := range []struct {
		call telephony.CallID
		fact telephony.Fact
		want bool
	}{
		{"3-1", telephony.Bridged{Agent: "1002"}, true}, // came to sales before
		{"3-2", telephony.Bridged{Agent: "1002"}, false},
		{"3-2", telephony.Offered{Queue: "support", Agent: "1003"}, true}, // whom the team has, too
		{"3-2", telephony.CallEnded{}, true},
		{"3-2", telephony.Recorded{}, false}, // its record, as it stands here, says no more
		{"3-9", telephony.CallArrived{}, false},
		{"3-9", telephony.Queued{Queue: "support"}, false},
		{"3-9", telephony.Queued{Queue: "sales"}, true},
		{"3-9", telephony.Unqueued{Queue: "sales"}, true},
		{"", telephony.AgentChanged{Agent: "1002"}, false},
		{"", telephony.AgentChanged{Agent: "1001"}, true},
		{"", telephony.LineStateChanged{Line: "fxo/1"}, true},
		{"", telephony.Alarm{Name: "answer_rate"}, false},
		{"", telephony.Alarm{Name: "disk_full"}, true},
	} {
		n := telephony.Notification{Data: telephony.NotificationData{Call: c.call, Fact: c.fact}}
		if got := story.tells(context.Background(), n); got != c.want {
			t.Errorf("%d: %s %+v is told: %v", i, c.call, c.fact, got)
		}
	}
}
