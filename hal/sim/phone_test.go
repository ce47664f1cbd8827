package sim

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/google/go-cmp/cmp"

	"callbox/telephony/dsp"
)

// companded is what G.711 leaves of samples.
func companded(samples []int16) []int16 {
	octets, out := make([]byte, len(samples)), make([]int16, len(samples))
	dsp.EncodeALaw(octets, samples)
	dsp.DecodeALaw(out, octets)
	return out
}

// RFC 3261 10.2.4: the phone registers with digest, and again before it expires.
func TestPhoneRegisters(t *testing.T) {
	registered(t, PhoneOptions{Expires: time.Minute}, func(r *registrar, p *Phone) {
		begun := time.Now()
		req := r.next(sip.REGISTER)
		if got := req.GetHeader("Expires").Value(); got != "60" || time.Since(begun) > 50*time.Second {
			t.Errorf("registered again after %v for %s s", time.Since(begun), got)
		}
		if got := req.Contact().Address; got.User != "801" || got.Host != "10.0.0.2" || got.Port != 5062 {
			t.Errorf("the contact is %v", got)
		}
		p.Close()
		if got := r.next(sip.REGISTER).GetHeader("Expires").Value(); got != "0" {
			t.Errorf("switched off, it registered for %s s", got)
		}
	})
}

// A wrong password is tried again in a while, not at once and for ever.
func TestPhoneWrongPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRegistrar(t)
		defer r.close()
		p := r.phone(PhoneOptions{Password: "wrong"})
		defer p.Vanish()
		if s := r.want(p, Idle); s.Registered || s.Note != "registration: 401 Unauthorized" {
			t.Errorf("the phone is %+v", s)
		}
	})
}

// The phone rings, answers, speaks and hears both ways, presses keys and hangs up.
func TestPhoneIsCalled(t *testing.T) {
	said, told := ramp(2*time.Second), ramp(time.Second)
	o := PhoneOptions{AnswerAfter: 2 * time.Second, Play: said, Keys: []KeyAt{{'1', 2 * time.Second}, {'#', 2 * time.Second}}, TalkFor: 5 * time.Second}
	registered(t, o, func(r *registrar, p *Phone) {
		rang := time.Now()
		l := r.call()
		l.response(180)
		if s := r.want(p, Ringing); s.With != "13800138000" {
			t.Errorf("the phone is %+v", s)
		}
		ok := l.response(200)
		if after := time.Since(rang); after != 2*time.Second {
			t.Errorf("answered after %v", after)
		}
		l.ack()
		media, err := parseMedia(ok.Body(), []string{"pcma"})
		if err != nil || media.event != 96 {
			t.Fatalf("the answer is %s: %v", ok.Body(), err)
		}
		go r.speak(udp(media.to), told)
		samples, keys, _ := r.hears(4 * time.Second)
		if keys != "1#" {
			t.Errorf("keys %q", keys)
		}
		if !cmp.Equal(samples[:len(said)], companded(said)) {
			t.Error("the box heard something else than the person said")
		}
		if !cmp.Equal(p.Heard(), companded(told)) {
			t.Error("the person heard something else than the box said")
		}
		r.next(sip.BYE)
		if after := time.Since(rang); after != 7*time.Second {
			t.Errorf("hung up after %v", after)
		}
		r.want(p, Idle)
	})
}

// What else becomes of a call to the phone.
func TestPhoneDoesNotAnswer(t *testing.T) {
	for _, c := range []struct {
		name  string
		o     PhoneOptions
		story func(*registrar, *Phone)
	}{
		{"rejects with 486", PhoneOptions{Reject: 486}, func(r *registrar, p *Phone) { r.call().response(486) }},
		{"never answers, and is cancelled", PhoneOptions{NeverAnswer: true}, func(r *registrar, p *Phone) {
			l := r.call()
			l.response(180)
			time.Sleep(30 * time.Second)
			l.send(sip.CANCEL, 200)
			l.response(487)
		}},
		{"RFC 5373 answers at once when asked", PhoneOptions{NeverAnswer: true}, func(r *registrar, p *Phone) {
			l := r.call(sip.NewHeader("Answer-Mode", "Auto"))
			l.response(200)
			l.ack()
			r.want(p, Talking)
			l.send(sip.BYE, 200)
		}},
		{"the person refuses", PhoneOptions{NeverAnswer: true}, func(r *registrar, p *Phone) {
			l := r.call()
			l.response(180)
			if err := p.Hangup(); err != nil {
				r.t.Error(err)
			}
			l.response(603)
		}},
		{"busy with another call", PhoneOptions{NeverAnswer: true}, func(r *registrar, p *Phone) {
			l := r.call()
			l.response(180)
			r.call().response(486)
			l.send(sip.CANCEL, 200)
		}},
		{"RFC 3261 13.3.1.4 no ACK: 2xx again, then BYE", PhoneOptions{}, func(r *registrar, p *Phone) {
			r.call().response(200)
			r.next(sip.BYE)
		}},
		{"mu-law alone", PhoneOptions{Codecs: []string{"pcmu"}}, func(r *registrar, p *Phone) {
			l := r.call()
			ok := l.response(200)
			if m, err := parseMedia(ok.Body(), []string{"pcma", "pcmu"}); err != nil || m.codec != "pcmu" {
				r.t.Errorf("answered with %+v, %v", m, err)
			}
			l.ack()
			l.send(sip.BYE, 200)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			registered(t, c.o, func(r *registrar, p *Phone) {
				c.story(r, p)
				r.want(p, Idle)
			})
		})
	}
}

// RFC 3264 8.4: on hold the phone is silent, and speaks again afterwards.
func TestPhoneOnHold(t *testing.T) {
	registered(t, PhoneOptions{}, func(r *registrar, p *Phone) {
		l := r.call()
		l.response(200)
		l.ack()
		for _, step := range []struct {
			direction direction
			stage     Stage
			speaks    bool
		}{{sendOnly, Held, false}, {sendRecv, Talking, true}, {inactive, Held, false}} {
			l.invite(step.direction)
			l.response(200)
			l.ack()
			r.want(p, step.stage)
			r.hears(100 * ms)
			if samples, _, _ := r.hears(time.Second); len(samples) > 0 != step.speaks {
				t.Errorf("%s: heard %d samples", step.direction, len(samples))
			}
		}
		l.send(sip.BYE, 200)
		r.want(p, Idle)
	})
}

// The phone calls: with credentials, through ringing, to an answer.
func TestPhoneCalls(t *testing.T) {
	registered(t, PhoneOptions{Play: ramp(time.Minute)}, func(r *registrar, p *Phone) {
		r.answer = func(req *sip.Request, tx *sip.ServerTx) {
			_ = tx.Respond(sip.NewResponseFromRequest(req, 180, "Ringing", nil))
			time.Sleep(3 * time.Second)
			ok := withSDP(sip.NewResponseFromRequest(req, 200, "OK", nil), r.sdp("sendrecv"))
			ok.AppendHeader(r.station().contact())
			_ = tx.Respond(ok)
		}
		if err := p.Call("9-6234 5678"); err != nil {
			t.Fatal(err)
		}
		if got := r.next(sip.INVITE).Recipient.User; got != "962345678" {
			t.Errorf("called %q", got)
		}
		r.want(p, Talking)
		<-r.acks
		if err := p.Press("159*"); err != nil {
			t.Fatal(err)
		}
		if _, keys, _ := r.hears(2 * time.Second); keys != "159*" {
			t.Errorf("keys %q", keys)
		}
		if err := p.Hangup(); err != nil {
			t.Fatal(err)
		}
		r.next(sip.BYE)
		if err := p.Hangup(); err == nil {
			t.Error("hung up twice")
		}
	})
}

// A call that is refused, and one that the person gives up: RFC 3261 9.1.
func TestPhoneCallFails(t *testing.T) {
	registered(t, PhoneOptions{}, func(r *registrar, p *Phone) {
		r.answer = func(req *sip.Request, tx *sip.ServerTx) {
			_ = tx.Respond(sip.NewResponseFromRequest(req, 486, "Busy Here", nil))
		}
		if err := p.Call("802"); err != nil {
			t.Fatal(err)
		}
		r.next(sip.INVITE)
		if s := r.want(p, Idle); s.Note != "486 Busy Here" {
			t.Errorf("the phone is %+v", s)
		}
		r.answer = func(req *sip.Request, tx *sip.ServerTx) {
			_ = tx.Respond(sip.NewResponseFromRequest(req, 180, "Ringing", nil))
		}
		if err := p.Call("802"); err != nil {
			t.Fatal(err)
		}
		r.next(sip.INVITE)
		time.Sleep(time.Second)
		if err := p.Hangup(); err != nil {
			t.Fatal(err)
		}
		if s := r.want(p, Idle); s.Note != "487 Request Terminated" {
			t.Errorf("the phone is %+v", s)
		}
	})
}

// RFC 3261 9.1: a call that the person gave up is over after 64*T1, though the far end has fallen silent.
func TestPhoneGivesUpOnSilence(t *testing.T) {
	registered(t, PhoneOptions{}, func(r *registrar, p *Phone) {
		r.answer = func(req *sip.Request, tx *sip.ServerTx) {
			_ = tx.Respond(sip.NewResponseFromRequest(req, 180, "Ringing", nil))
		}
		if err := p.Call("802"); err != nil {
			t.Fatal(err)
		}
		r.next(sip.INVITE)
		time.Sleep(time.Second)
		r.net.SetDrop(func(netip.AddrPort, netip.AddrPort, []byte) bool { return true })
		gaveUp := time.Now()
		if err := p.Hangup(); err != nil {
			t.Fatal(err)
		}
		r.want(p, Idle)
		if after := time.Since(gaveUp); after != 64*sip.T1 {
			t.Errorf("idle after %v", after)
		}
	})
}

// A phone whose plug is pulled says nothing more.
func TestPhoneVanishes(t *testing.T) {
	registered(t, PhoneOptions{}, func(r *registrar, p *Phone) {
		l := r.call()
		l.response(200)
		l.ack()
		r.want(p, Talking)
		p.Vanish()
		r.hears(100 * ms)
		if samples, _, _ := r.hears(time.Second); len(samples) > 0 || len(r.requests) > 0 {
			t.Error("it still speaks")
		}
		if err := p.Call("802"); err == nil {
			t.Error("it still calls")
		}
	})
}

// RFC 3261 18.1.1: over TCP the phone dials, and is called on the connection that it made. Real sockets, on loopback.
func TestPhoneOverTCP(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	silent := slog.New(slog.DiscardHandler)
	transport := sip.NewTransportLayer(net.DefaultResolver, sip.NewParser(), nil, sip.WithTransportLayerLogger(silent))
	transactions := sip.NewTransactionLayer(transport, sip.WithTransactionLayerLogger(silent))
	contact := make(chan sip.Uri, 10)
	transactions.OnRequest(func(req *sip.Request, tx *sip.ServerTx) {
		contact <- req.Contact().Address
		_ = tx.Respond(sip.NewResponseFromRequest(req, 200, "OK", nil))
	})
	go func() { _ = transport.ServeTCP(listener) }()
	defer func() { _ = listener.Close(); transactions.Close(); _ = transport.Close() }()
	p, err := NewPhone(PhoneOptions{Extension: "801", Registrar: listener.Addr().String(), Transport: "tcp", Reject: 486})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Vanish()
	us := station{network: "TCP", local: netip.MustParseAddrPort(listener.Addr().String()), registrar: "127.0.0.1:1"}
	d := us.newDialog("801")
	d.target = <-contact
	if transport, _ := d.target.UriParams.Get("transport"); transport != "tcp" {
		t.Errorf("the contact is %v", d.target)
	}
	req := us.request(sip.INVITE, &d)
	req.SetDestination(fmt.Sprintf("%s:%d", d.target.Host, d.target.Port))
	tx, err := transactions.Request(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if res := <-tx.Responses(); res.StatusCode != 486 {
		t.Errorf("answered %d", res.StatusCode)
	}
}

func TestPhoneRefusesOptions(t *testing.T) {
	for _, o := range []PhoneOptions{
		{Registrar: "box"},
		{Registrar: "127.0.0.1:5060", Transport: "pigeon"},
		{Registrar: "127.0.0.1:5060", Keys: []KeyAt{{Digit: 'x'}}},
	} {
		if p, err := NewPhone(o); err == nil {
			p.Vanish()
			t.Errorf("%+v was taken", o)
		}
	}
}

func FuzzParseMedia(f *testing.F) {
	f.Add([]byte("v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0 96\r\na=rtpmap:96 telephone-event/8000\r\n"))
	f.Add([]byte("v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\nc=IN IP6 ::1\r\na=inactive\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := parseMedia(body, []string{"pcma", "pcmu"})
		if err == nil && (m.codec == "" || !m.to.IsValid()) {
			t.Errorf("%q was read as %+v", body, m)
		}
	})
}

func FuzzDigestParams(f *testing.F) {
	f.Add(`realm="a, b", nonce="x", qop="auth,auth-int", algorithm=MD5`)
	f.Add(`realm="open`)
	f.Fuzz(func(t *testing.T, s string) { digestParams(s) })
}
