package sim

import (
	"sync/atomic"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A Stage is how far a party's call has come.
type Stage string

// The stages of a call. From HungUp on it is over.
const (
	Calling  Stage = "calling"  // it rings at the far end
	Talking  Stage = "talking"  //
	Parked   Stage = "parked"   // the box pressed R
	HungUp   Stage = "hung_up"  // the party hung up first
	Released Stage = "released" // the box hung up first
	GaveUp   Stage = "gave_up"  // nobody answered
	Refused  Stage = "refused"  // busy, congestion or no such number
)

// A PartyState is a snapshot of one party.
type PartyState struct {
	Line   string    `json:"line"`
	Number string    `json:"number"` // of the party; empty: withheld
	Name   string    `json:"name,omitempty"`
	Ours   bool      `json:"ours"` // the box called
	Stage  Stage     `json:"stage"`
	Since  time.Time `json:"since"`
}

// A Party is somebody on a telephone of the public network: a caller of the box (Ring), or whom the box called (Called).
// Any goroutine may call its verbs.
type Party struct {
	handset handset
	call    Call // From is the party's number whoever called
	on      circuit
	ours    bool

	state    atomic.Pointer[PartyState]
	answered atomic.Bool
	done     chan struct{}
	patience *time.Timer // gives up, and later hangs up; the circuit's goroutine owns it
}

// A circuit is what connects a party with the box: a line, or a span.
type circuit interface {
	Name() string
	// hangUp posts that the party hung up. It does nothing when the party's call is over.
	hangUp(*Party)
}

// newCaller is somebody who is about to ring the box.
func newCaller(c Call) (*Party, error) {
	keys, err := timedKeys(c.Keys)
	if err != nil {
		return nil, err
	}
	c.From, c.Name = telephony.CleanNumber(c.From), telephony.CleanCaller(telephony.Caller{Name: c.Name}).Name
	p := &Party{call: c, done: make(chan struct{})}
	p.handset = newHandset(NewSpeech(c.Play), keys, c.For)
	return p, nil
}

// newCalled is whom the box reaches under a number.
func newCalled(on circuit, number string, o outcome) *Party {
	p := &Party{call: Call{From: number, For: o.talks}, on: on, ours: true, done: make(chan struct{})}
	p.handset = newHandset(&mirror{}, nil, o.talks)
	return p
}

// State is a snapshot.
func (p *Party) State() PartyState {
	if s := p.state.Load(); s != nil {
		return *s
	}
	return PartyState{Number: p.call.From, Name: p.call.Name}
}

// Answered tells whether the call was ever answered.
func (p *Party) Answered() bool { return p.answered.Load() }

// Done is closed when the call is over.
func (p *Party) Done() <-chan struct{} { return p.done }

// Heard is what the party has heard since the answer, 8 kHz: the first two minutes, or For if it is given, ten at most.
func (p *Party) Heard() []int16 { return p.handset.tape.heard() }

// Say lets the party say something instead of what it says now.
func (p *Party) Say(s telephony.Source) { p.handset.Say(s) }

// Press presses keys, 0-9 A-D * # and comma for a pause of two seconds, one after the other and after those before.
func (p *Party) Press(digits string) error { return p.handset.Press(digits) }

// Hangup ends the party's part. It does nothing when the call is over.
func (p *Party) Hangup() { p.on.hangUp(p) }

// ring puts the caller on a circuit and starts the caller's patience.
func (p *Party) ring(on circuit) {
	p.on = on
	p.loseIn(p.call.GiveUp)
}

// identity is what the exchange tells the box of the caller.
func (p *Party) identity() dsp.CallerID {
	return dsp.CallerID{
		Number: p.call.From, Name: p.call.Name, Date: time.Now().Format("01021504"),
		Withheld: p.call.Withheld, Absent: p.call.From == "",
	}
}

// answer starts the conversation.
func (p *Party) answer() {
	p.answered.Store(true)
	p.loseIn(p.call.For)
}

// loseIn lets the party hang up after d; 0: never.
func (p *Party) loseIn(d time.Duration) {
	if p.patience != nil {
		p.patience.Stop()
	}
	if d > 0 {
		p.patience = time.AfterFunc(d, p.Hangup)
	}
}

// tell sets the stage.
func (p *Party) tell(s Stage) {
	p.state.Store(&PartyState{
		Line: p.on.Name(), Number: p.call.From, Name: p.call.Name, Ours: p.ours, Stage: s, Since: time.Now(),
	})
}

// end sets the last stage.
func (p *Party) end(s Stage) {
	p.loseIn(0)
	p.tell(s)
	close(p.done)
}
