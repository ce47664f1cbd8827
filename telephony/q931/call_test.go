package q931

import (
	"slices"
	"testing"

	"callbox/telephony"
)

func TestEnBloc(t *testing.T) {
	run(t, []row{
		{
			"5.1.1, 5.1.5.1, 5.1.7, 5.1.8, 5.3.3: a user calls and hangs up",
			User,
			placed(at{1000, Clear{Ref: ours, Cause: telephony.CauseNormal}}, got(1010, ours, Message{Type: TypeRelease})),
			then(placedSaid, "1000 > DISCONNECT o1 cause 16", "1010 > RELEASE COMPLETE o1", "1010 released o1 cause 16 byUs"),
		},
		{
			"5.2.1, 5.2.5.2, 5.2.7, 5.2.8, 5.3.4: a user is called and the network clears",
			User,
			answered(
				got(1000, theirs, Message{Type: TypeDisconnect, Reason: normal}),
				at{1010, Clear{Ref: theirs, Cause: telephony.CauseNormal}},
				got(1020, theirs, Message{Type: TypeReleaseComplete})),
			then(answeredSaid, "1000 disconnecting t7 cause 16", "1010 > RELEASE t7 cause 16", "1020 released t7 cause 16"),
		},
		{
			"5.1.8: a network that answers is active with its CONNECT, whether a CONNECT ACKNOWLEDGE comes or not",
			Network,
			[]at{
				got(0, theirs, setupIn),
				{10, Proceed{Ref: theirs, Channel: Channel{Number: 5}}},
				{20, Alert{Ref: theirs, Progress: tone}},
				{30, Connect{Ref: theirs, Connected: Number{Digits: "61234567"}}},
				got(40, theirs, Message{Type: TypeConnectAcknowledge}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 > CALL PROCEEDING t7 ch 5!", "20 > ALERTING t7 pi 8",
				"30 > CONNECT t7", "30 active t7",
			},
		},
		{
			"5.2.8: a network acknowledges the CONNECT of the user that it called",
			Network,
			[]at{{0, Call{ours, setupOut}}, got(10, ours, Message{Type: TypeConnect, Connected: Number{Digits: "8001"}})},
			[]string{"0 > SETUP o1 ch 3 10086 complete", "10 > CONNECT ACKNOWLEDGE o1", "10 connected o1 ch 3! 8001"},
		},
		{
			"5.2.8: T313, a user whose CONNECT nobody acknowledges clears",
			User,
			[]at{got(0, theirs, setupIn), {10, Connect{Ref: theirs}}, got(4020, theirs, Message{Type: TypeRelease})},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 > CONNECT t7 ch 3!", "4010 > DISCONNECT t7 cause 102",
				"4020 > RELEASE COMPLETE t7", "4020 released t7 cause 102 byUs",
			},
		},
		{
			"5.1.1, 5.3.2: T303, SETUP goes out twice and the user gives up",
			User,
			[]at{{0, Call{ours, setupOut}}},
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "4000 > SETUP o1 ch 3 10086 complete",
				"8000 > RELEASE COMPLETE o1 cause 102", "8000 released o1 cause 102 byUs",
			},
		},
		{
			"5.2.5.4 b): T303, a user that does not respond is cause 18 to the network, and 102 to him",
			Network,
			[]at{
				{0, Call{ours, setupOut}},
				got(8010, ours, Message{Type: TypeReleaseComplete, Reason: Reason{Cause: causeBadReference}}),
			},
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "4000 > SETUP o1 ch 3 10086 complete", "8000 > DISCONNECT o1 cause 102",
				"8010 released o1 cause 18 byUs",
			},
		},
		{
			"5.2.5.4 b), 5.3.4: a user that never responds",
			Network,
			[]at{{0, Call{ours, setupOut}}},
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "4000 > SETUP o1 ch 3 10086 complete", "8000 > DISCONNECT o1 cause 102",
				"38000 > RELEASE o1 cause 102", "42000 > RELEASE o1 cause 102", "46000 released o1 cause 18 byUs maintenance",
			},
		},
		{
			"5.1.1: an answer to the second SETUP is as good as one to the first",
			User,
			[]at{{0, Call{ours, setupOut}}, got(7999, ours, Message{Type: TypeAlerting, Channels: ch3only})},
			[]string{"0 > SETUP o1 ch 3 10086 complete", "4000 > SETUP o1 ch 3 10086 complete", "7999 alerting o1 ch 3!"},
		},
		{
			"9.2: T310, a user waits 120 s for news after CALL PROCEEDING",
			User,
			[]at{
				{0, Call{ours, setupOut}},
				got(10, ours, Message{Type: TypeCallProceeding, Channels: ch3only}),
				got(120020, ours, Message{Type: TypeRelease}),
			},
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "10 proceeding o1 ch 3!", "120010 > DISCONNECT o1 cause 102",
				"120020 > RELEASE COMPLETE o1", "120020 released o1 cause 102 byUs",
			},
		},
		{
			"5.2.5.4, 9.1: T310, a network waits 10 s",
			Network,
			[]at{
				{0, Call{ours, setupOut}},
				got(10, ours, Message{Type: TypeCallProceeding}),
				got(10020, ours, Message{Type: TypeRelease}),
			},
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "10 proceeding o1 ch 3!", "10010 > DISCONNECT o1 cause 102",
				"10020 > RELEASE COMPLETE o1", "10020 released o1 cause 18 byUs",
			},
		},
		{
			"5.1.6, 9.2: PROGRESS with something to hear stops T310",
			User,
			[]at{
				{0, Call{ours, setupOut}},
				got(10, ours, Message{Type: TypeCallProceeding, Channels: ch3only}),
				got(20, ours, Message{Type: TypeProgress, Progress: tone, Reason: Reason{Cause: 3}}),
				got(200000, ours, Message{Type: TypeConnect}),
			},
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "10 proceeding o1 ch 3!", "20 progress o1 cause 3 pi 8",
				"200000 > CONNECT ACKNOWLEDGE o1", "200000 connected o1 ch 3!",
			},
		},
		{
			"5.1.6: CALL PROCEEDING with something to hear does not start T310",
			User,
			[]at{
				{0, Call{ours, setupOut}},
				got(10, ours, Message{Type: TypeCallProceeding, Channels: ch3only, Progress: tone}),
				got(200000, ours, Message{Type: TypeAlerting}),
			},
			[]string{"0 > SETUP o1 ch 3 10086 complete", "10 proceeding o1 ch 3! pi 8", "200000 alerting o1 ch 3!"},
		},
		{
			"5.1.6, 5.2.6: PROGRESS towards the caller, never as the first answer and never without an indicator",
			User,
			[]at{
				got(0, theirs, setupIn),
				{10, TellProgress{Ref: theirs, Progress: tone}},
				{20, Proceed{Ref: theirs}},
				{30, TellProgress{Ref: theirs}},
				{40, TellProgress{Ref: theirs, Progress: tone, Cause: telephony.CauseBusy}},
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 odd: TellProgress asked for in U6", "20 > CALL PROCEEDING t7 ch 3!",
				"30 odd: TellProgress asked for in U9", "40 > PROGRESS t7 cause 17 pi 8",
			},
		},
		{
			"3.1.14: a network that names no channel says any",
			Network,
			[]at{
				{0, Call{ours, Setup{Called: Number{Digits: "1"}}}},
				got(10, ours, Message{Type: TypeAlerting, Channels: ch5only}),
			},
			[]string{"0 > SETUP o1 1", "10 alerting o1 ch 5!"},
		},
		{
			"a verb that a message overtook does nothing",
			User,
			[]at{
				got(0, theirs, setupIn),
				{10, Connect{Ref: theirs}},
				{20, Alert{Ref: theirs}},
				{20, MoreDigits{Ref: theirs, Digits: "1"}},
				{30, Connect{Ref: ours}},
				got(40, theirs, Message{Type: TypeConnectAcknowledge}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 > CONNECT t7 ch 3!", "20 odd: Alert asked for in U8",
				"20 odd: MoreDigits asked for in U8", "40 active t7",
			},
		},
	})
}

func TestOverlap(t *testing.T) {
	some := setupIn
	some.Complete, some.Called.Digits = false, "61"
	begun := Setup{Called: Number{Digits: "10"}, Channel: Channel{Number: 3}}
	run(t, []row{
		{
			"5.1.3: a user sends its digits one by one; each restarts T304",
			User,
			[]at{
				{0, Call{ours, begun}},
				got(10, ours, Message{Type: TypeSetupAcknowledge, Channels: ch3only, Progress: tone}),
				{20000, MoreDigits{Ref: ours, Digits: "0"}},
				{40000, MoreDigits{Ref: ours, Digits: "86", Complete: true}},
				got(60000, ours, Message{Type: TypeCallProceeding}),
				got(60010, ours, Message{Type: TypeConnect}),
			},
			[]string{
				"0 > SETUP o1 ch 3 10", "10 digits wanted o1 ch 3! pi 8", "20000 > INFORMATION o1 0", "40000 > INFORMATION o1 86 complete",
				"60000 proceeding o1 ch 3!", "60010 > CONNECT ACKNOWLEDGE o1", "60010 connected o1 ch 3!",
			},
		},
		{
			"5.1.3, 9.2: T304, a user hears nothing of its digits for 30 s",
			User,
			[]at{
				{0, Call{ours, begun}},
				got(10, ours, Message{Type: TypeSetupAcknowledge, Channels: ch3only}),
				got(30020, ours, Message{Type: TypeRelease}),
			},
			[]string{
				"0 > SETUP o1 ch 3 10", "10 digits wanted o1 ch 3!", "30010 > DISCONNECT o1 cause 102",
				"30020 > RELEASE COMPLETE o1", "30020 released o1 cause 102 byUs",
			},
		},
		{
			"5.2.4, 9.1: T304, a network waits 20 s",
			Network,
			[]at{
				{0, Call{ours, begun}},
				got(10, ours, Message{Type: TypeSetupAcknowledge}),
				{5000, MoreDigits{Ref: ours, Digits: "0"}},
				got(25010, ours, Message{Type: TypeRelease}),
			},
			[]string{
				"0 > SETUP o1 ch 3 10", "10 digits wanted o1 ch 3!", "5000 > INFORMATION o1 0", "25000 > DISCONNECT o1 cause 102",
				"25010 > RELEASE COMPLETE o1", "25010 released o1 cause 28 byUs",
			},
		},
		{
			"5.1.3: a network asks for digits until they are complete",
			Network,
			[]at{
				got(0, theirs, some),
				{10, AskDigits{Ref: theirs, Progress: tone}},
				got(10000, theirs, Message{Type: TypeInformation, Called: Number{Digits: "23"}}),
				got(20000, theirs, Message{Type: TypeInformation, Called: Number{Digits: "4"}, Complete: true}),
				{40000, Proceed{Ref: theirs}},
				got(40010, theirs, Message{Type: TypeInformation, Called: Number{Digits: "9"}}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61", "10 > SETUP ACKNOWLEDGE t7 ch 3! pi 8", "10000 digits t7 23", "20000 digits t7 4 complete",
				"40000 > CALL PROCEEDING t7",
			},
		},
		{
			"5.2.4: T302, a user takes the digits for complete 15 s after the last",
			User,
			[]at{
				got(0, theirs, some),
				{10, AskDigits{Ref: theirs}},
				got(10000, theirs, Message{Type: TypeInformation, Called: Number{Digits: "2"}}),
				{25010, Alert{Ref: theirs}},
			},
			[]string{
				"0 incoming t7 ch 3 1390 61", "10 > SETUP ACKNOWLEDGE t7 ch 3!", "10000 digits t7 2",
				"25000 digits t7 complete", "25010 > ALERTING t7",
			},
		},
		{
			"5.1.3: digits that will not do are cause 28",
			Network,
			[]at{
				got(0, theirs, some),
				{10, AskDigits{Ref: theirs}},
				{15020, Clear{Ref: theirs, Cause: telephony.CauseBadNumber}},
				got(15030, theirs, Message{Type: TypeRelease}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61", "10 > SETUP ACKNOWLEDGE t7 ch 3!", "15010 digits t7 complete", "15020 > DISCONNECT t7 cause 28",
				"15030 > RELEASE COMPLETE t7", "15030 released t7 cause 28 byUs",
			},
		},
	})
}

func TestChannels(t *testing.T) {
	out := func(ch Channel) at { return at{0, Call{ours, Setup{Called: Number{Digits: "1"}, Channel: ch}}} }
	in := func(ch *Channels) at { return got(0, theirs, Message{Type: TypeSetup, Bearer: Speech, Channels: ch}) }
	run(t, []row{
		{
			"5.1.2 b): a preferred channel may be changed",
			User,
			[]at{
				out(Channel{Number: 3}), got(10, ours, Message{Type: TypeCallProceeding, Channels: ch5only}),
				got(20, ours, Message{Type: TypeConnect, Channels: ch5only}),
			},
			[]string{"0 > SETUP o1 ch 3 1", "10 proceeding o1 ch 5!", "20 > CONNECT ACKNOWLEDGE o1", "20 connected o1 ch 5!"},
		},
		{
			"5.1.2 a): an exclusive channel may not, cause 6",
			User,
			[]at{
				out(Channel{3, true}), got(10, ours, Message{Type: TypeCallProceeding, Channels: ch5only}),
				got(20, ours, Message{Type: TypeReleaseComplete}),
			},
			[]string{"0 > SETUP o1 ch 3! 1", "10 > RELEASE o1 cause 6", "20 released o1 cause 6 byUs"},
		},
		{
			"5.1.2: nor may a channel that was agreed",
			User,
			[]at{
				out(Channel{Number: 3}), got(10, ours, Message{Type: TypeCallProceeding, Channels: ch5only}),
				got(20, ours, Message{Type: TypeAlerting, Channels: ch3only}),
				got(30, ours, Message{Type: TypeReleaseComplete}),
			},
			[]string{
				"0 > SETUP o1 ch 3 1", "10 proceeding o1 ch 5!", "20 > RELEASE o1 cause 6", "30 released o1 cause 6 byUs",
			},
		},
		{
			"5.1.2 c): any channel: the network's first answer names it",
			User,
			[]at{
				out(Channel{}), got(10, ours, Message{Type: TypeSetupAcknowledge, Channels: ch5only}),
				got(20, ours, Message{Type: TypeAlerting}),
			},
			[]string{"0 > SETUP o1 1", "10 digits wanted o1 ch 5!", "20 alerting o1 ch 5!"},
		},
		{
			"5.1.2, 5.8.6.1: or it is no answer",
			User,
			[]at{
				out(Channel{}), got(10, ours, Message{Type: TypeAlerting}),
				got(20, ours, Message{Type: TypeAlerting, Channels: ch5only}),
			},
			[]string{"0 > SETUP o1 1", "10 > STATUS o1 cause 96 (18) state 1", "20 alerting o1 ch 5!"},
		},
		{
			"5.2.3.1: a user that names no channel takes the network's",
			Network,
			[]at{out(Channel{Number: 3}), got(10, ours, Message{Type: TypeAlerting})},
			[]string{"0 > SETUP o1 ch 3 1", "10 alerting o1 ch 3!"},
		},
		{
			"5.2.3.1 b): a preferred channel that the owner changes",
			User,
			[]at{
				in(ch3),
				{10, Alert{Ref: theirs, Channel: Channel{Number: 9}}},
				{20, Connect{Ref: theirs, Channel: Channel{Number: 10}}},
				got(30, theirs, Message{Type: TypeConnectAcknowledge}),
			},
			[]string{"0 incoming t7 ch 3", "10 > ALERTING t7 ch 9!", "20 > CONNECT t7", "30 active t7"},
		},
		{
			"5.2.3.1 a): an exclusive channel that the owner does not want is cause 44",
			User,
			[]at{in(ch3only), {10, Proceed{Ref: theirs, Channel: Channel{Number: 9}}}},
			[]string{"0 incoming t7 ch 3!", "10 > RELEASE COMPLETE t7 cause 44", "10 released t7 cause 44 byUs"},
		},
		{
			"5.1.2: no channel is left, cause 34",
			Network,
			[]at{in(nil), {10, Clear{Ref: theirs, Cause: telephony.CauseNoChannel}}},
			[]string{"0 incoming t7", "10 > RELEASE COMPLETE t7 cause 34", "10 released t7 cause 34 byUs"},
		},
		{
			"4.5.13: what is no B-channel is none",
			User,
			[]at{out(Channel{16, true}), {1, Clear{Ref: ours}}, got(2, ours, Message{Type: TypeRelease})},
			[]string{
				"0 > SETUP o1 1", "1 > DISCONNECT o1 cause 16", "2 > RELEASE COMPLETE o1", "2 released o1 cause 16 byUs",
			},
		},
	})
}

// TestBound: 256 calls and not one more, either way, and every reference comes back.
func TestBound(t *testing.T) {
	i := New(Options{Side: User})
	i.Step(LinkUp{})
	for range maxCalls {
		ref, ok := i.FreeRef()
		if !ok || len(i.Step(Call{ref, setupOut})) != 2 {
			t.Fatal("refused a call too early")
		}
	}
	if ref, ok := i.FreeRef(); ok {
		t.Errorf("a reference %v for call %d", ref, maxCalls+1)
	}
	want := []string{"released o300 cause 42 byUs"}
	if got := transcript(i.Step(Call{Ref{Value: 300}, setupOut})); !slices.Equal(got, want) {
		t.Errorf("one more call: %q, want %q", got, want)
	}
	want = []string{"> RELEASE COMPLETE t7 cause 42"}
	if got := transcript(i.Step(got(0, theirs, setupIn).Event)); !slices.Equal(got, want) {
		t.Errorf("one more SETUP: %q, want %q", got, want)
	}
	i.Step(got(0, Ref{Value: 9}, Message{Type: TypeReleaseComplete, Reason: normal}).Event)
	if ref, ok := i.FreeRef(); !ok || ref.Value != 301 {
		t.Errorf("after the end of o9 the free reference is %v, %v", ref, ok)
	}
}

// TestReferencesGoRound: a reference is not given again before all others were (4.3), and the values end at 32767.
func TestReferencesGoRound(t *testing.T) {
	i := New(Options{Side: User})
	i.Step(LinkUp{})
	i.Step(Call{Ref{Value: 1}, setupOut})
	i.Step(Call{Ref{Value: maxReference}, setupOut})
	if ref, _ := i.FreeRef(); ref != (Ref{Value: 2}) {
		t.Errorf("after o%d the free reference is %v", maxReference, ref)
	}
}

// TestReferences: a call under a reference that FreeRef did not give begins nothing.
func TestReferences(t *testing.T) {
	i := New(Options{Side: User})
	i.Step(LinkUp{})
	i.Step(Call{ours, setupOut})
	for _, ref := range []Ref{ours, theirs, {}, {Value: 0x8001}} {
		want := []string{"odd: a call with a reference that FreeRef did not give"}
		if got := transcript(i.Step(Call{ref, setupOut})); !slices.Equal(got, want) {
			t.Errorf("%v: %q, want %q", ref, got, want)
		}
	}
}
