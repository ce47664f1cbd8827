// Package q921 is the data link of an ISDN primary rate D-channel: LAPD by ITU-T Q.921 (09/97), point to point, SAPI 0, TEI 0,
// modulo 128, for the user's and the network's side. It carries the messages of Q.931 to the far end once each and in order,
// or says that it could not.
//
// Link is a pure machine: events in, actions out. It knows frames from the address octet on; flags, stuffing and the FCS are
// below it, so that a frame which was damaged on the wire never arrives here.
package q921

import (
	"time"

	"callbox/telephony/machine"
)

// Side is the end of the interface that a link is: who sends commands with which C/R bit (3.3.2).
type Side uint8

// The sides.
const (
	User Side = iota
	Network
)

// The timers of a link.
const (
	T200 machine.Timer = "T200" // an answer is awaited
	T203 machine.Timer = "T203" // nothing is awaited, and the far end is asked when it expires
)

// System parameters, the defaults of 5.9 for a primary rate link.
const (
	t200Time = time.Second
	t203Time = 10 * time.Second
	n200     = 3   // retransmissions before the far end is given up
	n201     = 260 // octets of a message at most
	k        = 7   // I frames that may be on their way at once
)

// queueLimit bounds the messages that wait for the far end, those on their way included. A busy hour of 30 channels makes some
// dozens a second.
const queueLimit = 256

// An Event is what happens to a link.
type Event interface{ event() }

type (
	// PhysicalUp: layer 1 is there. The link waits for the far end's SABME or for Establish.
	PhysicalUp struct{}
	// PhysicalDown: layer 1 is gone. Nothing is sent until PhysicalUp, and every other event is ignored.
	PhysicalDown struct{}
	// Received is a frame from its address octet on, without the FCS. The link keeps no hold on Octets but through Indicate.
	Received struct{ Octets []byte }
	// Expired: T200 or T203 is due.
	Expired struct{ Timer machine.Timer }
	// Establish is DL-ESTABLISH request: Established or Released follows. On a link that is up it starts anew and lets go of
	// the messages that wait.
	Establish struct{}
	// Release is DL-RELEASE request: Released follows.
	Release struct{}
	// Data is DL-DATA request: a message of layer 3, 260 octets at most. It is lost where the link is not established.
	Data struct{ Octets []byte }
)

func (PhysicalUp) event()   {}
func (PhysicalDown) event() {}
func (Received) event()     {}
func (Expired) event()      {}
func (Establish) event()    {}
func (Release) event()      {}
func (Data) event()         {}

// An Action is what the link wants done: machine.Start, machine.Stop, or one of the types below.
type Action any

type (
	// Send is a frame for the D-channel, from its address octet on. The octets are the receiver's own.
	Send struct{ Octets []byte }
	// Established is DL-ESTABLISH indication or confirm. On a link that was established already it says that messages may be
	// lost: those that the far end had not acknowledged are not sent again (5.7.2).
	Established struct{}
	// Released is DL-RELEASE indication or confirm.
	Released struct{}
	// Indicate is DL-DATA indication: a message of the far end.
	Indicate struct{ Octets []byte }
	// Fault is MDL-ERROR indication. Code is the letter of Appendix II, 0 where that has none; the link does by itself what
	// has to be done.
	Fault struct {
		Code byte
		What string
	}
)
