package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"callbox/telephony"
	"callbox/webui"
)

// caller is what a caller of the trunk plays; its number ends in n.
func (b *realBox) caller(n int, scenario, called string) part {
	return part{Scenario: scenario, Host: b.far(callerEnd), Caller: fmt.Sprintf("139222200%02d", n), Called: called}
}

// realRefusals: phone 801 with a wrong password, and phone 899 that is not there, hear the same words, whether they
// register or call. Only what each message has of its own may differ.
func realRefusals(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	for _, scenario := range []string{"register", "stranger"} {
		var told []string
		for _, extension := range []string{"801", "899"} {
			s := b.play(part{
				Scenario: scenario, Host: b.far(phoneEnd), Caller: extension, Called: "802", Password: "not-the-one", Status: 403,
			})
			s.succeeds()
			told = append(told, answersIn(s.read(".messages"), extension))
		}
		if !strings.Contains(told[0], "SIP/2.0 403") {
			t.Errorf("%s: a wrong password is told\n%s", scenario, told[0])
		}
		if told[0] != told[1] {
			t.Errorf("%s: who exists is told\n%s\nwho does not\n%s", scenario, told[0], told[1])
		}
	}
	if n := len(b.quiet("80", 0)); n != 0 {
		t.Errorf("%d calls of nobody", n)
	}
}

// ownWords are those of a message that are its own.
var ownWords = regexp.MustCompile(`(nonce="|tag=|branch=|Call-ID: )[^;"\r\n]*`)

// answersIn are the answers that SIPp received, without what each message has of its own.
func answersIn(messages, extension string) string {
	var answers []string
	for _, m := range strings.Split(messages, "-----------------------------------------------") {
		if _, text, received := strings.Cut(m, "message received"); received {
			_, text, _ = strings.Cut(text, "\n\n")
			answers = append(answers, strings.ReplaceAll(ownWords.ReplaceAllString(text, "$1"), extension, "EXT"))
		}
	}
	return strings.Join(answers, "\n")
}

// realEchoes: the network brings an INVITE three times, and once more in mid-call.
func realEchoes(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	c := b.caller(1, "echoes", "62340001")
	b.play(c).succeeds()
	b.one(c.Caller, telephony.OutcomeLostInMenu)
}

// realNoACK: the box answers, and the caller's ACK never comes. After 64*T1 the box hangs up (RFC 3261 13.3.1.4).
func realNoACK(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	c := b.caller(1, "noack", "62340002")
	b.play(c).succeeds()
	b.one(c.Caller, telephony.OutcomeLostInQueue)
}

// realFork: the carrier rings two telephones and both answer. The caller talks with the first; the second is confirmed and
// hung up, or it would sit in a call that nobody else is in.
func realFork(t *testing.T, program string) {
	number := outside(0, 0)
	b := newRealBox(t, program, through(number))
	carrier := b.play(part{Scenario: "fork", Host: b.carrier(0), Called: number})
	c := b.caller(1, "caller", number)
	b.play(c).succeeds()
	carrier.succeeds()
	b.one(c.Caller, telephony.OutcomeForwarded)
}

// realReliable: the carrier speaks before it answers and the caller hears it, each with an answer that is confirmed
// (RFC 3262).
func realReliable(t *testing.T, program string) {
	number := outside(0, 0)
	b := newRealBox(t, program, through(number))
	carrier := b.play(part{Scenario: "reliable", Host: b.carrier(0), Called: number})
	c := b.caller(1, "confirms", number)
	b.play(c).succeeds()
	carrier.succeeds()
	b.one(c.Caller, telephony.OutcomeForwarded)
}

// realRefreshes: the carrier asks for a session timer.
func realRefreshes(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	c := b.caller(1, "refreshes", "62340001")
	b.play(c).succeeds()
	b.one(c.Caller, telephony.OutcomeLostInMenu)
}

// realGlare: the carrier has the box refresh the session, and describes it anew before it answers. Each refuses the other's; the
// box, which made the call, comes again after two seconds (RFC 3261 14.1).
func realGlare(t *testing.T, program string) {
	number := outside(0, 0)
	b := newRealBox(t, program, through(number))
	carrier := b.play(part{Scenario: "glares", Host: b.carrier(0), Called: number, Speech: b.speech()})
	c := b.caller(1, "speaks", number)
	c.Speech = b.speech()
	caller := b.play(c)
	carrier.succeeds()
	caller.succeeds()
	b.one(c.Caller, telephony.OutcomeForwarded)
}

// realHolds: the carrier describes its session anew, again and again, and asks what the box can do.
func realHolds(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	b.play(b.caller(2, "asks", "62340001")).succeeds()
	c := b.caller(1, "holds", "62340001")
	c.Changes = []change{
		{"INVITE", 2, "sendonly", "recvonly"},
		{"INVITE", 3, "sendrecv", "sendrecv"},
		{"UPDATE", 4, "inactive", "inactive"},
		{"UPDATE", 5, "recvonly", "sendonly"},
		{"INVITE", 6, "sendrecv", "sendrecv"},
	}
	b.play(c).succeeds()
	b.one(c.Caller, telephony.OutcomeLostInMenu)
}

// passport is a signature of the calling number, as a carrier puts one into the header Identity (RFC 8224 4, RFC 8225).
var passport = strings.Repeat("eyJhbGciOiJFUzI1NiJ9", 12) + "." + strings.Repeat("x", 300) + "." + strings.Repeat("y", 86) +
	";info=<https://certificates.example/sp.pem>;alg=ES256;ppt=shaken"

// realDiverted: the caller's number comes asserted and withheld, and who diverted the call in either form.
func realDiverted(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	for i, headers := range [][]string{
		{"Diversion: <sip:62349999@10.0.0.9>;reason=unconditional"},
		{"History-Info: <sip:62349999@10.0.0.9>;index=1", "History-Info: <sip:62340001@10.0.0.1;cause=302>;index=1.1;rc=1"},
		{"Diversion: <sip:62349999@10.0.0.9>", "Identity: " + passport}, // taken as it is: nobody here could judge it
	} {
		c := b.caller(i, "diverted", "62340001")
		c.Headers = headers
		b.play(c).succeeds()
		b.one(c.Caller, telephony.OutcomeLostInMenu)
		arrived := 0
		for _, e := range b.journal() {
			if a, ok := e.Fact.(telephony.CallArrived); ok && a.Caller.Number == c.Caller {
				arrived++
				if !a.Caller.Withheld || a.Redirecting != "62349999" {
					t.Errorf("%s: arrived as %+v, diverted by %q", headers[0], a.Caller, a.Redirecting)
				}
			}
		}
		if arrived != 1 {
			t.Errorf("%s: %d calls of %s", headers[0], arrived, c.Caller)
		}
	}
}

// realCancels: a caller gives up while it rings, while the answer is on its way to the box, as soon as the box has taken
// notice of the call, and when it has answered already.
func realCancels(t *testing.T, program string) {
	rings, crosses, hurries := outside(0, 0), outside(1, 0), outside(2, 0)
	b := newRealBox(t, program, through(rings, crosses, hurries))
	for i, row := range []struct {
		caller, called string
		carrier        *part
		want           telephony.Outcome
	}{
		{"cancels", rings, &part{Scenario: "rings", Host: b.carrier(0)}, telephony.OutcomeLostRinging},
		{"cancels", crosses, &part{Scenario: "answers_late", Host: b.carrier(1)}, telephony.OutcomeLostRinging},
		{"cancels_at_once", hurries, &part{Scenario: "rings", Host: b.carrier(2)}, telephony.OutcomeLostRinging},
		{"cancels_late", "62340001", nil, telephony.OutcomeLostInMenu},
	} {
		var carrier *sipp
		if row.carrier != nil {
			carrier = b.play(*row.carrier)
		}
		c := b.caller(i, row.caller, row.called)
		b.play(c).succeeds()
		if carrier != nil {
			carrier.succeeds()
		}
		b.one(c.Caller, row.want)
	}
}

// realLostBye: the agent's telephone takes two calls, and is told the end of each without ever saying that it knows. The
// second call reaches the agent while the box still repeats the BYE of the first.
func realLostBye(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	b.play(part{Scenario: "register", Host: b.far(phoneEnd), Caller: "804", Password: phonePassword("804"), Status: 200}).succeeds()
	b.lineIs("phone/804", telephony.LineIdle)
	b.play(part{Scenario: "deaf", Host: b.far(phoneEnd), Calls: 2})
	b.agent("1004", telephony.AgentReady)
	for i := range 2 {
		b.agentIs("1004", telephony.AgentReady)
		c := b.caller(i, "caller", "62340002")
		b.play(c).succeeds()
		b.agentIs("1004", telephony.AgentReady)
		if record := b.one(c.Caller, telephony.OutcomeAnswered); record.Agent != "1004" {
			t.Errorf("call %d was taken by %q", i, record.Agent)
		}
	}
}

// realCarrierRefuses: what the caller is told, and what is accounted for, follows what the carrier said (RFC 3398 7.2.4.1).
func realCarrierRefuses(t *testing.T, program string) {
	rows := []struct {
		carrier int // says
		caller  int // is told
		want    telephony.Outcome
	}{
		{302, 403, telephony.OutcomeBusy},
		{404, 404, telephony.OutcomeRefused},
		{480, 408, telephony.OutcomeNoAnswer},
		{486, 486, telephony.OutcomeBusy},
		{500, 503, telephony.OutcomeFailed},
		{503, 503, telephony.OutcomeCongestion},
		{603, 403, telephony.OutcomeBusy},
	}
	var numbers []string
	for _, row := range rows {
		numbers = append(numbers, outside(0, row.carrier))
	}
	b := newRealBox(t, program, through(numbers...))
	for i, row := range rows {
		c := b.caller(i, "refused", numbers[i])
		c.Status = row.caller
		carrier := b.play(part{Scenario: "refuses", Host: b.carrier(0), Status: row.carrier})
		b.play(c).succeeds()
		carrier.succeeds()
		b.one(c.Caller, row.want)
	}
}

// realBurst: the sum of the outcomes is the calls offered.
func realBurst(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	c := b.caller(1, "caller", "62340001")
	c.Calls, c.Rate = 200, 20
	b.play(c).succeeds()
	for _, r := range b.quiet(c.Caller, c.Calls) {
		if r.Outcome != telephony.OutcomeLostInMenu {
			t.Errorf("call %s ended as %q:\n%s", r.ID, r.Outcome, b.story(r.ID))
		}
	}
	var report struct{ Rows []webui.ReportRow }
	b.get("/api/reports/daily", &report)
	offered, sum := 0, 0
	for _, row := range report.Rows {
		offered += row.Offered
		for _, n := range row.Outcomes {
			sum += n
		}
	}
	if offered != c.Calls || sum != c.Calls {
		t.Errorf("%d calls were made, %d offered, %d ended in an outcome", c.Calls, offered, sum)
	}
}

// realTransfers: an agent's telephone puts the caller through with REFER. It is told what came of it when that is known, and
// is free of the call then.
func realTransfers(t *testing.T, program string) {
	b := newRealBox(t, program, func(c *telephony.Config) { c.Phone("804").RingSeconds = 5 })
	desk, other := b.far(phoneEnd), b.carrier(0)
	b.play(part{Scenario: "register", Host: desk, Caller: "804", Password: phonePassword("804"), Status: 200}).succeeds()
	b.play(part{Scenario: "register", Host: other, Caller: "803", Password: phonePassword("803"), Status: 200}).succeeds()
	b.lineIs("phone/803", telephony.LineIdle)
	b.agent("1004", telephony.AgentReady)
	for i, row := range []struct {
		scenario string // of whom the caller is put through to
		status   int    // of which the agent's telephone is told
	}{
		{"answers", 200},
		{"refuses", 486},
	} {
		b.agentIs("1004", telephony.AgentReady)
		target := b.play(part{Scenario: row.scenario, Host: other, Status: row.status})
		agent := b.play(part{Scenario: "transfers", Host: desk, Called: "803", Status: row.status})
		c := b.caller(i, "stays", "62340002")
		caller := b.play(c)
		agent.succeeds()
		target.succeeds()
		caller.succeeds()
		b.one(c.Caller, telephony.OutcomeAnswered)
	}
}
