package main

import (
	"context"
	"strings"

	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/call"
	"callbox/telephony/exchange"
	"callbox/webui"
)

// Order gives a conversation in progress an order. Who listens to others is in the audit.
func (b *Box) Order(id telephony.CallID, o webui.CallOrder, by webui.By) error {
	c, ok := b.Exchange.Call(id)
	if !ok {
		return over(id)
	}
	h := call.Hand{By: by.Who, Agent: o.Agent}
	switch o.Do {
	case "hold":
		return c.Hold(h)
	case "retrieve":
		return c.Retrieve(h)
	case "consult":
		return c.Consult(h, b.aim(o.To))
	case "back":
		return c.Back(h)
	case "conference":
		return c.Conference(h)
	case "transfer":
		return c.Transfer(h, b.aim(o.To))
	case "park":
		return c.Park(h)
	case "pickup":
		return c.PickUp(h, o.Phone)
	case "attach":
		return c.Attach(h, o.Data)
	case "monitor":
		line := storage.AuditLine{Who: by.Who, Source: by.Source, Action: "call.monitored", On: string(id), Detail: o.Mode + " " + string(o.Phone)}
		if err := b.Store.Audit(context.Background(), line); err != nil {
			return err
		}
		return c.Monitor(h, o.Phone, call.Mode(o.Mode))
	}
	return telephony.Errorf(telephony.Invalid, "不能对通话执行 %s", "a call knows no order %s", o.Do)
}

// over says that there is no such call any more.
func over(id telephony.CallID) error {
	return telephony.Errorf(telephony.NotFound, "通话 %s 已结束", "call %s is over", id)
}

// aim reads where somebody wants a call: a target, or digits as they are dialled at a phone.
func (b *Box) aim(to string) telephony.Target {
	if to == "" || strings.Contains(to, ":") {
		return telephony.Target(to)
	}
	digits := telephony.CleanNumber(to)
	if t, found, _ := b.Store.Config().Inside(digits); found {
		return t
	}
	return telephony.NewTarget(telephony.ToOutside, digits)
}

// Place rings somebody and sends the call on when that one answers. A phone dials what it may dial by itself; whom a
// supervisor invites may be in this country.
func (b *Box) Place(p webui.Placing, by webui.By) (telephony.CallID, error) {
	first, permit := b.aim(string(p.From)), telephony.PermitNational
	if first.Kind() == telephony.ToAgent {
		first = b.Exchange.Agents().PhoneOf(first.ID())
	}
	if f := b.Store.Config().Phone(first.ID()); f != nil && first.Kind() == telephony.ToPhone {
		permit = f.Permit
	}
	return b.Exchange.Place(exchange.Order{First: first, Then: b.aim(p.To), Permit: permit, By: by.Who, Own: p.Own})
}

// LockRoom lets nobody into a conference room any more, or opens it again.
func (b *Box) LockRoom(id string, on bool, by webui.By) error {
	if !b.Exchange.LockRoom(id, on) {
		return telephony.Errorf(telephony.NotFound, "会议室 %s 里没有人", "nobody is in the room %s", id)
	}
	return b.Store.Audit(context.Background(), storage.AuditLine{Who: by.Who, Source: by.Source, Action: "room.locked", On: id})
}
