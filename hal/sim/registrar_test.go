package sim

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/pion/rtp"

	"callbox/telephony/dsp"
	"callbox/telephony/sip/siptest"
)

const boxAddr = "10.0.0.1:5060"

// A registrar is the box as a phone sees it, on a network in memory: it asks for a password, calls and is called.
type registrar struct {
	t            *testing.T
	net          *siptest.Network
	transport    *sip.TransportLayer
	transactions *sip.TransactionLayer
	password     string
	conn, rtp    net.PacketConn

	requests chan *sip.Request // what the phone sent, REGISTER without credentials and ACK aside
	acks     chan *sip.Request
	contact  sip.Uri
	answer   func(*sip.Request, *sip.ServerTx) // an INVITE of the phone
}

// registered runs a story with a phone that is registered.
func registered(t *testing.T, o PhoneOptions, story func(*registrar, *Phone)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRegistrar(t)
		defer r.close()
		p := r.phone(o)
		defer p.Vanish()
		r.want(p, Idle)
		if s := p.State(); !s.Registered {
			t.Fatalf("not registered: %+v", s)
		}
		r.drop()
		story(r, p)
		p.Vanish()
		synctest.Wait()
	})
}

func newRegistrar(t *testing.T) *registrar {
	r := &registrar{
		t: t, net: siptest.NewNetwork(1), password: "secret",
		requests: make(chan *sip.Request, 100), acks: make(chan *sip.Request, 100),
	}
	silent := slog.New(slog.DiscardHandler)
	r.conn, r.rtp = r.net.Listen(boxAddr), r.net.Listen("10.0.0.1:4000")
	r.transport = sip.NewTransportLayer(net.DefaultResolver, sip.NewParser(), nil, sip.WithTransportLayerLogger(silent))
	r.transactions = sip.NewTransactionLayer(r.transport, sip.WithTransactionLayerLogger(silent),
		sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}))
	r.transactions.OnRequest(r.received)
	go func() { _ = r.transport.ServeUDP(r.conn) }()
	synctest.Wait()
	return r
}

func (r *registrar) close() {
	r.transactions.Close()
	_ = r.transport.Close()
	_ = r.conn.Close()
	_ = r.rtp.Close()
}

// phone switches a phone on in the registrar's network.
func (r *registrar) phone(o PhoneOptions) *Phone {
	r.t.Helper()
	o.Extension, o.Registrar = "801", boxAddr
	if o.Password == "" {
		o.Password = r.password
	}
	o.Conn = r.net.Listen("10.0.0.2:5062")
	o.RTP = func() (net.PacketConn, error) { return r.net.Listen("10.0.0.2:0"), nil }
	p, err := NewPhone(o)
	if err != nil {
		r.t.Fatal(err)
	}
	return p
}

func (r *registrar) received(req *sip.Request, tx *sip.ServerTx) {
	switch {
	case req.Method == sip.ACK:
		r.acks <- req
		return
	case req.Method == sip.REGISTER || req.Method == sip.INVITE && req.To().Params.Length() == 0:
		if !r.trusts(req) {
			res := sip.NewResponseFromRequest(req, sip.StatusUnauthorized, "Unauthorized", nil)
			res.AppendHeader(sip.NewHeader("WWW-Authenticate", `Digest realm="callbox, Shanghai", nonce="n1", qop="auth", algorithm=MD5`))
			_ = tx.Respond(res)
			return
		}
	}
	r.requests <- req
	if req.Method == sip.INVITE {
		r.answer(req, tx)
		return
	}
	if req.Method == sip.REGISTER {
		r.contact = *req.Contact().Address.Clone()
	}
	_ = tx.Respond(sip.NewResponseFromRequest(req, sip.StatusOK, "OK", nil))
}

// trusts checks the digest by RFC 2617 3.2.2, on its own.
func (r *registrar) trusts(req *sip.Request) bool {
	h := req.GetHeader("Authorization")
	if h == nil {
		return false
	}
	p := digestParams(strings.TrimPrefix(h.Value(), "Digest "))
	a1, a2 := md5Hex("801:callbox, Shanghai:"+r.password), md5Hex(string(req.Method)+":"+p["uri"])
	return p["response"] == md5Hex(fmt.Sprintf("%s:n1:%s:%s:auth:%s", a1, p["nc"], p["cnonce"], a2))
}

// next is the next request of the phone, within a minute.
func (r *registrar) next(method sip.RequestMethod) *sip.Request {
	r.t.Helper()
	select {
	case req := <-r.requests:
		if req.Method != method {
			r.t.Fatalf("the phone sent %s, want %s", req.Method, method)
		}
		return req
	case <-time.After(time.Minute):
		r.t.Fatalf("the phone sent no %s", method)
		return nil
	}
}

// drop forgets what the phone sent so far.
func (r *registrar) drop() {
	for len(r.requests) > 0 {
		<-r.requests
	}
}

// want waits for the phone to come to a stage, a minute at most.
func (r *registrar) want(p *Phone, s Stage) PhoneState {
	r.t.Helper()
	timeout := time.After(time.Minute)
	for {
		synctest.Wait()
		if now := p.State(); now.Stage == s && (s != Idle || now.Registered || now.Note != "") {
			return now
		}
		select {
		case <-p.Events():
		case <-timeout:
			r.t.Fatalf("the phone is %+v, want %s", p.State(), s)
		}
	}
}

// A boxLeg is a call of the registrar's to the phone.
type boxLeg struct {
	r  *registrar
	d  dialog
	tx *sip.ClientTx
	at *sip.Request
}

func (r *registrar) sdp(direction string) string {
	return "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0 96\r\n" +
		"a=rtpmap:96 telephone-event/8000\r\na=" + direction + "\r\n"
}

func (r *registrar) station() *station {
	return &station{network: "UDP", local: netip.MustParseAddrPort(boxAddr), registrar: "10.0.0.2:5062", user: "13800138000"}
}

// call sends an INVITE to the phone.
func (r *registrar) call(headers ...sip.Header) *boxLeg {
	r.t.Helper()
	s := r.station()
	s.domain = r.contact
	l := &boxLeg{r: r, d: s.newDialog("801")}
	l.d.target = r.contact
	l.invite(sendRecv, headers...)
	return l
}

func (l *boxLeg) invite(d direction, headers ...sip.Header) {
	l.r.t.Helper()
	l.at = withSDP(l.r.station().request(sip.INVITE, &l.d), l.r.sdp(string(d)))
	for _, h := range headers {
		l.at.AppendHeader(h)
	}
	tx, err := l.r.transactions.Request(context.Background(), l.at)
	if err != nil {
		l.r.t.Fatal(err)
	}
	l.tx = tx
}

// response is the next response, within a minute. sipgo may put a provisional one behind the final.
func (l *boxLeg) response(status int) *sip.Response {
	l.r.t.Helper()
	select {
	case res := <-l.tx.Responses():
		if res.IsProvisional() && status >= 200 {
			return l.response(status)
		}
		if res.StatusCode != status {
			l.r.t.Fatalf("the phone answered %d, want %d", res.StatusCode, status)
		}
		l.d.remote = *res.To()
		return res
	case <-time.After(time.Minute):
		l.r.t.Fatalf("no response, want %d", status)
		return nil
	}
}

func (l *boxLeg) ack() {
	_ = l.r.transport.WriteMsg(l.r.station().requestAt(sip.ACK, &l.d, l.at.CSeq().SeqNo))
}

// send sends a request of the dialog and takes its response.
func (l *boxLeg) send(method sip.RequestMethod, status int) {
	l.r.t.Helper()
	req := l.r.station().request(method, &l.d)
	if method == sip.CANCEL {
		req = l.r.station().requestAt(method, &l.d, l.at.CSeq().SeqNo)
		req.RemoveHeader("Via")
		req.PrependHeader(l.at.Via().Clone())
		to := sip.ToHeader{Address: l.d.remote.Address}
		req.ReplaceHeader(&to)
	}
	tx, err := l.r.transactions.Request(context.Background(), req)
	if err != nil {
		l.r.t.Fatal(err)
	}
	if res := <-tx.Responses(); res.StatusCode != status {
		l.r.t.Fatalf("%s was answered %d, want %d", method, res.StatusCode, status)
	}
}

// speak sends samples to the phone as RTP in real time.
func (r *registrar) speak(to net.Addr, samples []int16) {
	p := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8}, Payload: make([]byte, 160)}
	for ; len(samples) >= 160; samples = samples[160:] {
		dsp.EncodeALaw(p.Payload, samples[:160])
		b, _ := p.Marshal()
		_, _ = r.rtp.WriteTo(b, to)
		p.SequenceNumber++
		p.Timestamp += 160
		time.Sleep(20 * time.Millisecond)
	}
}

// hears collects what the phone sends: speech, and the events' keys.
func (r *registrar) hears(d time.Duration) (samples []int16, keys string, from net.Addr) {
	_ = r.rtp.SetReadDeadline(time.Now().Add(d))
	last := ^uint32(0)
	buf := make([]byte, 1500)
	for {
		n, addr, err := r.rtp.ReadFrom(buf)
		if err != nil {
			return samples, keys, from
		}
		from = addr
		var p rtp.Packet
		if p.Unmarshal(buf[:n]) != nil {
			r.t.Fatal("not RTP")
		}
		if p.PayloadType == 96 {
			if p.Timestamp != last {
				keys += eventKeys[p.Payload[0] : p.Payload[0]+1]
			}
			last = p.Timestamp
			continue
		}
		block := make([]int16, len(p.Payload))
		dsp.DecodeALaw(block, p.Payload)
		samples = append(samples, block...)
	}
}

func udp(a netip.AddrPort) net.Addr { return net.UDPAddrFromAddrPort(a) }
