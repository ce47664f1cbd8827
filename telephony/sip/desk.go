package sip

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// The desk's patience.
const (
	maxAge      = 2 * time.Second // an INVITE that waited longer for the desk has given up or comes again
	cancelTime  = 64 * timerT1    // how long a CANCEL that came before its INVITE is remembered
	maxCancels  = 1024
	sweepPeriod = time.Second // of registrations that expire
)

// A desk takes every message in the order of its arrival and hands it to whom it concerns: a transaction, a leg, the
// registrar. One goroutine owns it, so the messages of one Call-ID keep their order (pitfall 1).
type desk struct {
	stack     *Stack
	changed   chan struct{} // capacity 1: a new configuration is in force, or a trunk's addresses are known
	acts      chan func()   // for others to do something with what the desk owns
	closing   atomic.Bool
	registrar *registrar
	door      *door
	cancels   map[string]time.Time // CANCELs that came before their INVITE, by the INVITE's transaction
}

func newDesk(s *Stack) *desk {
	d := &desk{stack: s, changed: make(chan struct{}, 1), acts: make(chan func(), 8), cancels: map[string]time.Time{}}
	d.door = newDoor(s)
	d.registrar = newRegistrar(s, d.door)
	return d
}

// reconfigured tells the desk that phones may have gone, or trunks come.
func (d *desk) reconfigured() {
	select {
	case d.changed <- struct{}{}:
	default:
	}
}

// close makes the desk refuse whatever is new.
func (d *desk) close() { d.closing.Store(true) }

func (d *desk) run(ctx context.Context) {
	sweep := time.NewTicker(sweepPeriod)
	defer sweep.Stop()
	d.acquaint()
	for {
		select {
		case in := <-d.stack.transport.in:
			d.receive(in)
		case <-d.changed:
			d.registrar.sweep(time.Now())
			d.acquaint()
		case act := <-d.acts:
			act()
		case now := <-sweep.C:
			d.sweep(now)
			d.registrar.watch(ctx, now)
		case s := <-d.registrar.signs:
			d.registrar.heard(s, time.Now())
		case <-d.stack.transport.done:
			return
		}
	}
}

func (d *desk) sweep(now time.Time) {
	d.registrar.sweep(now)
	d.acquaint()
	for key, until := range d.cancels {
		if now.After(until) {
			delete(d.cancels, key)
		}
	}
}

// receive handles one message. What goes wrong with it ends with it.
func (d *desk) receive(in incoming) {
	defer d.stack.guard("desk")
	switch m := in.msg.(type) {
	case *sipgo.Request:
		d.request(m, in)
	case *sipgo.Response:
		d.response(m, in)
	}
}

// response finds the request that is answered. What answers nothing is dropped (RFC 3261 18.1.2, RFC 4475 3.3.10).
func (d *desk) response(res *sipgo.Response, in incoming) {
	if res.To() == nil || res.From() == nil || res.CallID() == nil || len(res.GetHeaders("via")) != 1 ||
		res.StatusCode < 100 || res.StatusCode > 699 {
		return
	}
	key, err := sipgo.ClientTxKeyMake(res)
	if err != nil {
		return
	}
	if tx := d.stack.transactions.clientOf(key); tx != nil {
		tx.path.leg.trace(false, in.from, in.octets)
		tx.receive(res)
	}
}

func (d *desk) request(req *sipgo.Request, in incoming) {
	if req.Via() == nil {
		return // nobody to answer
	}
	stamp(req, in.from)
	if f := validate(req, in.from); f != nil {
		d.stack.refuse(req, in.from, f)
		return
	}
	key := serverKey(req)
	tx := d.stack.transactions.serverOf(key)
	switch {
	case req.Method == sipgo.ACK:
		d.ack(req, in, tx)
	case tx != nil:
		tx.leg.trace(false, in.from, in.octets)
		tx.tx.Receive(req) // an echo: the last answer goes out again
	case req.Method == sipgo.CANCEL:
		d.cancel(req, in)
	case req.To().Params.Has("tag"):
		d.withinDialog(req, in, key)
	default:
		d.outOfDialog(req, in, key)
	}
}

// ack hands an ACK to the transaction whose refusal it confirms, or to the leg whose 200 it confirms.
func (d *desk) ack(req *sipgo.Request, in incoming, tx *serverTx) {
	if l := d.stack.legs.find(req); l != nil && (tx == nil || !tx.refused.Load()) {
		l.trace(false, in.from, in.octets)
		l.post(confirmation{req})
		return
	}
	if tx != nil && tx.refused.Load() {
		tx.leg.trace(false, in.from, in.octets)
		tx.tx.Receive(req)
	}
}

// cancel answers a CANCEL and tells the leg. One that overtook its INVITE is remembered (RFC 3261 9.2).
func (d *desk) cancel(req *sipgo.Request, in incoming) {
	key := inviteKey(req)
	if d.stack.transactions.serverOf(key) == nil {
		if len(d.cancels) < maxCancels {
			d.cancels[key] = time.Now().Add(cancelTime)
		}
		d.stack.refuse(req, in.from, &fault{status: 481})
		return
	}
	tag := d.stack.tagOf(req)
	l := d.stack.legs.invitedBy(key)
	if l != nil { // otherwise it is answered already, and stays so
		tag = l.tag
		l.trace(false, in.from, in.octets)
		l.post(cancelled{req})
	}
	p := &path{transport: d.stack.transport, to: answerHop(req, in.from), leg: l}
	p.WriteMsg(d.stack.answer(req, 200, tag))
}

// inviteKey is the key of the INVITE that a CANCEL is for.
func inviteKey(cancel *sipgo.Request) string {
	invite := cancel.Clone()
	invite.Method = sipgo.INVITE
	invite.CSeq().MethodName = sipgo.INVITE
	return serverKey(invite)
}

// withinDialog hands a request to the leg of its dialog (RFC 3261 12.2.2).
func (d *desk) withinDialog(req *sipgo.Request, in incoming, key string) {
	l := d.stack.legs.find(req)
	if l == nil || in.from.phone != "" && l.line.id != phoneID(in.from.phone) {
		d.stack.refuse(req, in.from, &fault{status: 481})
		return
	}
	l.trace(false, in.from, in.octets)
	tx := d.stack.newServerTx(key, req, in.from, l)
	if !l.post(tx) {
		tx.respond(d.stack.answer(req, 503, ""))
	}
}

func (d *desk) outOfDialog(req *sipgo.Request, in incoming, key string) {
	switch {
	case d.closing.Load():
		d.stack.refuse(req, in.from, d.busy())
	case req.Method == sipgo.INVITE:
		d.invite(req, in, key)
	case req.Method == sipgo.REGISTER:
		d.registrar.register(req, in.from, key)
	case req.Method == sipgo.OPTIONS:
		d.stack.refuse(req, in.from, optionsAnswer)
	case req.Method == sipgo.REFER: // the box calls for nobody who is not in a call (rule 6)
		d.stack.refuse(req, in.from, &fault{status: 403})
	default: // BYE, UPDATE or PRACK outside of a dialog
		d.stack.refuse(req, in.from, &fault{status: 481})
	}
}

// optionsAnswer says what the box can do (RFC 3261 11.2), the same to everybody and for every name.
var optionsAnswer = &fault{status: 200, headers: []sipgo.Header{
	sipgo.NewHeader("Allow", allowed), sipgo.NewHeader("Accept", typeSDP), sipgo.NewHeader("Supported", extensions),
}}

// busy refuses a call that the box has no room for. The jitter keeps those who are refused from coming back together.
func (d *desk) busy() *fault {
	after := strconv.Itoa(2 + rand.IntN(6))
	return &fault{status: 503, headers: []sipgo.Header{sipgo.NewHeader("Retry-After", after)}}
}

// invite decides whether a new call is taken: by whom it comes, and whether there is room (RFC 3261 8.2, 13.3.1).
func (d *desk) invite(req *sipgo.Request, in incoming, key string) {
	s := d.stack
	if _, early := d.cancels[key]; early {
		delete(d.cancels, key)
		s.refuse(req, in.from, &fault{status: 487})
		return
	}
	if time.Since(in.at) > maxAge {
		return
	}
	if s.legs.merged(req) { // the same request by another way (RFC 3261 8.2.2.2)
		s.refuse(req, in.from, &fault{status: 482})
		return
	}
	from, f := d.door.admit(req, in.from)
	if f == nil && s.calls.Load() >= s.maxCalls && !(from.phone != nil && s.lines.Load().isEmergency(from.calledOf(req))) {
		f = d.busy()
	}
	var l *leg
	if f == nil {
		l, f = s.newIncoming(req, in.from, from)
	}
	if f != nil {
		s.refuse(req, in.from, f)
		return
	}
	l.trace(false, in.from, in.octets)
	l.in.tx, l.in.key = s.newServerTx(key, req, in.from, l), key
	if !s.legs.add(l) {
		l.in.tx.respond(s.answer(req, 503, l.tag))
		l.release(releasedByBox(telephony.CauseTemporary))
		return
	}
	go l.run((*leg).arriving)
}
