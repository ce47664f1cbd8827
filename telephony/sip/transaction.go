package sip

import (
	"bytes"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	sipgo "github.com/emiago/sipgo/sip"
)

// A path is where the messages of one transaction go. It is the sip.Connection that sipgo's transactions write to; a
// retransmission sends the stored octets.
type path struct {
	transport *transport
	to        hop
	leg       *leg // whose messages these are; nil: of no call

	mu     sync.Mutex
	last   sipgo.Message
	octets []byte
}

// WriteMsg writes a message to the path's hop without waiting.
func (p *path) WriteMsg(m sipgo.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m != p.last {
		p.last, p.octets = m, octets(m)
	}
	return p.write()
}

// again writes the last message once more.
func (p *path) again() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write()
}

// write sends the stored octets. The caller holds mu.
func (p *path) write() error {
	p.leg.trace(true, p.to, p.octets)
	return p.transport.write(p.to, p.octets)
}

func octets(m sipgo.Message) []byte {
	var b bytes.Buffer
	m.StringWrite(&b)
	return b.Bytes()
}

// The rest of sip.Connection: the transport owns the sockets, so a transaction has nothing to count or close.

func (p *path) LocalAddr() net.Addr    { return p.transport.udp.LocalAddr() }
func (p *path) Ref(int) int            { return 1 }
func (p *path) TryClose() (int, error) { return 1, nil }
func (p *path) Close() error           { return nil }

// transactions are those in progress, by the keys of RFC 3261 17.1.3 and 17.2.3. sipgo's own table is not used: it
// handles each message on a goroutine of its own and so loses their order (pitfall 1).
type transactions struct {
	mu     sync.Mutex
	server map[string]*serverTx
	client map[string]*clientTx
}

func newTransactions() *transactions {
	return &transactions{server: map[string]*serverTx{}, client: map[string]*clientTx{}}
}

func (t *transactions) serverOf(key string) *serverTx {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.server[key]
}

func (t *transactions) clientOf(key string) *clientTx {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.client[key]
}

func (t *transactions) dropServer(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.server, key)
}

func (t *transactions) dropClient(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.client, key)
}

// terminate ends those that still wait for something, with their timers.
func (t *transactions) terminate() {
	t.mu.Lock()
	var all []interface{ Terminate() }
	for _, s := range t.server {
		all = append(all, s.tx)
	}
	for _, c := range t.client {
		all = append(all, c.tx)
	}
	t.mu.Unlock()
	for _, tx := range all {
		tx.Terminate()
	}
}

// serverKey names the transaction of a request. Senders of RFC 2543, without branch and perhaps without tag, are known by
// what stays the same in their echoes (RFC 3261 17.2.3).
func serverKey(req *sipgo.Request) string {
	if key, err := sipgo.ServerTxKeyMake(req); err == nil {
		return key
	}
	method := req.Method
	if method == sipgo.ACK {
		method = sipgo.INVITE
	}
	return strings.Join([]string{
		string(method), req.CallID().Value(), strconv.Itoa(int(req.CSeq().SeqNo)), req.From().Value(), req.Via().Value(),
	}, "\n")
}

// A serverTx is one request to us and its answers.
type serverTx struct {
	req  *sipgo.Request
	from hop
	leg  *leg // nil: of no call
	tx   *sipgo.ServerTx

	refused atomic.Bool // a final answer from 300 up was sent: the ACK for it is the transaction's
}

// newServerTx makes the transaction of a request, of a leg if there is one, and puts it into the table.
func (s *Stack) newServerTx(key string, req *sipgo.Request, from hop, of *leg) *serverTx {
	t := &serverTx{req: req, from: from, leg: of}
	req.SetTransport(from.network)
	t.tx = sipgo.NewServerTx(key, req, &path{transport: s.transport, to: answerHop(req, from), leg: of}, quiet)
	t.tx.Init() // never fails
	s.transactions.mu.Lock()
	s.transactions.server[key] = t
	s.transactions.mu.Unlock()
	t.tx.OnTerminate(func(key string, _ error) { s.transactions.dropServer(key) })
	return t
}

// respond sends an answer, or sends it again.
func (t *serverTx) respond(res *sipgo.Response) {
	if res.StatusCode >= 300 {
		t.refused.Store(true)
	}
	t.tx.Respond(res) // what cannot be written is lost like any message
}

// quiet is the log of sipgo's transactions: what they have to say we know from their answers.
var quiet = slog.New(slog.DiscardHandler)

// A clientTx is one request of ours and what came of it.
type clientTx struct {
	stack *Stack
	req   *sipgo.Request
	path  *path
	tx    *sipgo.ClientTx
	tell  func(*sipgo.Response, error)

	mu     sync.Mutex
	failed bool // a final answer from 300 up was passed on: what follows is its echo
}

// maxDatagram is the longest request that goes by UDP (RFC 3261 18.1.1).
const maxDatagram = 1300

// begin sends a request, of a leg if there is one, and tells each answer, or the error that ended the waiting. It returns
// at once; tell is called on goroutines of the transaction and must not wait long.
func (s *Stack) begin(of *leg, req *sipgo.Request, to hop, tell func(*sipgo.Response, error)) *clientTx {
	c := &clientTx{stack: s, req: req, path: &path{transport: s.transport, to: to, leg: of}, tell: tell}
	go func() {
		defer s.guard("client transaction")
		c.run()
	}()
	return c
}

// run sends the request and passes its answers on until the final one.
func (c *clientTx) run() {
	if err := c.open(); err != nil {
		c.tell(nil, err)
		return
	}
	key, err := sipgo.ClientTxKeyMake(c.req)
	if err != nil {
		c.tell(nil, err)
		return
	}
	c.tx = sipgo.NewClientTx(key, c.req, c.path, quiet)
	c.tx.OnTerminate(func(key string, _ error) { c.stack.transactions.dropClient(key) })
	c.tx.OnRetransmission(func(res *sipgo.Response) { c.tell(res, nil) })
	c.stack.transactions.mu.Lock()
	c.stack.transactions.client[key] = c
	c.stack.transactions.mu.Unlock()
	if err := c.tx.Init(); err != nil {
		c.tx.Terminate()
		c.tell(nil, err)
		return
	}
	for {
		select {
		case res := <-c.tx.Responses():
			c.tell(res, nil)
			if res.IsProvisional() {
				continue
			}
			if !c.req.IsInvite() {
				c.tx.Terminate() // an echo of the answer finds nothing and is dropped
			}
			return
		case <-c.tx.Done():
			c.tell(nil, c.tx.Err())
			return
		}
	}
}

// open makes the way to the hop. A request that is too long for a datagram goes by TCP, and by UDP all the same when
// nobody takes TCP there (RFC 3261 18.1.1; pitfall 8).
func (c *clientTx) open() error {
	via := c.req.Via()
	if !c.path.to.reliable() && len(octets(c.req)) > maxDatagram {
		stream := hop{network: "TCP", addr: c.path.to.addr}
		if c.stack.transport.connect(stream) == nil {
			c.path.to = stream
		}
	}
	via.Transport = c.path.to.network
	c.req.SetTransport(c.path.to.network)
	return c.stack.transport.connect(c.path.to)
}

// receive takes an answer off the wire. The echo of a final answer to an INVITE gets the ACK again here: sipgo would
// wait four seconds with its lock held.
func (c *clientTx) receive(res *sipgo.Response) {
	c.mu.Lock()
	echo := c.failed
	c.failed = echo || c.req.IsInvite() && res.StatusCode >= 300
	c.mu.Unlock()
	if echo {
		c.path.again()
		return
	}
	c.tx.Receive(res)
}

// isTimeout reports whether a transaction ended because nobody answered.
func isTimeout(err error) bool { return errors.Is(err, sipgo.ErrTransactionTimeout) }
