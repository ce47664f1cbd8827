package fxo

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/machine"
)

// at is an event of a story and when it happens, in milliseconds.
type at struct {
	ms int
	event
}

func on(ms int, e hal.FXOEvent) at      { return at{ms, wire{e}} }
func heardTone(ms int, s dsp.Signal) at { return at{ms, tone{Signal: s, periods: 2, quiet: 2}} }
func talkedOver(ms int, s dsp.Signal, periods int) at {
	return at{ms, tone{Signal: s, periods: periods, quiet: 0}}
}

func heardWho(ms int, a dsp.Answer, confidence float64) at {
	return at{ms, answering{dsp.AnswerFinding{Answer: a, Confidence: confidence}}}
}

func named(ms int, number string) at     { return at{ms, identified{telephony.Caller{Number: number}}} }
func ended(ms int, c telephony.Cause) at { return at{ms, release{c}} }
func rings(ms ...int) []at               { return ringsOf(1000, ms...) }

func ringsOf(length int, ms ...int) (story []at) {
	for _, t := range ms {
		story = append(story, on(t, hal.RingOn), on(t+length, hal.RingOff))
	}
	return story
}

// play tells the machine a story under virtual time and returns the transcript of what it did, timers left out, until it
// has nothing left to do or a minute is over.
func play(t *testing.T, set settings, story []at) (transcript []string) {
	t.Helper()
	slices.SortStableFunc(story, func(a, b at) int { return a.ms - b.ms })
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		if set.toneWait == 0 {
			set.toneWait = toneWaitTime
		}
		p := &protocol{}
		host := machine.New(p.step, func(t machine.Timer) event { return expired{t} }, func(a action) {
			if text := told(a); text != "" {
				transcript = append(transcript, fmt.Sprintf("%d %s", time.Since(begin).Milliseconds(), text))
			}
		})
		host.Step(set)
		transcript = nil
		for end := time.After(time.Minute); ; {
			var next <-chan time.Time
			if len(story) > 0 {
				next = time.After(time.Duration(story[0].ms)*time.Millisecond - time.Since(begin))
			}
			select {
			case <-next:
				host.Step(story[0].event)
				story = story[1:]
			case <-host.Alarm():
				host.Expire()
			case <-end:
				host.Close()
				return
			}
		}
	})
	return transcript
}

// told is an action in a transcript.
func told(a action) string {
	switch a := a.(type) {
	case hear:
		return ""
	case show:
		return strings.TrimSpace(fmt.Sprintf("show %s %s", a.state, a.detail))
	case arrive:
		return strings.TrimSpace("arrive " + a.Number)
	case tell:
		return strings.TrimPrefix(fmt.Sprintf("tell %T %v", a.Event, a.Event), "tell telephony.")
	case end:
		if a.Confidence == 0 {
			return strings.TrimSpace(fmt.Sprintf("end %d %s", a.Cause, a.Witness))
		}
		return fmt.Sprintf("end %d %s %.2f", a.Cause, a.Witness, a.Confidence)
	case refuse:
		return fmt.Sprintf("refuse %d", a.Cause)
	case report:
		return strings.TrimSpace("report " + a.Problem.EN)
	case send:
		return "send " + a.digits
	case pulse:
		return "pulse " + a.digits
	case odd:
		return "odd: " + string(a)
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", a), "fxo.")
}

type row struct {
	name  string
	set   settings
	story []at
	want  []string
}

func run(t *testing.T, rows []row) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if diff := cmp.Diff(r.want, play(t, r.set, r.story)); diff != "" {
				t.Errorf("transcript (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIncoming(t *testing.T) {
	run(t, []row{
		{
			"YDN 069: the number comes between the first two rings",
			settings{},
			slices.Concat(rings(0), []at{named(2500, "02162345678"), {3000, answer{}}, ended(9000, telephony.CauseNormal)}),
			[]string{"0 show ringing", "2500 arrive 02162345678", "3000 seize", "3000 show talking", "9000 open", "9000 end 16", "9000 show talking clearing", "11000 show idle"},
		},
		{
			"pain 35: without a number the second ring announces the call",
			settings{},
			slices.Concat(rings(0), []at{on(4900, hal.RingOn), {5000, answer{}}, on(5010, hal.RingOff)}),
			[]string{"0 show ringing", "4900 arrive", "5000 seize", "5000 show talking"},
		},
		{
			"a lost second ring: announced 4 s after the first",
			settings{},
			slices.Concat(rings(0), []at{{6000, answer{}}}),
			[]string{"0 show ringing", "5000 arrive", "6000 seize", "6000 show talking"},
		},
		{
			"a lost end of the first ring: announced all the same",
			settings{},
			[]at{on(0, hal.RingOn), {6000, answer{}}},
			[]string{"0 show ringing", "5200 arrive", "6000 seize", "6000 show talking"},
		},
		{
			"YD/T 1277.1, DTMF form: the number comes before the ring, after a turn of the battery",
			settings{},
			slices.Concat([]at{on(0, hal.Reversed), named(1500, "02162345678"), on(1700, hal.Normal)}, rings(2000)),
			[]string{"2000 show ringing", "2200 arrive 02162345678", "9000 end 16 ring_stop", "9000 show idle"},
		},
		{
			"the number comes before the ring, and nothing says so before",
			settings{early: true},
			slices.Concat([]at{named(1500, "02162345678")}, rings(2000)),
			[]string{"2000 show ringing", "2200 arrive 02162345678", "9000 end 16 ring_stop", "9000 show idle"},
		},
		{
			"a number that no ring follows is not the next caller's",
			settings{},
			slices.Concat([]at{on(0, hal.Reversed), named(1500, "02162345678")}, rings(20000)),
			[]string{"20000 show ringing", "25000 arrive", "27000 end 16 ring_stop", "27000 show idle"},
		},
		{
			"a number after the announcement is told late",
			settings{},
			slices.Concat(rings(0, 5000), []at{named(7500, "02162345678")}),
			[]string{"0 show ringing", "5000 arrive", "7500 Identified {{02162345678  false}}", "12000 end 16 ring_stop", "12000 show idle"},
		},
		{
			"a second number for the same call is ignored",
			settings{},
			slices.Concat(rings(0), []at{named(2500, "1"), named(3500, "2")}),
			[]string{"0 show ringing", "2500 arrive 1", "7000 end 16 ring_stop", "7000 show idle"},
		},
		{
			"ringing that stops is a caller who gave up",
			settings{},
			rings(0, 5000, 10000),
			[]string{"0 show ringing", "5000 arrive", "17000 end 16 ring_stop", "17000 show idle"},
		},
		{
			"a caller who gives up in the first ring is accounted too",
			settings{},
			ringsOf(400, 0),
			[]string{"0 show ringing", "4400 arrive", "6400 end 16 ring_stop", "6400 show idle"},
		},
		{
			"ring debounce: a crackle of less than 200 ms is no ring",
			settings{},
			ringsOf(100, 0),
			[]string{"0 show ringing", "100 odd: RingOff while ringing", "100 show idle"},
		},
		{
			"a call that the office releases while it rings is not offered again",
			settings{},
			slices.Concat(rings(0, 5000), []at{ended(5500, telephony.CauseRejected)}, rings(10000, 15000)),
			[]string{"0 show ringing", "5000 arrive", "5500 end 21", "22000 show idle"},
		},
		{
			"A2.7: a caller whom the office calls busy hears busy tone",
			settings{},
			slices.Concat(rings(0), []at{named(2500, "1"), ended(2600, telephony.CauseBusy)}),
			[]string{
				"0 show ringing", "2500 arrive 1", "2600 end 17", "2600 seize",
				"6800 open", "6800 show ringing clearing", "8800 show idle",
			},
		},
		{
			"A1.17: an outgoing line lets callers ring",
			settings{outOnly: true},
			rings(0, 5000),
			[]string{"0 show ringing", "12000 show idle"},
		},
		{
			"a ring in the guard time is the next call",
			settings{},
			slices.Concat(rings(0), []at{named(2500, "1"), {3000, answer{}}, ended(9000, telephony.CauseNormal)}, rings(10500)),
			[]string{
				"0 show ringing", "2500 arrive 1", "3000 seize", "3000 show talking", "9000 open", "9000 end 16", "9000 show talking clearing",
				"11000 show ringing", "15500 arrive", "17500 end 16 ring_stop", "17500 show idle",
			},
		},
	})
}

func TestOutgoing(t *testing.T) {
	started := []string{"0 take", "0 seize", "0 show dialing"}
	dialled := append(started, "700 send 10086", "1900 Progress {}")
	dialling := []at{{0, dial{"10086"}}, heardTone(700, dsp.Dial), {1900, sent{}}}
	released := func(ms int, why string) []string {
		return []string{
			fmt.Sprintf("%d open", ms), fmt.Sprintf("%d end %s", ms, why),
			fmt.Sprintf("%d show dialing clearing", ms), fmt.Sprintf("%d show idle", ms+2000),
		}
	}
	run(t, []row{
		{
			"busy tone",
			settings{},
			slices.Concat(dialling, []at{heardTone(3500, dsp.Busy)}),
			slices.Concat(dialled, released(3500, "17 busy_tone 0.95")),
		},
		{
			"congestion tone",
			settings{},
			slices.Concat(dialling, []at{heardTone(3500, dsp.Congestion)}),
			slices.Concat(dialled, released(3500, "42 busy_tone 0.95")),
		},
		{
			"vacant-number tone",
			settings{},
			slices.Concat(dialling, []at{heardTone(3500, dsp.Vacant)}),
			slices.Concat(dialled, released(3500, "1 busy_tone 0.95")),
		},
		{
			"no dial tone in 5 s: dialled without",
			settings{},
			[]at{{0, dial{"10086"}}, {6500, sent{}}, heardTone(8000, dsp.Busy)},
			slices.Concat(started, []string{"5000 odd: no dial tone in 5s: dialled without", "5000 send 10086", "6500 Progress {}"}, released(8000, "17 busy_tone 0.95")),
		},
		{
			"a line without dial tone is not waited for",
			settings{toneWait: toneWaitLeast},
			[]at{{0, dial{"10086"}}, {1700, sent{}}, heardTone(3000, dsp.Busy)},
			slices.Concat(started, []string{"500 send 10086", "1700 Progress {}"}, released(3000, "17 busy_tone 0.95")),
		},
		{
			"dialled by pulses",
			settings{pulse: true},
			[]at{{0, dial{"10086"}}, heardTone(700, dsp.Dial), on(8000, hal.Pulsed), heardTone(9500, dsp.Busy)},
			slices.Concat(started, []string{"700 pulse 10086", "8000 Progress {}"}, released(9500, "17 busy_tone 0.95")),
		},
		{
			"busy tone in place of dial tone",
			settings{},
			[]at{{0, dial{"10086"}}, heardTone(1500, dsp.Busy)},
			slices.Concat(started, released(1500, "42 busy_tone 0.95")),
		},
		{
			"ringback tone is told once",
			settings{},
			slices.Concat(dialling, []at{heardTone(4000, dsp.Ringback), heardTone(9000, dsp.Ringback), ended(12000, telephony.CauseNoAnswer)}),
			slices.Concat(dialled, []string{"4000 Ringing {}"}, released(12000, "19")),
		},
		{
			"ringback tone and then a voice is an answer",
			settings{},
			slices.Concat(dialling, []at{heardTone(4000, dsp.Ringback), {7000, voice{}}}),
			slices.Concat(dialled, []string{"4000 Ringing {}", "7000 Answered {}", "7000 show talking"}),
		},
		{
			"ringback tone away for 6 s is an answer",
			settings{},
			slices.Concat(dialling, []at{heardTone(4000, dsp.Ringback), heardTone(9000, dsp.Ringback)}),
			slices.Concat(dialled, []string{"4000 Ringing {}", "15000 Answered {}", "15000 show talking"}),
		},
		{
			"a voice without ringback tone is an answer 10 s after dialling: it may be an announcement",
			settings{},
			slices.Concat(dialling, []at{{4000, voice{}}}),
			slices.Concat(dialled, []string{"11900 Answered {}", "11900 show talking"}),
		},
		{
			"a short greeting and a wait is an answer, ringback tone or not",
			settings{},
			slices.Concat(dialling, []at{heardWho(4000, dsp.AnswerVoice, 0.5), heardWho(5000, dsp.AnswerVoice, 0.85)}),
			slices.Concat(dialled, []string{"5000 Answered {}", "5000 show talking"}),
		},
		{
			"a fax machine is an answer",
			settings{},
			slices.Concat(dialling, []at{heardWho(4000, dsp.AnswerFax, 0.9)}),
			slices.Concat(dialled, []string{"4000 Answered {}", "4000 show talking"}),
		},
		{
			"A7.6: an announcement of the network is none, and ends the call",
			settings{},
			slices.Concat(dialling, []at{{2500, voice{}}, heardWho(9000, dsp.AnswerNotice, 0.9)}),
			slices.Concat(dialled, released(9000, "18 notice 0.90")),
		},
		{
			"polarity: an announcement ends the call, a person is no answer",
			settings{polarityAnswer: true},
			slices.Concat(dialling, []at{heardWho(4000, dsp.AnswerVoice, 0.85), heardWho(20000, dsp.AnswerNotice, 0.9)}),
			slices.Concat(dialled, released(20000, "18 notice 0.90")),
		},
		{
			"silence is no answer",
			settings{},
			slices.Concat(dialling, []at{ended(50000, telephony.CauseNoAnswer)}),
			slices.Concat(dialled, released(50000, "19")),
		},
		{
			"polarity: the turn is the answer, and turning back the release",
			settings{polarityAnswer: true},
			slices.Concat(dialling, []at{heardTone(4000, dsp.Ringback), on(7000, hal.Reversed), on(20000, hal.Normal)}),
			slices.Concat(dialled, []string{
				"4000 Ringing {}", "7000 Answered {}", "7000 show talking", "20000 open", "20000 end 16 polarity 0.98",
				"20000 show talking clearing", "22000 show idle",
			}),
		},
		{
			"polarity: no voice is an answer",
			settings{polarityAnswer: true},
			slices.Concat(dialling, []at{heardTone(4000, dsp.Ringback), {7000, voice{}}, ended(30000, telephony.CauseNoAnswer)}),
			slices.Concat(dialled, []string{"4000 Ringing {}"}, released(30000, "19")),
		},
		{
			"polarity on a line that is not said to have it is nothing",
			settings{},
			slices.Concat(dialling, []at{on(7000, hal.Reversed), ended(8000, telephony.CauseNoAnswer)}),
			slices.Concat(dialled, released(8000, "19")),
		},
		{
			"glare: a ring before dial tone wins",
			settings{},
			[]at{{0, dial{"10086"}}, on(300, hal.RingOn), on(350, hal.RingOff), {400, answer{}}, ended(5000, telephony.CauseNormal)},
			slices.Concat(started, []string{
				"300 odd: glare: the line rang as it was seized", "300 end 34", "300 show talking", "300 arrive",
				"5000 open", "5000 end 16", "5000 show talking clearing", "7000 show idle",
			}),
		},
		{
			"glare: a ring after dial tone is an error of the exchange",
			settings{},
			slices.Concat(dialling, []at{on(2000, hal.RingOn), on(3000, hal.RingOff), heardTone(3500, dsp.Busy)}),
			slices.Concat(dialled, []string{"2000 odd: RingOn while calling"}, released(3500, "17 busy_tone 0.95")),
		},
		{
			"glare: an order that crosses a ring is refused",
			settings{},
			[]at{on(0, hal.RingOn), {100, dial{"10086"}}, on(150, hal.RingOff)},
			[]string{"0 show ringing", "100 refuse 34", "150 odd: RingOff while ringing", "150 show idle"},
		},
		{
			"the loop opens before the far end answers",
			settings{},
			slices.Concat(dialling, []at{on(3000, hal.BatteryLost), on(3750, hal.BatteryBack)}),
			slices.Concat(dialled, released(3200, "16 loop_drop 0.98")),
		},
		{
			"the port refuses to seize",
			settings{},
			[]at{{0, dial{"10086"}}, {10, failed{errUnplugged}}},
			slices.Concat(started, []string{"10 odd: fault of the port: unplugged while seizing"}, released(10, "27")),
		},
		{
			"an order in the guard time is refused",
			settings{},
			slices.Concat(dialling, []at{heardTone(3500, dsp.Busy), {4000, dial{"10086"}}}),
			slices.Concat(dialled, []string{"3500 open", "3500 end 17 busy_tone 0.95", "3500 show dialing clearing", "4000 refuse 34", "5500 show idle"}),
		},
	})
}

// TestCallerIntoALineTest: whoever rings as the line is seized for a test is connected already. The test stops and says so, and
// the caller is a call like any other.
func TestCallerIntoALineTest(t *testing.T) {
	tested := []string{"0 seize", "0 show dialing line test"}
	taken := func(ms int) []string {
		return []string{
			fmt.Sprintf("%d report a call came in", ms), fmt.Sprintf("%d seize", ms), fmt.Sprintf("%d show talking", ms), fmt.Sprintf("%d arrive", ms),
			"8000 open", "8000 end 16 busy_tone 0.95", "8000 show talking clearing", "10000 show idle",
		}
	}
	story := func(a ...at) []at { return append(append([]at{{0, exam{}}}, a...), heardTone(8000, dsp.Busy)) }
	run(t, []row{
		{"before dial tone", settings{}, story(on(300, hal.RingOn), on(320, hal.RingOff), at{400, answer{}}), slices.Concat(tested, taken(300))},
		{
			"as the digit goes out",
			settings{},
			story(heardTone(1500, dsp.Dial), on(1600, hal.RingOn)),
			slices.Concat(tested, []string{"1500 send 1"}, taken(1600)),
		},
		{
			"as the line is measured",
			settings{},
			story(heardTone(1500, dsp.Dial), at{1700, sent{}}, on(3000, hal.RingOn), at{5000, measurement{}}),
			slices.Concat(tested, []string{"1500 send 1"}, taken(3000)[:4], []string{"5000 odd: measurement while talking"}, taken(3000)[4:]),
		},
		{
			"a line that rings is not tested",
			settings{},
			append(rings(0), at{2000, exam{}}, at{3000, dial{"1"}}),
			[]string{"0 show ringing", "2000 decline", "3000 refuse 34", "5000 arrive", "7000 end 16 ring_stop", "7000 show idle"},
		},
	})
}

// TestReleaseWitnesses is pain 33: whatever the line has to say that the caller is gone lets it go.
func TestReleaseWitnesses(t *testing.T) {
	incoming := slices.Concat(rings(0), []at{named(2500, "1"), {3000, answer{}}})
	up := []string{"0 show ringing", "2500 arrive 1", "3000 seize", "3000 show talking"}
	released := func(ms int, witness string) []string {
		return slices.Concat(up, []string{
			fmt.Sprintf("%d open", ms), fmt.Sprintf("%d end 16 %s", ms, witness),
			fmt.Sprintf("%d show talking clearing", ms), fmt.Sprintf("%d show idle", ms+2000),
		})
	}
	run(t, []row{
		{"kewlstart: the loop opens for 750 ms", settings{}, slices.Concat(incoming, []at{on(9000, hal.BatteryLost), on(9750, hal.BatteryBack)}), released(9200, "loop_drop 0.98")},
		{"a crackle of 100 ms is no release", settings{}, slices.Concat(incoming, []at{on(9000, hal.BatteryLost), on(9100, hal.BatteryBack)}), up},
		{"the battery turns", settings{polarityAnswer: true}, slices.Concat(incoming, []at{on(9000, hal.Reversed)}), released(9000, "polarity 0.98")},
		{"the turn at the answer is none", settings{polarityAnswer: true}, slices.Concat(incoming, []at{on(3100, hal.Reversed), on(9000, hal.Normal)}), released(9000, "polarity 0.98")},
		{"polarity on a line that is not said to have it is none", settings{}, slices.Concat(incoming, []at{on(9000, hal.Reversed)}), up},
		{"busy tone", settings{}, slices.Concat(incoming, []at{heardTone(9000, dsp.Busy)}), released(9000, "busy_tone 0.95")},
		{"congestion tone", settings{}, slices.Concat(incoming, []at{heardTone(9000, dsp.Congestion)}), released(9000, "busy_tone 0.95")},
		{"ringback tone and call waiting are none", settings{}, slices.Concat(incoming, []at{heardTone(9000, dsp.Ringback), heardTone(12000, dsp.CallWaiting)}), up},
		{"dial tone after the answer: the caller had gone", settings{}, slices.Concat(incoming, []at{heardTone(5000, dsp.Dial)}), released(5000, "dial_tone 0.95")},
		{"a long tone later is none", settings{}, slices.Concat(incoming, []at{heardTone(9000, dsp.Dial)}), up},
		{
			"a dial tone that goes on for 10 s is one",
			settings{},
			slices.Concat(incoming, []at{heardTone(9000, dsp.Dial), {17000, tone{Signal: dsp.Dial, periods: 10, quiet: 10}}}),
			released(17000, "dial_tone 0.95"),
		},
		{
			"a dial tone that the agent asked for by R is none, while digits are dialled",
			settings{},
			slices.Concat(incoming, []at{{8000, flash{}}, heardTone(9500, dsp.Dial), {17500, tone{Signal: dsp.Dial, periods: 10, quiet: 3}}}),
			slices.Concat(up, []string{"8000 press"}),
		},
		{
			"pain 34: two periods of busy tone while the box talks are none",
			settings{},
			slices.Concat(incoming, []at{talkedOver(9000, dsp.Busy, 2), talkedOver(9700, dsp.Busy, 3)}), up,
		},
		{
			"pain 34: four are",
			settings{},
			slices.Concat(incoming, []at{talkedOver(9000, dsp.Busy, 2), talkedOver(9700, dsp.Busy, 3), talkedOver(10400, dsp.Busy, 4)}),
			released(10400, "busy_tone 0.95"),
		},
		{
			"or two, when it stops talking",
			settings{},
			slices.Concat(incoming, []at{talkedOver(9000, dsp.Busy, 2), {9700, tone{Signal: dsp.Busy, periods: 3, quiet: 2}}}),
			released(9700, "busy_tone 0.95"),
		},
		{
			"a turn where none is expected, and busy tone that the box talks into: two witnesses",
			settings{},
			slices.Concat(incoming, []at{on(9000, hal.Reversed), talkedOver(11000, dsp.Busy, 2)}),
			released(11000, "polarity 0.91"),
		},
		{
			"the same half a minute apart",
			settings{},
			slices.Concat(incoming, []at{on(9000, hal.Reversed), talkedOver(39000, dsp.Busy, 2)}), up,
		},
		{
			"another caller is told",
			settings{},
			slices.Concat(incoming, []at{{9000, waits{telephony.Caller{Number: "13800138000"}}}}),
			slices.Concat(up, []string{"9000 CallWaits {{13800138000  false}}"}),
		},
		{
			"the echo is shown",
			settings{},
			slices.Concat(incoming, []at{{13000, measured{14.4}}}),
			slices.Concat(up, []string{"13000 show talking echo return loss 14 dB"}),
		},
		{"silence", settings{silence: time.Minute}, slices.Concat(incoming, []at{{9000, silent{}}}), released(9000, "silence 0.60")},
		{
			"digits are told",
			settings{},
			slices.Concat(incoming, []at{{4000, digit{'1'}}, {4300, digit{'#'}}}),
			slices.Concat(up, []string{"4000 Digit {49 true}", "4300 Digit {35 true}"}),
		},
	})
}

func TestLineState(t *testing.T) {
	run(t, []row{
		{
			"a cut wire is a fault and comes back by itself",
			settings{},
			[]at{on(0, hal.BatteryLost), {3000, dial{"10086"}}, on(10000, hal.BatteryBack)},
			[]string{"2000 show fault no battery: the wire is cut or unplugged", "3000 refuse 27", "10000 show idle"},
		},
		{
			"a battery that is away for a moment is none",
			settings{},
			[]at{on(0, hal.BatteryLost), {1000, dial{"10086"}}, on(1500, hal.BatteryBack)},
			[]string{"1000 refuse 27"},
		},
		{
			"a wire that is cut in a call is a fault after it",
			settings{},
			slices.Concat(rings(0), []at{named(2500, "1"), {3000, answer{}}, on(9000, hal.BatteryLost)}),
			[]string{
				"0 show ringing", "2500 arrive 1", "3000 seize", "3000 show talking", "9200 open", "9200 end 16 loop_drop 0.98",
				"9200 show talking clearing", "11200 show idle", "13200 show fault no battery: the wire is cut or unplugged",
			},
		},
		{
			"a ring on a line thought dead proves the wire",
			settings{},
			slices.Concat([]at{on(0, hal.BatteryLost)}, rings(5000)),
			[]string{
				"2000 show fault no battery: the wire is cut or unplugged", "5000 show ringing", "10000 arrive",
				"12000 end 16 ring_stop", "12000 show idle",
			},
		},
		{
			"configuration takes an idle line out of service at once and puts it back",
			settings{},
			slices.Concat([]at{{0, settings{disabled: true}}}, rings(1000), []at{{5000, dial{"1"}}, {9000, settings{}}}),
			[]string{"0 show blocked", "5000 refuse 34", "9000 show idle"},
		},
		{
			"configuration leaves the call in progress alone",
			settings{polarityAnswer: true},
			slices.Concat(rings(0), []at{named(2500, "1"), {3000, answer{}}, {5000, settings{disabled: true}}, on(9000, hal.Reversed)}),
			[]string{
				"0 show ringing", "2500 arrive 1", "3000 seize", "3000 show talking", "9000 open", "9000 end 16 polarity 0.98",
				"9000 show talking clearing", "11000 show blocked",
			},
		},
	})
}
