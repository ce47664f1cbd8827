package call

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/acd"
	"callbox/telephony/ivr"
	"callbox/telephony/media"
	"callbox/telephony/record"
)

// A world is a box around one call: the real matrix, queues, prompts and recorder; only legs and lines are made here.
type world struct {
	t      *testing.T
	house  *House
	cfg    *telephony.Config
	caller *leg
	call   *Call
	ended  chan struct{} // the call's goroutine has returned
	stop   context.CancelFunc

	mu      sync.Mutex
	facts   []telephony.Fact
	dialled []*leg
	refuse  map[telephony.Target]error // of Reach
	panics  string                     // where the story is to break off: a verb of the switchboard, or elsewhere
	mayMix  error                      // of the switchboard
	avoids  [][]string                 // in the orders of calls to the outside
	data    map[string]string          // of the arrival
	silent  bool                       // legs do not confirm their release
	now     telephony.LiveCall
}

// configured is an office of two agents in one queue, three phones, a menu and a mailbox; shape changes it.
func configured(shape func(*telephony.Config)) *telephony.Config {
	cfg := telephony.DefaultConfig()
	for _, n := range []string{"801", "802", "803"} {
		cfg.Phones = append(cfg.Phones, telephony.Phone{Extension: n, RingSeconds: 20, Permit: telephony.PermitLocal})
	}
	cfg.Agents = []telephony.Agent{{ID: "1", PIN: "739251846205", Phone: "phone:801"}, {ID: "2", PIN: "7392", Phone: "phone:802"}}
	cfg.Queues = []telephony.Queue{{
		ID: "q", Strategy: telephony.RingAll, RingSeconds: 15, LeaveKey: "9", OnLeave: "voicemail:m",
		Members: []telephony.Member{{Agent: "1", Level: 1}, {Agent: "2", Level: 1}},
	}}
	cfg.Menus = []telephony.Menu{{
		ID: "main", Collect: telephony.CollectSingle, FirstSeconds: 5, NextSeconds: 3, Tries: 2,
		Greetings: []telephony.Greeting{{Prompt: "main_menu"}}, Keys: []telephony.Key{{Keys: "1", To: "queue:q"}},
	}}
	cfg.Mailboxes = []telephony.Mailbox{{ID: "m", MaxSeconds: 60}}
	if shape != nil {
		shape(cfg)
	}
	return cfg
}

// play runs a story in a bubble, then checks that nothing is left of the call and that its facts add up.
func play(t *testing.T, shape func(*telephony.Config), story func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, cfg: configured(shape), refuse: map[telephony.Target]error{}}
		ctx, stop := context.WithCancel(context.Background())
		defer synctest.Wait()
		defer stop()
		matrix := media.NewMatrix(hal.SystemClock{}, 1)
		recorder := record.New(record.Options{Dir: t.TempDir(), Journal: w})
		w.house = &House{
			Journal: w, Matrix: matrix, Recorder: recorder, Prompts: ivr.NewLibrary(t.TempDir()),
			Queues: acd.New(acd.Options{Journal: w}), Switch: w, Rooms: NewRooms(matrix), Slots: &Slots{}, Show: w.show,
		}
		go w.house.Queues.Run(ctx)
		go matrix.Run(ctx)
		go recorder.Run(ctx)
		w.house.Queues.Configure(w.cfg)
		for _, p := range w.cfg.Phones {
			w.house.Queues.LineChanged(telephony.LineStatus{ID: "phone/" + p.Extension, State: telephony.LineIdle})
		}
		defer w.abort()
		story(w)
		w.close()
	})
}

// abort ends what a story that failed has left.
func (w *world) abort() {
	w.stop()
	for _, l := range append(w.legs(), w.caller) {
		l.end(telephony.CauseNormal)
	}
	<-w.ended
}

// begin has a caller come in by a line and sends the call to a target.
func (w *world) begin(line string, d telephony.Direction, to telephony.Target) {
	ctx, stop := context.WithCancel(context.Background())
	w.stop, w.ended = stop, make(chan struct{})
	w.caller = w.leg(line)
	w.call = New(Birth{
		ID: "1-1", Config: w.cfg, Direction: d, Decision: telephony.Routed{Target: to, Rule: "test"},
		Arrival: telephony.Arrival{Leg: w.caller, Line: line, Caller: telephony.Caller{Number: "13800138000"}, Data: w.data},
	}, w.house)
	go func() {
		defer close(w.ended)
		defer func() {
			if fault := recover(); fault != nil && w.panics == "" {
				panic(fault)
			}
		}()
		w.call.Run(ctx)
	}()
	synctest.Wait()
}

// ring is an incoming call from outside.
func (w *world) ring(to telephony.Target) { w.begin("fxo/1", telephony.Inbound, to) }

// ready signs agents in.
func (w *world) ready(agents ...string) {
	w.t.Helper()
	for _, a := range agents {
		if err := w.house.Queues.Set(w.t.Context(), acd.Wish{Agent: a, State: telephony.AgentReady, By: "page"}); err != nil {
			w.t.Fatal(err)
		}
	}
	synctest.Wait()
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// close hangs up, if nobody has, and looks at what is left. Others may talk on without the caller: then they hang up too.
func (w *world) close() {
	w.t.Helper()
	w.caller.end(telephony.CauseNormal)
	if w.pass(2 * clearTime); w.state() == "talk" || w.state() == "consult" || w.state() == "conference" || w.state() == "hold" {
		for _, l := range w.legs() {
			l.end(telephony.CauseNormal)
		}
	}
	select {
	case <-w.ended:
	case <-time.After(2 * clearTime):
		w.t.Fatal("the call does not end")
	}
	for _, l := range w.legs() {
		if l.end(telephony.CauseNormal); !l.told("release") && !l.ended {
			w.t.Errorf("%s was left behind", l)
		}
	}
	w.pass(time.Second)
	for _, q := range w.house.Queues.Live().Queues {
		if len(q.Waiting) > 0 || q.Talking > 0 {
			w.t.Errorf("queue %s: %d wait and %d talk, and nobody is there", q.ID, len(q.Waiting), q.Talking)
		}
	}
	for _, a := range w.house.Queues.Live().Agents {
		if a.State == telephony.AgentRinging || a.State == telephony.AgentTalking {
			w.t.Errorf("agent %s is %s, and nobody is there", a.ID, a.State)
		}
	}
	w.checkFacts()
}

// checkFacts looks at what every story has in common: whatever begins ends once.
func (w *world) checkFacts() {
	w.t.Helper()
	open := map[string]int{}
	begin := func(what string) { open[what]++ }
	end := func(what string) {
		if open[what]--; open[what] < 0 {
			w.t.Errorf("%s ended twice, or without a beginning", what)
		}
	}
	arrived, ended := 0, 0
	for _, f := range w.all() {
		switch f := f.(type) {
		case telephony.CallArrived:
			arrived++
		case telephony.CallEnded:
			ended++
		case telephony.Queued:
			begin("stay in " + f.Queue)
		case telephony.Unqueued:
			turnedAway := f.Reason == "full" || f.Reason == "no_agents" || f.Reason == "closed"
			if !turnedAway || open["stay in "+f.Queue] > 0 {
				end("stay in " + f.Queue)
			}
		case telephony.Offered:
			begin("offer to " + f.Agent)
		case telephony.OfferEnded:
			end("offer to " + f.Agent)
		case telephony.RecordingStarted:
			begin("recording " + f.Recording)
		case telephony.Recorded:
			end("recording " + f.Recording)
		}
	}
	for what, n := range open {
		if n != 0 {
			w.t.Errorf("%s did not end", what)
		}
	}
	if arrived != 1 || ended != 1 {
		w.t.Errorf("%d arrivals and %d ends, want one of each", arrived, ended)
	}
	if w.t.Failed() {
		for _, f := range w.all() {
			w.t.Logf("%s %+v", f.Kind(), f)
		}
	}
}

func (w *world) all() []telephony.Fact {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.facts)
}

// facts of one kind.
func facts[F telephony.Fact](w *world) (list []F) {
	for _, f := range w.all() {
		if f, ok := f.(F); ok {
			list = append(list, f)
		}
	}
	return list
}

// outcome is how the call ended, or "".
func (w *world) outcome() telephony.Outcome {
	for _, e := range facts[telephony.CallEnded](w) {
		return e.Outcome
	}
	return ""
}

func (w *world) state() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now.State
}

// records reports whether the live page shows that the call is recorded.
func (w *world) records() bool {
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now.Recording
}

func (w *world) agent(id string) telephony.LiveAgent {
	synctest.Wait()
	for _, a := range w.house.Queues.Live().Agents {
		if a.ID == id {
			return a
		}
	}
	return telephony.LiveAgent{}
}

// legs are the outgoing ones, in the order of their birth.
func (w *world) legs() []*leg {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.dialled)
}

// at is the newest leg to a phone or line.
func (w *world) at(line string) *leg {
	w.t.Helper()
	for _, l := range slices.Backward(w.legs()) {
		if l.line == line {
			return l
		}
	}
	w.t.Fatalf("nobody was called at %s", line)
	return nil
}

// The world is the journal, the live page and the switchboard of its call.

func (w *world) Append(e telephony.Entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.facts = append(w.facts, e.Fact)
}

func (w *world) show(l telephony.LiveCall) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = l
}

func (w *world) Reach(_ *telephony.Config, t telephony.Target, o telephony.Order, _ telephony.Permit) (Reached, error) {
	w.must("reach")
	w.avoids = append(w.avoids, o.Avoid)
	if err := w.refuse[t]; err != nil {
		return Reached{}, err
	}
	line := t.Kind() + "/" + t.ID()
	l := w.leg(line)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dialled = append(w.dialled, l)
	return Reached{Leg: l, Line: line}, nil
}

// Dialled: three digits are inside, what begins with 00 is not permitted, anything else is outside.
func (w *world) Dialled(cfg *telephony.Config, digits string, p telephony.Permit) (telephony.Target, error) {
	if t, found, _ := cfg.Inside(digits); found {
		return t, nil
	}
	return telephony.NewTarget(telephony.ToOutside, digits), w.Permitted(cfg, digits, p)
}

func (w *world) Permitted(_ *telephony.Config, number string, p telephony.Permit) error {
	if strings.HasPrefix(number, "00") || p == telephony.PermitInternal {
		return telephony.Errorf(telephony.Forbidden, "不许", "not permitted")
	}
	return nil
}

func (w *world) CallOf(string) *Call     { return nil }
func (w *world) RingingAt(string) *Call  { return nil }
func (w *world) MayMix() error           { return w.mayMix }
func (w *world) LastAgent(string) string { return "" }
func (w *world) Spoke(string, string)    { w.must("spoke") }

func (w *world) must(not string) {
	if w.panics == not {
		panic("test")
	}
}

// A leg is a party that does what the test says.
type leg struct {
	w      *world
	line   string
	name   string
	events chan telephony.Event
	port   port

	mu    sync.Mutex
	verbs []string
	ended bool
}

func (w *world) leg(line string) *leg {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &leg{
		w: w, line: line, name: fmt.Sprintf("%s#%d", line, len(w.dialled)+1), events: make(chan telephony.Event, 64),
	}
}

func (l *leg) String() string                 { return l.name }
func (l *leg) Alert()                         { l.note("alert") }
func (l *leg) Progress()                      { l.note("progress") }
func (l *leg) Answer()                        { l.note("answer") }
func (l *leg) Press(digits string)            { l.note("press " + digits) }
func (l *leg) Events() <-chan telephony.Event { return l.events }
func (l *leg) Port() telephony.Port           { return &l.port }

func (l *leg) Release(c telephony.Cause) {
	l.note("release")
	if !l.w.silent {
		l.over(telephony.Released{Cause: c, ByBox: true})
	}
}

func (l *leg) note(verb string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.verbs = append(l.verbs, verb)
}

// told reports whether the box asked for the verb.
func (l *leg) told(verb string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Contains(l.verbs, verb)
}

// tell is what the far end does.
func (l *leg) tell(events ...telephony.Event) {
	for _, e := range events {
		l.sends(e)
	}
	synctest.Wait()
}

// sends is tell without waiting for what comes of it; a leg that has ended says nothing.
func (l *leg) sends(e telephony.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.events <- e
	}
}

func (l *leg) keys(digits string) {
	for _, d := range []byte(digits) {
		l.tell(telephony.Digit{Key: d})
	}
}

// end is the far end's hang-up.
func (l *leg) end(c telephony.Cause) {
	l.over(telephony.Released{Cause: c})
	synctest.Wait()
}

func (l *leg) over(r telephony.Released) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended = true
		l.events <- r
		close(l.events)
	}
}

// A port says nothing and notes whether it was told a sound; one that is broken panics.
type port struct{ broken, heard atomic.Bool }

func (p *port) Hear(f *telephony.Frame) {
	if p.broken.Load() {
		panic("a port is broken")
	}
	clear(f[:])
}

func (p *port) Say(f *telephony.Frame) {
	if slices.ContainsFunc(f[:], func(s int16) bool { return s > 1000 }) {
		p.heard.Store(true)
	}
}

// upload puts a second of a sound into the library as the prompt: A-law octets of one value.
func (w *world) upload(id string, octet byte) {
	w.t.Helper()
	dir := w.t.TempDir()
	for _, language := range []string{"zh", "en"} {
		if err := os.MkdirAll(dir+"/"+language, 0o755); err != nil {
			w.t.Fatal(err)
		}
		if err := os.WriteFile(dir+"/"+language+"/"+id+".al", slices.Repeat([]byte{octet}, 8000), 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
	w.house.Prompts = ivr.NewLibrary(dir)
}
