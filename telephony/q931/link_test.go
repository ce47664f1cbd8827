package q931

import (
	"slices"
	"testing"

	"callbox/telephony"
)

func TestDataLink(t *testing.T) {
	status := func(ms int, r Ref, s CallState) at {
		return got(ms, r, Message{Type: TypeStatus, Reason: Reason{Cause: causeStatusEnquiry}, State: &s})
	}
	run(t, []row{
		{
			"5.8.9: a call that is up outlives a loss of 2 s; both ends compare",
			User,
			placed(
				at{1000, LinkDown{}}, at{3000, LinkUp{}}, status(3010, ours, 10), at{5000, Clear{Ref: ours}},
				got(5010, ours, Message{Type: TypeRelease}),
			),
			then(
				placedSaid, "1000 establish", "3000 > STATUS ENQUIRY o1", "5000 > DISCONNECT o1 cause 16",
				"5010 > RELEASE COMPLETE o1", "5010 released o1 cause 16 byUs",
			),
		},
		{
			"5.8.9: a far end that reports its state by itself",
			User,
			placed(
				at{1000, LinkDown{}}, at{3000, LinkUp{}},
				got(3010, ours, Message{Type: TypeStatus, Reason: Reason{Cause: 31}, State: state8(10)}),
			),
			then(placedSaid, "1000 establish", "3000 > STATUS ENQUIRY o1"),
		},
		{
			"5.8.9: T309 is over when the link is back",
			User,
			placed(at{1000, LinkDown{}}, at{3000, LinkUp{}}, status(3010, ours, 10)),
			then(placedSaid, "1000 establish", "3000 > STATUS ENQUIRY o1"),
		},
		{
			"5.8.9: T309, not one of 120 s",
			User,
			placed(at{1000, LinkDown{}}, at{121000, LinkUp{}}, got(121010, ours, Message{Type: TypeStatusEnquiry})),
			then(placedSaid, "1000 establish", "91000 released o1 cause 27 byUs", "121010 > STATUS o1 cause 30 state 0"),
		},
		{
			"5.8.9: T309 of a network goes on when the link cannot be made again, and begins anew once it was back",
			Network,
			[]at{
				{0, Call{ours, setupOut}},
				got(10, ours, Message{Type: TypeConnect}),
				{1000, LinkDown{}},
				{2000, LinkDown{}},
				{61000, LinkUp{}},
				{62000, LinkDown{}},
			},
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "10 > CONNECT ACKNOWLEDGE o1", "10 connected o1 ch 3!", "1000 establish", "2000 establish",
				"61000 > STATUS ENQUIRY o1", "62000 establish", "152000 released o1 cause 27 byUs",
			},
		},
		{
			"5.8.9 a): calls that are not up end at once",
			User,
			[]at{
				got(0, theirs, setupIn),
				{10, Call{ours, setupOut}},
				{20, Alert{Ref: theirs}},
				{30, LinkDown{}},
				{40, Connect{Ref: theirs}},
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 > SETUP o1 ch 3 10086 complete", "20 > ALERTING t7 ch 3!",
				"30 released t7 cause 27 byUs", "30 released o1 cause 27 byUs",
			},
		},
		{
			"5.8.9: who hangs up while the link is down is released when it is back",
			User,
			placed(
				at{1000, LinkDown{}}, at{2000, Clear{Ref: ours, Cause: telephony.CauseNormal}},
				at{2001, Clear{Ref: ours, Cause: telephony.CauseBusy}}, at{3000, LinkUp{}},
				got(3010, ours, Message{Type: TypeReleaseComplete}),
			),
			then(placedSaid, "1000 establish", "3000 > RELEASE o1 cause 16", "3010 released o1 cause 16 byUs"),
		},
		{
			"5.8.9: or when T309 says so, with its own cause",
			User,
			placed(at{1000, LinkDown{}}, at{2000, Clear{Ref: ours, Cause: telephony.CauseNormal}}),
			then(placedSaid, "1000 establish", "91000 released o1 cause 16 byUs"),
		},
		{
			"5.8.9: a DISCONNECT that the loss took is made good by RELEASE",
			User,
			placed(
				at{1000, Clear{Ref: ours}}, at{5000, LinkDown{}}, at{6000, LinkUp{}},
				got(6010, ours, Message{Type: TypeReleaseComplete, Reason: Reason{Cause: causeBadReference}}),
			),
			then(
				placedSaid, "1000 > DISCONNECT o1 cause 16", "5000 establish", "6000 > RELEASE o1 cause 16",
				"6010 released o1 cause 16 byUs",
			),
		},
		{
			"5.8.9: a far end that lost the call meanwhile",
			User,
			placed(at{1000, LinkDown{}}, at{3000, LinkUp{}}, status(3010, ours, 0)),
			then(placedSaid, "1000 establish", "3000 > STATUS ENQUIRY o1", "3010 released o1 cause 41"),
		},
		{
			"5.8.10: T322, a far end that does not answer three times",
			User,
			placed(at{1000, LinkDown{}}, at{3000, LinkUp{}}, got(15010, ours, Message{Type: TypeReleaseComplete})),
			then(
				placedSaid, "1000 establish", "3000 > STATUS ENQUIRY o1", "7000 > STATUS ENQUIRY o1",
				"11000 > STATUS ENQUIRY o1", "15000 > RELEASE o1 cause 41", "15010 released o1 cause 41 byUs",
			),
		},
		{
			"5.8.8: a reset of the link clears nothing that is up or on its way",
			User,
			slices.Concat(
				answered(),
				[]at{
					{1000, Call{ours, setupOut}},
					{2000, LinkUp{}},
					got(2010, ours, Message{Type: TypeReleaseComplete, Reason: normal}),
				},
			),
			then(answeredSaid, "1000 > SETUP o1 ch 3 10086 complete", "2010 released o1 cause 16"),
		},
		{
			"5.8.8: but calls in overlap, whose digits may be lost",
			User,
			[]at{
				got(0, theirs, setupIn),
				{10, AskDigits{Ref: theirs}},
				{20, Call{ours, setupOut}},
				got(30, ours, Message{Type: TypeSetupAcknowledge, Channels: ch3only}),
				{40, LinkUp{}},
				got(50, ours, Message{Type: TypeRelease}),
				got(50, theirs, Message{Type: TypeRelease}),
			},
			[]string{
				"0 incoming t7 ch 3 1390 61234567 complete", "10 > SETUP ACKNOWLEDGE t7 ch 3!", "20 > SETUP o1 ch 3 10086 complete",
				"30 digits wanted o1 ch 3!", "40 > DISCONNECT t7 cause 41", "40 > DISCONNECT o1 cause 41",
				"50 > RELEASE COMPLETE o1", "50 released o1 cause 41 byUs", "50 > RELEASE COMPLETE t7", "50 released t7 cause 41 byUs",
			},
		},
		{
			"5.8.8: nor does it change anything for calls that are being cleared",
			User,
			slices.Concat(placed(), answered(), []at{
				{1000, Clear{Ref: ours}},
				got(1000, theirs, Message{Type: TypeDisconnect, Reason: normal}),
				{2000, LinkUp{}},
				{3000, Clear{Ref: theirs}},
				{4000, LinkUp{}},
				got(5000, ours, Message{Type: TypeRelease}),
				got(5000, theirs, Message{Type: TypeReleaseComplete}),
			}),
			[]string{
				"0 > SETUP o1 ch 3 10086 complete", "0 incoming t7 ch 3 1390 61234567 complete", "10 proceeding o1 ch 3!", "10 > ALERTING t7 ch 3!",
				"20 alerting o1 ch 3!", "20 > CONNECT t7", "30 > CONNECT ACKNOWLEDGE o1", "30 connected o1 ch 3!", "30 active t7",
				"1000 > DISCONNECT o1 cause 16", "1000 disconnecting t7 cause 16", "3000 > RELEASE t7 cause 16",
				"5000 > RELEASE COMPLETE o1", "5000 released o1 cause 16 byUs", "5000 released t7 cause 16",
			},
		},
		{
			"a call without a data link ends at once, and the link is asked for",
			User,
			[]at{{0, LinkDown{}}, {10, Call{ours, setupOut}}, got(20, theirs, setupIn)},
			[]string{"10 released o1 cause 27 byUs", "10 establish", "20 odd: SETUP without a data link"},
		},
	})
}
