package sip

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// tracer keeps what it is told.
type tracer struct {
	mu   sync.Mutex
	told []telephony.Trace
}

func (t *tracer) Trace(m telephony.Trace) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.told = append(t.told, m)
}

// expectTraced says which messages of a leg went over the wire: "<" came, ">" was sent.
func (w *world) expectTraced(leg telephony.Leg, want ...string) {
	w.t.Helper()
	if got := w.traced(leg); !slices.Equal(got, want) {
		w.t.Errorf("of %v was traced\n%q, want\n%q", leg, got, want)
	}
}

func (w *world) traced(leg telephony.Leg) (got []string) {
	w.t.Helper()
	time.Sleep(time.Second) // what is on the wire arrives
	w.tracer.mu.Lock()
	defer w.tracer.mu.Unlock()
	for _, m := range w.tracer.told {
		if m.Leg != leg.String() {
			continue
		}
		msg, err := sipgo.ParseMessage(m.Octets)
		if err != nil || m.Protocol != telephony.ProtocolSIP || !strings.HasPrefix(m.Leg, m.Line+"#") || m.Local.String() != boxAt || !m.Remote.IsValid() {
			w.t.Errorf("%+v: %v", m, err)
			continue
		}
		got = append(got, map[bool]string{true: ">", false: "<"}[m.Sent]+title(msg))
	}
	return got
}

func TestMessagesOfACallAreTraced(t *testing.T) { // issue 3: the ladder of a call
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith(carrier.sdp())
		leg := w.arrival().Leg
		leg.Alert()
		carrier.expect("180 INVITE")
		call.seq-- // the carrier did not hear it and says it again
		call.inviteWith(carrier.sdp())
		carrier.expect("180 INVITE")
		leg.Answer()
		call.learn(carrier.expect("200 INVITE"))
		call.ack("")
		leg.Release(telephony.CauseNormal)
		carrier.reply(carrier.expect("BYE"), 200, "", "")
		w.expectTraced(leg, "<INVITE", ">100 INVITE", ">180 INVITE", "<INVITE", ">180 INVITE", ">200 INVITE", "<ACK", ">BYE", "<200 BYE")
	})
}

func TestMessagesOfACancelledCallAreTraced(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		call := carrier.call("c1", "13800138000", "62340000")
		call.inviteWith(carrier.sdp())
		leg := w.arrival().Leg
		call.cancel()
		call.learn(carrier.expect("487 INVITE"))
		call.ackRefusal()
		got := w.traced(leg)
		if len(got) == 6 { // the answers belong to two transactions, and neither waits for the other (RFC 3261 9.2)
			slices.Sort(got[3:5])
		}
		if want := []string{"<INVITE", ">100 INVITE", "<CANCEL", ">200 CANCEL", ">487 INVITE", "<ACK"}; !slices.Equal(got, want) {
			t.Errorf("traced was\n%q, want\n%q", got, want)
		}
	})
}

func TestMessagesOfACallOutAreTraced(t *testing.T) { // and what a password could be guessed from is not kept
	inConfiguredWorld(t, func(c *telephony.Config) { c.Trunks[0].User, c.Trunks[0].Password = "62340000", "s" }, func(w *world) {
		carrier := w.ua(trunkAt)
		leg, invite := dialled(w, carrier)
		carrier.reply(invite, 401, "a", bookChallenge)
		carrier.expect("ACK")
		carrier.reply(carrier.expect("INVITE"), 486, "b", "")
		w.expectTraced(leg, ">INVITE", "<401 INVITE", ">ACK", ">INVITE", "<486 INVITE", ">ACK")
		for _, m := range w.tracer.told {
			if sent := bytes.Contains(m.Octets, []byte("Authorization: Digest")); sent && !bytes.Contains(m.Octets, []byte(`response="***"`)) {
				t.Errorf("this is kept:\n%s", m.Octets)
			}
		}
	})
}

func TestRegistrationsAreNobodysStory(t *testing.T) {
	inWorld(t, func(w *world) {
		w.ua(phoneAt).register("801", "secret801", phoneContact, 300)
		if len(w.tracer.told) != 0 {
			t.Errorf("traced %+v", w.tracer.told)
		}
	})
}

func TestMaskedResponses(t *testing.T) {
	for was, want := range map[string]string{
		"BYE\r\nAuthorization: Digest username=\"u\", response=\"6629\", nc=1\r\n\r\n": "BYE\r\nAuthorization: Digest username=\"u\", response=\"***\", nc=1\r\n\r\n",
		"BYE\r\nproxy-authorization : Digest response = 6629,\r\n\tx=1\r\n":            "BYE\r\nproxy-authorization : Digest response = \"***\",\r\n\tx=1\r\n",
		"BYE\r\nAUTHORIZATION:Digest a=\"b\",\r\n response=\"66\\\"29\"\r\n":           "BYE\r\nAUTHORIZATION:Digest a=\"b\",\r\n response=\"***\"\r\n",
		"BYE\r\nAuthorization: Digest response=\"x\", response=\"6629\"\r\n":           "BYE\r\nAuthorization: Digest response=\"***\", response=\"***\"\r\n",
		"BYE\r\nX: Authorization: response=\"6629\"\r\n":                               "BYE\r\nX: Authorization: response=\"6629\"\r\n",
		"BYE\r\nSubject: response=\"6629\"\r\n":                                        "BYE\r\nSubject: response=\"6629\"\r\n",
	} {
		if got := string(masked([]byte(was))); got != want {
			t.Errorf("%q\nis kept as %q,\nwant       %q", was, got, want)
		}
	}
}

func TestMessagesInWords(t *testing.T) {
	const head = "Via: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\r\nFrom: <sip:13800138000@10.0.0.2>;tag=f\r\nTo: <sip:62340000@10.0.0.1>%s\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
	const held = "Content-Type: application/sdp\r\n\r\nv=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\na=sendonly\r\n"
	initial, within := strings.Replace(head, "%s", "", 1), strings.Replace(head, "%s", ";tag=t", 1)
	for _, c := range []struct{ message, name, summary string }{
		{"INVITE sip:62340000@10.0.0.1 SIP/2.0\r\n" + initial + "\r\n", "INVITE", "13800138000 → 62340000"},
		{"INVITE sip:62340000@10.0.0.1 SIP/2.0\r\n" + within + held, "INVITE", "on hold"},
		{"SIP/2.0 180 Ringing\r\n" + within + "\r\n", "180 Ringing", "for INVITE"},
		{"SIP/2.0 486 Busy Here\r\n" + within + "Reason: Q.850;cause=17\r\n\r\n", "486 Busy Here", "for INVITE, cause 17 busy"},
		{"nonsense\r\n\r\n", "SIP", ""},
	} {
		got := Read([]byte(c.message))
		if got.Name != c.name || got.Summary.EN != c.summary || got.Text.EN != strings.ReplaceAll(c.message, "\r\n", "\n") {
			t.Errorf("%s\nreads %+v", c.message, got)
		}
	}
}
