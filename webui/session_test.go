package webui

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

func signIn(t *testing.T, h http.Handler, user, password string) string {
	t.Helper()
	w := ask(h, "POST", "/api/session", fmt.Sprintf(`{"user":%q,"password":%q}`, user, password))
	if w.Code != 200 {
		t.Fatalf("sign in: %d %s", w.Code, w.Body)
	}
	return w.Result().Header.Get("Set-Cookie")
}

// TestClaimMakesTheFirstAdministrator (idea 14): no password exists before; the code on the panel gives the box away once.
func TestClaimMakesTheFirstAdministrator(t *testing.T) {
	h := New(newBox().options()).Handler()
	claim := func(code, password string) int {
		return ask(h, "POST", "/api/claim", fmt.Sprintf(`{"code":%q,"user":"admin","password":%q}`, code, password)).Code
	}
	if got := claim("0000-0000", testPassword); got != 403 {
		t.Fatalf("a wrong code: %d", got)
	}
	if got := claim(testCode, "short"); got != 422 {
		t.Fatalf("a weak password: %d", got)
	}
	w := ask(h, "POST", "/api/claim", fmt.Sprintf(`{"code":%q,"user":"admin","password":%q}`, testCode, testPassword))
	cookie := w.Result().Cookies()
	if w.Code != 200 || len(cookie) != 1 {
		t.Fatalf("the right code: %d %s", w.Code, w.Body)
	}
	if c := cookie[0]; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" {
		t.Errorf("a script or another site can take the cookie: %v", c)
	}
	if got := ask(h, "GET", "/api/config", "", "Cookie", cookie[0].String()).Code; got != 200 {
		t.Errorf("the new administrator's session: %d", got)
	}
	if got := claim(testCode, testPassword); got != 409 {
		t.Errorf("a second claim: %d", got)
	}
}

// TestCookieOverTLS (ASVS 3.3.1, 3.3.3): over TLS the cookie's name keeps everybody else from planting one, and one that came by plain
// http counts nothing there; nor the other way round.
func TestCookieOverTLS(t *testing.T) {
	box := newBox()
	_ = box.PutUser(t.Context(), User{Name: "lihua", Role: Supervisor}, testPassword, By{})
	body := fmt.Sprintf(`{"user":"lihua","password":%q}`, testPassword)
	for url, name := range map[string]string{"https://pbx.example.cn": "__Host-callbox", "http://pbx.example.cn": "callbox"} {
		v := &visitor{t: t, h: New(box.options()).Handler(), url: url}
		c := v.do("POST", "/api/session", body).Result().Cookies()[0]
		if c.Name != name || c.Secure != strings.HasPrefix(url, "https") || c.Path != "/" || c.Domain != "" {
			t.Errorf("%s: %v", url, c)
		}
		v.do("GET", "/api/session", "")
		for other := range strings.FieldsSeq("callbox __Host-callbox __host-callbox __Secure-callbox") {
			v.cookie = other + "=" + c.Value
			if got := v.ask("GET", "/api/session", "").Code; (got == 200) != (other == name) {
				t.Errorf("%s: the cookie %s opens: %d", url, other, got)
			}
		}
	}
}

// TestHSTS (ASVS 3.4.1): only over TLS, and only where the certificate is not the box's own, of which every browser warns.
func TestHSTS(t *testing.T) {
	for _, c := range []struct {
		url     string
		trusted bool
		want    string
	}{{"https://pbx.example.cn", true, keepTLS}, {"https://pbx.example.cn", false, ""}, {"http://pbx.example.cn", true, ""}} {
		box := newBox()
		box.trusted = c.trusted
		v := &visitor{t: t, h: New(box.options()).Handler(), url: c.url}
		for _, path := range []string{"/", "/api/status"} {
			if got := v.do("GET", path, "").Result().Header.Get("Strict-Transport-Security"); got != c.want {
				t.Errorf("%s%s, trusted %v: %q", c.url, path, c.trusted, got)
			}
		}
	}
}

// TestSessionEnds: after signing out the cookie opens nothing.
func TestSessionEnds(t *testing.T) {
	box := newBox()
	_ = box.PutUser(t.Context(), User{Name: "lihua", Role: Supervisor}, testPassword, By{})
	h := New(box.options()).Handler()
	cookie := signIn(t, h, "lihua", testPassword)
	if got := ask(h, "GET", "/api/session", "", "Cookie", cookie).Code; got != 200 {
		t.Fatalf("signed in: %d", got)
	}
	if w := ask(h, "DELETE", "/api/session", "", "Cookie", cookie); w.Code != 204 || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Fatalf("sign out: %d %v", w.Code, w.Result().Cookies())
	}
	if got := ask(h, "GET", "/api/session", "", "Cookie", cookie).Code; got != 401 {
		t.Fatalf("signed out: %d", got)
	}
}

// TestSignInMakesANewSession (ASVS 7.2.4): the cookie that a browser brings to the sign-in, planted by a stranger or left over
// from before, opens nothing after it.
func TestSignInMakesANewSession(t *testing.T) {
	box := newBox()
	_ = box.PutUser(t.Context(), User{Name: "lihua", Role: Supervisor}, testPassword, By{})
	h := New(box.options()).Handler()
	body := fmt.Sprintf(`{"user":"lihua","password":%q}`, testPassword)
	brought := "callbox=planted"
	for range 2 {
		w := ask(h, "POST", "/api/session", body, "Cookie", brought)
		made := w.Result().Cookies()[0].String()
		if strings.HasPrefix(made, brought) || ask(h, "GET", "/api/session", "", "Cookie", made).Code != 200 {
			t.Fatalf("brought %s, given %s", brought, made)
		}
		if got := ask(h, "GET", "/api/session", "", "Cookie", brought).Code; got != 401 {
			t.Errorf("%s still opens: %d", brought, got)
		}
		brought = made
	}
	ask(h, "POST", "/api/session", `{"user":"lihua","password":"a wrong one"}`, "Cookie", brought)
	if got := ask(h, "GET", "/api/session", "", "Cookie", brought).Code; got != 200 {
		t.Errorf("a wrong password ends the session that there is: %d", got)
	}
}

// TestOtherSitesCannotAct (ASVS 3.5): a browser that another site drives sends the cookie's request with that site's
// Origin; it changes nothing. A token is not sent by itself and needs no such guard.
func TestOtherSitesCannotAct(t *testing.T) {
	box := newBox()
	_ = box.PutUser(t.Context(), User{Name: "admin", Role: Admin}, testPassword, By{})
	h := New(box.options()).Handler()
	cookie := signIn(t, h, "admin", testPassword)
	for _, c := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"own page, Sec-Fetch-Site", []string{"Cookie", cookie, "Sec-Fetch-Site", "same-origin"}, 204},
		{"own page, Origin", []string{"Cookie", cookie, "Origin", "http://example.com"}, 204}, // httptest's Host
		{"typed address", []string{"Cookie", cookie, "Sec-Fetch-Site", "none"}, 204},
		{"another site, Sec-Fetch-Site", []string{"Cookie", cookie, "Sec-Fetch-Site", "cross-site"}, 403},
		{"same site, other origin", []string{"Cookie", cookie, "Sec-Fetch-Site", "same-site"}, 403},
		{"another site, Origin", []string{"Cookie", cookie, "Origin", "https://evil.example"}, 403},
		{"sandboxed frame", []string{"Cookie", cookie, "Origin", "null"}, 403},
		{"a token from another site", []string{"Authorization", bearer(Admin), "Origin", "https://crm.example"}, 204},
	} {
		t.Run(c.name, func(t *testing.T) {
			if w := ask(h, "DELETE", "/api/users/somebody", "", c.headers...); w.Code != c.want {
				t.Fatalf("got %d %s, want %d", w.Code, w.Body, c.want)
			}
		})
	}
	if w := ask(h, "POST", "/api/session", `{"user":"admin","password":"x"}`, "Origin", "https://evil.example"); w.Code != 403 {
		t.Errorf("another site may sign in (session fixation): %d", w.Code)
	}
}

// TestGuessesAreSlowed (ASVS 6.3.1): after five wrong passwords a source waits, longer each time, and then may try again.
func TestGuessesAreSlowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g guesses
		wrong := func() error { return telephony.Errorf(telephony.Unsigned, "错", "wrong") }
		for range freeTries {
			if err := g.try("10.0.0.9", "admin", wrong); err == errTooMany {
				t.Fatal("slowed too soon")
			}
		}
		if err := g.try("10.0.0.9", "admin", wrong); err != errTooMany {
			t.Fatal("the sixth guess is looked at")
		}
		if err := g.try("10.0.0.10", "admin", func() error { return nil }); err != nil {
			t.Fatal("the owner elsewhere is kept out")
		}
		time.Sleep(time.Second)
		if err := g.try("10.0.0.9", "other", wrong); err == errTooMany {
			t.Fatal("still kept out after the wait")
		}
		time.Sleep(time.Second)
		if err := g.try("10.0.0.9", "other", wrong); err != errTooMany {
			t.Fatal("the wait does not grow")
		}
	})
}

// TestGuessesAreBounded: a flood of sources does not grow the memory.
func TestGuessesAreBounded(t *testing.T) {
	var g guesses
	for i := range 3 * maxGuesses {
		_ = g.try(fmt.Sprint(i), fmt.Sprint("a", i), func() error { return errUnsigned })
	}
	if len(g.failed) > maxGuesses+2 {
		t.Fatalf("%d remembered", len(g.failed))
	}
}

// TestFewPasswordsAtOnce: hashing is dear, so that only two are looked at together.
func TestFewPasswordsAtOnce(t *testing.T) {
	var g guesses
	_ = g.try("a", "a", func() error {
		return g.try("b", "b", func() error {
			if err := g.try("c", "c", func() error { return nil }); err != errTooMany {
				t.Error("a third is hashed")
			}
			return nil
		})
	})
	if g.busy != 0 {
		t.Errorf("%d still counted", g.busy)
	}
}

// TestAgentsActOnTheirOwn: an agent changes the own state and the own call, nobody else's; a supervisor everybody's.
func TestAgentsActOnTheirOwn(t *testing.T) {
	box := newBox()
	box.secrets["lihua"] = Person{Name: "lihua", Role: Agent, Agent: "1001"}
	box.setLive(telephony.Live{
		Calls:  []telephony.LiveCall{{ID: "3-1", Agent: "1001"}, {ID: "3-2", Agent: "1002"}, {ID: "3-3", Line: "phone/801"}, {ID: "3-4", Line: "phone/802"}},
		Agents: []telephony.LiveAgent{{ID: "1001", Phone: "phone:801"}},
	})
	h := New(box.options()).Handler()
	for _, c := range []struct {
		token, path, body string
		want              int
	}{
		{"lihua", "/api/agents/1001/state", `{"state":"busy","reason":"paper"}`, 204},
		{"lihua", "/api/agents/1002/state", `{"state":"busy"}`, 403},
		{"token-supervisor", "/api/agents/1002/state", `{"state":"ready"}`, 204},
		{"lihua", "/api/calls/3-1/recording", `{"action":"pause"}`, 204},
		{"lihua", "/api/calls/3-2/recording", `{"action":"pause"}`, 403},
		{"lihua", "/api/calls/3-2/hangup", "", 403},
		{"lihua", "/api/calls/3-3/hangup", "", 204}, // the own phone dialled it, and nobody has answered
		{"lihua", "/api/calls/3-4/hangup", "", 403},
		{"token-agent", "/api/calls/3-1/hangup", "", 403}, // a token is no agent
		{"token-supervisor", "/api/calls/3-2/hangup", "", 204},
		{"token-supervisor", "/api/calls/3-9/hangup", "", 404},
	} {
		if w := ask(h, "POST", c.path, c.body, "Authorization", "Bearer "+c.token); w.Code != c.want {
			t.Errorf("%s %s %s: %d %s", c.token, c.path, c.body, w.Code, w.Body)
		}
	}
	want := "agent lihua 1001 busy paper|agent token:supervisor 1002 ready |record lihua 3-1 pause|hangup lihua 3-3 1001|hangup token:supervisor 3-2 "
	if got := strings.Join(box.asked, "|"); got != want {
		t.Errorf("asked %s\nwant  %s", got, want)
	}
}

// Before the box has an owner, who is refused hears what comes first, and not to sign in where nobody can.
func TestRefusedBeforeTheClaim(t *testing.T) {
	box := newBox()
	h := New(box.options()).Handler()
	for _, claimed := range []bool{false, true} {
		box.claimed = claimed
		w := ask(h, "POST", "/api/users", `{"name":"wang","role":"agent","password":"quiet-river-stone"}`)
		if e := refusalOf(t, w); w.Code != 401 || strings.Contains(e.Message.EN, "claim") == claimed {
			t.Errorf("claimed %v: %d %s", claimed, w.Code, w.Body)
		}
	}
}
