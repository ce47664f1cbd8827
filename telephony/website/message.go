package website

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"slices"
	"time"

	"callbox/telephony"
)

// A message is what goes over the WebSocket, in JSON. The browser sends an offer first, and "bye" if it hangs up; to close the
// connection is the same. The box sends its answer, each new state, and "ended" with the reason before it closes.
type message struct {
	Offer   string `json:"offer,omitempty"`   // SDP with all candidates (RFC 8829)
	Visitor string `json:"visitor,omitempty"` // the name that the page gives the visitor
	Page    string `json:"page,omitempty"`    // its address
	Bye     bool   `json:"bye,omitempty"`

	Answer   string          `json:"answer,omitempty"` // SDP
	State    string          `json:"state,omitempty"`
	Position int             `json:"position,omitempty"` // in the queue, from 1
	Code     telephony.Code  `json:"code,omitempty"`     // of the end; empty: it is over
	Reason   *telephony.Text `json:"reason,omitempty"`   // the same for people
}

// The states of a visitor's call, as the visitor is told.
const (
	stateCalling = "calling" // the box rings
	stateBox     = "box"     // a menu or an announcement is heard
	stateQueue   = "queue"
	stateTalking = "talking"
	stateEnded   = "ended"
)

// The bounds of what a stranger may send.
const (
	maxMessage = 16 << 10 // octets
	writeTime  = 5 * time.Second
)

// decode reads one message. What has unknown fields or is no JSON is refused.
func decode(b []byte) (m message, err error) {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if dec.Decode(&m) != nil {
		return m, errMessage
	}
	if _, err := dec.Token(); err != io.EOF {
		return m, errMessage
	}
	return m, nil
}

// send writes one message, to a browser that takes it soon.
func send(conn net.Conn, m message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_ = conn.SetWriteDeadline(time.Now().Add(writeTime))
	_, err = conn.Write(b)
	return err
}

// placesIn says where each caller is, by the names of their legs.
func placesIn(l telephony.Live) map[string]message {
	places := map[string]message{}
	for _, c := range l.Calls {
		for _, p := range c.Parties {
			places[p.Leg] = placeOf(c, l.Queues)
		}
	}
	return places
}

// placeOf is where a caller is. Names of what is inside are none of a stranger's business.
func placeOf(c telephony.LiveCall, queues []telephony.LiveQueue) message {
	switch c.State {
	case "arrived", "ringing", "calling":
		return message{State: stateCalling}
	case "talk", "room":
		return message{State: stateTalking}
	case "queue":
		m := message{State: stateQueue}
		for _, q := range queues {
			if q.ID == c.Where {
				m.Position = 1 + slices.IndexFunc(q.Waiting, func(w telephony.LiveWaiter) bool { return w.Call == c.ID })
			}
		}
		return m
	}
	return message{State: stateBox}
}
