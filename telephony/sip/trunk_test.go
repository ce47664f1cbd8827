package sip

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// registering makes the trunk one that registers.
func registering(c *telephony.Config) {
	c.Trunks[0].Register, c.Trunks[0].User, c.Trunks[0].Password, c.Trunks[0].Expires = true, "62340000", "trunksecret", 600
}

const bookChallenge = `WWW-Authenticate: Digest realm="ctc.example", nonce="n1", qop="auth", algorithm=MD5, opaque="o1"`

// takes plays the carrier's registrar once: a challenge, and 200 for what follows it.
func takes(carrier *ua) *sipgo.Request {
	carrier.w.t.Helper()
	carrier.reply(carrier.expect("REGISTER"), 401, "r", bookChallenge)
	req := carrier.expect("REGISTER").(*sipgo.Request)
	carrier.reply(req, 200, "r", "Expires: 600")
	return req
}

func TestTrunkRegisters(t *testing.T) { // A1.8, RFC 3261 10.2
	inConfiguredWorld(t, registering, func(w *world) {
		carrier := w.ua(trunkAt)
		w.expectState("trunk/ctc", "fault 0")
		req := takes(carrier)
		p, ok := parseDigest(req.GetHeaders("authorization")[0].Value())
		if !ok || p["response"] != p.digest("REGISTER", "trunksecret") || p["username"] != "62340000" || p["opaque"] != "o1" {
			t.Errorf("credentials %v", p)
		}
		if c := req.Contact(); c.Address.User != "62340000" || c.Address.HostPort() != "10.0.0.1:5060" || req.To().Address.User != "62340000" {
			t.Errorf("REGISTER:\n%s", req)
		}
		w.expectState("trunk/ctc", "idle 0")
		start := time.Now()
		again := carrier.expect("REGISTER") // at half time
		if took := time.Since(start).Round(time.Second); took != 300*time.Second {
			t.Errorf("renewed after %v", took)
		}
		if again.CallID().Value() != req.CallID().Value() || again.CSeq().SeqNo <= req.CSeq().SeqNo {
			t.Errorf("renewal has another Call-ID or an older number:\n%s", again)
		}
	})
}

func TestTrunkUnregistersAtTheEnd(t *testing.T) {
	inConfiguredWorld(t, registering, func(w *world) {
		carrier := w.ua(trunkAt)
		takes(carrier)
		w.expectState("trunk/ctc", "idle 0")
		go w.stop()
		req := carrier.expect("REGISTER").(*sipgo.Request)
		if req.GetHeader("expires").Value() != "0" {
			t.Errorf("last REGISTER:\n%s", req)
		}
		carrier.reply(req, 200, "r", "")
	})
}

func TestTrunkIsBackWithinSecondsAfterAnOutage(t *testing.T) { // pain 41
	for _, outage := range []time.Duration{time.Minute, time.Hour, 12 * time.Hour} {
		t.Run(outage.String(), func(t *testing.T) {
			inConfiguredWorld(t, registering, func(w *world) {
				carrier := w.ua(trunkAt)
				takes(carrier)
				carrier.expect("REGISTER") // the renewal gets no answer: the network is down
				w.net.SetDrop(func(from, to netip.AddrPort, _ []byte) bool { return true })
				time.Sleep(outage)
				w.expectState("trunk/ctc", "fault 0")
				if _, err := w.line("trunk/ctc").Dial(telephony.Order{To: "1"}); code(err) != telephony.Unavailable {
					t.Errorf("a trunk that is down was dialled: %v", err)
				}
				w.net.SetDrop(nil)
				back := time.Now()
				takes(carrier)
				w.expectState("trunk/ctc", "idle 0")
				if took := time.Since(back); took > 12*time.Second {
					t.Errorf("registered again after %v", took)
				}
			})
		})
	}
}

func code(err error) telephony.Code {
	var e *telephony.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestARefusedRegistrationBacksOff(t *testing.T) {
	inConfiguredWorld(t, registering, func(w *world) {
		carrier := w.ua(trunkAt)
		var gaps []time.Duration
		last := time.Now()
		for range 12 {
			req := carrier.expect("REGISTER")
			gaps = append(gaps, time.Since(last))
			last = time.Now()
			carrier.reply(req, 403, "r", "")
		}
		w.expectState("trunk/ctc", "fault 0")
		if d := w.office.states["trunk/ctc"].Detail; !strings.Contains(d, "403") {
			t.Errorf("detail %q does not name the refusal", d)
		}
		if gaps[1] > 4*time.Second || gaps[11] < 25*time.Second || gaps[11] > 61*time.Second {
			t.Errorf("tries after %v", gaps)
		}
	})
}

func TestRegistrationTooBrief(t *testing.T) { // RFC 3261 10.2.8
	inConfiguredWorld(t, registering, func(w *world) {
		carrier := w.ua(trunkAt)
		carrier.reply(carrier.expect("REGISTER"), 423, "r", "Min-Expires: 1800")
		if req := carrier.expect("REGISTER").(*sipgo.Request); req.GetHeader("expires").Value() != "1800" {
			t.Errorf("REGISTER:\n%s", req)
		}
	})
}

func TestAnUnregisteredTrunkIsWatched(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		carrier.mute = true
		w.expectState("trunk/ctc", "idle 0")
		carrier.reply(carrier.expect("OPTIONS"), 200, "o", "")
		carrier.expect("OPTIONS") // and this one is not answered
		time.Sleep(pingPatience + time.Second)
		w.expectState("trunk/ctc", "fault 0")
		for w.state("trunk/ctc") == "fault 0" {
			carrier.reply(carrier.expect("OPTIONS"), 200, "o", "")
		}
	})
}

func TestATrunkThatNeverAnswersOptionsIsUsed(t *testing.T) {
	inWorld(t, func(w *world) {
		carrier := w.ua(trunkAt)
		carrier.mute = true
		time.Sleep(10 * time.Minute)
		w.expectState("trunk/ctc", "idle 0")
	})
}

func TestCallsOverATrunkAreAuthenticated(t *testing.T) { // RFC 3261 22.2, 22.3
	for status, header := range map[int]string{401: "WWW-Authenticate", 407: "Proxy-Authenticate"} {
		t.Run(header, func(t *testing.T) {
			inConfiguredWorld(t, func(c *telephony.Config) {
				c.Trunks[0].User, c.Trunks[0].Password = "62340000", "trunksecret"
			}, func(w *world) {
				carrier := w.ua(trunkAt)
				leg, err := w.line("trunk/ctc").Dial(telephony.Order{To: "13800138000", From: telephony.Caller{Number: "62340001"}})
				if err != nil {
					t.Fatal(err)
				}
				first := carrier.expect("INVITE").(*sipgo.Request)
				challenge := strings.Replace(bookChallenge, "WWW-Authenticate", header, 1)
				carrier.reply(first, status, "c", challenge)
				carrier.expectNext("ACK")
				second := carrier.expectNext("INVITE").(*sipgo.Request)
				if second.CSeq().SeqNo != first.CSeq().SeqNo+1 || second.CallID().Value() != first.CallID().Value() {
					t.Errorf("second INVITE:\n%s", second)
				}
				name := "authorization"
				if status == 407 {
					name = "proxy-authorization"
				}
				p, _ := parseDigest(second.GetHeaders(name)[0].Value())
				if p["response"] != p.digest("INVITE", "trunksecret") || p["uri"] != second.Recipient.String() {
					t.Errorf("credentials %v", p)
				}
				carrier.reply(second, status, "c", challenge) // the same again: the password is wrong
				carrier.expectNext("ACK")
				w.expectEnd(leg, "released 21, signalling")
				carrier.silent(time.Second)
			})
		})
	}
}

func TestWhoCallsOverATrunk(t *testing.T) { // A18.6, RFC 3325 9.1, RFC 3323 4
	for name, row := range map[string]struct {
		from              telephony.Caller
		user, pai, secret string
	}{
		"a number of ours":              {telephony.Caller{Number: "62340001"}, "62340001", "<sip:62340001@10.0.0.2>", ""},
		"none given: the trunk's first": {telephony.Caller{}, "62340000", "<sip:62340000@10.0.0.2>", ""},
		"withheld":                      {telephony.Caller{Number: "62340001", Withheld: true}, "anonymous", "<sip:62340001@10.0.0.2>", "id"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				carrier := w.ua(trunkAt)
				if _, err := w.line("trunk/ctc").Dial(telephony.Order{To: "13800138000", From: row.from}); err != nil {
					t.Fatal(err)
				}
				invite := carrier.expect("INVITE").(*sipgo.Request)
				value := func(h string) string {
					for _, found := range invite.GetHeaders(h) {
						return found.Value()
					}
					return ""
				}
				if invite.From().Address.User != row.user || value("p-asserted-identity") != row.pai || value("privacy") != row.secret {
					t.Errorf("INVITE:\n%s", invite)
				}
				if invite.Recipient.String() != "sip:13800138000@10.0.0.2:5060" {
					t.Errorf("to %s", invite.Recipient.String())
				}
			})
		})
	}
}

func TestWhoCallsFromATrunk(t *testing.T) { // A1.9: both numbers received correctly
	for name, row := range map[string]struct {
		headers, user, called string
		want                  telephony.Caller
		number                string
	}{
		"From":                             {"", "02162345678", "62340000", telephony.Caller{Number: "02162345678"}, "62340000"},
		"P-Asserted-Identity comes first":  {`P-Asserted-Identity: "Li" <sip:+8613800138000@ctc;user=phone>`, "x", "62340000", telephony.Caller{Number: "+8613800138000", Name: "Li"}, "62340000"},
		"P-Asserted-Identity as a tel URI": {"P-Asserted-Identity: <tel:+8613800138000;ext=1>", "x", "62340000", telephony.Caller{Number: "+8613800138000"}, "62340000"},
		"anonymous":                        {"", "anonymous", "62340000", telephony.Caller{Withheld: true}, "62340000"},
		"Privacy":                          {"Privacy: id", "02162345678", "62340000", telephony.Caller{Number: "02162345678", Withheld: true}, "62340000"},
		"escaped number":                   {"", "021%36", "6234%30", telephony.Caller{Number: "0216"}, "62340"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				carrier := w.ua(trunkAt)
				carrier.call("c1", row.user, row.called).inviteWith(row.headers + carrier.sdp())
				if a := w.arrival(); a.Caller != row.want || a.Called != row.number {
					t.Errorf("arrival from %+v for %q", a.Caller, a.Called)
				}
			})
		})
	}
}

func TestACallForOurContactIsForTheNumberInTo(t *testing.T) { // a carrier that dials the registered contact
	inConfiguredWorld(t, registering, func(w *world) {
		carrier := w.ua(trunkAt)
		takes(carrier)
		carrier.send(`INVITE sip:62340000@10.0.0.1 SIP/2.0
Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bKx
From: <sip:13800138000@10.0.0.2>;tag=1
To: <sip:62349999@10.0.0.1>
Call-ID: c1
CSeq: 1 INVITE
Contact: <sip:10.0.0.2>` + carrier.sdp())
		if a := w.arrival(); a.Called != "62349999" {
			t.Errorf("called %q", a.Called)
		}
	})
}

func TestOnlyTheTrunksSourcesMayCall(t *testing.T) { // reliability.md rule 6, figure 11
	for name, row := range map[string]struct {
		sources []string
		from    string
		want    string
	}{
		"its host":                   {nil, trunkAt, "100 INVITE"},
		"its host from another port": {nil, "10.0.0.2:7777", "100 INVITE"},
		"a stranger":                 {nil, "198.51.100.7:5060", "401 INVITE"},
		"within a prefix":            {[]string{"192.0.2.0/24"}, "192.0.2.77:5060", "100 INVITE"},
		"a listed address":           {[]string{"192.0.2.5"}, "192.0.2.5:5060", "100 INVITE"},
		"beside the list":            {[]string{"192.0.2.0/24"}, trunkAt, "401 INVITE"},
	} {
		t.Run(name, func(t *testing.T) {
			inConfiguredWorld(t, func(c *telephony.Config) { c.Trunks[0].Sources = row.sources }, func(w *world) {
				u := w.ua(row.from)
				u.call("c1", "13800138000", "62340000").inviteWith(u.sdp())
				u.expectNext(row.want)
			})
		})
	}
}

func TestWaysOfATrunk(t *testing.T) { // A1.17
	for way, row := range map[telephony.Way]struct {
		in   string
		dial telephony.Code
	}{
		telephony.BothWays: {"100 INVITE", ""},
		telephony.InOnly:   {"100 INVITE", telephony.Forbidden},
		telephony.OutOnly:  {"403 INVITE", ""},
	} {
		t.Run(string(way), func(t *testing.T) {
			inConfiguredWorld(t, func(c *telephony.Config) { c.Trunks[0].Way = way }, func(w *world) {
				carrier := w.ua(trunkAt)
				carrier.call("c1", "13800138000", "62340000").inviteWith(carrier.sdp())
				carrier.expectNext(row.in)
				if _, err := w.line("trunk/ctc").Dial(telephony.Order{To: "1"}); code(err) != row.dial {
					t.Errorf("dial: %v", err)
				}
			})
		})
	}
}

func TestATrunkHasSoManyChannels(t *testing.T) {
	inConfiguredWorld(t, func(c *telephony.Config) { c.Trunks[0].MaxCalls = 2 }, func(w *world) {
		carrier := w.ua(trunkAt)
		first := carrier.call("c1", "1", "62340000").answered()
		carrier.call("c2", "2", "62340000").answered()
		third := carrier.call("c3", "3", "62340000")
		third.inviteWith(carrier.sdp())
		res := carrier.expect("486 INVITE")
		if c, _ := reasonOf(res); c != telephony.CauseNoChannel {
			t.Errorf("reason %v", c)
		}
		if _, err := w.line("trunk/ctc").Dial(telephony.Order{To: "1"}); code(err) != telephony.Busy {
			t.Errorf("dial: %v", err)
		}
		first.Release(telephony.CauseNormal)
		w.expectEnd(first, "released 16 by box, signalling")
		if _, err := w.line("trunk/ctc").Dial(telephony.Order{To: "1"}); err != nil {
			t.Errorf("a channel is free again: %v", err)
		}
	})
}

func TestPitfall11ServiceRecordsFailOver(t *testing.T) { // RFC 3263 4.3
	inWorld(t, func(w *world) {
		w.stack.opt.Lookup = func(context.Context, string, string) ([]netip.AddrPort, error) {
			return []netip.AddrPort{netip.MustParseAddrPort("10.0.0.20:5060"), netip.MustParseAddrPort("10.0.0.21:5070")}, nil
		}
		w.config.Trunks = []telephony.Trunk{{ID: "big", Host: "sip.example.com", Register: true, User: "u", Password: "p", Way: telephony.BothWays}}
		w.stack.Configure(&w.config) // the first address is dead
		second := w.ua("10.0.0.21:5070")
		takes(second)
		w.expectState("trunk/big", "idle 0")
		if _, err := w.line("trunk/big").Dial(telephony.Order{To: "1"}); err != nil {
			t.Fatal(err)
		}
		second.expect("INVITE")
	})
}

// TestACallGoesByTheNextAddress: what one address of a trunk does not take, the next one gets within the same call.
func TestACallGoesByTheNextAddress(t *testing.T) { // RFC 3263 4.3
	addresses := []netip.AddrPort{netip.MustParseAddrPort("10.0.0.20:5060"), netip.MustParseAddrPort("10.0.0.21:5070")}
	for _, row := range []struct {
		name, status string // of the first address; empty: nobody is there
		next         bool
	}{
		{"nobody answers", "", true},
		{"no room", "503", true},
		{"busy", "486", false},
		{"not found", "404", false},
		{"no room after it rang", "180 503", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				w.stack.opt.Lookup = func(context.Context, string, string) ([]netip.AddrPort, error) { return addresses, nil }
				w.config.Trunks = []telephony.Trunk{{ID: "big", Host: "sip.example.com", Way: telephony.BothWays}}
				w.stack.Configure(&w.config)
				second := w.ua("10.0.0.21:5070")
				var first *ua
				if row.status != "" {
					first = w.ua("10.0.0.20:5060")
				}
				w.expectState("trunk/big", "idle 0")
				leg, err := w.line("trunk/big").Dial(telephony.Order{To: "1"})
				if err != nil {
					t.Fatal(err)
				}
				var invite sipgo.Message
				if first != nil {
					invite = first.expect("INVITE")
				}
				for _, status := range strings.Fields(row.status) {
					n, _ := strconv.Atoi(status)
					first.reply(invite, n, "f", "")
				}
				if !row.next {
					first.expect("ACK")
					second.silent(time.Second)
					return
				}
				invite = second.expect("INVITE")
				second.reply(invite, 200, "s", second.sdp())
				second.expect("ACK")
				if e := <-leg.Events(); e != (telephony.Answered{}) {
					t.Errorf("the leg tells %#v", e)
				}
			})
		})
	}
}

// TestASilentAddressIsPassedOver: a call waits for four seconds at an address that says nothing. When that wakes up, it is told
// that nobody waits there any more, and if it answers all the same, its answer is confirmed and hung up.
func TestASilentAddressIsPassedOver(t *testing.T) { // RFC 3263 4.3, RFC 3261 9.1, 13.2.2.4
	inWorld(t, func(w *world) {
		w.stack.opt.Lookup = func(context.Context, string, string) ([]netip.AddrPort, error) {
			return []netip.AddrPort{netip.MustParseAddrPort("10.0.0.20:5060"), netip.MustParseAddrPort("10.0.0.21:5070")}, nil
		}
		w.config.Trunks = []telephony.Trunk{{ID: "big", Host: "sip.example.com", Way: telephony.BothWays}}
		w.stack.Configure(&w.config)
		first, second := w.ua("10.0.0.20:5060"), w.ua("10.0.0.21:5070")
		w.expectState("trunk/big", "idle 0")
		began := time.Now()
		leg, err := w.line("trunk/big").Dial(telephony.Order{To: "1"})
		if err != nil {
			t.Fatal(err)
		}
		silent := first.expect("INVITE")
		invite := second.expect("INVITE")
		if waited := time.Since(began).Round(10 * time.Millisecond); waited != unheardLimit {
			t.Errorf("the second address is asked after %v", waited)
		}
		first.reply(silent, 180, "late", "")
		first.expect("CANCEL")
		second.reply(invite, 200, "s", second.sdp())
		second.expect("ACK")
		if e := <-leg.Events(); e != (telephony.Answered{}) {
			t.Errorf("the leg tells %#v", e)
		}
		first.reply(silent, 200, "late", first.sdp())
		first.expect("ACK")
		first.expect("BYE")
		second.silent(time.Second)
		w.expectState("trunk/big", "talking 1")
	})
}

func TestConfigurationChangesLeaveCallsAlone(t *testing.T) { // A4.13
	inWorld(t, func(w *world) {
		carrier, phone := w.ua(trunkAt), w.ua(phoneAt)
		phone.register("801", "secret801", phoneContact, 3600)
		call := carrier.call("c1", "13800138000", "62340000")
		leg := call.answered()

		next := w.config
		next.Trunks = append([]telephony.Trunk{}, w.config.Trunks...)
		next.Trunks[0].MaxCalls = 7 // changes
		next.Phones = append([]telephony.Phone{{Extension: "802", Password: "x"}}, w.config.Phones...)
		w.stack.Configure(&next)
		w.expectState("trunk/ctc", "talking 1")
		w.expectState("phone/801", "idle 0") // still registered
		w.expectState("phone/802", "offline 0")

		next.Trunks[0].Password = "other" // is reached otherwise
		w.stack.Configure(&next)
		w.expectState("trunk/ctc", "talking 1")

		gone := next
		gone.Trunks, gone.Phones = nil, nil
		w.stack.Configure(&gone)
		if _, there := w.stack.Line("trunk/ctc"); there {
			t.Error("the trunk is still there")
		}
		carrier.call("c2", "13800138000", "62340000").inviteWith(carrier.sdp())
		carrier.expect("401 INVITE") // nobody knows it any more
		call.within("BYE", "")
		carrier.expect("200 BYE") // but its call ends like any other
		w.expectEnd(leg, "released 16, signalling")
	})
}

func TestADisabledTrunkIsBlocked(t *testing.T) {
	inConfiguredWorld(t, func(c *telephony.Config) { c.Trunks[0].Disabled = true }, func(w *world) {
		w.expectState("trunk/ctc", "blocked 0")
		if _, err := w.line("trunk/ctc").Dial(telephony.Order{To: "1"}); code(err) != telephony.Unavailable {
			t.Errorf("dial: %v", err)
		}
		w.config.Trunks = append([]telephony.Trunk{}, w.config.Trunks...)
		w.config.Trunks[0].Disabled = false
		w.stack.Configure(&w.config)
		w.expectState("trunk/ctc", "idle 0")
	})
}

func TestANewPasswordRegistersAnew(t *testing.T) { // the old registration is taken back first
	inConfiguredWorld(t, registering, func(w *world) {
		carrier := w.ua(trunkAt)
		takes(carrier)
		w.config.Trunks = append([]telephony.Trunk{}, w.config.Trunks...)
		w.config.Trunks[0].Password = "another"
		w.stack.Configure(&w.config)
		last := carrier.expect("REGISTER").(*sipgo.Request)
		if last.GetHeader("expires").Value() != "0" {
			t.Errorf("first the old one goes:\n%s", last)
		}
		carrier.reply(last, 200, "r", "")
		if first := takes(carrier); first.GetHeader("expires").Value() != "600" {
			t.Errorf("then the new one comes:\n%s", first)
		}
		w.expectState("trunk/ctc", "idle 0")
	})
}
