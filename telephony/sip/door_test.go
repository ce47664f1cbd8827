package sip

import (
	"fmt"
	"net/netip"
	"regexp"
	"testing"
	"time"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

func TestNoncesAreUsedOnceAndGrowOld(t *testing.T) { // RFC 7616 3.3, 3.4
	inWorld(t, func(w *world) {
		phone := w.ua(phoneAt)
		id := token(4)
		phone.sendRegister("801", id, 1, phoneContact, 300, "")
		challenge := phone.expect("401 REGISTER").(*sipgo.Response)
		good := phone.credentials(challenge, "REGISTER", "801", "secret801")
		phone.sendRegister("801", id, 2, phoneContact, 300, good)
		phone.expect("200 REGISTER")
		stale := func(what string) {
			t.Helper()
			res := phone.expect("401 REGISTER").(*sipgo.Response)
			if p, _ := parseDigest(res.GetHeaders("www-authenticate")[0].Value()); p["stale"] != "true" {
				t.Errorf("%s: %v", what, p)
			}
		}
		phone.sendRegister("801", id, 3, phoneContact, 300, good)
		stale("the same count again")

		phone.sendRegister("801", id, 4, phoneContact, 300, "")
		challenge = phone.expect("401 REGISTER").(*sipgo.Response)
		time.Sleep(nonceLife + time.Second)
		phone.sendRegister("801", id, 5, phoneContact, 300, phone.credentials(challenge, "REGISTER", "801", "secret801"))
		stale("after five minutes")
	})
}

func TestStrangersLearnNothing(t *testing.T) { // reliability.md figure 10: identical bytes for a name that exists and one that does not
	changing := regexp.MustCompile(`nonce="[0-9a-f]+"|tag=[0-9a-f]+|branch=\S+|Call-ID: \S+|sip:\d+@|CSeq: \d`)
	answers := map[string]map[string]string{}
	for _, user := range []string{"801", "899"} {
		inWorld(t, func(w *world) {
			u := w.ua("198.51.100.7:5060")
			answers[user] = map[string]string{}
			keep := func(what string, m sipgo.Message) {
				answers[user][what] = changing.ReplaceAllString(m.String(), "")
			}
			id := token(4)
			u.sendRegister(user, id, 1, phoneContact, 300, "")
			challenge := u.expect("401 REGISTER").(*sipgo.Response)
			keep("REGISTER", challenge)
			u.sendRegister(user, id, 2, phoneContact, 300, u.credentials(challenge, "REGISTER", user, "wrong"))
			keep("wrong password", u.read(time.Second))
			call := u.call("x", user, "123")
			call.inviteWith(u.sdp())
			keep("INVITE", u.read(time.Second))
			u.call("y", "stranger", user).within("OPTIONS", "")
			keep("OPTIONS", u.read(time.Second))
		})
	}
	for what, known := range answers["801"] {
		if unknown := answers["899"][what]; unknown != known || known == "" {
			t.Errorf("%s: an account that exists is answered\n%s\none that does not\n%s", what, known, unknown)
		}
	}
}

func TestGuessesBlockTheGuesser(t *testing.T) { // reliability.md figure 9, pain 45
	inWorld(t, func(w *world) {
		phone := w.ua(phoneAt)
		if phone.register("801", "secret801", phoneContact, 3600).StatusCode != 200 {
			t.Fatal("no registration")
		}
		thief := w.ua("198.51.100.7:5060")
		for range guessesPerAccount {
			if res := thief.register("801", "wrong", "<sip:801@198.51.100.7>", 300); res.StatusCode != 403 {
				t.Fatal(res.StartLine())
			}
		}
		thief.sendRegister("801", token(4), 1, "<sip:801@198.51.100.7>", 300, "")
		thief.expect("403 REGISTER") // not even a challenge, for the right password either
		if n := len(w.office.entries); n != 1 {
			t.Errorf("journal: %v", w.office.entries)
		}
		if phone.register("801", "secret801", phoneContact, 3600).StatusCode != 200 {
			t.Error("the phone itself is blocked by the thief")
		}
		time.Sleep(guessBlock + time.Second)
		if res := thief.register("801", "secret801", "<sip:801@198.51.100.7>", 300); res.StatusCode != 200 {
			t.Errorf("after the block: %s", res.StartLine())
		}
	})
}

func TestGuessesOverManyAccountsBlockTheAddress(t *testing.T) { // reliability.md figure 9
	inWorld(t, func(w *world) {
		thief := w.ua("198.51.100.7:5060")
		for i := range guessesPerAddress {
			thief.register(fmt.Sprint(900+i), "wrong", "<sip:x@198.51.100.7>", 300)
		}
		thief.sendRegister("801", token(4), 1, "<sip:801@198.51.100.7>", 300, "")
		thief.expect("403 REGISTER")
	})
}

func TestAnOfficeIsNotBannedByOneForgottenPassword(t *testing.T) { // pain 46
	inConfiguredWorld(t, func(c *telephony.Config) {
		for i := range 30 {
			c.Phones = append(c.Phones, telephony.Phone{Extension: fmt.Sprint(810 + i), Password: "secret"})
		}
	}, func(w *world) {
		office := w.ua("203.0.113.9:5060") // thirty phones behind one address
		for i := range 30 {
			for range 3 { // each is challenged each time, and that is no guess
				if res := office.register(fmt.Sprint(810+i), "secret", fmt.Sprintf("<sip:%d@192.168.1.%d>", 810+i, i+1), 3600); res.StatusCode != 200 {
					t.Fatalf("phone %d: %s", 810+i, res.StartLine())
				}
			}
		}
		for range guessesPerAccount { // one was given another password and knocks all day
			office.register("801", "old", "<sip:801@192.168.1.99>", 300)
		}
		for range 100 {
			office.sendRegister("801", token(4), 1, "<sip:801@192.168.1.99>", 300, "")
			office.expect("403 REGISTER")
		}
		if res := office.register("815", "secret", "<sip:815@192.168.1.6>", 3600); res.StatusCode != 200 {
			t.Errorf("a neighbour is blocked: %s", res.StartLine())
		}
	})
}

func TestDigestByTheBook(t *testing.T) { // RFC 7616 3.9.1
	p := authParams{
		"username": "Mufasa", "realm": "http-auth@example.org", "uri": "/dir/index.html", "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
		"nc": "00000001", "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "qop": "auth",
	}
	for alg, want := range map[string]string{
		"MD5":     "8ca523f5e9506fed4657c9700eebdbec",
		"SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
	} {
		p["algorithm"] = alg
		if got := p.digest("GET", "Circle of Life"); got != want {
			t.Errorf("%s: %s", alg, got)
		}
	}
}

func TestSourcesAreBoundedBeforeParsing(t *testing.T) {
	s, now := newSources(), time.Now()
	one := netip.MustParseAddr("198.51.100.7")
	s.know(known{hosts: map[netip.Addr]bool{one: true}})
	taken := 0
	for range 10 * sourceBurst {
		if s.allow(one, now) {
			taken++
		}
	}
	if taken != sourceBurst {
		t.Errorf("%d messages at once were let through", taken)
	}
	if !s.allow(netip.MustParseAddr("198.51.100.8"), now) {
		t.Error("a neighbour is held too")
	}
	if !s.allow(one, now.Add(time.Second)) {
		t.Error("a second later it is still held")
	}
}

func TestPitfall09SourceCacheGrows(t *testing.T) {
	s, now := newSources(), time.Now()
	a := netip.MustParseAddr("198.51.0.0")
	for range 10 * maxSources {
		a = a.Next()
		s.allow(a, now)
	}
	if len(s.buckets) > maxSources {
		t.Errorf("%d sources are remembered", len(s.buckets))
	}
	later := now.Add(time.Minute)
	for range maxSources { // the quiet ones make room
		a = a.Next()
		s.allow(a, later)
	}
	if !s.allow(a, later) {
		t.Error("after the flood nobody is heard")
	}
}
