package webui

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// maskedBox is a desk's box that has met a caller in every way in which it can, and masks numbers for agents.
func maskedBox(number string) (b *memoryBox, lihua []string) {
	b, lihua, _ = deskBox()
	who := telephony.Caller{Number: number, Name: number}
	b.config.Recording.MaskNumbers = true
	b.config.VIPs = []telephony.ListedNumber{{Number: telephony.Pattern(number), Note: number}}
	out := CallRecord{ID: "3-43", Direction: telephony.Outbound, Called: number, Target: telephony.NewTarget("outside", number), Agent: "1001", Outcome: telephony.OutcomeAnswered, Arrived: time.Now()}
	in := CallRecord{ID: "3-42", Direction: telephony.Inbound, Caller: who, Queue: "sales", Outcome: telephony.OutcomeLostInQueue, Arrived: time.Now()}
	b.records = []CallRecord{in, out}
	b.notes = []CallNote{{Call: "3-43", Number: number, Agent: "1001", Text: "ring " + number + " back"}}
	b.setLive(telephony.Live{
		Calls: []telephony.LiveCall{{
			ID: "3-44", Caller: who, Called: number, Where: "outside:" + number, Agent: "1001", Data: map[string]string{"mobile": number, "note of " + number: "late", "id": number},
			Parties: []telephony.LiveParty{{Leg: "fxo/1", Line: "fxo/1", Agent: "1001"}},
		}},
		Queues: []telephony.LiveQueue{{ID: "sales", Waiting: []telephony.LiveWaiter{{Call: "3-45", Caller: who}}}},
		Agents: []telephony.LiveAgent{{ID: "1001", Phone: "phone:801", Call: "3-44"}},
		Spans:  []telephony.LiveSpan{{Span: "e1/1", Channels: []telephony.LiveChannel{{Number: 1, Party: number}}}},
		Alarms: []telephony.LiveAlarm{{Name: "x", Message: telephony.Text{EN: number}}},
	})
	return b, lihua
}

// TestAgentsSeeNoNumber (A18.2) walks every row of the table as an agent, by session and by token: the number is in no answer, whatever
// is asked for. A row that is new is among them. Without masking the same walk meets it, so that it proves something.
func TestAgentsSeeNoNumber(t *testing.T) {
	const number = "13911223344"
	for _, masks := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b, lihua := maskedBox(number)
			b.config.Recording.MaskNumbers = masks
			s := New(b.options())
			ask(s.Handler(), "POST", "/api/messages", `{"to":"supervisors","text":"she is at `+number+`"}`, lihua...)
			var met []string
			for _, row := range s.routes() {
				for _, secret := range []string{"lihua", "token-agent"} {
					if shown := answered(t, s, row, number, secret); strings.Contains(shown, number) {
						met = append(met, row.op.Method+" "+row.op.Path+" "+secret)
					}
				}
			}
			if masks && len(met) > 0 {
				t.Errorf("the number is whole in %s", strings.Join(met, ", "))
			}
			if !masks && len(met) < 9 {
				t.Errorf("the walk meets the number in %s alone", strings.Join(met, ", "))
			}
		})
	}
}

// TestGuessesAreNotTold (A18.2): the own address book does not say which of the numbers in it somebody calls from.
func TestGuessesAreNotTold(t *testing.T) {
	const number = "13911223344"
	for _, masks := range []bool{true, false} {
		b, lihua := maskedBox(number)
		b.config.Recording.MaskNumbers = masks
		h := New(b.options()).Handler()
		ask(h, "POST", "/api/contacts", `{"number":"`+number+`","name":"it is this one"}`, lihua...)
		for _, path := range []string{"/api/calls/3-43/caller", "/api/desk/calls"} {
			if told := strings.Contains(ask(h, "GET", path, "", lihua...).Body.String(), "it is this one"); told == masks {
				t.Errorf("masked: %v; %s tells: %v", masks, path, told)
			}
		}
	}
}

// TestCallBackByCall (A18.2, A5.11): who sees no number calls back by the call, the own ones and those of the own queues alone.
func TestCallBackByCall(t *testing.T) {
	b, lihua := maskedBox("13911223344")
	b.records = append(b.records, CallRecord{ID: "3-50", Direction: telephony.Inbound, Caller: telephony.Caller{Number: "+8613700001111"}, Queue: "support", Agent: "1002"})
	h := New(b.options()).Handler()
	boss := []string{"Authorization", bearer(Supervisor)}
	for _, c := range []struct {
		name, body string
		who        []string
		status     int
		asked      string
	}{
		{"a missed call", `{"back":"3-42"}`, lihua, 200, "place lihua phone:801 13911223344 own"},
		{"an own call", `{"back":"3-43"}`, lihua, 200, "place lihua phone:801 13911223344 own"},
		{"another's call", `{"back":"3-50"}`, lihua, 403, ""},
		{"a supervisor, any", `{"from":"phone:805","back":"3-50"}`, boss, 200, "place token:supervisor phone:805 013700001111 "},
		{"both", `{"to":"802","back":"3-42"}`, lihua, 422, ""},
		{"nobody", `{}`, lihua, 422, ""},
	} {
		b.asked = nil
		if w := ask(h, "POST", "/api/calls", c.body, c.who...); w.Code != c.status || strings.Join(b.asked, ",") != c.asked {
			t.Errorf("%s: %d %q %s", c.name, w.Code, b.asked, w.Body)
		}
	}
	for path, want := range map[string]int{"/api/calls/3-42/caller": 200, "/api/calls/3-50/caller": 403, "/api/callers/13911223344": 403} {
		if w := ask(h, "GET", path, "", lihua...); w.Code != want || want == 200 && !strings.Contains(w.Body.String(), `"number":"139****3344"`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// answered is what a row answers about each of the caller's calls, within a second of a stream.
func answered(t *testing.T, s *Server, row route, number, secret string) string {
	w := &wallboard{header: http.Header{}}
	for _, id := range []string{"3-42", "3-43", "3-44"} {
		ctx, end := context.WithTimeout(t.Context(), time.Second)
		path := sample.Replace(strings.NewReplacer("{id}", id, "{number}", number).Replace(row.op.Path))
		r := httptest.NewRequest(row.op.Method, path, strings.NewReader(`{}`)).WithContext(ctx)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+secret)
		s.Handler().ServeHTTP(w, r)
		end()
	}
	return w.shown()
}
