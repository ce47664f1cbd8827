package sip

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// The rhythm of a trunk. A registration that fails is tried again soon and for ever (pain 41); the transaction's own
// echoes (RFC 3261 17.1.2.1) knock every four seconds while nobody answers.
const (
	defaultTrunkExpires = 5 * time.Minute
	firstRetry          = 2 * time.Second
	maxRetryUnanswered  = 10 * time.Second
	maxRetryRefused     = time.Minute // a carrier that says no is not to be flooded
	pingPeriod          = 30 * time.Second
	pingPeriodFault     = 5 * time.Second
	pingPatience        = 10 * time.Second
)

// A keeper is the work of a trunk's goroutine: a registration of ours at the far end, or its sign of life.
type keeper struct {
	*trunk
	dialog   dialog // RFC 3261 10.2.4: one Call-ID for all our registrations
	expires  time.Duration
	failures int
	alive    bool // it answered OPTIONS once: silence means something
	renew    time.Time
	ping     time.Time
}

// run keeps the trunk until ctx ends or the configuration drops it, then unregisters.
func (t *trunk) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(t.ended, cancel)()
	c := t.config.Load()
	if c.Disabled {
		t.setRest(telephony.LineBlocked, "")
		return
	}
	k := &keeper{trunk: t, expires: time.Duration(c.Expires) * time.Second}
	if k.expires <= 0 {
		k.expires = defaultTrunkExpires
	}
	t.setRest(telephony.LineFault, "not reached yet")
	k.renew, k.ping = time.Now(), time.Now()
	for ctx.Err() == nil {
		k.round(ctx, c.Register)
		next := k.ping
		if c.Register && k.renew.Before(next) {
			next = k.renew
		}
		select {
		case <-time.After(time.Until(next)):
		case <-t.poke:
			k.ping = time.Now()
		case <-ctx.Done():
		}
	}
	if c.Register && k.failures == 0 && !k.hopless() {
		k.unregister()
	}
}

// round does what is due.
func (k *keeper) round(ctx context.Context, register bool) {
	if k.hopless() && !k.resolve(ctx) {
		k.setRest(telephony.LineFault, "no address for "+k.config.Load().Host)
		k.renew = time.Now().Add(maxRetryUnanswered)
		k.ping = k.renew
		return
	}
	if state, _ := k.atRest(); state == telephony.LineFault && !register && !k.alive {
		k.setRest(telephony.LineIdle, "") // until it shows otherwise
	}
	now := time.Now()
	if register && !now.Before(k.renew) {
		k.register(ctx)
		k.ping = time.Now().Add(pingPeriod)
		return
	}
	if !now.Before(k.ping) {
		k.look(ctx, register)
	}
}

func (k *keeper) hopless() bool { _, ok := k.hop(); return !ok }

// resolve finds the host's addresses. A port in the configuration overrides what the name server says of it.
func (k *keeper) resolve(ctx context.Context) bool {
	host, port := k.hostPort()
	var peers []netip.AddrPort
	if a, err := netip.ParseAddr(host); err == nil {
		peers = []netip.AddrPort{netip.AddrPortFrom(a.Unmap(), portOf(k.network()))}
	} else if peers, err = k.stack.opt.Lookup(ctx, host, k.network()); err != nil || len(peers) == 0 {
		return false
	}
	if port != 0 {
		for i := range peers {
			peers[i] = netip.AddrPortFrom(peers[i].Addr(), port)
		}
	}
	k.peers.Store(&peers)
	k.stack.desk.reconfigured() // these are no strangers
	return true
}

// rotate puts the next address first, after one did not answer (RFC 3263 4.3); after the last the name is asked again.
func (k *keeper) rotate() {
	peers := *k.peers.Load()
	if len(peers) > 1 {
		rest := append(append([]netip.AddrPort{}, peers[1:]...), peers[0])
		k.peers.Store(&rest)
		return
	}
	if host, _ := k.hostPort(); !isAddress(host) {
		k.peers.Store(nil)
	}
}

func isAddress(host string) bool { _, err := netip.ParseAddr(host); return err == nil }

// look asks for a sign of life. Silence is a fault only of one who has answered before.
func (k *keeper) look(ctx context.Context, register bool) {
	to, _ := k.hop()
	req := k.stack.request(k.newDialog(to), sipgo.OPTIONS, 1)
	_, err := k.stack.ask(ctx, req, to, pingPatience)
	now := time.Now()
	k.ping = now.Add(pingPeriod)
	switch {
	case err == nil:
		k.alive = true
		if !register {
			k.setRest(telephony.LineIdle, "")
		}
	case ctx.Err() != nil:
	case register:
		k.renew = now // does it still know us?
	case k.alive:
		k.setRest(telephony.LineFault, fmt.Sprintf("%v does not answer", to.addr))
		k.rotate()
		k.ping = now.Add(pingPeriodFault)
	}
}

// newDialog is the frame of a request outside of calls.
func (k *keeper) newDialog(to hop) *dialog {
	c := k.config.Load()
	self := party{uri: k.uri(userPart(k.contactUser()))}
	d := calling(self, party{uri: self.uri}, k.uri(""), to, k.contactUser())
	if c.User == "" {
		d.remote.uri = k.uri("")
	}
	return &d
}

// register registers, and says when to come again.
func (k *keeper) register(ctx context.Context) {
	granted, after, err := k.bind(ctx, k.expires)
	now := time.Now()
	if err == nil {
		k.failures = 0
		k.renew = now.Add(granted / 2)
		k.setRest(telephony.LineIdle, "")
		return
	}
	if ctx.Err() != nil {
		return
	}
	k.failures++
	k.setRest(telephony.LineFault, err.Error())
	k.renew = now.Add(after)
}

// bind sends a REGISTER, answers its challenge, and gives what the far end granted; or when to try again.
func (k *keeper) bind(ctx context.Context, expires time.Duration) (granted, after time.Duration, err error) {
	to, _ := k.hop()
	if k.dialog.id == "" {
		k.dialog = *k.newDialog(to)
	}
	k.dialog.flow = to
	var challenge *sipgo.Response
	for try := 0; ; try++ {
		k.dialog.seq++
		req := k.stack.request(&k.dialog, sipgo.REGISTER, k.dialog.seq)
		req.AppendHeader(k.stack.contact(k.contactUser(), to.network))
		req.AppendHeader(sipgo.NewHeader("Expires", strconv.Itoa(int(expires/time.Second))))
		if challenge != nil && !k.account().authorize(req, challenge) {
			return 0, k.retry(maxRetryRefused), errors.New("the trunk asks for a password in a way the box does not speak")
		}
		res, err := k.stack.ask(ctx, req, to, 64*timerT1)
		switch {
		case err != nil:
			k.rotate()
			return 0, k.retry(maxRetryUnanswered), fmt.Errorf("%v does not answer", to.addr)
		case res.IsSuccess():
			return grantedIn(res, expires), 0, nil
		case isChallenge(res) && try < 2:
			challenge = res
		case res.StatusCode == sipgo.StatusIntervalToBrief && try < 2:
			if least := seconds(res, "min-expires"); least > expires && least < 24*time.Hour {
				k.expires, expires = least, least
			}
		default:
			return 0, max(k.retry(maxRetryRefused), min(seconds(res, "retry-after"), maxRetryRefused)),
				fmt.Errorf("registration refused: %d %s", res.StatusCode, oneLine(res.Reason))
		}
	}
}

// retry is the wait after a failure: twice as long each time up to a limit, with jitter.
func (k *keeper) retry(limit time.Duration) time.Duration {
	wait := min(firstRetry<<min(k.failures, 10), limit)
	return wait/2 + rand.N(wait/2)
}

// grantedIn reads how long a registration holds: our contact's parameter, the header, or what we asked for.
func grantedIn(res *sipgo.Response, asked time.Duration) time.Duration {
	granted := asked
	if d := seconds(res, "expires"); d > 0 {
		granted = d
	}
	for _, h := range res.GetHeaders("contact") {
		if c, ok := h.(*sipgo.ContactHeader); ok {
			if n, err := strconv.ParseUint(c.Params.GetOr("expires", ""), 10, 31); err == nil && n > 0 {
				granted = min(granted, time.Duration(n)*time.Second)
			}
		}
	}
	return max(10*time.Second, min(granted, 24*time.Hour))
}

// seconds reads a header that is a number of seconds; 0 when it is not there.
func seconds(m sipgo.Message, name string) time.Duration {
	for value := range list(m, name) {
		digits := value
		for i, r := range value {
			if r < '0' || r > '9' {
				digits = value[:i]
				break
			}
		}
		n, _ := strconv.ParseUint(digits, 10, 31)
		return time.Duration(n) * time.Second
	}
	return 0
}

// unregister takes our address back at the end, within closingTime.
func (k *keeper) unregister() {
	ctx, cancel := context.WithTimeout(context.Background(), closingTime-time.Second)
	defer cancel()
	k.bind(ctx, 0) // whatever comes of it
}

// ask sends a request outside of calls and waits for its final answer.
func (s *Stack) ask(ctx context.Context, req *sipgo.Request, to hop, patience time.Duration) (*sipgo.Response, error) {
	type outcome struct {
		res *sipgo.Response
		err error
	}
	final := make(chan outcome, 1)
	s.begin(nil, req, to, func(res *sipgo.Response, err error) {
		if res != nil && res.IsProvisional() {
			return
		}
		select {
		case final <- outcome{res, err}:
		default:
		}
	})
	select {
	case o := <-final:
		return o.res, o.err
	case <-time.After(patience):
		return nil, context.DeadlineExceeded
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
