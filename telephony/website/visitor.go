package website

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"runtime/debug"
	"strings"
	"time"
	"unicode"

	"callbox/telephony"
	"callbox/telephony/sip"
)

// offerTime is how long a browser may take until its offer.
const offerTime = 10 * time.Second

// What a visitor is told of an end.
var (
	errOver     = telephony.Errorf("", "通话已结束。", "The call is over.")
	errMessage  = telephony.Errorf(telephony.Invalid, "呼叫请求有误，请刷新网页重试。", "The call could not be read. Please reload the page and try again.")
	errOffer    = telephony.Errorf(telephony.Invalid, "浏览器的通话能力不符，请换用新版浏览器。", "This browser cannot speak with us. Please use a newer one.")
	errNoWay    = telephony.Errorf(telephony.Unavailable, "语音无法连通，请换一个网络重试。", "Speech does not get through from this network. Please try another one.")
	errNobody   = telephony.Errorf(telephony.Unavailable, "暂时无人接听，请稍后再拨。", "Nobody can take the call now. Please try again later.")
	errNotNow   = telephony.Errorf(telephony.Unavailable, "暂时无法呼叫，请稍后再试。", "Calls are not possible at the moment. Please try again later.")
	errBroken   = telephony.Errorf(telephony.Internal, "通话中断，请重新呼叫。", "The call broke off. Please call again.")
	errStopping = telephony.Errorf(telephony.Unavailable, "系统正在重启，请稍后再拨。", "The telephone system starts anew. Please call again in a minute.")
)

// A visitor is one call from a web site. Its goroutine (call) owns it.
type visitor struct {
	sites  *Sites
	conn   net.Conn
	place  *place
	said   chan message // by the browser; closed with the connection
	places chan message // where the visitor is; the newest alone
	speech *sip.Speech
	leg    *leg // nil: the call is not born
	shown  message
}

// call serves a visitor from the offer to the end, and says why it ended.
func (v *visitor) call(ctx context.Context) error {
	gone := make(chan struct{})
	defer close(gone)
	go v.listen(gone)
	first, err := v.offer(ctx)
	if err != nil {
		return err
	}
	if err := v.open(first.Offer); err != nil {
		return err
	}
	defer v.speech.Session().Close()
	if err := v.secure(ctx); err != nil {
		return err
	}
	v.arrive(first)
	defer v.sites.leave(v)
	return v.converse(ctx)
}

// listen reads what the browser says until the connection or the visit ends.
func (v *visitor) listen(gone <-chan struct{}) {
	defer close(v.said)
	room := make([]byte, maxMessage)
	for {
		n, err := v.conn.Read(room)
		if err != nil {
			return
		}
		m, err := decode(room[:n])
		if err != nil {
			m = message{State: stateEnded} // nothing that a browser says
		}
		select {
		case v.said <- m:
		case <-gone:
			return
		}
	}
}

// offer waits for the browser's offer.
func (v *visitor) offer(ctx context.Context) (message, error) {
	limit := time.NewTimer(offerTime)
	defer limit.Stop()
	select {
	case m := <-v.said:
		if m.Offer == "" {
			return m, saidIn(m)
		}
		return m, nil
	case <-limit.C:
		return message{}, errMessage
	case <-ctx.Done():
		return message{}, errStopping
	}
}

// open answers the offer.
func (v *visitor) open(offer string) error {
	if v.sites.opt.Browsers == nil {
		return errNotNow
	}
	peer, err := v.sites.opt.Browsers()
	if err != nil {
		return errFull
	}
	v.speech = sip.NewSpeech(peer, v.sites.opt.Advertise)
	answer, err := v.speech.Answer([]byte(offer))
	if err == nil {
		err = send(v.conn, message{Answer: string(answer), State: stateCalling})
	} else {
		err = errOffer
	}
	if err != nil {
		v.speech.Session().Close()
	}
	return err
}

// secure waits until the browser has been heard and both have their keys.
func (v *visitor) secure(ctx context.Context) error {
	for {
		select {
		case keys := <-v.speech.Secured():
			if keys.Err != nil {
				return errNoWay
			}
			v.speech.Secure(keys)
			return nil
		case m := <-v.said:
			return saidIn(m)
		case <-ctx.Done():
			return errStopping
		}
	}
}

// arrive hands the call to the office. A visitor has no number; the name that agents see is the web site's.
func (v *visitor) arrive(first message) {
	w := &v.place.config
	v.leg = newLeg(w.Line(), v.speech.Session())
	v.shown = message{State: stateCalling}
	v.sites.enter(v)
	v.sites.opt.Office.Arrive(telephony.Arrival{
		Leg: v.leg, Line: w.Line(), Caller: telephony.Caller{Name: cmp.Or(w.Name, w.ID)}, Data: dataOf(first),
	})
}

// maxData is how many octets of a value travel with a call (A2.22).
const maxData = 256

// dataOf is what a page says of its visitor: a stranger's text, cut to what may travel with a call.
func dataOf(m message) map[string]string {
	data := map[string]string{}
	for key, value := range map[string]string{"visitor": m.Visitor, "page": m.Page} {
		value = strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) {
				return -1
			}
			return r
		}, value)
		if value = strings.TrimSpace(strings.ToValidUTF8(value[:min(len(value), maxData)], "")); value != "" {
			data[key] = value
		}
	}
	return data
}

// converse is a visitor's call from its birth to its end.
func (v *visitor) converse(ctx context.Context) error {
	s := v.speech.Session()
	for {
		select {
		case <-v.leg.answers:
			s.Answered()
			v.sites.door.answered(v.place)
		case cause := <-v.leg.releases:
			v.leg.release(telephony.Released{Cause: cause, ByBox: true, Witness: telephony.BySignalling})
			return reasonOf(cause)
		case m := <-v.said: // whatever a browser says now ends the call
			v.leg.release(telephony.Released{Cause: telephony.CauseNormal, Witness: telephony.BySignalling})
			return saidIn(m)
		case d := <-s.Digits():
			v.leg.tell(d)
		case f := <-s.Faults():
			v.leg.tell(telephony.Speech{Fault: f})
		case <-s.Lost():
			v.leg.release(telephony.Released{Cause: telephony.CauseTemporary, Witness: telephony.ByMediaLoss})
			return errNoWay
		case p := <-v.places:
			v.show(p)
		case <-ctx.Done():
			v.leg.release(telephony.Released{Cause: telephony.CauseTemporary, ByBox: true, Witness: telephony.BySignalling})
			return errStopping
		}
	}
}

// saidIn is what a browser's message, or the end of its connection, means once there is nothing to say but "bye".
func saidIn(m message) error {
	if m.Bye || m == (message{}) {
		return errOver
	}
	return errMessage
}

// seat says where the visitor is now, in the place of what was said before and not read.
func (v *visitor) seat(p message) {
	select {
	case <-v.places:
	default:
	}
	select {
	case v.places <- p:
	default:
	}
}

// show tells the browser where it is, if that is new.
func (v *visitor) show(p message) {
	if p == v.shown {
		return
	}
	v.shown = p
	_ = send(v.conn, p) // a browser that is gone is missed by the reader
}

// reasonOf is what a visitor is told of the end that the box gave the call.
func reasonOf(c telephony.Cause) error {
	switch {
	case c == telephony.CauseNormal:
		return errOver
	case c.Kind() == telephony.KindBusy, c.Kind() == telephony.KindFull:
		return errFull
	case c.Kind() == telephony.KindFault, c.Kind() == telephony.KindNetwork:
		return errBroken
	}
	return errNobody
}

// rescue ends this call, and only this, when the program has a fault in it.
func (v *visitor) rescue() {
	p := recover()
	if p == nil {
		return
	}
	v.sites.opt.Office.Append(telephony.Entry{Fact: telephony.Panicked{
		Where: "website " + v.place.config.ID, What: fmt.Sprint(p), Stack: string(debug.Stack()),
	}})
	if v.leg != nil {
		v.leg.release(telephony.Released{Cause: telephony.CauseTemporary, ByBox: true, Witness: telephony.BySignalling})
	}
}
