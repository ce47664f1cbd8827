package telephony

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// allFacts is one of each kind, with something in every field so that a field that is lost is seen.
func allFacts() []Fact {
	text, caller := Text{ZH: "原因", EN: "reason"}, Caller{Number: "13800138000", Name: "王芳", Withheld: true}
	return []Fact{
		CallArrived{Inbound, "fxo/1", "fxo/1#12", caller, "62345678", "1001", "62340000"},
		CallerIdentified{caller},
		CallWaited{"fxo/1#12", caller},
		Routed{"queue:sales", "route/day", text, []string{"a", "b"}, "off"},
		CallAnswered{},
		CallNoted{time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), true, "13800138000", "1001", "lihua", "repair", "the washing machine leaks"},
		CallScored{time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), "1001", 85, "greets, but does not ask back", "boss"},
		CallJudged{time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), true, "the engineer did not come", "boss"},
		MenuEntered{"main"},
		MenuKey{"main", "1", "target"},
		Announced{"closed"},
		Queued{"sales", 2, 3},
		Unqueued{"sales", "timeout", time.Minute},
		Offered{"sales", "1001", "phone/801", "longest_idle: idle 42s, level 1"},
		OfferEnded{"sales", "1001", OfferNoAnswer, 15 * time.Second},
		Dialed{"trunk/ctc", "trunk/ctc#3", "13800138000", "outbound/mobile"},
		LegRinging{"phone/801#3"},
		LegAnswered{"phone/801#3", "1001"},
		Bridged{"fxo/1#12", "phone/801#3", "1001"},
		LegHeld{"phone/801#3", true},
		Originated{"li", "phone:801"},
		Consulting{"phone/801#3", "phone/802#1", "1002"},
		Conferenced{[]string{"fxo/1#12", "phone/801#3", "phone/802#1"}},
		Transferred{"phone/801#3", "1001", "queue:sales", "blind"},
		Parked{2, "phone/801#3"},
		PickedUp{"phone/802#2", "1002"},
		Monitored{"phone/803#1", "whisper", "wang"},
		RoomEntered{"board"},
		RoomLeft{"board"},
		LegGiven{"phone/802#1", "1-1"},
		LegTaken{"phone/802#1", "phone/802", "1-2"},
		DataAttached{map[string]string{"order": "7"}, "crm"},
		RecordingStarted{"1-1", "call", "1001"},
		RecordingPaused{"1-1", true, "agent"},
		Recorded{"1-1", "2026/10/01/1-1.wav", 16000, time.Second, time.Millisecond, "call", "1001", "disk_full"},
		VoicemailLeft{"front", "1-2"},
		Polled{"sales", "1001"},
		Voted{"sales", "1001", Dissatisfied},
		VoicemailHeard{"1-2", "phone/801", true},
		LegSpeech{"phone/801#3", SpeechUnheard},
		LegQuality{"phone/801#3", Quality{MOS: 4.1, Worst: 3.8, Loss: 0.01, JitterMS: 7, DelayMS: 70, RoundTripMS: 12, FarLoss: 0.02, FarJitterMS: 9, Fault: SpeechSilence}},
		LegReleased{"fxo/1#12", CauseNormal, true, ByBusyTone, 0.95},
		CallEnded{OutcomeAnswered, CauseNormal, "caller"},
		BoxStarted{"1.0", "sim", true},
		BoxStopped{},
		AgentChanged{"1001", AgentBusy, "lunch", "phone/801", "page"},
		LineStateChanged{"fxo/1", LineFault, "no battery"},
		ConfigApplied{7, "admin"},
		Alarm{"disk_full", true, text, Fault},
		RecordingDeleted{"1-1", "age", "admin"},
		Oddity{"sip", "ACK without INVITE"},
		Panicked{"call", "index out of range", "goroutine 1"},
		JournalGap{3},
	}
}

func TestEveryFactSurvivesTheDisk(t *testing.T) {
	told := map[string]bool{}
	for i, fact := range allFacts() {
		if v := reflect.ValueOf(fact); v.NumField() > 0 {
			for n := range v.NumField() {
				if v.Field(n).IsZero() {
					t.Errorf("%T: the test leaves %s empty", fact, v.Type().Field(n).Name)
				}
			}
		}
		told[fact.Kind()] = true
		want := Entry{Seq: uint64(i), Time: time.Date(2026, 10, 1, 8, 0, 0, 123, time.UTC), Mono: time.Hour, Boot: 3, Call: "3-14", Fact: fact}
		line, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Entry
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", line, d)
		}
	}
	for kind := range decoders {
		if !told[kind] {
			t.Errorf("no test tells a %s", kind)
		}
	}
	if len(told) != len(decoders) {
		t.Errorf("%d kinds told, %d known", len(told), len(decoders))
	}
}

// An older box reads on over what a later one wrote.
func TestAKindOfALaterVersionIsAnOddity(t *testing.T) {
	line := `{"seq":9,"time":"2026-10-01T08:00:00Z","mono":5,"boot":3,"call":"3-14","kind":"faxed","fact":{"pages":2}}`
	var e Entry
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		t.Fatal(err)
	}
	if e.Seq != 9 || e.Call != "3-14" || e.Fact != (Oddity{Where: "journal", What: "unknown kind faxed"}) {
		t.Errorf("read %+v", e)
	}
}

func TestEntriesThatAreRefused(t *testing.T) {
	for name, line := range map[string]string{
		"no JSON":           `{`,
		"fact missing":      `{"seq":1,"kind":"queued"}`,
		"fact of a list":    `{"seq":1,"kind":"queued","fact":[]}`,
		"position in words": `{"seq":1,"kind":"queued","fact":{"position":"two"}}`,
	} {
		if err := json.Unmarshal([]byte(line), new(Entry)); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := json.Marshal(Entry{Seq: 1}); err == nil || !strings.Contains(err.Error(), "no fact") {
		t.Errorf("an entry without a fact is written: %v", err)
	}
}

func TestDamagedEntriesNeverPanic(t *testing.T) {
	whole, err := json.Marshal(Entry{Seq: 1, Fact: allFacts()[2]})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		line := append([]byte(nil), whole...)
		line[rapid.IntRange(0, len(line)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "octet")
		var e Entry
		if err := json.Unmarshal(line, &e); err == nil && e.Fact == nil {
			t.Fatal("an entry without a fact")
		}
	})
}

func TestTarget(t *testing.T) {
	for _, row := range []struct {
		target   Target
		kind, id string
	}{{"queue:sales", ToQueue, "sales"}, {"hangup", ToHangup, ""}, {"", "", ""}, {"outside:+86:1", ToOutside, "+86:1"}} {
		if row.target.Kind() != row.kind || row.target.ID() != row.id {
			t.Errorf("%q is %q and %q", row.target, row.target.Kind(), row.target.ID())
		}
	}
	if NewTarget(ToQueue, "sales") != "queue:sales" {
		t.Error("not as it is written")
	}
}

func TestErrorIsASentence(t *testing.T) {
	err := Errorf(Invalid, "有 %d 处", "%d places", 1)
	if err.Error() != "1 places" || err.Message.In("zh") != "有 1 处" {
		t.Errorf("%v", err)
	}
	err.Problems = []Problem{{Path: "queues[0].id", Message: Text{EN: "choose another"}}}
	if err.Error() != "1 places (queues[0].id: choose another)" {
		t.Errorf("%v", err)
	}
}
