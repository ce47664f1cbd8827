package webui

import (
	"strings"
	"testing"
	"time"

	"callbox/telephony"
)

// factsOfACall is one of each kind that a call's journal can hold.
var factsOfACall = []telephony.Fact{
	telephony.CallArrived{Direction: telephony.Inbound, Line: "fxo/1"},
	telephony.CallArrived{Direction: telephony.Outbound, Line: "phone/801", Called: "02162345678"},
	telephony.CallArrived{Direction: telephony.InternalCall, Line: "phone/801", Called: "802"},
	telephony.CallerIdentified{Caller: telephony.Caller{Number: "02162345678"}},
	telephony.Routed{Target: "queue:sales", Rule: "route/day", Why: telephony.Text{ZH: "工作时间", EN: "working hours"}},
	telephony.Routed{Target: "hangup", Why: telephony.Text{ZH: "黑名单", EN: "black list"}},
	telephony.CallAnswered{},
	telephony.MenuEntered{Menu: "main"},
	telephony.MenuKey{Menu: "main", Keys: "1", Result: "target"},
	telephony.MenuKey{Menu: "main", Result: "timeout"},
	telephony.MenuKey{Menu: "main", Keys: "9", Result: "invalid"},
	telephony.MenuKey{Menu: "main", Keys: "*", Result: "restart"},
	telephony.Announced{Prompt: "welcome"},
	telephony.Queued{Queue: "sales", Position: 2},
	telephony.Unqueued{Queue: "sales", Reason: "answered", Waited: 6 * time.Second},
	telephony.Offered{Queue: "sales", Agent: "1001", Phone: "phone/801", Why: "longest_idle: idle 42s"},
	telephony.OfferEnded{Queue: "sales", Agent: "1001", Result: telephony.OfferAnswered, Rang: time.Second},
	telephony.Dialed{Line: "fxo/2", To: "13800138000"},
	telephony.LegRinging{Leg: "phone/801#3"},
	telephony.LegAnswered{Leg: "phone/801#3", Agent: "1001"},
	telephony.Bridged{A: "fxo/1#1", B: "phone/801#3", Agent: "1001"},
	telephony.LegHeld{Leg: "phone/801#3", On: true},
	telephony.LegHeld{Leg: "phone/801#3"},
	telephony.Originated{By: "lihua", To: "phone:801"},
	telephony.Consulting{By: "phone/801#3", With: "phone/802#1", Agent: "1002"},
	telephony.Conferenced{Legs: []string{"fxo/1#1", "phone/801#3", "phone/802#1"}},
	telephony.Transferred{By: "phone/801#3", Agent: "1001", To: "room:board", How: "blind"},
	telephony.Transferred{By: "phone/801#3", To: "phone:802", How: "attended"},
	telephony.Transferred{By: "phone/801#3", To: "phone:802", How: "take_over"},
	telephony.Parked{Slot: 2, By: "phone/801#3"},
	telephony.PickedUp{Leg: "phone/802#2", Agent: "1002"},
	telephony.Monitored{Leg: "phone/803#1", Mode: "listen", By: "boss"},
	telephony.Monitored{Leg: "phone/803#1", Mode: "whisper", By: "boss"},
	telephony.Monitored{Leg: "phone/803#1", Mode: "barge", By: "boss"},
	telephony.Monitored{Leg: "phone/803#1", Mode: "take_over", By: "boss"},
	telephony.Monitored{Leg: "phone/803#1", By: "boss"},
	telephony.RoomEntered{Room: "board"},
	telephony.RoomLeft{Room: "board"},
	telephony.LegGiven{Leg: "phone/802#1", To: "3-1"},
	telephony.LegTaken{Leg: "phone/802#1", From: "3-2"},
	telephony.DataAttached{Data: map[string]string{"order": "7"}, By: "crm"},
	telephony.RecordingStarted{Recording: "r1", Purpose: "call"},
	telephony.RecordingPaused{Recording: "r1", On: true, By: "lihua"},
	telephony.RecordingPaused{Recording: "r1", By: "lihua"},
	telephony.Recorded{Recording: "r1", Length: 12 * time.Second},
	telephony.Recorded{Recording: "r1", Length: 12 * time.Second, Problem: "disk_full"},
	telephony.Recorded{Recording: "r1", Length: 12 * time.Second, Problem: "interrupted"},
	telephony.RecordingDeleted{Recording: "r1", Reason: "age"},
	telephony.CallNoted{Number: "13800138000", Agent: "1001", By: "lihua", Code: "repair", Text: "leaks"},
	telephony.CallJudged{Founded: true, Note: "late", By: "boss"},
	telephony.CallJudged{Note: "on time", By: "boss"},
	telephony.CallScored{Agent: "1001", Points: 85, Note: "friendly", By: "boss"},
	telephony.VoicemailLeft{Mailbox: "night", Recording: "r2"},
	telephony.Polled{Queue: "sales", Agent: "1001"},
	telephony.Voted{Queue: "sales", Agent: "1001", Vote: telephony.VerySatisfied},
	telephony.VoicemailHeard{Recording: "r2", By: "phone/801"},
	telephony.VoicemailHeard{Recording: "r2", By: "lihua", New: true},
	telephony.LegSpeech{Leg: "phone/801#3", Fault: telephony.SpeechNoPackets},
	telephony.LegSpeech{Leg: "phone/801#3", Fault: telephony.SpeechUnheard},
	telephony.LegSpeech{Leg: "phone/801#3", Fault: telephony.SpeechSilence},
	telephony.LegSpeech{Leg: "phone/801#3"},
	telephony.LegQuality{Leg: "phone/801#3", Quality: telephony.Quality{MOS: 4.2, Worst: 3.6, Loss: 0.01, JitterMS: 12}},
	telephony.LegReleased{Leg: "fxo/1#1", Cause: telephony.CauseNormal},
	telephony.LegReleased{Leg: "fxo/1#1", Cause: telephony.CauseNormal, Witness: telephony.ByBusyTone, Confidence: 0.95},
	telephony.CallWaited{Leg: "fxo/1#1", Caller: telephony.Caller{Number: "13800138000"}},
	telephony.CallEnded{Outcome: telephony.OutcomeAnswered, Cause: telephony.CauseNormal, By: "caller"},
	telephony.Oddity{Where: "sip", What: "an ACK without an INVITE"},
	telephony.Panicked{Where: "talk"},
}

// TestEveryFactHasItsSentence (idea 9): nobody reads a kind or a broken sentence in a call's story.
func TestEveryFactHasItsSentence(t *testing.T) {
	for _, fact := range factsOfACall {
		text := teller{testConfig()}.sentence(fact)
		for _, s := range []string{text.ZH, text.EN} {
			if s == "" || s == fact.Kind() || strings.Contains(s, "%!") || strings.Contains(s, "%s") || strings.Contains(s, "（）") {
				t.Errorf("%#v reads %q", fact, s)
			}
		}
		if text.ZH == text.EN {
			t.Errorf("%#v reads the same in both languages: %q", fact, text.ZH)
		}
	}
}

// TestWordsAreComplete: each outcome, result and kind of target has its words.
func TestWordsAreComplete(t *testing.T) {
	for _, o := range []telephony.Outcome{
		"answered", "voicemail", "self_service", "forwarded", "lost_in_menu", "lost_in_queue", "lost_ringing", "no_answer",
		"busy", "refused", "congestion", "failed", "interrupted",
	} {
		if o.Text().ZH == "" {
			t.Errorf("outcome %s", o)
		}
	}
	for _, reason := range []string{"answered", "left", "key", "timeout", "full", "no_agents", "closed"} {
		if telephony.LeftText(reason).ZH == "" {
			t.Errorf("reason %s", reason)
		}
	}
	for _, r := range []telephony.OfferResult{
		"answered", "no_answer", "rejected", "failed", "elsewhere", "caller_left", "withdrawn",
	} {
		if offers[r].ZH == "" {
			t.Errorf("offer result %s", r)
		}
	}
}

// TestCallInOneSentence: what a tried call came to, with the names that the configuration gives.
func TestCallInOneSentence(t *testing.T) {
	for want, r := range map[string]CallRecord{
		"answered, waited 2.1s in 销售, talked with 李华 1001 for 15s, the caller hung up.": {
			Outcome: telephony.OutcomeAnswered, Queue: "sales", WaitMS: 2100, Agent: "1001", TalkMS: 15000, EndedBy: "caller",
		},
		"lost in the menu, the caller hung up.": {Outcome: telephony.OutcomeLostInMenu, EndedBy: "caller"},
		"refused.":                              {Outcome: telephony.OutcomeRefused},
	} {
		if got := (teller{testConfig()}).sum(r); got.EN != want || got.ZH == "" {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
}

// TestSecondsInBothLanguages: no unit of the one is in a sentence of the other.
func TestSecondsInBothLanguages(t *testing.T) {
	for d, want := range map[time.Duration]telephony.Text{
		0:                      {ZH: "0 秒", EN: "0s"},
		340 * time.Millisecond: {ZH: "300 毫秒", EN: "300ms"},
		time.Hour + 2*time.Minute + 3500*time.Millisecond: {ZH: "1 小时 2 分 3.5 秒", EN: "1h2m3.5s"},
	} {
		if got := seconds(d); got != want {
			t.Errorf("%v: %+v", d, got)
		}
	}
}

// TestWhyAnAgentWasChosen: acd's reason reads in both languages.
func TestWhyAnAgentWasChosen(t *testing.T) {
	for why, want := range map[string]telephony.Text{
		"longest_idle: idle 1h2m3s, level 1":  {ZH: "最久空闲，空闲 1 小时 2 分 3 秒，级别 1", EN: "longest idle, idle 1h2m3s, level 1"},
		"longest_idle: idle 9s, level 1":      {ZH: "最久空闲，空闲 9 秒，级别 1", EN: "longest idle, idle 9s, level 1"},
		"ring_all: 3 agents, level 2":         {ZH: "同时振铃，3 位，级别 2", EN: "ring all, 3 agents, level 2"},
		"round_robin: next in turn, level 1":  {ZH: "轮流，轮到，级别 1", EN: "round robin, next in turn, level 1"},
		"a reason that a later version gives": {ZH: "a reason that a later version gives", EN: "a reason that a later version gives"},
	} {
		if got := strategy(why); got != want {
			t.Errorf("%s: %+v", why, got)
		}
	}
}

// TestStoryKeepsItsTime (idea 3): the monotonic clock tells how long things took, whatever the wall clock did; what was
// told by a later start of the box is placed by the wall clock.
func TestStoryKeepsItsTime(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	story := tell(testConfig(), []telephony.Entry{
		{Seq: 1, Time: noon, Mono: 50 * time.Second, Boot: 3, Fact: telephony.CallAnswered{}},
		{Seq: 2, Time: noon.Add(-time.Hour), Mono: 52 * time.Second, Boot: 3, Fact: telephony.CallAnswered{}}, // set back
		{Seq: 3, Time: noon.Add(90 * time.Second), Mono: time.Second, Boot: 4, Fact: telephony.CallEnded{Outcome: "interrupted", By: "box"}},
	})
	if story[1].AfterMS != 2000 || story[2].AfterMS != 90000 {
		t.Fatalf("%+v", story)
	}
}
