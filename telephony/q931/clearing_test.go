package q931

import (
	"bytes"
	"testing"

	"callbox/telephony"
	"callbox/telephony/machine"
)

func TestClearing(t *testing.T) {
	busy := Reason{Cause: telephony.CauseBusy, Location: LocationPublicRemote}
	run(t, []row{
		{
			"5.3.2: a SETUP that is refused gets RELEASE COMPLETE, with any cause",
			User,
			[]at{got(0, theirs, setupIn), {10, Clear{Ref: theirs, Cause: telephony.CauseBusy}}},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 > RELEASE COMPLETE t7 cause 17",
				"10 released t7 cause 17 byUs",
			},
		},
		{
			"5.3.2: our SETUP is refused with RELEASE COMPLETE",
			User,
			[]at{{0, Call{ours, setupOut}}, got(10, ours, Message{Type: TypeReleaseComplete, Reason: busy})},
			[]string{"0 > SETUP o1 ch 3 10086 complete", "10 released o1 cause 17"},
		},
		{
			"5.3.3: a caller who gives up before anything was answered",
			User,
			[]at{
				{0, Call{ours, setupOut}},
				{10, Clear{Ref: ours}},
				got(20, ours, Message{Type: TypeCallProceeding, Channels: ch3only}),
				got(30, ours, Message{Type: TypeRelease}),
			},
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "10 > DISCONNECT o1 cause 16", "30 > RELEASE COMPLETE o1",
				"30 released o1 cause 16 byUs",
			},
		},
		{
			"5.3.3: T305, RELEASE with the cause of the DISCONNECT after 30 s",
			User,
			placed(
				at{1000, Clear{Ref: ours, Cause: telephony.CauseNormal}},
				got(31010, ours, Message{Type: TypeReleaseComplete}),
			),
			then(
				placedSaid, "1000 > DISCONNECT o1 cause 16", "31000 > RELEASE o1 cause 16", "31010 released o1 cause 16 byUs",
			),
		},
		{
			"5.3.3: T308, RELEASE goes out twice, and then the channel is not to be used",
			User,
			placed(at{1000, Clear{Ref: ours, Cause: telephony.CauseNormal}}),
			then(
				placedSaid, "1000 > DISCONNECT o1 cause 16", "31000 > RELEASE o1 cause 16", "35000 > RELEASE o1 cause 16",
				"39000 released o1 cause 16 byUs maintenance",
			),
		},
		{
			"5.3.4: the owner may take its time after a DISCONNECT; RELEASE ends it all the same",
			User,
			placed(
				got(1000, ours, Message{Type: TypeDisconnect, Reason: busy, Progress: tone}),
				got(31000, ours, Message{Type: TypeRelease, Reason: normal}),
			),
			then(
				placedSaid, "1000 disconnecting o1 cause 17 pi 8", "31000 > RELEASE COMPLETE o1",
				"31000 released o1 cause 17",
			),
		},
		{
			"5.3.4: a second DISCONNECT says nothing new",
			User,
			placed(
				got(1000, ours, Message{Type: TypeDisconnect, Reason: busy}),
				got(2000, ours, Message{Type: TypeDisconnect, Reason: normal}),
			),
			then(placedSaid, "1000 disconnecting o1 cause 17"),
		},
		{
			"5.3.5: both ends send DISCONNECT",
			User,
			placed(
				at{1000, Clear{Ref: ours}}, got(1001, ours, Message{Type: TypeDisconnect, Reason: busy}),
				got(1010, ours, Message{Type: TypeReleaseComplete}),
			),
			then(placedSaid, "1000 > DISCONNECT o1 cause 16", "1001 > RELEASE o1 cause 16", "1010 released o1 cause 16 byUs"),
		},
		{
			"5.3.5: both ends send RELEASE, and neither RELEASE COMPLETE",
			User,
			placed(
				at{1000, Clear{Ref: ours}}, got(1001, ours, Message{Type: TypeDisconnect, Reason: busy}),
				got(1010, ours, Message{Type: TypeRelease}),
			),
			then(placedSaid, "1000 > DISCONNECT o1 cause 16", "1001 > RELEASE o1 cause 16", "1010 released o1 cause 16 byUs"),
		},
		{
			"5.3.5, 5.8.6.1: both ends send DISCONNECT, the far end's without a cause",
			User,
			placed(
				at{1000, Clear{Ref: ours}},
				got(1001, ours, Message{Type: TypeDisconnect}),
				got(1010, ours, Message{Type: TypeReleaseComplete}),
			),
			then(placedSaid,
				"1000 > DISCONNECT o1 cause 16", "1001 odd: DISCONNECT: cause 96 (08) in U11", "1001 > RELEASE o1 cause 96 (08)",
				"1010 released o1 cause 16 byUs",
			),
		},
		{
			"5.4.1: T306, a network plays a tone, and releases after 30 s",
			Network,
			[]at{
				got(0, theirs, setupIn),
				{10, Proceed{Ref: theirs}},
				{20, Clear{theirs, telephony.CauseUnallocated, tone}},
				got(30030, theirs, Message{Type: TypeReleaseComplete}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 > CALL PROCEEDING t7 ch 3!", "20 > DISCONNECT t7 cause 1 pi 8",
				"30020 > RELEASE t7 cause 1", "30030 released t7 cause 1 byUs",
			},
		},
		{
			"5.4.1: or sooner, when the announcement is over; not a second time",
			Network,
			[]at{
				got(0, theirs, setupIn),
				{10, Proceed{Ref: theirs}},
				{20, Clear{theirs, telephony.CauseUnallocated, tone}},
				{5000, Clear{Ref: theirs}},
				{5001, Clear{Ref: theirs}},
				got(5010, theirs, Message{Type: TypeReleaseComplete}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 > CALL PROCEEDING t7 ch 3!", "20 > DISCONNECT t7 cause 1 pi 8",
				"5000 > RELEASE t7 cause 1", "5010 released t7 cause 1 byUs",
			},
		},
		{
			"5.4.1: or when the user has heard enough",
			Network,
			[]at{
				got(0, theirs, setupIn),
				{10, Proceed{Ref: theirs}},
				{20, Clear{theirs, telephony.CauseUnallocated, tone}},
				got(3000, theirs, Message{Type: TypeDisconnect, Reason: normal}),
				got(3010, theirs, Message{Type: TypeReleaseComplete}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 > CALL PROCEEDING t7 ch 3!", "20 > DISCONNECT t7 cause 1 pi 8",
				"3000 > RELEASE t7 cause 1", "3010 released t7 cause 1 byUs",
			},
		},
		{
			"5.3.3: a second Clear without a tone changes nothing",
			User,
			placed(
				at{1000, Clear{Ref: ours}}, at{1001, Clear{Ref: ours, Cause: telephony.CauseBusy}},
				got(1010, ours, Message{Type: TypeRelease}),
			),
			then(placedSaid, "1000 > DISCONNECT o1 cause 16", "1010 > RELEASE COMPLETE o1", "1010 released o1 cause 16 byUs"),
		},
		{
			"5.8.4: a RELEASE that nobody expects clears",
			User,
			placed(got(1000, ours, Message{Type: TypeRelease, Reason: busy})),
			then(placedSaid, "1000 > RELEASE COMPLETE o1", "1000 released o1 cause 17"),
		},
		{
			"5.8.4: so does a RELEASE COMPLETE",
			User,
			placed(got(1000, ours, Message{Type: TypeReleaseComplete, Reason: busy})),
			then(placedSaid, "1000 released o1 cause 17"),
		},
		{
			"what crosses a DISCONNECT is no error",
			User,
			[]at{
				got(0, theirs, setupIn),
				{10, Connect{Ref: theirs}},
				{20, Clear{Ref: theirs}},
				got(21, theirs, Message{Type: TypeConnectAcknowledge}), got(30, theirs, Message{Type: TypeRelease}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 > CONNECT t7 ch 3!", "20 > DISCONNECT t7 cause 16",
				"30 > RELEASE COMPLETE t7", "30 released t7 cause 16 byUs",
			},
		},
	})
}

// TestOctetsStay: what a timer sends again are the octets that it sent before (5.1.1, 5.3.3, 5.5.1, 5.8.10), and they are the
// same slice, so that a second one costs nothing.
func TestOctetsStay(t *testing.T) {
	for _, r := range []struct {
		timer machine.Timer
		event Event
	}{
		{"T303 o1", Call{ours, setupOut}},
		{"T308 t7", Clear{Ref: theirs}},
		{"T316", Restart{}},
		{"T322 t9", Enquire{Ref: Ref{9, true}}},
	} {
		i := New(Options{Side: User})
		i.Step(LinkUp{})
		i.Step(got(0, theirs, setupIn).Event)
		i.Step(Proceed{Ref: theirs})
		i.Step(got(0, theirs, Message{Type: TypeDisconnect, Reason: normal}).Event)
		i.Step(got(0, Ref{9, true}, setupIn).Event)
		first := sent(i.Step(r.event))
		again := sent(i.Step(Expired{r.timer}))
		if len(first) == 0 || !bytes.Equal(first, again) || &first[0] != &again[0] {
			t.Errorf("%s: % X, then % X", r.timer, first, again)
		}
	}
}

// sent is the last message of a step.
func sent(actions []Action) (octets []byte) {
	for _, a := range actions {
		if s, ok := a.(Send); ok {
			octets = s.Octets
		}
	}
	return octets
}
