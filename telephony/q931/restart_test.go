package q931

import (
	"slices"
	"testing"
)

func class(c RestartClass) *RestartClass { return &c }

// answer and asked are messages of the global call reference: one that answers ours, and one of the far end's own.
func answer(ms int, m Message) at { return got(ms, Ref{}, m) }

func asked(ms int, m Message) at { return got(ms, Ref{Theirs: true}, m) }

func TestRestart(t *testing.T) {
	run(t, []row{
		{
			"5.5.1: the interface; its calls end first",
			User,
			placed(
				at{1000, Restart{}}, answer(1010, Message{Type: TypeRestartAcknowledge, Restart: class(RestartInterface)}),
			),
			then(placedSaid, "1000 released o1 cause 41 byUs", "1000 > RESTART o0 class 6", "1010 restart done []"),
		},
		{
			"5.5.1: a channel, and its call alone",
			User,
			slices.Concat(placed(), []at{
				got(100, theirs, Message{Type: TypeSetup, Bearer: Speech, Channels: ch5only}),
				{1000, Restart{Channels: []int{5}}},
				answer(1010, Message{Type: TypeRestartAcknowledge, Channels: ch5only, Restart: class(RestartChannels)}),
			}),
			then(
				placedSaid, "100 incoming t7 ch 5!", "1000 released t7 cause 41 byUs", "1000 > RESTART o0 ch 5! class 0",
				"1010 restart done [5]",
			),
		},
		{
			"5.5.1: T316, twice, and then somebody has to look",
			Network,
			[]at{{0, Restart{Channels: []int{1, 2}}}},
			[]string{
				"0 > RESTART o0 ch 00000006 class 0", "120000 > RESTART o0 ch 00000006 class 0",
				"240000 restart done [1 2] failed",
			},
		},
		{
			"5.5.1: a late acknowledgement is one of the second RESTART",
			User,
			[]at{
				{0, Restart{}},
				answer(130000, Message{Type: TypeRestartAcknowledge, Restart: class(RestartInterface)}),
				answer(130001, Message{Type: TypeRestartAcknowledge, Restart: class(RestartInterface)}),
			},
			[]string{
				"0 > RESTART o0 class 6", "120000 > RESTART o0 class 6", "130000 restart done []",
				"130001 odd: RESTART ACKNOWLEDGE without a restart",
			},
		},
		{
			"5.5.1: a far end that acknowledges only some of the channels",
			User,
			[]at{
				{0, Restart{Channels: []int{3, 5}}},
				answer(10, Message{Type: TypeRestartAcknowledge, Channels: ch5only, Restart: class(RestartChannels)}),
			},
			[]string{"0 > RESTART o0 ch 00000028 class 0", "10 restart done [5]", "10 restart done [3] failed"},
		},
		{
			"5.5.1: restarts wait for each other",
			User,
			[]at{
				{0, Restart{Channels: []int{1}}},
				{0, Restart{Channels: []int{2}}},
				answer(10, Message{Type: TypeRestartAcknowledge, Channels: &Channels{Slots: 2}, Restart: class(RestartChannels)}),
				answer(20, Message{Type: TypeRestartAcknowledge, Channels: &Channels{Slots: 4}, Restart: class(RestartChannels)}),
			},
			[]string{
				"0 > RESTART o0 ch 1! class 0", "10 restart done [1]", "10 > RESTART o0 ch 2! class 0", "20 restart done [2]",
			},
		},
		{
			"5.5.1: what is no channel cannot be restarted, and is not taken for the interface",
			User,
			placed(at{1000, Restart{Channels: []int{16}}}),
			then(placedSaid, "1000 restart done [16] failed"),
		},
		{
			"5.5.1: without a data link it fails at once, and so do those that wait when it is lost",
			User,
			[]at{
				{0, Restart{}},
				{1, Restart{Channels: []int{2}}},
				{2, LinkDown{}},
				{3, Restart{Channels: []int{3}}},
				{4, LinkUp{}},
				{5, Restart{}},
			},
			[]string{
				"0 > RESTART o0 class 6", "2 restart done [] failed", "2 restart done [2] failed", "3 restart done [3] failed", "3 establish",
				"5 > RESTART o0 class 6", "120005 > RESTART o0 class 6", "240005 restart done [] failed",
			},
		},
		{
			"5.8.8: a reset of the link may have taken RESTART with it",
			User,
			[]at{
				{0, Restart{}},
				{10, LinkUp{}},
				answer(20, Message{Type: TypeRestartAcknowledge, Restart: class(RestartInterface)}),
			},
			[]string{"0 > RESTART o0 class 6", "10 > RESTART o0 class 6", "20 restart done []"},
		},
		{
			"5.5.2: the far end restarts the interface",
			User,
			answered(asked(1000, Message{Type: TypeRestart, Restart: class(RestartInterface)})),
			then(answeredSaid, "1000 released t7 cause 41", "1000 restarted []", "1000 > RESTART ACKNOWLEDGE t0 class 6"),
		},
		{
			"5.5.2: all interfaces are this one",
			User,
			answered(asked(1000, Message{Type: TypeRestart, Restart: class(RestartInterfaces)})),
			then(answeredSaid, "1000 released t7 cause 41", "1000 restarted []", "1000 > RESTART ACKNOWLEDGE t0 class 7"),
		},
		{
			"5.5.2: the far end restarts channels, idle or not",
			User,
			answered(
				asked(1000, Message{Type: TypeRestart, Channels: &Channels{Slots: 1<<3 | 1<<31, Exclusive: true}, Restart: class(RestartChannels)}),
			),
			then(
				answeredSaid, "1000 released t7 cause 41", "1000 restarted [3 31]",
				"1000 > RESTART ACKNOWLEDGE t0 ch 80000008 class 0",
			),
		},
		{
			"5.5.2: a call on another channel stays",
			User,
			answered(asked(1000, Message{Type: TypeRestart, Channels: ch5only, Restart: class(RestartChannels)})),
			then(answeredSaid, "1000 restarted [5]", "1000 > RESTART ACKNOWLEDGE t0 ch 5! class 0"),
		},
		{
			"5.5: both ends restart at once",
			Network,
			[]at{
				{0, Restart{}},
				asked(1, Message{Type: TypeRestart, Restart: class(RestartInterface)}),
				answer(2, Message{Type: TypeRestartAcknowledge, Restart: class(RestartInterface)}),
			},
			[]string{"0 > RESTART o0 class 6", "1 restarted []", "1 > RESTART ACKNOWLEDGE t0 class 6", "2 restart done []"},
		},
		{
			"5.8.6.1: RESTART without its indicator, or of channels that it does not name",
			User,
			answered(
				asked(1000, Message{Type: TypeRestart}),
				asked(1001, Message{Type: TypeRestart, Restart: class(RestartChannels)}),
			),
			then(answeredSaid,
				"1000 odd: RESTART of the global call reference: cause 96 (79)", "1000 > STATUS t0 cause 96 (79) state 0",
				"1001 odd: RESTART of the global call reference: cause 96 (18)", "1001 > STATUS t0 cause 96 (18) state 0"),
		},
		{
			"5.8.6.2: RESTART of any channel is no RESTART of the interface",
			User,
			answered(asked(1000, Message{Type: TypeRestart, Channels: &Channels{}, Restart: class(RestartChannels)})),
			then(
				answeredSaid, "1000 odd: RESTART of the global call reference: cause 100 (18)",
				"1000 > STATUS t0 cause 100 (18) state 0",
			),
		},
		{
			"5.8.3.2 f): any other message of the global call reference is answered with STATUS",
			User,
			[]at{
				{0, Restart{}},
				asked(1, setupIn), asked(2, Message{Type: TypeStatus, Reason: normal, State: new(CallState)}),
				answer(3, Message{Type: TypeRestartAcknowledge, Restart: class(RestartInterface)}),
			},
			[]string{
				"0 > RESTART o0 class 6", "1 odd: SETUP of the global call reference: cause 81", "1 > STATUS t0 cause 81 state 61",
				"2 odd: STATUS cause 16 state 0 about a restart", "3 restart done []",
			},
		},
	})
}

// TestRestartBound: 32 restarts wait for each other, the next one fails.
func TestRestartBound(t *testing.T) {
	i := New(Options{Side: User})
	i.Step(LinkUp{})
	for range maxRestarts {
		if said := transcript(i.Step(Restart{Channels: []int{1}})); slices.Contains(said, "restart done [1] failed") {
			t.Fatal("refused a restart too early")
		}
	}
	want := []string{"restart done [2] failed"}
	if said := transcript(i.Step(Restart{Channels: []int{2}})); !slices.Equal(said, want) {
		t.Errorf("one more: %q, want %q", said, want)
	}
}
