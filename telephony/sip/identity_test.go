package sip

import (
	"testing"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

func TestIdentityAsATrunkHasIt(t *testing.T) { // RFC 3325, RFC 3323; A18.6: none but a number of ours is told in any form
	from := telephony.Caller{Number: "62340001", Withheld: true}
	for identity, row := range map[telephony.Identity]struct{ asserted, preferred, arrives string }{
		telephony.IdentityAsserted:  {"<sip:62340001@10.0.0.2>", "", "13900139000"},
		telephony.IdentityPreferred: {"", "<sip:62340001@10.0.0.2>", "13900139000"},
		telephony.IdentityFrom:      {"", "", "13800138000"},
	} {
		t.Run(string(identity), func(t *testing.T) {
			inConfiguredWorld(t, func(c *telephony.Config) { c.Trunks[0].Identity = identity }, func(w *world) {
				carrier := w.ua(trunkAt)
				if _, err := w.line("trunk/ctc").Dial(telephony.Order{To: "1", From: from}); err != nil {
					t.Fatal(err)
				}
				invite := carrier.expect("INVITE").(*sipgo.Request)
				if a, p := header(invite, "p-asserted-identity"), header(invite, "p-preferred-identity"); a != row.asserted || p != row.preferred {
					t.Errorf("asserted %q, preferred %q", a, p)
				}
				if header(invite, "privacy") != "id" || invite.From().Address.User != "anonymous" {
					t.Errorf("the caller is shown:\n%s", invite)
				}
				carrier.call("c1", "13800138000", "62340000").inviteWith("P-Asserted-Identity: <sip:13900139000@ctc>" + carrier.sdp())
				if a := w.arrival(); a.Caller.Number != row.arrives {
					t.Errorf("%s calls, want %s", a.Caller.Number, row.arrives)
				}
			})
		})
	}
}

func TestWhoForwardedACall(t *testing.T) {
	for name, row := range map[string]struct{ headers, want string }{
		"nobody":                          {"", ""},
		"RFC 5806":                        {"Diversion: <sip:62340001@ctc>;reason=no-answer", "62340001"},
		"RFC 5806: the last comes first":  {"Diversion: \"Li, X\" <sip:62340002@ctc>;reason=user-busy, <sip:62340001@ctc>\nDiversion: <sip:1@ctc>", "62340002"},
		"RFC 7044: rc names the entry":    {"History-Info: <sip:62340001@ctc>;index=1, <sip:62340002@ctc;cause=302>;index=1.1;rc=1, <sip:62340000@10.0.0.1>;index=1.1.1;rc=1.1", "62340002"},
		"RFC 7044: mapped":                {"History-Info: <sip:62340001@ctc?Reason=SIP%3Bcause%3D302>;index=1, <sip:x@10.0.0.1>;index=1.1;mp=1", "62340001"},
		"RFC 4244: a cause":               {"History-Info: <sip:62340001@ctc>;index=1,<sip:62340000@10.0.0.1;cause=486>;index=2", "62340001"},
		"RFC 4244: a proxy on the way":    {"History-Info: <sip:62340000@ctc>;index=1,<sip:62340000@10.0.0.1>;index=1.1", ""},
		"an entry that names itself":      {"History-Info: <sip:1@ctc>;index=1,<sip:2@ctc>;index=1.1;rc=1.1", ""},
		"without a number, or ill formed": {"Diversion: <sip:ctc>, x<y\nHistory-Info: ,;;,<", ""},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				carrier := w.ua(trunkAt)
				carrier.call("c1", "13800138000", "62340000").inviteWith(row.headers + carrier.sdp())
				if a := w.arrival(); a.Redirecting != row.want {
					t.Errorf("redirected by %q, want %q", a.Redirecting, row.want)
				}
			})
		})
	}
}

func TestWhyACallerGivesUp(t *testing.T) { // RFC 3326 2
	for value, want := range map[string]string{
		"Q.850;cause=31": "released 31, signalling",
		`SIP;cause=200;text="Call completed elsewhere"`: "released 26, signalling",
		"SIP;cause=486":                                "released 17, signalling",
		"SIP;cause=487, Q.850;cause=20":                "released 20, signalling",
		"SIP;cause=999":                                "released 16, signalling",
		"Q.850;cause=1000":                             "released 16, signalling",
		`preemption;cause=1;text="UA Preemption"`:      "released 16, signalling",
		`Q.850 ; text="a" ; cause = 18 ,SIP;cause=200`: "released 18, signalling",
	} {
		t.Run(value, func(t *testing.T) {
			inWorld(t, func(w *world) {
				carrier := w.ua(trunkAt)
				call := carrier.call("c1", "13800138000", "62340000")
				call.inviteWith(carrier.sdp())
				a := w.arrival()
				call.request("CANCEL", call.invite, call.branch+"1", "Reason: "+value)
				w.expectEnd(a.Leg, want)
			})
		})
	}
}

func TestWhoAPhoneSeesCalling(t *testing.T) { // RFC 3323 4.1; A1.11: a web site's visitor has no number, and its name
	for _, row := range []struct {
		caller telephony.Caller
		want   string
	}{
		{telephony.Caller{}, "Anonymous <sip:anonymous@anonymous.invalid>"},
		{telephony.Caller{Name: "官网"}, "官网 <sip:anonymous@anonymous.invalid>"},
		{telephony.Caller{Name: "Li", Withheld: true}, "Anonymous <sip:anonymous@anonymous.invalid>"},
		{telephony.Caller{Number: "138", Name: "Li", Withheld: true}, "Anonymous <sip:anonymous@anonymous.invalid>"},
		{telephony.Caller{Number: "138", Name: "Li"}, "Li <sip:138@10.0.0.1>"},
	} {
		p := (&Stack{}).caller(row.caller, "10.0.0.1")
		if got := p.name + " <" + p.uri.String() + ">"; got != row.want {
			t.Errorf("%+v is shown as %s, want %s", row.caller, got, row.want)
		}
	}
}
