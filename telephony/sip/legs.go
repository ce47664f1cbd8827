package sip

import (
	"sync"

	sipgo "github.com/emiago/sipgo/sip"
)

// legs are those whose goroutine runs, by Call-ID and our tag: the box may be at both ends of one Call-ID.
type legs struct {
	mu       sync.Mutex
	byDialog map[[2]string]*leg
	byFirst  map[firstRequest]*leg // incoming ones
	byInvite map[string]*leg       // incoming ones, by their transaction
	closed   chan struct{}         // made by close, closed when the last leg is gone
}

func newLegs() *legs {
	return &legs{byDialog: map[[2]string]*leg{}, byFirst: map[firstRequest]*leg{}, byInvite: map[string]*leg{}}
}

// add takes a leg, unless the stack is about to end.
func (ls *legs) add(l *leg) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.closed != nil {
		return false
	}
	ls.byDialog[[2]string{l.id, l.tag}] = l
	if l.in.key != "" {
		ls.byFirst[l.in.first] = l
		ls.byInvite[l.in.key] = l
	}
	return true
}

func (ls *legs) remove(l *leg) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	if ls.byDialog[[2]string{l.id, l.tag}] != l {
		return
	}
	delete(ls.byDialog, [2]string{l.id, l.tag})
	if l.in.key != "" {
		delete(ls.byFirst, l.in.first)
		delete(ls.byInvite, l.in.key)
	}
	if ls.closed != nil && len(ls.byDialog) == 0 {
		close(ls.closed)
	}
}

// close takes no leg any more and gives a channel that is closed when none is left.
func (ls *legs) close() <-chan struct{} {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.closed = make(chan struct{})
	if len(ls.byDialog) == 0 {
		close(ls.closed)
	}
	return ls.closed
}

// find gives the leg that a request within a dialog is for: its To tag is ours.
func (ls *legs) find(req *sipgo.Request) *leg {
	tag, ok := req.To().Params.Get("tag")
	if !ok {
		return nil
	}
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.byDialog[[2]string{req.CallID().Value(), tag}]
}

// invitedBy gives the leg of an INVITE by its transaction.
func (ls *legs) invitedBy(key string) *leg {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.byInvite[key]
}

// merged reports whether a new INVITE is one that already came by another way (RFC 3261 8.2.2.2): same Call-ID, From tag
// and CSeq, and not its echo, which the transaction would have taken.
func (ls *legs) merged(req *sipgo.Request) bool {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	return ls.byFirst[originOf(req)] != nil
}

// A firstRequest names the INVITE that a leg was born of.
type firstRequest struct {
	callID, fromTag string
	seq             uint32
}

func originOf(req *sipgo.Request) firstRequest {
	return firstRequest{req.CallID().Value(), req.From().Params.GetOr("tag", ""), req.CSeq().SeqNo}
}

// each visits the legs of this moment.
func (ls *legs) each(visit func(*leg)) {
	ls.mu.Lock()
	var now []*leg
	for _, l := range ls.byDialog {
		now = append(now, l)
	}
	ls.mu.Unlock()
	for _, l := range now {
		visit(l)
	}
}
