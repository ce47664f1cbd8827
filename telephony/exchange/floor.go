package exchange

import (
	"strings"

	"callbox/telephony"
	"callbox/telephony/call"
)

// What calls ask of each other's whereabouts. The desk knows every call by its newest picture.

// find asks the desk for the first call that fits, in the order of their arrival, or nil.
func (x *Exchange) find(fits func(telephony.LiveCall) bool) *call.Call {
	reply := make(chan *call.Call, 1)
	x.post(func(d *desk) {
		var found *entry
		for _, e := range d.calls {
			if fits(e.live) && (found == nil || e.live.Since.Before(found.live.Since)) {
				found = e
			}
		}
		if found == nil {
			reply <- nil
			return
		}
		reply <- found.call
	})
	select {
	case c := <-reply:
		return c
	case <-x.done:
		return nil
	}
}

// CallOf is the call that has the leg, or nil.
func (x *Exchange) CallOf(leg string) *call.Call {
	return x.find(func(l telephony.LiveCall) bool {
		for _, p := range l.Parties {
			if p.Leg == leg {
				return true
			}
		}
		return false
	})
}

// RingingAt is the call that rings longest at a line, or at any phone of the office if that is empty; nil if none does.
func (x *Exchange) RingingAt(line string) *call.Call {
	return x.find(func(l telephony.LiveCall) bool {
		for _, p := range l.Parties {
			if p.State == telephony.PartyCalled && p.Line != l.Line && (p.Line == line || line == "" && strings.HasPrefix(p.Line, "phone/")) {
				return true
			}
		}
		return false
	})
}

// Dialled is where digits lead that are dialled at a phone with the permit, in mid-call.
func (x *Exchange) Dialled(cfg *telephony.Config, digits string, p telephony.Permit) (telephony.Target, error) {
	if t, found, _ := cfg.Inside(digits); found {
		return t, nil
	}
	return telephony.NewTarget(telephony.ToOutside, digits), x.Permitted(cfg, digits, p)
}

// Permitted says what speaks against dialling an outside number with the permit, or nil.
func (x *Exchange) Permitted(cfg *telephony.Config, number string, p telephony.Permit) error {
	if _, _, err := dialPlan(cfg, number, p); err != nil {
		return err
	}
	return nil
}

// Place rings who asks for a call, and when that one answers, sends the call to a target (A5.8, A2.13). The permit is that of
// who asks, for both.
func (x *Exchange) Place(o Order) (telephony.CallID, error) {
	cfg := x.cfg.Load()
	type placed struct {
		id  telephony.CallID
		err error
	}
	reply := make(chan placed, 1)
	x.post(func(d *desk) {
		id, err := x.place(d, cfg, o)
		reply <- placed{id, err}
	})
	select {
	case p := <-reply:
		return p.id, p.err
	case <-x.done:
		return "", telephony.Errorf(telephony.Unavailable, "系统正在停止", "the box is about to stop")
	}
}

// An Order is a call to place for somebody.
type Order struct {
	First  telephony.Target // who is rung first: a phone, or an outside number
	Then   telephony.Target
	Shown  telephony.Caller // what the first sees
	Own    bool             // who asks sits at the first, which answers by itself
	Permit telephony.Permit
	By     string
}

// place dials the first leg; the call is born with it.
func (x *Exchange) place(d *desk, cfg *telephony.Config, o Order) (telephony.CallID, error) {
	direction := telephony.InternalCall
	if o.First.Kind() == telephony.ToOutside || o.Then.Kind() == telephony.ToOutside {
		direction = telephony.Outbound
	}
	if d.closed || !x.admission.admits(cfg, direction, o.Then.ID(), len(d.calls)) {
		return "", telephony.Errorf(telephony.Busy, "并发呼叫已达上限，请稍后再试", "the box has all the calls it takes: try again later")
	}
	if o.First.Kind() != telephony.ToPhone && o.First.Kind() != telephony.ToOutside {
		return "", telephony.Errorf(telephony.Invalid, "请先呼分机或外线", "ring a phone or an outside number first")
	}
	if err := call.Sendable(cfg, o.Then); err != nil {
		return "", err
	}
	id := telephony.NewCallID(x.opt.Boot, d.count+1)
	order := telephony.Order{Call: id, From: o.Shown}
	if p := cfg.Phone(o.First.ID()); p != nil && o.First.Kind() == telephony.ToPhone {
		order.AutoAnswer = p.AutoAnswer || o.Own
	}
	r, _, err := x.reach(cfg, o.First, order, o.Permit)
	if err != nil {
		return "", err
	}
	d.count++
	d.begun = append(d.begun, call.Birth{
		ID: id, Config: cfg, Direction: direction, By: o.By, First: o.First,
		Arrival:  telephony.Arrival{Leg: r.Leg, Line: r.Line, Caller: telephony.CleanCaller(telephony.Caller{Number: o.First.ID()}), Called: o.Then.ID()},
		Decision: decide(o.Then, "placed", "由页面或接口发起", "asked for at the page or by the API"),
	})
	return id, nil
}
