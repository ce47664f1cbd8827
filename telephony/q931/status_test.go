package q931

import (
	"slices"
	"testing"

	"callbox/telephony"
)

// octetsGot is a message from the far end that no encoder makes.
func octetsGot(ms int, octets ...byte) at { return at{ms, Received{octets}} }

func stated(ms int, r Ref, c telephony.Cause, s CallState) at {
	return got(ms, r, Message{Type: TypeStatus, Reason: Reason{Cause: c}, State: &s})
}

// TestUnreadable: messages that are discarded without an answer.
func TestUnreadable(t *testing.T) {
	run(t, []row{
		{
			"5.8.1: other protocols, SERVICE of maintenance among them", User,
			[]at{octetsGot(0, 0x03, 0x02, 0x00, 0x00, 0x0F), octetsGot(1, 0x09, 0x02, 0x00, 0x01, 0x05)},
			[]string{
				"0 odd: a message of another protocol than Q.931 (5.8.1)",
				"1 odd: a message of another protocol than Q.931 (5.8.1)",
			},
		},
		{
			"5.8.2: too short", User,
			[]at{octetsGot(0), octetsGot(1, 0x08, 0x02, 0x00), octetsGot(2, 0x08, 0x02, 0x00, 0x01)},
			[]string{
				"0 odd: a message too short to have a type (5.8.2)", "1 odd: a message too short to have a type (5.8.2)",
				"2 odd: a message too short to have a type (5.8.2)",
			},
		},
		{
			"5.8.3.1: a call reference of no or of 3 octets", User,
			[]at{
				octetsGot(0, 0x08, 0x00, 0x05, 0x00), octetsGot(1, 0x08, 0x03, 0x00, 0x00, 0x01, 0x05),
				octetsGot(2, 0x08, 0x12, 0x00, 0x01, 0x05),
			},
			[]string{
				"0 odd: a call reference that is not of 1 or 2 octets (5.8.3.1)",
				"1 odd: a call reference that is not of 1 or 2 octets (5.8.3.1)",
				"2 odd: a call reference that is not of 1 or 2 octets (5.8.3.1)",
			},
		},
		{
			"Q.921 5.9.3: longer than a frame", User,
			[]at{octetsGot(0, append([]byte{0x08, 0x02, 0x00, 0x01, 0x05}, make([]byte, 256)...)...)},
			[]string{"0 odd: a message of more than 260 octets"},
		},
	})
}

// TestReferenceErrors is 5.8.3.2; the global call reference is in TestRestart.
func TestReferenceErrors(t *testing.T) {
	run(t, []row{
		{
			"a): a message for no call", User,
			[]at{got(0, theirs, Message{Type: TypeConnect})},
			[]string{"0 odd: CONNECT for no call", "0 > RELEASE COMPLETE t7 cause 81"},
		},
		{
			"a): RESUME, and what nobody knows", Network,
			[]at{got(0, theirs, Message{Type: TypeResume}), got(1, theirs, Message{Type: 0x99})},
			[]string{
				"0 odd: RESUME for no call", "0 > RELEASE COMPLETE t7 cause 81", "1 odd: message 99 for no call",
				"1 > RELEASE COMPLETE t7 cause 81",
			},
		},
		{
			"annex H: the segments of a SETUP are refused, so that its caller does not wait", User,
			[]at{got(0, theirs, Message{Type: TypeSegment})},
			[]string{"0 odd: SEGMENT for no call", "0 > RELEASE COMPLETE t7 cause 81"},
		},
		{
			"b): RELEASE for no call", User,
			[]at{got(0, ours, Message{Type: TypeRelease, Reason: normal})},
			[]string{"0 odd: RELEASE cause 16 for no call", "0 > RELEASE COMPLETE o1 cause 81"},
		},
		{
			"c): RELEASE COMPLETE for no call", User,
			[]at{got(0, ours, Message{Type: TypeReleaseComplete, Reason: normal})},
			nil,
		},
		{
			"d): SETUP and RESUME with the flag of an answer", User,
			[]at{got(0, ours, setupIn), got(1, ours, Message{Type: TypeResume})},
			[]string{"0 odd: SETUP for a call reference of ours", "1 odd: RESUME for a call reference of ours"},
		},
		{
			"e): SETUP for a call that is there", User,
			[]at{got(0, theirs, setupIn), {10, Alert{Ref: theirs}}, got(4000, theirs, setupIn)},
			[]string{"0 incoming t7 ch 3 1390 61234567 complete", "10 > ALERTING t7 ch 3!"},
		},
		{
			"g): STATUS for no call: 5.8.11", User,
			[]at{stated(0, theirs, 30, 10), stated(1, theirs, 30, 0), got(2, theirs, Message{Type: TypeStatus})},
			[]string{"0 > RELEASE COMPLETE t7 cause 101"},
		},
		{
			"5.8.10: STATUS ENQUIRY for no call", User,
			[]at{got(0, theirs, Message{Type: TypeStatusEnquiry})},
			[]string{"0 > STATUS t7 cause 30 state 0"},
		},
		{
			"4.3: a call reference of one octet is the same as one of two", User,
			[]at{
				octetsGot(0, 0x08, 0x01, 0x07, 0x05, 0x04, 0x03, 0x80, 0x90, 0xA3, 0x18, 0x03, 0xA1, 0x83, 0x83),
				{10, Alert{Ref: theirs}},
				octetsGot(20, 0x08, 0x01, 0x07, 0x4D, 0x08, 0x02, 0x80, 0x90),
			},
			[]string{"0 incoming t7 ch 3", "10 > ALERTING t7 ch 3!", "20 > RELEASE COMPLETE t7", "20 released t7 cause 16"},
		},
	})
}

// TestSequenceErrors is 5.8.4.
func TestSequenceErrors(t *testing.T) {
	run(t, []row{
		{
			"101: a message that the state does not permit", User,
			placed(got(1000, ours, Message{Type: TypeAlerting}), got(1001, ours, Message{Type: TypeConnect})),
			then(
				placedSaid, "1000 odd: ALERTING in U10", "1000 > STATUS o1 cause 101 (01) state 10",
				"1001 odd: CONNECT in U10", "1001 > STATUS o1 cause 101 (07) state 10",
			),
		},
		{
			"101: PROGRESS and INFORMATION before any answer", User,
			[]at{
				{0, Call{ours, setupOut}},
				got(10, ours, Message{Type: TypeProgress, Progress: tone}),
				got(11, ours, Message{Type: TypeInformation}),
				got(20, ours, Message{Type: TypeReleaseComplete, Reason: normal}),
			},
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "10 odd: PROGRESS in U1", "10 > STATUS o1 cause 101 (03) state 1",
				"11 odd: INFORMATION in U1", "11 > STATUS o1 cause 101 (7B) state 1", "20 released o1 cause 16",
			},
		},
		{
			"101: a caller does not alert", Network,
			[]at{
				got(0, theirs, setupIn), got(10, theirs, Message{Type: TypeAlerting}),
				got(11, theirs, Message{Type: TypeConnectAcknowledge}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 odd: ALERTING in N1", "10 > STATUS t7 cause 101 (01) state 1",
				"11 odd: CONNECT ACKNOWLEDGE in N1", "11 > STATUS t7 cause 101 (0F) state 1",
			},
		},
		{
			"97: messages that are not implemented: SUSPEND, HOLD of Q.932, and one that nobody knows", Network,
			append(
				placed()[:1:1], got(10, ours, Message{Type: TypeSuspend}), got(11, ours, Message{Type: 0x24}),
				got(12, ours, Message{Type: 0xFF}), got(13, ours, Message{Type: TypeReleaseComplete, Reason: normal}),
			),
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "10 odd: SUSPEND in N6", "10 > STATUS o1 cause 97 (25) state 6",
				"11 odd: message 24 in N6", "11 > STATUS o1 cause 97 (24) state 6",
				"12 odd: message FF in N6", "12 > STATUS o1 cause 97 (FF) state 6", "13 released o1 cause 16",
			},
		},
		{
			"97: also while the call is being cleared", User,
			placed(
				at{1000, Clear{Ref: ours}}, got(1001, ours, Message{Type: TypeUserInformation}),
				got(1010, ours, Message{Type: TypeRelease}),
			),
			then(
				placedSaid, "1000 > DISCONNECT o1 cause 16", "1001 odd: USER INFORMATION in U11",
				"1001 > STATUS o1 cause 97 (20) state 11", "1010 > RELEASE COMPLETE o1", "1010 released o1 cause 16 byUs",
			),
		},
		{
			"5.9, Q.932: NOTIFY and FACILITY change nothing; nor do segments and a network's displays", User,
			placed(
				got(1000, ours, Message{Type: TypeNotify}), got(1001, ours, Message{Type: TypeFacility}),
				got(1002, ours, Message{Type: TypeSegment}), got(1003, ours, Message{Type: TypeInformation, Display: "1:05"}),
			),
			placedSaid,
		},
	})
}

// TestElementErrors is 5.8.5 to 5.8.7.
func TestElementErrors(t *testing.T) {
	// setup is a SETUP with these elements.
	setup := func(elements ...byte) at { return octetsGot(0, append([]byte{8, 2, 0, 7, 5}, elements...)...) }
	// says is another message of that call.
	says := func(ms int, m MessageType, elements ...byte) at {
		return octetsGot(ms, append([]byte{8, 2, 0, 7, byte(m)}, elements...)...)
	}
	bearer := []byte{0x04, 3, 0x80, 0x90, 0xA3}
	channel := []byte{0x18, 3, 0xA9, 0x83, 0x83}
	good := append(append([]byte{}, bearer...), channel...)
	came := "0 incoming t7 ch 3!"
	run(t, []row{
		{
			"5.8.6.1: SETUP without a bearer capability", User,
			[]at{setup(channel...)},
			[]string{"0 odd: SETUP: cause 96 (04)", "0 > RELEASE COMPLETE t7 cause 96 (04)"},
		},
		{
			"5.8.6.1, 3.1.14: SETUP from a network without a channel", User,
			[]at{setup(bearer...)},
			[]string{"0 odd: SETUP: cause 96 (18)", "0 > RELEASE COMPLETE t7 cause 96 (18)"},
		},
		{
			"3.1.14: SETUP from a user without a channel", Network,
			[]at{setup(bearer...)},
			[]string{"0 incoming t7"},
		},
		{
			"5.8.6.2: SETUP with a bearer capability cut short", User,
			[]at{setup(append([]byte{0x04, 1, 0x80}, channel...)...)},
			[]string{"0 odd: SETUP: cause 100 (04)", "0 > RELEASE COMPLETE t7 cause 100 (04)"},
		},
		{
			"5.8.6.2: SETUP with a channel 16, and with one of a basic interface", User,
			[]at{setup(append(bearer, 0x18, 3, 0xA9, 0x83, 0x90)...), setup(append(bearer, 0x18, 1, 0x89)...)},
			[]string{
				"0 odd: SETUP: cause 100 (18)", "0 > RELEASE COMPLETE t7 cause 100 (18)",
				"0 odd: SETUP: cause 100 (18)", "0 > RELEASE COMPLETE t7 cause 100 (18)",
			},
		},
		{
			"5.8.7.1: an unknown element that must be understood is as good as a missing one", User,
			[]at{setup(append(good, 0x0C, 1, 0xFF)...)},
			[]string{"0 odd: SETUP: cause 96 (0C)", "0 > RELEASE COMPLETE t7 cause 96 (0C)"},
		},
		{
			"5.8.7.1: any other unknown element is told, and the call goes on", User,
			[]at{setup(append(good, 0x66, 1, 0xFF, 0xC0, 0x66, 0)...)},
			[]string{came, "0 odd: SETUP: cause 99 (66 C0) in U6", "0 > STATUS t7 cause 99 (66 C0) state 6"},
		},
		{
			"5.8.7.2: so is an optional element that makes no sense", User,
			[]at{setup(append(good, 0x1E, 1, 0x82)...)},
			[]string{came, "0 odd: SETUP: cause 100 (1E) in U6", "0 > STATUS t7 cause 100 (1E) state 6"},
		},
		{
			"4.5.1: so is an element longer than the message", User,
			[]at{setup(append(good, 0x70, 9, 0x81, '1')...)},
			[]string{came, "0 odd: SETUP: cause 100 (70) in U6", "0 > STATUS t7 cause 100 (70) state 6"},
		},
		{
			"5.8.5.1, 5.8.5.2: elements in any order; of two the first counts", User,
			[]at{
				setup(0x70, 2, 0x81, '1', 0x70, 2, 0x81, '2', 0x18, 3, 0xA9, 0x83, 0x83, 0x18, 3, 0xA9, 0x83, 0x85, 0x04, 3, 0x80, 0x90, 0xA3),
			},
			[]string{"0 incoming t7 ch 3! 1"},
		},
		{
			"4.5.2 to 4.5.4: other codesets are passed over, for one element or for the rest", User,
			[]at{
				setup(append(good, 0x9E, 0x0C, 1, 0xFF, 0x70, 2, 0x81, '5', 0x96, 0x0C, 1, 0xFF, 0xC0, 0x98, 0xA1, 0x70, 2, 0x81, '6')...),
			},
			[]string{"0 incoming t7 ch 3! 5 complete"},
		},
		{
			"table 4-3: elements that the box knows and does not need", User,
			[]at{
				setup(append(good, 0xB0, 0x1C, 2, 0x91, 0xA1, 0x29, 5, 1, 2, 3, 4, 5, 0x7C, 2, 0x90, 0x90, 0x7D, 2, 0x91, 0x81, 0x7E, 2, 4, 'x', 0xD1)...),
			},
			[]string{came},
		},
		{
			"5.8.6.1: PROGRESS without an indicator is not acted upon", User,
			[]at{
				{0, Call{ours, setupOut}},
				got(10, ours, Message{Type: TypeCallProceeding, Channels: ch3only}),
				got(20, ours, Message{Type: TypeProgress}),
			},
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "10 proceeding o1 ch 3!", "20 odd: PROGRESS: cause 96 (1E) in U3",
				"20 > STATUS o1 cause 96 (1E) state 3",
				"120010 > DISCONNECT o1 cause 102", "150010 > RELEASE o1 cause 102", "154010 > RELEASE o1 cause 102",
				"158010 released o1 cause 102 byUs maintenance",
			},
		},
		{
			"5.8.7.1: STATUS tells the state after the message was taken", User,
			[]at{setup(good...), {10, Connect{Ref: theirs}}, says(20, TypeConnectAcknowledge, 0x66, 0)},
			[]string{
				came, "10 > CONNECT t7 ch 3!", "20 odd: CONNECT ACKNOWLEDGE: cause 99 (66) in U8", "20 active t7",
				"20 > STATUS t7 cause 99 (66) state 10",
			},
		},
		{
			"5.8.6.1: DISCONNECT without a cause means 31, and RELEASE says what was missing", User,
			[]at{
				setup(good...),
				{10, Proceed{Ref: theirs}},
				says(20, TypeDisconnect),
				{30, Clear{Ref: theirs}},
				says(40, TypeReleaseComplete),
			},
			[]string{
				came, "10 > CALL PROCEEDING t7 ch 3!", "20 odd: DISCONNECT: cause 96 (08) in U9",
				"20 disconnecting t7 cause 31", "30 > RELEASE t7 cause 96 (08)", "40 released t7 cause 31",
			},
		},
		{
			"5.8.6.2, 5.8.7.1: DISCONNECT with a cause cut short, with an unknown element", User,
			[]at{
				setup(good...),
				{10, Proceed{Ref: theirs}},
				says(20, TypeDisconnect, 0x08, 1, 0x80, 0x66, 0),
				{30, Clear{Ref: theirs}},
				says(40, TypeReleaseComplete),
			},
			[]string{
				came, "10 > CALL PROCEEDING t7 ch 3!", "20 odd: DISCONNECT: cause 100 (08) in U9",
				"20 disconnecting t7 cause 31", "30 > RELEASE t7 cause 100 (08)", "40 released t7 cause 31",
			},
		},
		{
			"5.8.6.1: RELEASE without a cause where none was given before", User,
			[]at{setup(good...), says(20, TypeRelease)},
			[]string{
				came, "20 odd: RELEASE: cause 96 (08) in U6", "20 > RELEASE COMPLETE t7 cause 96 (08)",
				"20 released t7 cause 31",
			},
		},
		{
			"5.8.7.1: RELEASE with an unknown element", User,
			[]at{setup(good...), says(20, TypeRelease, 0x08, 2, 0x80, 0x90, 0x66, 0)},
			[]string{
				came, "20 odd: RELEASE cause 16: cause 99 (66) in U6", "20 > RELEASE COMPLETE t7 cause 99 (66)",
				"20 released t7 cause 16",
			},
		},
		{
			"5.8.6.1: RELEASE COMPLETE without a cause means 31 and gets no answer", User,
			[]at{setup(good...), says(20, TypeReleaseComplete)},
			[]string{came, "20 odd: RELEASE COMPLETE: cause 96 (08) in U6", "20 released t7 cause 31"},
		},
		{
			"STATUS is never answered by STATUS", User,
			[]at{setup(good...), says(20, TypeStatus), says(21, TypeStatus, 0x08, 2, 0x80, 0xE1, 0x14, 1, 0x06, 0x66, 0)},
			[]string{
				came, "20 odd: STATUS: cause 96 (08 14) in U6",
				"21 odd: STATUS cause 97 state 6: cause 99 (66) in U6", "21 odd: STATUS cause 97 state 6 in U6",
			},
		},
	})
}

// TestStatus is 5.8.10 and 5.8.11.
func TestStatus(t *testing.T) {
	run(t, []row{
		{
			"5.8.10: STATUS ENQUIRY is answered in every state", Network,
			[]at{
				got(0, theirs, setupIn), got(1, theirs, Message{Type: TypeStatusEnquiry}),
				{10, AskDigits{Ref: theirs}},
				got(11, theirs, Message{Type: TypeStatusEnquiry}),
				{20, Proceed{Ref: theirs}},
				got(21, theirs, Message{Type: TypeStatusEnquiry}),
				{30, Alert{Ref: theirs}},
				got(31, theirs, Message{Type: TypeStatusEnquiry}),
				{40, Connect{Ref: theirs}},
				got(41, theirs, Message{Type: TypeStatusEnquiry}),
				{50, Clear{Ref: theirs}},
				got(51, theirs, Message{Type: TypeStatusEnquiry}),
				got(60, theirs, Message{Type: TypeRelease}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "1 > STATUS t7 cause 30 state 1", "10 > SETUP ACKNOWLEDGE t7 ch 3!",
				"11 > STATUS t7 cause 30 state 2",
				"20 > CALL PROCEEDING t7", "21 > STATUS t7 cause 30 state 3", "30 > ALERTING t7", "31 > STATUS t7 cause 30 state 4",
				"40 > CONNECT t7", "40 active t7", "41 > STATUS t7 cause 30 state 10", "50 > DISCONNECT t7 cause 16",
				"51 > STATUS t7 cause 30 state 12",
				"60 > RELEASE COMPLETE t7", "60 released t7 cause 16 byUs",
			},
		},
		{
			"5.8.10: one question at a time, and an answer ends it", User,
			placed(
				at{1000, Enquire{Ref: ours}}, at{1001, Enquire{Ref: ours}}, stated(1010, ours, 30, 10),
				at{2000, Enquire{Ref: ours}}, stated(2010, ours, 97, 10),
			),
			then(
				placedSaid, "1000 > STATUS ENQUIRY o1", "1001 odd: Enquire asked for in U10", "2000 > STATUS ENQUIRY o1",
				"2010 odd: STATUS cause 97 state 10 in U10",
			),
		},
		{
			"5.8.10: T322 goes on into the next state, but not into clearing", User,
			[]at{
				{0, Call{ours, setupOut}},
				got(10, ours, Message{Type: TypeCallProceeding, Channels: ch3only}),
				{20, Enquire{Ref: ours}},
				got(30, ours, Message{Type: TypeAlerting}),
				{5000, Clear{Ref: ours}},
				got(20000, ours, Message{Type: TypeRelease}),
			},
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "10 proceeding o1 ch 3!", "20 > STATUS ENQUIRY o1", "30 alerting o1 ch 3!",
				"4020 > STATUS ENQUIRY o1",
				"5000 > DISCONNECT o1 cause 16", "20000 > RELEASE COMPLETE o1", "20000 released o1 cause 16 byUs",
			},
		},
		{
			"5.8.10: nobody asks about a call that is being cleared", User,
			placed(at{1000, Clear{Ref: ours}}, at{1001, Enquire{Ref: ours}}, got(1010, ours, Message{Type: TypeRelease})),
			then(placedSaid,
				"1000 > DISCONNECT o1 cause 16", "1001 odd: Enquire asked for in U11", "1010 > RELEASE COMPLETE o1",
				"1010 released o1 cause 16 byUs",
			),
		},
		{
			"5.8.11 c): the far end has no such call", User,
			placed(stated(1000, ours, 101, 0)),
			then(placedSaid, "1000 released o1 cause 41"),
		},
		{
			"5.8.11: an incompatible state is released with cause 101", User,
			placed(stated(1000, ours, 31, 7), got(1010, ours, Message{Type: TypeReleaseComplete})),
			then(
				placedSaid, "1000 odd: STATUS cause 31 state 7 in U10", "1000 > RELEASE o1 cause 101",
				"1010 released o1 cause 101 byUs",
			),
		},
		{
			"5.8.11 b): no state but Null matters once RELEASE is sent", User,
			placed(at{1000, Clear{Ref: ours}}, stated(31001, ours, 31, 10), stated(31002, ours, 31, 0)),
			then(
				placedSaid, "1000 > DISCONNECT o1 cause 16", "31000 > RELEASE o1 cause 16",
				"31002 released o1 cause 16 byUs",
			),
		},
		{
			"5.8.11: a compatible state with an error of ours is for the journal", User,
			placed(stated(1000, ours, 99, 10)),
			then(placedSaid, "1000 odd: STATUS cause 99 state 10 in U10"),
		},
		{
			"5.8.11: a network that is still asking about our CONNECT", User,
			[]at{
				got(0, theirs, setupIn),
				{10, Connect{Ref: theirs}},
				stated(20, theirs, 99, 8),
				got(30, theirs, Message{Type: TypeConnectAcknowledge}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 > CONNECT t7 ch 3!",
				"20 odd: STATUS cause 99 state 8 in U8", "30 active t7",
			},
		},
	})
}

// TestFits: which states of the far end go with ours (5.8.11), by their numbers; the others are incompatible.
func TestFits(t *testing.T) {
	for _, r := range []struct {
		side   Side
		state  state
		theirs bool
		fits   []CallState
	}{
		{User, initiated, false, []CallState{1, 2, 3, 4}},
		{User, delivered, false, []CallState{1, 2, 3, 4}},
		{Network, overlapSending, false, []CallState{6, 7, 8, 9, 25}},
		{User, present, true, []CallState{6, 7, 8, 9, 25}},
		{User, connectRequest, true, []CallState{6, 7, 8, 9, 10, 25}},
		{Network, received, true, []CallState{1, 2, 3, 4}},
		{User, active, false, []CallState{10}},
		{Network, active, false, []CallState{8, 10}},
		{Network, active, true, []CallState{1, 2, 3, 4, 8, 10}},
		{User, active, true, []CallState{6, 7, 8, 9, 10, 25}},
	} {
		c := &call{on: New(Options{Side: r.side}), ref: Ref{Value: 1, Theirs: r.theirs}, state: r.state}
		var fits []CallState
		for n := CallState(1); n < 64; n++ {
			if c.fits(r.side.far(n)) {
				fits = append(fits, n)
			}
		}
		if !slices.Equal(fits, r.fits) {
			t.Errorf("side %d in %d: %v fit, want %v", r.side, r.state, fits, r.fits)
		}
	}
}
