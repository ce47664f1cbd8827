// Package call is the story of one caller, from the first ring to the last release. One goroutine runs each call through its
// states, a file per state: ls is the state diagram. Everything that happens to a call (its legs' events, acd's messages,
// expired timers, finished prompts, orders from the page) arrives in one place, wait, so no two of them can race.
package call

import (
	"cmp"
	"context"
	"time"

	"callbox/telephony"
	"callbox/telephony/acd"
	"callbox/telephony/ivr"
	"callbox/telephony/media"
	"callbox/telephony/record"
)

// A House is what a call needs of the box. The exchange builds it once; it is shared and read-only.
type House struct {
	Journal  telephony.Journal
	Matrix   *media.Matrix
	Prompts  *ivr.Library
	Recorder *record.Recorder
	Queues   *acd.ACD
	Mailroom Mailroom
	Switch   Switchboard
	Rooms    *Rooms
	Slots    *Slots
	// Show takes the newest picture of a call for the live page; it must not wait.
	Show func(telephony.LiveCall)
}

// A Switchboard reaches parties for calls. Its verbs return at once.
type Switchboard interface {
	// Reach starts a leg to a phone or an outside number, for someone with the permit.
	Reach(cfg *telephony.Config, t telephony.Target, o telephony.Order, p telephony.Permit) (Reached, error)
	// MayMix says why, under load, nobody more can listen to a conversation now, or nil.
	MayMix() error
	// LastAgent is the agent who last spoke with the number, or "" (A2.6).
	LastAgent(number string) string
	// Spoke remembers who spoke with whom.
	Spoke(number, agent string)
	// Dialled is where digits lead that are dialled at a phone with the permit, or an *Error: not complete, not permitted.
	Dialled(cfg *telephony.Config, digits string, p telephony.Permit) (telephony.Target, error)
	// Permitted says what speaks against dialling an outside number with the permit, or nil.
	Permitted(cfg *telephony.Config, number string, p telephony.Permit) error
	// CallOf is the call that has the leg, or nil.
	CallOf(leg string) *Call
	// RingingAt is the call that rings longest at a line, or at any phone if that is empty; nil if none does.
	RingingAt(line string) *Call
}

// Reached is a leg on its way to a party.
type Reached struct {
	Leg  telephony.Leg
	Line string // the line's id
	Rule string // the outbound rule that chose the line, or ""
}

// A Birth is how a call begins.
type Birth struct {
	ID        telephony.CallID
	Config    *telephony.Config // kept for the whole call
	Arrival   telephony.Arrival
	Direction telephony.Direction
	Decision  telephony.Routed // where it goes first, and why
	Priority  int              // added to the priority of queues (VIP, route)
	By        string           // who asked for it, if the box dialled the caller's leg (A5.8)
	First     telephony.Target // then whom it dialled; empty: the call came in
}

// inboxSize bounds what a call has been told and not yet read. Legs that tell more wait on their own forwarder.
const inboxSize = 64

// A Call is one call. Only its own goroutine (Run) touches it, but for inbox and orders.
type Call struct {
	Birth
	house   *House
	inbox   chan happening
	backlog []happening        // what was in the inbox while a leg was given away
	asked   func(error)        // takes what came of what was asked last; nil: it has
	queued  <-chan acd.Message // acd's messages of this stay in a queue; nil outside
	over    chan struct{}      // closed when Run ends

	bridge  *media.Bridge
	caller  *party
	others  []*party // every leg but the caller's that is not gone
	timers  []timer
	playing <-chan struct{} // what the caller hears, while it is to be waited for

	table   *table            // while people talk
	recall  telephony.Target  // who is rung again if a transfer reaches nobody
	granted telephony.Permit  // how far the call may go for whoever sent it on; empty: as permit says
	data    map[string]string // attached (A2.22); replaced, never changed

	answered  bool // the box took the caller's call
	recording *record.Recording
	paused    bool
	waiting   *waiting         // while in a queue
	served    *telephony.Queue // whose agent serves the caller, or did before a transfer
	language  string
	menus     []string // the menus that led here, for "return"
	typed     string   // digits typed ahead
	live      telephony.LiveCall
	hops      int               // how often it was sent on since something was heard
	rounds    int               // how often it was sent on since the caller last did anything
	redials   int               // lines tried in vain, for the present target
	referrer  *referrer         // whose transfer is on its way; nil: nobody's
	failed    []string          // those of them that are not to be tried again
	failure   telephony.Cause   // of the last
	tapped    *party            // whom the recording listens to
	purpose   string            // of the recording
	outcome   telephony.Outcome // of what was reached so far
	by        string            // who ordered the end, if somebody did
	stopping  bool              // the box stops
	broken    <-chan struct{}   // closed when the bridge is no more
	ended     bool
}

// New makes a call of a birth; Run tells its story.
func New(b Birth, house *House) *Call {
	c := &Call{
		Birth: b, house: house,
		inbox: make(chan happening, inboxSize),
		over:  make(chan struct{}),
	}
	c.language = c.languageOf(b.Arrival.Line)
	c.live = telephony.LiveCall{
		ID: b.ID, Direction: b.Direction, Line: b.Arrival.Line, Caller: b.Arrival.Caller,
		Called: b.Arrival.Called, Closed: b.Decision.Closed, State: "arrived", Language: c.language, Since: time.Now(),
	}
	return c
}

// state is one state of the story: it waits for what happens and gives the next, nil at the end.
type state func(*Call) state

// Run tells the story from arrival to end. It returns when every leg is released; a panic leaves nothing behind.
func (c *Call) Run(ctx context.Context) {
	defer close(c.over)
	stop := context.AfterFunc(ctx, func() { c.post(order{kind: orderStop}) })
	defer stop()
	c.bridge = c.house.Matrix.Open()
	c.broken = c.bridge.Done()
	defer c.bridge.Close()
	defer c.account()
	defer c.house.Queues.Gone(c.ID)
	defer c.clear()
	c.tell(telephony.CallArrived{
		Direction: c.Direction, Line: c.Arrival.Line, Leg: c.Arrival.Leg.String(),
		Caller: c.Arrival.Caller, Called: c.Arrival.Called, Agent: c.agentAt(c.Arrival.Line), Redirecting: c.Arrival.Redirecting,
	})
	if len(c.Arrival.Data) > 0 {
		_ = c.attach(c.Arrival.Data, c.Arrival.Line) // what is over the bounds is not kept: a stranger wrote it
	}
	c.caller = c.adopt(c.Arrival.Leg, c.Arrival.Line)
	for s := c.begin(); s != nil; {
		s = s(c)
	}
	c.answerAsked(errOver)
}

// clear lets go of all that the call holds. It holds nothing unless the far end of a leg kept silent or the story broke off.
func (c *Call) clear() {
	c.stopRecording()
	if c.queued != nil {
		c.unqueue("closed", telephony.OfferCallerLeft)
	}
	for _, p := range append([]*party{c.caller}, c.others...) {
		if p != nil && !p.gone {
			p.leg.Release(telephony.CauseTemporary)
		}
	}
}

// account sees to it that a story that broke off has an end all the same.
func (c *Call) account() {
	if !c.ended {
		c.tell(telephony.CallEnded{Outcome: telephony.OutcomeFailed, Cause: telephony.CauseTemporary, By: "box"})
	}
}

// tell writes a fact of this call into the journal.
func (c *Call) tell(f telephony.Fact) { c.house.Journal.Append(telephony.Entry{Call: c.ID, Fact: f}) }

// show gives the live page a new picture.
func (c *Call) show(stateName, where string) {
	c.live.State, c.live.Where = stateName, where
	c.picture()
}

func (c *Call) picture() {
	c.live.Caller, c.live.Data = c.Arrival.Caller, c.data
	c.live.Parties = c.parties()
	c.live.Recording, c.live.Paused = c.recording != nil, c.paused
	c.house.Show(c.live)
}

// parties are those who have a part in the call now.
func (c *Call) parties() (list []telephony.LiveParty) {
	for _, p := range append([]*party{c.caller}, c.others...) {
		if p == nil || p.gone {
			continue
		}
		l := telephony.LiveParty{Leg: p.name, Line: p.line, Agent: p.agent, State: p.state, Holds: p.holds}
		if m := c.table.monitorOf(p); m != nil {
			l.Mode, l.By = string(m.mode), m.by
		}
		list = append(list, l)
	}
	return list
}

// languageOf is what callers of a line hear.
func (c *Call) languageOf(line string) string {
	return cmp.Or(c.Config.OutsideLine(line).Language, c.Config.Site.Language)
}
