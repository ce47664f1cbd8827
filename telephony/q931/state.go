package q931

import "slices"

// A CallState is a call's state by its number, as STATUS tells it (table 4-8).
type CallState uint8

// A state is where a call is, said in a way that fits both sides: a call that one side places is one that the other gets.
type state uint8

const (
	null               state = iota // the call reference is not used, or not any more
	initiated                       // SETUP was sent
	overlapSending                  // the far end wants more digits
	proceeding                      // the far end has all it needs
	delivered                       // the far end alerts
	present                         // SETUP has come, nothing was answered
	overlapReceiving                // we want more digits
	incomingProceeding              // we have all that we need
	received                        // we alert
	connectRequest                  // a user has answered; the network's CONNECT ACKNOWLEDGE is awaited
	active                          // the call is up
	disconnectSent                  // RELEASE is awaited
	disconnectReceived              // our owner is to clear
	releaseRequest                  // RELEASE COMPLETE is awaited
)

// numbers are the states as the recommendation counts them, of the user (2.1.1) and of the network (2.1.2).
var numbers = [...][2]CallState{
	null:               {User: 0, Network: 0},
	initiated:          {User: 1, Network: 6},
	overlapSending:     {User: 2, Network: 25},
	proceeding:         {User: 3, Network: 9},
	delivered:          {User: 4, Network: 7},
	present:            {User: 6, Network: 1},
	overlapReceiving:   {User: 25, Network: 2},
	incomingProceeding: {User: 9, Network: 3},
	received:           {User: 7, Network: 4},
	connectRequest:     {User: 8, Network: never}, // the network is active as soon as it sends CONNECT
	active:             {User: 10, Network: 10},
	disconnectSent:     {User: 11, Network: 12},
	disconnectReceived: {User: 12, Network: 11},
	releaseRequest:     {User: 19, Network: 19},
}

// never is the number of a state that a side does not have.
const never CallState = 0xFF

// The states of the global call reference (2.4).
const (
	restartNull      CallState = 0
	restartRequested CallState = 61
)

// A phase is a run of states that take the same messages.
type phase uint8

const (
	outgoing phase = iota
	incoming
	up
	clearing
)

func (s state) phase() phase {
	switch {
	case s <= delivered:
		return outgoing
	case s <= connectRequest:
		return incoming
	case s == active:
		return up
	}
	return clearing
}

// far is the state that the far end of side means by a number; null if it means none of ours.
func (side Side) far(n CallState) state {
	if side == User && n == 8 { // the network has our CONNECT and completes the path
		return delivered
	}
	theirs := Network - side
	return state(max(0, slices.IndexFunc(numbers[:], func(pair [2]CallState) bool { return pair[theirs] == n })))
}

// fits reports whether the far end can be in the state that it reports while the call is in ours (5.8.11). All that it sent
// has arrived, in order; what we sent may still be on its way.
func (c *call) fits(far state) bool {
	switch c.state.phase() {
	case outgoing:
		return far.phase() == incoming
	case incoming:
		return far != null && far.phase() == outgoing || c.state == connectRequest && far == active
	case up:
		return far == active || far == connectRequest || c.ref.Theirs && far != null && far.phase() == outgoing
	}
	return true
}
