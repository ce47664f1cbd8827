package sim

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"callbox/telephony"
)

// PhoneOptions is a SIP telephone and the person at it.
type PhoneOptions struct {
	Extension string // its user name with the registrar
	Password  string
	Registrar string // the box, "127.0.0.1:5060"
	Transport string // "udp", or empty; "tcp"

	// Conn is the phone's SIP socket and RTP opens one for each call; nil makes sockets of this computer. TCP is dialled.
	Conn net.PacketConn
	RTP  func() (net.PacketConn, error)

	Expires time.Duration // of the registration; 0: five minutes
	Codecs  []string      // "pcma", "pcmu", the best first; empty: both

	AnswerAfter time.Duration // of ringing; a box that asks for it (Alert-Info, RFC 5373) is answered at once
	NeverAnswer bool
	Reject      int           // a SIP status such as 486 instead of ringing; 0: ring
	Play        []int16       // what the person says in each call, 8 kHz
	Keys        []KeyAt       // what the person presses in each call
	InBand      bool          // keys are tones even when RFC 4733 is agreed
	TalkFor     time.Duration // then the person hangs up; 0: when the far end does
}

// The stages that only a phone has. In a call it is Calling, Talking or Held.
const (
	Idle    Stage = "idle"
	Ringing Stage = "ringing"
	Held    Stage = "held" // the far end holds us
)

// A PhoneState is a snapshot of a phone.
type PhoneState struct {
	Extension  string    `json:"extension"`
	Registered bool      `json:"registered"`
	Stage      Stage     `json:"stage"`
	With       string    `json:"with,omitempty"` // the number of the other end
	Note       string    `json:"note,omitempty"` // why it is not registered, or how the last call ended
	Since      time.Time `json:"since"`
}

// A Phone is a SIP telephone (RFC 3261) and the person at it. It speaks with the parser, the transports and the
// transactions of sipgo; calls are its own. Its goroutine (run) owns every field below inbox; others post to it.
type Phone struct {
	o     PhoneOptions
	state atomic.Pointer[PhoneState]
	news  chan PhoneState
	heard atomic.Pointer[tape] // of the call last answered
	inbox chan func()
	stop  chan struct{} // closed when the phone is off
	off   atomic.Bool

	station      *station
	registration registration
	registered   bool
	call         *phoneCall // nil: idle
	note         string
}

var (
	errPhoneBusy = errors.New("the phone is in a call: hang up first")
	errNoCall    = errors.New("the phone is in no call")
	errPhoneOff  = errors.New("the phone is switched off")
)

// newsBox is how many states a slow listener may fall behind before the oldest is lost.
const newsBox = 32

const usualExpires = 5 * time.Minute

// NewPhone switches a phone on; it registers and stays registered. Close switches it off.
func NewPhone(o PhoneOptions) (*Phone, error) {
	if o.Expires == 0 {
		o.Expires = usualExpires
	}
	if len(o.Codecs) == 0 {
		o.Codecs = []string{"pcma", "pcmu"}
	}
	if _, err := timedKeys(o.Keys); err != nil {
		return nil, err
	}
	p := &Phone{
		o: o, inbox: make(chan func(), inboxSize), stop: make(chan struct{}), news: make(chan PhoneState, newsBox),
	}
	p.heard.Store(newTape(0))
	s, err := newStation(o, p.received)
	if err != nil {
		return nil, err
	}
	p.station = s
	p.tell()
	go p.run()
	return p, nil
}

func (p *Phone) run() {
	p.registration.dialog = p.station.newDialog(p.o.Extension)
	p.register()
	for {
		select {
		case act := <-p.inbox:
			act()
		case <-p.stop:
			if p.call != nil {
				p.call.end()
			}
			if p.registration.again != nil {
				p.registration.again.Stop()
			}
			p.station.close()
			close(p.news) // this goroutine alone sends there
			return
		}
	}
}

// post hands an act to the phone's goroutine.
func (p *Phone) post(act func()) {
	select {
	case p.inbox <- act:
	case <-p.stop:
	}
}

// ask is post with an answer.
func (p *Phone) ask(act func() error) error {
	reply := make(chan error, 1)
	p.post(func() { reply <- act() })
	select {
	case err := <-reply:
		return err
	case <-p.stop:
		return errPhoneOff
	}
}

// after posts an act in a while.
func (p *Phone) after(d time.Duration, act func()) *time.Timer {
	return time.AfterFunc(d, func() { p.post(act) })
}

// tell makes the phone's state known.
func (p *Phone) tell() {
	s := PhoneState{Extension: p.o.Extension, Registered: p.registered, Stage: Idle, Note: p.note, Since: time.Now()}
	if p.call != nil {
		s.Stage, s.With = p.call.stage, p.call.with
	}
	p.state.Store(&s)
	for {
		select {
		case p.news <- s:
			return
		default:
		}
		select {
		case <-p.news:
		default:
		}
	}
}

// State is a snapshot.
func (p *Phone) State() PhoneState { return *p.state.Load() }

// Events tells each new state; a slow reader loses the oldest. It is closed when the phone is off.
func (p *Phone) Events() <-chan PhoneState { return p.news }

// Heard is what the person heard in the call last answered, 8 kHz: the first two minutes, or TalkFor if it is given, ten at
// most.
func (p *Phone) Heard() []int16 { return p.heard.Load().heard() }

// Call dials a number. What comes of it is told on Events.
func (p *Phone) Call(number string) error {
	return p.ask(func() error { return p.invite(telephony.CleanNumber(number)) })
}

// Answer takes the call that rings.
func (p *Phone) Answer() error { return p.inCall((*phoneCall).answer) }

// Hangup ends the call, refuses the one that rings, and gives up the one that is not answered.
func (p *Phone) Hangup() error { return p.inCall((*phoneCall).hangUp) }

// Hold puts the far end on hold, or takes it back.
func (p *Phone) Hold(on bool) error { return p.inCall(func(c *phoneCall) error { return c.hold(on) }) }

// Transfer asks the box to put the far end through to a number (RFC 3515), without asking there first.
func (p *Phone) Transfer(number string) error {
	return p.inCall(func(c *phoneCall) error { return c.refer(telephony.CleanNumber(number)) })
}

// Press presses keys, 0-9 A-D * #.
func (p *Phone) Press(digits string) error {
	return p.inCall(func(c *phoneCall) error { return c.talk.keys.press(digits) })
}

// Say lets the person say something instead of what they say now.
func (p *Phone) Say(s telephony.Source) error {
	return p.inCall(func(c *phoneCall) error { c.talk.handset.Say(s); return nil })
}

// Pressed is the keys that the far end sent by RFC 4733 in the call.
func (p *Phone) Pressed() (digits string, err error) {
	err = p.inCall(func(c *phoneCall) error { digits = c.talk.pressed(); return nil })
	return digits, err
}

func (p *Phone) inCall(act func(*phoneCall) error) error {
	return p.ask(func() error {
		if p.call == nil {
			return errNoCall
		}
		return act(p.call)
	})
}

// closeWait is how long a phone that is switched off waits for the registrar.
const closeWait = 2 * time.Second

// Close hangs up, unregisters and switches the phone off.
func (p *Phone) Close() {
	_ = p.Hangup()
	gone := make(chan struct{})
	p.post(func() { p.unregister(sync.OnceFunc(func() { close(gone) })) })
	select {
	case <-gone:
	case <-p.stop:
	case <-time.After(closeWait):
	}
	p.Vanish()
}

// Vanish switches the phone off without a word, as a pulled plug does.
func (p *Phone) Vanish() {
	if !p.off.Swap(true) {
		close(p.stop)
	}
}
