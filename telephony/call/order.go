package call

import (
	"callbox/telephony"
	"callbox/telephony/record"
)

type orderKind int

const (
	orderStop orderKind = iota + 1 // the box stops
	orderHangUp
	orderRecord
	orderStopRecording
	orderPause
	orderResume
	orderBroken // the bridge is no more
)

// order is what a person or the box asks of a call.
type order struct {
	kind orderKind
	by   string
}

// HangUp ends the call.
func (c *Call) HangUp(by string) { c.post(order{orderHangUp, by}) }

// Record starts a recording on demand (A5.13).
func (c *Call) Record(by string) { c.post(order{orderRecord, by}) }

// StopRecording ends a recording that was started on demand. One that the rules ask for goes on.
func (c *Call) StopRecording(by string) { c.post(order{orderStopRecording, by}) }

// PauseRecording makes a recording silent, or lets it hear again (card numbers, idea 26).
func (c *Call) PauseRecording(on bool, by string) {
	if on {
		c.post(order{orderPause, by})
	} else {
		c.post(order{orderResume, by})
	}
}

// obey carries out an order. One that ends the call is for the present state to see, as if the caller had hung up.
func (c *Call) obey(o order) (end *hungup) {
	switch o.kind {
	case orderStop:
		c.by, c.outcome, c.stopping = "box", telephony.OutcomeInterrupted, true
		return &hungup{telephony.CauseTemporary}
	case orderBroken:
		if c.by = "box"; c.outcome == "" {
			c.outcome = telephony.OutcomeFailed
		}
		return &hungup{telephony.CauseTemporary}
	case orderHangUp:
		c.by = o.by
		return &hungup{telephony.CauseNormal}
	case orderRecord:
		if c.live.Talking.IsZero() || c.recording != nil {
			return nil
		}
		c.startRecording("on_demand")
	case orderStopRecording:
		if c.recording != nil && c.purpose == "on_demand" {
			c.stopRecording()
		}
	case orderPause, orderResume:
		if c.recording != nil {
			c.paused = o.kind == orderPause
			c.recording.Pause(c.paused, o.by)
		}
	}
	c.picture()
	return nil
}

// startRecording taps the outside party: what it says is the left channel, what it hears the right. A recording that cannot
// start costs the recording, never the call.
func (c *Call) startRecording(purpose string) {
	if c.recording != nil {
		return
	}
	r, err := c.house.Recorder.Start(c.ID, purpose, c.live.Agent)
	if err != nil {
		c.tell(telephony.Oddity{Where: "recording", What: err.Error()})
		return
	}
	c.recording, c.purpose, c.paused = r, purpose, false
	c.tapped = c.outside()
	c.tapped.media.Listen(r)
}

// stopRecording closes the recording, if there is one.
func (c *Call) stopRecording() {
	if c.recording == nil {
		return
	}
	c.tapped.media.Unlisten(c.recording)
	c.recording.Stop()
	c.recording, c.paused = nil, false
}

// outside is the party whose voice goes on the left channel: the caller, or in an outgoing call whom it called.
func (c *Call) outside() *party {
	if c.Direction == telephony.Outbound {
		for _, p := range c.others {
			if p.answered {
				return p
			}
		}
	}
	return c.caller
}

var _ telephony.Tap = (*record.Recording)(nil)
