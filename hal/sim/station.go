package sim

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// A station is a phone's SIP stack: sipgo's parser, transport and transactions, and the requests made for them.
type station struct {
	transport    *sip.TransportLayer
	transactions *sip.TransactionLayer
	conn         net.PacketConn // nil over TCP
	network      string         // "UDP", "TCP"
	local        netip.AddrPort // what Contact names; over TCP known from the first connection on
	registrar    string
	domain       sip.Uri
	user         string
	password     string
}

// newStation opens a phone's way to the registrar. received is called on a goroutine of its own for each request.
func newStation(o PhoneOptions, received sip.TransactionRequestHandler) (*station, error) {
	silent := slog.New(slog.DiscardHandler)
	host, port, err := net.SplitHostPort(o.Registrar)
	if err != nil {
		return nil, fmt.Errorf("registrar %q: give an address and a port, such as 127.0.0.1:5060", o.Registrar)
	}
	s := &station{conn: o.Conn, registrar: o.Registrar, user: o.Extension, password: o.Password}
	s.domain = sip.Uri{Scheme: "sip", Host: host}
	s.domain.Port, _ = strconv.Atoi(port)
	s.transport = sip.NewTransportLayer(net.DefaultResolver, sip.NewParser(), nil, sip.WithTransportLayerLogger(silent))
	s.transactions = sip.NewTransactionLayer(s.transport, sip.WithTransactionLayerLogger(silent),
		sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}))
	s.transactions.OnRequest(received)
	switch o.Transport {
	case "", "udp":
		return s, s.openUDP()
	case "tcp":
		return s, s.openTCP()
	}
	return nil, fmt.Errorf("transport %q is not known: give udp or tcp", o.Transport)
}

func (s *station) openUDP() (err error) {
	s.network = "UDP"
	if s.conn == nil {
		if s.conn, err = listenToward(s.registrar); err != nil {
			return err
		}
	}
	if s.local, err = netip.ParseAddrPort(s.conn.LocalAddr().String()); err != nil {
		return err
	}
	// The pool must know the socket before the first request, or sipgo would open one of its own for it.
	s.know(s.local.String())
	go func() { _ = s.transport.ServeUDP(s.conn) }()
	return nil
}

// know puts the phone's socket into sipgo's pool under an address: its own for requests, the far end's for answers.
func (s *station) know(addr string) {
	s.transport.Pool("udp").Add(addr, &sip.UDPConnection{PacketConn: s.conn, PacketAddr: s.local.String(), Listener: true})
}

// openTCP dials the registrar; requests of the box come on the same connection.
func (s *station) openTCP() error {
	s.network = "TCP"
	probe := s.request(sip.OPTIONS, &dialog{target: s.domain})
	conn, err := s.transport.ClientRequestConnection(context.Background(), probe)
	if err != nil {
		return fmt.Errorf("the box does not take TCP: %w", err)
	}
	s.local, err = netip.ParseAddrPort(conn.LocalAddr().String())
	return err
}

// listenToward opens a UDP socket on the address of this computer from which the far end is reached.
func listenToward(far string) (net.PacketConn, error) {
	probe, err := net.Dial("udp", far)
	if err != nil {
		return nil, err
	}
	defer probe.Close()
	return net.ListenUDP("udp", &net.UDPAddr{IP: probe.LocalAddr().(*net.UDPAddr).IP})
}

// close ends the station. Over UDP the pool keeps the closed socket: for a message that was still on its way sipgo would open
// one of its own, which nobody would ever close.
func (s *station) close() {
	s.transactions.Close()
	if s.conn == nil {
		_ = s.transport.Close()
		return
	}
	s.know(s.local.String())
	s.know(s.registrar)
	_ = s.conn.Close()
}

// A dialog is the names and numbers that requests of one registration or call share (RFC 3261 12).
type dialog struct {
	id     string  // Call-ID
	target sip.Uri // where requests go: the registrar, then the far end's Contact
	local  sip.FromHeader
	remote sip.ToHeader
	cseq   uint32
}

// newDialog begins a dialog of ours with a user of the registrar.
func (s *station) newDialog(user string) dialog {
	us, them := s.domain, s.domain
	us.User, them.User = s.user, user
	d := dialog{id: sip.GenerateTagN(20), target: them, local: sip.FromHeader{Address: us}, remote: sip.ToHeader{Address: them}}
	d.local.Params.Add("tag", sip.GenerateTagN(10))
	return d
}

// request makes the next request of a dialog.
func (s *station) request(method sip.RequestMethod, d *dialog) *sip.Request {
	d.cseq++
	return s.requestAt(method, d, d.cseq)
}

func (s *station) requestAt(method sip.RequestMethod, d *dialog, cseq uint32) *sip.Request {
	req := sip.NewRequest(method, *d.target.Clone())
	via := &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: s.network, Host: s.local.Addr().String(), Port: int(s.local.Port())}
	via.Params.Add("branch", sip.GenerateBranchN(16))
	via.Params.Add("rport", "")
	if !s.local.IsValid() {
		via.Host, via.Port = "", 0 // sipgo fills in those of the connection
	}
	id, hops := sip.CallIDHeader(d.id), sip.MaxForwardsHeader(70)
	local, remote := d.local, d.remote
	for _, h := range []sip.Header{
		via, &local, &remote, &id, &sip.CSeqHeader{SeqNo: cseq, MethodName: method}, s.contact(), &hops,
		sip.NewHeader("User-Agent", "Callbox simulated phone"),
	} {
		req.AppendHeader(h)
	}
	req.SetBody(nil) // a stream needs Content-Length (RFC 3261 18.3)
	req.SetTransport(s.network)
	req.SetDestination(s.registrar)
	if s.network == "UDP" {
		req.Laddr = sip.Addr{IP: s.local.Addr().AsSlice(), Port: int(s.local.Port())}
	}
	return req
}

func (s *station) contact() *sip.ContactHeader {
	c := &sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: s.user, Host: s.local.Addr().String(), Port: int(s.local.Port())}}
	if s.network == "TCP" {
		c.Address.UriParams.Add("transport", "tcp")
	}
	return c
}

// withSDP puts a session description into a message.
func withSDP[M interface {
	AppendHeader(sip.Header)
	SetBody([]byte)
}](m M, sdp string,
) M {
	m.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	m.SetBody([]byte(sdp))
	return m
}

// send starts a client transaction; done gets each response on the phone's goroutine, and 408 when none comes
// (RFC 3261 8.1.3.1).
func (p *Phone) send(req *sip.Request, done func(*sip.Request, *sip.Response)) *sip.ClientTx {
	lost := func() { done(req, sip.NewResponseFromRequest(req, sip.StatusRequestTimeout, "No answer", nil)) }
	tx, err := p.station.transactions.Request(context.Background(), req)
	if err != nil {
		p.after(0, lost)
		return nil
	}
	go func() {
		for {
			select {
			case res := <-tx.Responses():
				if !res.IsProvisional() || req.IsInvite() {
					p.post(func() { done(req, res) })
				}
				if !res.IsProvisional() {
					return
				}
			case <-tx.Done():
				p.post(lost)
				return
			case <-p.stop:
				return
			}
		}
	}()
	return tx
}

// authorized is the request once more with the credentials that the response asks for, or nil if it asks for none.
func (s *station) authorized(req *sip.Request, res *sip.Response, d *dialog) *sip.Request {
	challenge, answer := "WWW-Authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		challenge, answer = "Proxy-Authenticate", "Proxy-Authorization"
	} else if res.StatusCode != sip.StatusUnauthorized {
		return nil
	}
	for _, h := range res.GetHeaders(challenge) {
		credentials, ok := answerChallenge(h.Value(), s.user, s.password, string(req.Method), req.Recipient.String())
		if !ok {
			continue
		}
		again := s.request(req.Method, d)
		again.Recipient = req.Recipient
		for _, name := range []string{"Expires", "Content-Type"} {
			if h := req.GetHeader(name); h != nil {
				again.AppendHeader(sip.HeaderClone(h))
			}
		}
		again.AppendHeader(sip.NewHeader(answer, credentials))
		if len(req.Body()) > 0 {
			again.SetBody(req.Body())
		}
		return again
	}
	return nil
}

// wantsAnswer reports whether the caller asks the phone to answer by itself: RFC 5373, and the two forms that PBXs use.
func wantsAnswer(req *sip.Request) bool {
	for name, value := range map[string]string{"Answer-Mode": "auto", "Alert-Info": "auto", "Call-Info": "answer-after=0"} {
		for _, h := range req.GetHeaders(name) {
			if strings.Contains(strings.ToLower(h.Value()), value) {
				return true
			}
		}
	}
	return false
}
