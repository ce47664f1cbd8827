package webui

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
)

// TestLadderIsOneTimeAxis (issue 3): messages of all legs and marks of the journal in the order in which they happened, by
// the clock that nobody sets, from the first of either on.
func TestLadderIsOneTimeAxis(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	second := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	box := newBox()
	box.journals["3-42"] = []telephony.Entry{
		{Seq: 1, Time: noon, Mono: second(50), Boot: 3, Fact: telephony.CallArrived{Line: "e1/1", Leg: "e1/1#1"}},
		{Seq: 2, Time: noon.Add(-time.Hour), Mono: second(52), Boot: 3, Fact: telephony.CallAnswered{}}, // the clock was set back
		{Seq: 3, Time: noon.Add(90 * time.Second), Mono: second(1), Boot: 4, Fact: telephony.CallEnded{Outcome: "interrupted", By: "box"}},
	}
	message := func(at float64, leg, protocol, octets string) telephony.Trace {
		line, _, _ := strings.Cut(leg, "#")
		return telephony.Trace{Time: noon, Mono: second(at), Boot: 3, Leg: leg, Line: line, Protocol: protocol, Octets: []byte(octets)}
	}
	box.messages["3-42"] = []telephony.Trace{
		message(49.5, "e1/1#1", "q931", "\x08\x02\x00\x01\x05"),
		message(51, "phone/801#1", "sip", "nonsense"),
		message(52, "e1/1#1", "q931", "\x08\x02\x80\x01\x07"), // at the moment of the second entry
	}
	l := ladderOf(t, box)
	var got []string
	for _, s := range l.Steps {
		if s.Message != nil {
			got = append(got, fmt.Sprint(s.AfterMS, " ", s.Message.Leg, " ", s.Message.Name))
		} else {
			got = append(got, fmt.Sprint(s.AfterMS, " ", s.Mark.AfterMS, " ", s.Mark.Kind))
		}
	}
	want := []string{
		"0 e1/1#1 SETUP", "500 500 call_arrived", "1500 phone/801#1 SIP", "2500 e1/1#1 CONNECT", "2500 2500 call_answered",
		"90500 90500 call_ended",
	}
	if !slices.Equal(got, want) || l.Cut {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if legs := fmt.Sprint(l.Legs); legs != "[{e1/1#1 e1/1 q931} {phone/801#1 phone/801 sip}]" {
		t.Errorf("legs %s", legs)
	}
}

func ladderOf(t *testing.T, box *memoryBox) Ladder {
	t.Helper()
	answer, err := New(box.options()).getCallLadder(context.WithValue(t.Context(), personKey{}, local), &callInput{ID: "3-42"})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Body
}

// TestLadderIsBounded: a party that never stops talking does not fill the page; that something is missing is told.
func TestLadderIsBounded(t *testing.T) {
	box := newBox()
	box.journals["3-42"] = []telephony.Entry{{Seq: 1, Fact: telephony.CallAnswered{}}}
	box.messages["3-42"] = make([]telephony.Trace, maxLadder+5)
	if l := ladderOf(t, box); len(l.Steps) != maxLadder+1 || !l.Cut {
		t.Errorf("%d steps, cut %v", len(l.Steps), l.Cut)
	}
}

// TestTraceExport: who took a call's messages is in the audit.
func TestTraceExport(t *testing.T) {
	box := newBox()
	box.messages["3-42"] = []telephony.Trace{{Leg: "e1/1#1"}}
	h := New(box.options()).Handler()
	w := ask(h, "GET", "/api/calls/3-42/trace.pcapng", "", "Authorization", bearer(Supervisor))
	if w.Code != 200 || w.Header().Get("Content-Type") != typePCAPNG || !strings.Contains(w.Header().Get("Content-Disposition"), "call-3-42.pcapng") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if len(box.audit) != 1 || box.audit[0].Action != "trace.exported" || box.audit[0].On != "3-42" {
		t.Errorf("audit %+v", box.audit)
	}
	if w := ask(h, "GET", "/api/calls/9-9/trace.pcapng", "", "Authorization", bearer(Supervisor)); w.Code != 404 || len(box.audit) != 1 {
		t.Errorf("of no call: %d, audit %+v", w.Code, box.audit)
	}
}
