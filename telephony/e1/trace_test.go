package e1

import (
	"fmt"
	"testing"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/q931"
)

// A tape writes down signalling messages.
type tape struct{ lines []string }

func (t *tape) Trace(m telephony.Trace) {
	way := "<"
	if m.Sent {
		way = ">"
	}
	t.lines = append(t.lines, fmt.Sprintf("%s %s %s", m.Leg, way, q931.Read(m.Octets).Name))
}

// Idea 8: the messages of a call are kept under its leg, in the order in which they went over the line.
func TestTrace(t *testing.T) {
	withCarrier(t, sim.SpanService{}, telephony.SpanConfig{}, func(w *carrier) {
		tape := &tape{}
		w.span.tracer = tape
		caller := w.ring(sim.Call{From: "02162345678"})
		in := w.arrived().Leg
		in.Answer()
		time.Sleep(time.Second)
		caller.Hangup()
		time.Sleep(time.Second)
		w.follow(w.dial("62340001"), 10*time.Second)
		time.Sleep(time.Second) // the leg ends with DISCONNECT
		w.check("messages", []string{
			"e1/1#1 < SETUP", "e1/1#1 > CALL PROCEEDING", "e1/1#1 > CONNECT", "e1/1#1 < CONNECT ACKNOWLEDGE",
			"e1/1#1 < DISCONNECT", "e1/1#1 > RELEASE", "e1/1#1 < RELEASE COMPLETE",
			"e1/1#2 > SETUP", "e1/1#2 < CALL PROCEEDING", "e1/1#2 < DISCONNECT", "e1/1#2 > RELEASE", "e1/1#2 < RELEASE COMPLETE",
		}, tape.lines)
	})
}
