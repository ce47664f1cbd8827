package sip

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
	"callbox/telephony/rtp"
)

// A trunk is a line to a carrier, a gateway or another exchange (A1.8). Its goroutine (registration.go) keeps it
// registered, or finds out whether anybody is there.
type trunk struct {
	*line
	stack  *Stack
	config atomic.Pointer[telephony.Trunk]
	peers  atomic.Pointer[[]netip.AddrPort] // where the host's name led to; the goroutine writes it
	poke   chan struct{}                    // capacity 1: a call got no answer, look now
	quit   context.CancelFunc
	ended  context.Context // done when the trunk left the configuration
	begun  bool            // the goroutine was started; the stack's mu guards it
	over   chan struct{}   // closed when it has ended, or will never begin
	before *trunk          // whose line this is now; it unregisters before this registers
}

func newTrunk(s *Stack, c *telephony.Trunk) *trunk {
	t := &trunk{line: newLine("trunk/"+c.ID, s.opt.Office), stack: s}
	t.rest = telephony.LineFault
	return t.ready(c)
}

// successor is the trunk under a configuration that reaches it in another way; it takes over the line with its legs.
func (t *trunk) successor(c *telephony.Trunk) *trunk {
	return (&trunk{line: t.line, stack: t.stack, before: t}).ready(c)
}

func (t *trunk) ready(c *telephony.Trunk) *trunk {
	t.poke, t.over = make(chan struct{}, 1), make(chan struct{})
	t.ended, t.quit = context.WithCancel(context.Background())
	t.configure(c)
	return t
}

func (t *trunk) configure(c *telephony.Trunk) {
	t.config.Store(c)
	t.change(func() { t.name = c.Name })
}

// stop ends the trunk's goroutine, which unregisters.
func (t *trunk) stop() { t.quit() }

func (t *trunk) account() account {
	c := t.config.Load()
	return account{c.User, c.Password}
}

func (t *trunk) codecs() []rtp.Codec { return codecsOf(t.config.Load().Codecs) }

// contactUser is the user part of our Contact: by it the far end knows our account, and we its calls.
func (t *trunk) contactUser() string {
	c := t.config.Load()
	if c.User != "" {
		return c.User
	}
	return c.ID
}

// hostPort splits the configured host.
func (t *trunk) hostPort() (host string, port uint16) {
	host = t.config.Load().Host
	if a, err := netip.ParseAddrPort(host); err == nil {
		return a.Addr().String(), a.Port()
	}
	if name, p, ok := strings.Cut(host, ":"); ok && !strings.Contains(p, ":") {
		if n, err := strconv.ParseUint(p, 10, 16); err == nil {
			return name, uint16(n)
		}
	}
	return strings.Trim(host, "[]"), 0
}

// uri is the trunk's address for a user, or for itself.
func (t *trunk) uri(user string) sipgo.Uri {
	host, port := t.hostPort()
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	u := sipgo.Uri{Scheme: "sip", User: user, Host: host, Port: int(port)}
	if network := t.network(); network != "UDP" {
		u.UriParams.Add("transport", strings.ToLower(network))
	}
	return u
}

func (t *trunk) network() string {
	switch t.config.Load().Transport {
	case "tls":
		return networkTLS
	case "tcp":
		return "TCP"
	}
	return "UDP"
}

// hop is where requests to the trunk go.
func (t *trunk) hop() (hop, bool) {
	hops := t.hops()
	if len(hops) == 0 {
		return hop{}, false
	}
	return hops[0], true
}

// hops are all places that serve the trunk, the one that answered last first.
func (t *trunk) hops() (hops []hop) {
	if peers := t.peers.Load(); peers != nil {
		for _, p := range *peers {
			hops = append(hops, hop{network: t.network(), addr: p})
		}
	}
	return hops
}

// trunkAt finds the trunk that a request comes from. Where several share an address, the number called or our account's
// name decides.
func (d *directory) trunkAt(from hop, req *sipgo.Request) *trunk {
	var found *trunk
	called := userOf(&req.Recipient)
	for _, t := range d.trunks {
		if !t.sends(from) {
			continue
		}
		c := t.config.Load()
		if called != "" && (called == c.User || slices.Contains(c.Numbers, called)) {
			return t
		}
		if found == nil {
			found = t
		}
	}
	return found
}

// sends reports whether a message comes from the trunk: out of its sources, or of its host's addresses. On the machine's
// own address the port has to fit too, since everything there has that address.
func (t *trunk) sends(from hop) bool {
	c := t.config.Load()
	if c.Disabled {
		return false
	}
	for _, s := range c.Sources {
		if within(s, from.addr.Addr()) {
			return true
		}
	}
	peers := t.peers.Load()
	if len(c.Sources) > 0 || peers == nil {
		return false
	}
	for _, p := range *peers {
		if p.Addr() == from.addr.Addr() && (p == from.addr || !p.Addr().IsLoopback()) {
			return true
		}
	}
	return false
}

// within reports whether an address lies in "192.0.2.0/24", or is the one that s is.
func within(s string, a netip.Addr) bool {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Contains(a)
	}
	one, err := netip.ParseAddr(s)
	return err == nil && one.Unmap() == a
}

// refusesCalls says why a call from the trunk is not taken (A1.17).
func (t *trunk) refusesCalls() *fault {
	if t.config.Load().Way == telephony.OutOnly {
		return &fault{status: 403, headers: []sipgo.Header{reason(telephony.CauseForbidden)}}
	}
	return nil
}

// Dial places a call over the trunk.
func (t *trunk) Dial(o telephony.Order) (telephony.Leg, error) {
	c := t.config.Load()
	state, detail := t.atRest()
	hops := t.hops()
	switch {
	case c.Way == telephony.InOnly:
		return nil, telephony.Errorf(telephony.Forbidden, "中继 %s 只许呼入", "trunk %s carries incoming calls only: dial on another", c.ID)
	case c.Disabled:
		return nil, telephony.Errorf(telephony.Unavailable, "中继 %s 已停用", "trunk %s is out of service: put it into service, or dial on another", c.ID)
	case state == telephony.LineFault || len(hops) == 0:
		return nil, telephony.Errorf(telephony.Unavailable, "中继 %s 故障：%s", "trunk %s is down: %s", c.ID, detail)
	}
	host, _ := t.hostPort()
	from := o.From
	if from.Number == "" && len(c.Numbers) > 0 {
		from.Number = c.Numbers[0]
	} else if from.Number == "" {
		from.Number = c.User
	}
	return t.stack.dial(outgoing{
		line: t.line, limit: c.MaxCalls, emergency: o.Emergency, state: telephony.LineDialing, local: t.stack.caller(from, host),
		remote: party{uri: t.uri(userPart(o.To))}, target: t.uri(userPart(o.To)), flow: hops[0], others: hops[1:], user: t.contactUser(),
		account: t.account(), codecs: t.codecs(), dtmf: c.DTMF, encryption: c.Encryption, headers: t.identity(from, host),
		unreachable: telephony.CauseNetworkFault, unanswered: t.unanswered,
	})
}

// unanswered makes the goroutine look whether the trunk is still there.
func (t *trunk) unanswered() {
	select {
	case t.poke <- struct{}{}:
	default:
	}
}
