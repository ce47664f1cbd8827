package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/exchange"
	"callbox/webui"
)

// What the calls of TestNumbersOpenTheirCalls are made of.
const (
	reportSeed  = 20261127
	reportCalls = 2000
	reportRows  = 8 // of each report that are opened
)

// TestNumbersOpenTheirCalls (A11.2-A11.4, A11.8, A11.9, idea 4): each number of every report that opens calls is how many calls it opens,
// by the queries that the page follows, over some thousand calls of every kind in two months; and the rows add up to their total. So it is
// for a supervisor with a team, who counts and opens the calls of the team alone (A16.2).
func TestNumbersOpenTheirCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := storage.Open(t.TempDir(), storage.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		b := &Box{Store: store, Exchange: &exchange.Exchange{}} // at rest: without lines, two months cost nothing
		server := webui.New(webui.Options{Configs: configs{store}, Calls: calls{b}, Reports: reports{b}, Accounts: accounts{store}, Live: live{b.Exchange, nil}})
		web := server.LocalHandler()
		t.Logf("seed %d", reportSeed)
		p := &past{t: t, store: store, dice: rand.New(rand.NewPCG(reportSeed, 0)), scores: map[telephony.CallID]int{}, closed: map[string]int{}}
		began := time.Now()
		for range reportCalls {
			p.call()
		}
		if err := store.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		zone := store.Config().Location()
		day := func(d int) string { return began.In(zone).AddDate(0, 0, d).Format(time.DateOnly) }
		whole := url.Values{"from": {day(-1)}, "to": {day(400)}}
		o := opener{t: t, web: web, seen: map[string]int{}}
		for _, by := range strings.Fields("hourly slots daily weekly monthly queues agents lines menus") {
			for _, choice := range []url.Values{
				{},
				{"from": {day(3)}, "to": {day(40)}}, // in the middle of a week and of a month
				{"from": {began.Add(100 * time.Hour).Format(time.RFC3339)}, "to": {began.Add(133 * time.Hour).Format(time.RFC3339)}},
				{"agent": {"1002"}},
				{"queue": {"service"}, "agent": {"1001"}},
				{"queue": {"sales"}, "line": {"e1/1"}},
			} {
				if !choice.Has("from") {
					maps.Copy(choice, whole)
				}
				o.all(by, choice)
			}
		}
		for _, choice := range []url.Values{whole, {"from": {day(3)}, "to": {day(40)}}, {"from": {day(3)}, "to": {day(40)}, "agent": {"1001"}}} {
			o.staff(choice)
		}
		if total := o.staff(whole).Total; total.Scored != len(p.scores) || total.Points == nil || *total.Points != p.mean() {
			t.Errorf("%d calls scored with %v points, made were %d with %v", total.Scored, total.Points, len(p.scores), p.mean())
		}
		earlier, later := url.Values{"from": {day(3)}, "to": {day(20)}}, url.Values{"from": {day(21)}, "to": {day(38)}}
		was, before := o.staff(earlier).Total, o.staff(later).Before
		if was.Opens = ""; !reflect.DeepEqual(was, before) {
			t.Errorf("the staff of the time before: %+v, and asked for by itself %+v", before, was)
		}
		for period, n := range p.closed {
			if got, rows := o.behind("closed="+url.QueryEscape(period)), o.exported("closed="+url.QueryEscape(period)); got != n || rows != n {
				t.Errorf("closed %s: %d calls and %d rows exported, made were %d", period, got, rows, n)
			}
		}
		t.Logf("%d numbers opened, by %d queries", o.opened, len(o.seen))
		p.agrees(o.report("daily", whole).Total)
		ofTeam(t, store, server, whole)
	})
}

// ofTeam opens the numbers of a team of one queue and the agent in it.
func ofTeam(t *testing.T, store *storage.Store, server *webui.Server, whole url.Values) {
	t.Helper()
	next := *store.Configured()
	next.Agents = append(slices.Clone(next.Agents), telephony.Agent{ID: "1003", Name: "1003", PIN: "7353"})
	next.Queues = []telephony.Queue{testConfig().Queues[1]}
	next.Queues[0].Members = []telephony.Member{{Agent: "1003", Level: 1}}
	if _, err := store.Put(t.Context(), &next, storage.Change{Base: next.Revision}); err != nil {
		t.Fatal(err)
	}
	people, by := accounts{store}, webui.By{}
	if err := people.Claim(t.Context(), store.ClaimCode(), "root", "quiet-river-stone", by); err != nil {
		t.Fatal(err)
	}
	secret, _, err := people.CreateToken(t.Context(), webui.Token{Name: "wall", Role: webui.Supervisor, Queues: []string{"service"}}, by)
	if err != nil {
		t.Fatal(err)
	}
	o := opener{t: t, seen: map[string]int{}, web: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+secret)
		server.Handler().ServeHTTP(w, r)
	})}
	for _, by := range strings.Fields("slots daily queues agents lines menus") {
		for _, choice := range []url.Values{{}, {"agent": {"1003"}}} {
			maps.Copy(choice, whole)
			o.all(by, choice)
		}
	}
	o.staff(whole)
	calls, all := 0, o.behind(whole.Encode())
	for r, err := range store.EachCall(t.Context(), storage.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		here := slices.ContainsFunc(r.Visits, func(v storage.Visit) bool { return v.Queue == "service" })
		if here || slices.ContainsFunc(r.Talks, func(k storage.Talk) bool { return k.Agent == "1003" }) {
			calls++
		}
	}
	if daily := o.report("daily", whole).Total.Calls; daily != calls || all != calls || calls == 0 || calls == reportCalls {
		t.Errorf("the team has %d calls, its report counts %d and its list has %d", calls, daily, all)
	}
	if queues, agents := o.report("queues", whole).Rows, o.report("agents", whole).Rows; len(queues) != 1 || len(agents) != 1 || agents[0].Key != "1003" {
		t.Errorf("rows of %d queues and of %d agents", len(queues), len(agents))
	}
	t.Logf("%d numbers of the team opened, by %d queries", o.opened, len(o.seen))
}

// An opener opens the numbers of reports, and remembers what each query gave.
type opener struct {
	t      *testing.T
	web    http.Handler
	seen   map[string]int
	opened int
}

// get asks the API as root does.
func (o *opener) get(path string, answer any) {
	o.t.Helper()
	a := httptest.NewRecorder()
	o.web.ServeHTTP(a, httptest.NewRequest("GET", "/api/"+path, nil))
	if err := json.Unmarshal(a.Body.Bytes(), answer); err != nil || a.Code != 200 {
		o.t.Fatalf("%s: %d %s, %v", path, a.Code, a.Body, err)
	}
}

func (o *opener) report(by string, choice url.Values) (r webui.Report) {
	o.t.Helper()
	o.get("reports/"+by+"?"+choice.Encode(), &r)
	return r
}

// all opens the numbers of a report's total and of some of its rows.
func (o *opener) all(by string, choice url.Values) {
	o.t.Helper()
	rep := o.report(by, choice)
	rows := []webui.ReportRow{rep.Total}
	for i := 0; i < len(rep.Rows); i += 1 + len(rep.Rows)/reportRows {
		rows = append(rows, rep.Rows[i])
	}
	for _, r := range rows {
		for name, n := range figuresOf(&r) {
			opens, ok := rep.Opens[name]
			if !ok {
				continue
			}
			o.opened++
			if got := o.behind(r.Opens + "&" + opens); got != n {
				o.t.Errorf("%s of %s, row %q: %s is %d, and opens %d calls by %s&%s", by, choice.Encode(), r.Key, name, n, got, r.Opens, opens)
			}
		}
	}
	o.addsUp(by, choice, rep)
}

// figuresOf are the counts of a row by their names.
func figuresOf(r *webui.ReportRow) map[string]int {
	missed := 0
	n := map[string]int{
		"calls": r.Calls, "offered": r.Offered, "for_person": r.ForPerson, "answered": r.Answered, "outgoing": r.Outgoing,
		"connected": r.Connected, "unconnected": r.Outgoing - r.Connected, "internal": r.Internal, "complaints": r.Complaints, "founded": r.Founded,
	}
	for o, c := range r.Outcomes {
		n["outcomes/"+o] = c
	}
	for o, c := range r.Missed {
		n["missed/"+o] = c
		missed += c
	}
	n["missed"] = missed
	n["asked"], n["voted"] = r.Asked, r.Voted
	for v, c := range r.Votes {
		n["votes/"+v] = c
	}
	return n
}

// staff opens the calls scored of each agent, and of all (A11.11).
func (o *opener) staff(choice url.Values) (r webui.StaffReport) {
	o.t.Helper()
	o.get("staff?"+choice.Encode(), &r)
	sum := 0
	for _, row := range append(r.Rows, r.Total) {
		o.opened++
		if got := o.behind(row.Opens); got != row.Scored {
			o.t.Errorf("staff of %s, row %q: %d scored, and opens %d calls by %s", choice.Encode(), row.Agent, row.Scored, got, row.Opens)
		}
		sum += row.Scored
	}
	if sum != 2*r.Total.Scored || sum == 0 {
		o.t.Errorf("staff of %s: %d scored in all, rows and total are %d", choice.Encode(), r.Total.Scored, sum)
	}
	return r
}

// behind is how many calls a query gives, page after page.
func (o *opener) behind(query string) int {
	o.t.Helper()
	if n, ok := o.seen[query]; ok {
		return n
	}
	n, before := 0, ""
	for {
		var page struct {
			Calls []struct{}       `json:"calls"`
			Next  telephony.CallID `json:"next"`
		}
		o.get("calls?limit=500&"+query+before, &page)
		n += len(page.Calls)
		if page.Next == "" {
			o.seen[query] = n
			return n
		}
		before = "&before=" + string(page.Next)
	}
}

// exported is how many calls an export of a query has.
func (o *opener) exported(query string) int {
	o.t.Helper()
	a := httptest.NewRecorder()
	o.web.ServeHTTP(a, httptest.NewRequest("GET", "/api/calls.csv?"+query, nil))
	if a.Code != 200 {
		o.t.Fatalf("%s: %d %s", query, a.Code, a.Body)
	}
	return strings.Count(a.Body.String(), "\r\n") - 1
}

// addsUp holds the total to its rows: their sum, where a call is in one row alone, and else no more than that.
func (o *opener) addsUp(by string, choice url.Values, rep webui.Report) {
	o.t.Helper()
	total, sum := figuresOf(&rep.Total), map[string]int{}
	for i := range rep.Rows {
		for name, n := range figuresOf(&rep.Rows[i]) {
			sum[name] += n
		}
	}
	several := slices.Contains([]string{"queues", "agents", "menus"}, by)
	for name, n := range total {
		if sum[name] != n && (!several || sum[name] < n) {
			o.t.Errorf("%s of %s: %s is %d in all and %d by rows", by, choice.Encode(), name, n, sum[name])
		}
	}
}

// A past makes calls that were, and keeps its own count of them.
type past struct {
	t     *testing.T
	store *storage.Store
	dice  *rand.Rand
	n     uint64
	id    telephony.CallID
	talks int    // parties so far
	agent string // the last

	scores map[telephony.CallID]int
	closed map[string]int // calls outside of opening hours by period; "*": all

	offered, forPerson, answered, outgoing, connected, asked, voted int
}

func (p *past) tell(facts ...telephony.Fact) {
	for _, f := range facts {
		p.store.Append(telephony.Entry{Call: p.id, Fact: f})
	}
}

func (p *past) wait(most time.Duration) time.Duration {
	d := time.Duration(p.dice.Int64N(int64(most)))
	time.Sleep(d)
	return d
}

// mean is that of the points which stand.
func (p *past) mean() float64 {
	sum := 0
	for _, points := range p.scores {
		sum += points
	}
	return float64(sum) / float64(len(p.scores))
}

func one[T any](p *past, of ...T) T { return of[p.dice.IntN(len(of))] }

// call makes one of any kind; quiet hours and nights lie between some.
func (p *past) call() {
	p.n++
	p.id, p.talks, p.agent = telephony.NewCallID(9, p.n), 0, ""
	arrived := time.Now()
	switch k := p.dice.IntN(10); {
	case k < 7:
		p.inbound()
	case k < 9:
		p.outbound()
	default:
		p.internal()
	}
	for p.agent != "" && p.dice.IntN(3) == 0 { // a supervisor gives points, and thinks better of them
		p.wait(3 * time.Hour)
		p.scores[p.id] = p.dice.IntN(101)
		p.tell(telephony.CallScored{Arrived: arrived, Agent: p.agent, Points: p.scores[p.id], By: "boss"})
	}
	for p.dice.IntN(4) == 0 { // an agent notes a complaint, or that it was none, and a supervisor judges it
		p.wait(time.Minute)
		p.tell(telephony.CallNoted{Arrived: arrived, Complaint: p.dice.IntN(3) > 0, Code: "投诉"})
		if p.dice.IntN(2) == 0 {
			p.tell(telephony.CallJudged{Arrived: arrived, Founded: p.dice.IntN(2) == 0, By: "boss"})
		}
	}
	p.wait(one(p, time.Minute, time.Minute, 10*time.Minute, time.Hour, 4*time.Hour))
}

func (p *past) ended(o telephony.Outcome) {
	p.tell(telephony.CallEnded{Outcome: o, Cause: telephony.CauseNormal, By: one(p, "caller", "agent", "box")})
}

// sought is a call for a person.
func (p *past) sought(o telephony.Outcome) {
	p.forPerson++
	if o == telephony.OutcomeAnswered || o == telephony.OutcomeForwarded {
		p.answered++
	}
	p.ended(o)
}

func (p *past) inbound() {
	p.offered++
	p.tell(telephony.CallArrived{
		Direction: telephony.Inbound, Line: one(p, "fxo/1", "fxo/2", "e1/1", "trunk/ctc"),
		Caller: telephony.Caller{Number: fmt.Sprintf("138%08d", p.dice.IntN(500))},
	})
	switch p.dice.IntN(8) {
	case 0: // a black list, or nobody whom a route leads to
		p.tell(telephony.Routed{Target: telephony.ToBusy})
		p.ended(telephony.OutcomeRefused)
	case 1:
		p.forPerson++
		p.ended(telephony.OutcomeCongestion)
	case 2: // by night
		period := one(p, "off", "holiday")
		p.closed[period]++
		p.closed["*"]++
		p.tell(telephony.Routed{Target: "voicemail:office", Closed: period})
		p.ended(one(p, telephony.OutcomeVoicemail, telephony.OutcomeLostInMenu))
	case 3:
		p.tell(telephony.Routed{Target: one[telephony.Target](p, "phone:801", "agent:1001", "outside:13800138000")})
		p.ring()
	case 4:
		p.menus()
		p.ended(one(p, telephony.OutcomeSelfService, telephony.OutcomeLostInMenu, telephony.OutcomeNoAnswer))
	case 5:
		p.menus()
		p.queue(3)
	default:
		p.queue(3)
	}
}

// ring is a phone or an outside number that is rung for a caller.
func (p *past) ring() {
	p.wait(time.Minute)
	switch p.dice.IntN(4) {
	case 0:
		p.talk("")
		p.sought(telephony.OutcomeForwarded)
	case 1:
		p.talk("1001")
		p.sought(telephony.OutcomeAnswered)
	default:
		p.sought(one(p, telephony.OutcomeLostRinging, telephony.OutcomeNoAnswer, telephony.OutcomeBusy, telephony.OutcomeVoicemail))
	}
}

func (p *past) menus() {
	p.tell(telephony.Routed{Target: "menu:main"}, telephony.CallAnswered{})
	for range 1 + p.dice.IntN(4) {
		menu := one(p, "main", "main", "repair")
		p.tell(telephony.MenuEntered{Menu: menu})
		p.wait(10 * time.Second)
		result := one(p, "target", "target", "invalid", "timeout", "restart")
		keys := ""
		if result == "target" {
			keys = one(p, "1", "2", "*", "#")
		}
		p.tell(telephony.MenuKey{Menu: menu, Keys: keys, Result: result})
	}
	if p.dice.IntN(5) == 0 {
		p.tell(telephony.MenuEntered{Menu: "main"}) // and hangs up
	}
}

// queue is a stay in a queue, or some: over the brim into the other, and back by a transfer.
func (p *past) queue(stays int) {
	queue := one(p, "sales", "service")
	p.tell(telephony.Routed{Target: telephony.NewTarget(telephony.ToQueue, queue)})
	out := func(reason string, waited time.Duration) {
		p.tell(telephony.Unqueued{Queue: queue, Reason: reason, Waited: waited})
	}
	if p.dice.IntN(8) == 0 { // turned away
		out(one(p, "full", "no_agents"), 0)
		p.next(stays, telephony.OutcomeBusy)
		return
	}
	p.tell(telephony.Queued{Queue: queue, Position: 1})
	waited := p.wait(2 * time.Minute)
	switch p.dice.IntN(6) {
	case 0:
		out("left", waited)
		p.sought(p.taken(telephony.OutcomeLostInQueue))
	case 1, 2:
		out(one(p, "timeout", "key"), waited)
		p.next(stays, telephony.OutcomeVoicemail)
	case 3: // the box goes down
		p.sought(p.taken(telephony.OutcomeInterrupted))
	default:
		out("answered", waited)
		agent := one(p, "1001", "1002", "1003")
		p.talk(agent)
		if p.dice.IntN(3) == 0 { // put through to a colleague
			agent = one(p, "1001", "1002")
			p.talk(agent)
		}
		if queue == "sales" && p.dice.IntN(2) == 0 {
			p.poll(queue, agent)
			return
		}
		p.next(stays-1, telephony.OutcomeAnswered)
	}
}

// poll asks about the agent who hung up; not every caller answers.
func (p *past) poll(queue, agent string) {
	p.tell(telephony.Polled{Queue: queue, Agent: agent})
	p.asked++
	if v := telephony.Vote(p.dice.IntN(5)); v != 0 {
		p.wait(10 * time.Second)
		p.tell(telephony.Voted{Queue: queue, Agent: agent, Vote: v})
		p.voted++
	}
	p.sought(telephony.OutcomeAnswered)
}

// next is another queue, or the end.
func (p *past) next(stays int, o telephony.Outcome) {
	if stays > 1 && p.dice.IntN(3) == 0 {
		p.queue(stays - 1)
		return
	}
	p.sought(p.taken(o))
}

// taken is an outcome, unless a person took the call before.
func (p *past) taken(o telephony.Outcome) telephony.Outcome {
	if p.talks > 0 {
		return telephony.OutcomeAnswered
	}
	return o
}

func (p *past) talk(agent string) {
	p.talks++
	p.agent = cmp.Or(agent, p.agent)
	b := fmt.Sprintf("phone/80%d#%d", p.talks, p.talks)
	p.tell(telephony.Bridged{A: "caller#1", B: b, Agent: agent})
	p.wait(5 * time.Minute)
	p.tell(telephony.LegReleased{Leg: b})
}

func (p *past) outbound() {
	p.outgoing++
	p.tell(telephony.CallArrived{Direction: telephony.Outbound, Line: one(p, "phone/801", "phone/802"), Called: "62345678"})
	if p.dice.IntN(4) == 0 { // no line
		p.ended(one(p, telephony.OutcomeCongestion, telephony.OutcomeRefused))
		return
	}
	for range 1 + p.dice.IntN(2) { // another line, when the first fails
		p.tell(telephony.Dialed{Line: one(p, "fxo/1", "fxo/2", "e1/1"), Leg: "out#1"})
	}
	if p.dice.IntN(3) == 0 {
		p.ended(one(p, telephony.OutcomeNoAnswer, telephony.OutcomeBusy))
		return
	}
	p.connected++
	p.talk(one(p, "", "1001", "1002"))
	p.ended(telephony.OutcomeAnswered)
}

func (p *past) internal() {
	p.tell(telephony.CallArrived{Direction: telephony.InternalCall, Line: "phone/801", Called: "802"})
	switch p.dice.IntN(3) {
	case 0:
		p.talk(one(p, "", "1002"))
		p.ended(telephony.OutcomeAnswered)
	case 1:
		p.tell(telephony.Queued{Queue: "service"})
		waited := p.wait(time.Minute)
		p.tell(telephony.Unqueued{Queue: "service", Reason: "left", Waited: waited})
		p.ended(telephony.OutcomeLostInQueue)
	default:
		p.menus()
		p.ended(telephony.OutcomeLostInMenu)
	}
}

// agrees holds a report of all that was to what was made.
func (p *past) agrees(total webui.ReportRow) {
	p.t.Helper()
	want := []int{p.offered, p.forPerson, p.answered, p.outgoing, p.connected, p.asked, p.voted}
	got := []int{total.Offered, total.ForPerson, total.Answered, total.Outgoing, total.Connected, total.Asked, total.Voted}
	if !slices.Equal(got, want) || total.Calls != reportCalls {
		p.t.Errorf("offered, for a person, answered, outgoing, connected, asked, voted: %d, made were %d; %d calls", got, want, total.Calls)
	}
}
