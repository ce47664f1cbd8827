package webui

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestOwnAccount (ASVS 6.2.2, 6.2.3, 7.5.2): whoever is signed in changes the own password with the present one, which signs out
// everywhere else, and sees and ends the other sessions.
func TestOwnAccount(t *testing.T) {
	box := newBox()
	_ = box.PutUser(t.Context(), User{Name: "lihua", Role: Agent}, testPassword, By{})
	h := New(box.options()).Handler()
	here, there := signIn(t, h, "lihua", testPassword), signIn(t, h, "lihua", testPassword)
	signed := func(cookie string) bool { return ask(h, "GET", "/api/session", "", "Cookie", cookie).Code == 200 }
	if w := ask(h, "GET", "/api/sessions", "", "Cookie", here); strings.Count(w.Body.String(), `"source"`) != 2 || strings.Count(w.Body.String(), `"current":true`) != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(h, "DELETE", "/api/sessions", "", "Cookie", here); w.Code != 204 || !signed(here) || signed(there) {
		t.Errorf("%d: here %v, there %v", w.Code, signed(here), signed(there))
	}
	there = signIn(t, h, "lihua", testPassword)
	boss := []string{"Authorization", bearer(Admin)}
	if w := ask(h, "GET", "/api/users/lihua/sessions", "", boss...); strings.Count(w.Body.String(), `"source"`) != 2 || strings.Contains(w.Body.String(), `"current":true`) {
		t.Errorf("what the administrator sees: %d %s", w.Code, w.Body)
	}
	if w := ask(h, "DELETE", "/api/users/lihua/sessions", "", boss...); w.Code != 204 || signed(here) || signed(there) {
		t.Errorf("signed out by the administrator: %d; here %v, there %v", w.Code, signed(here), signed(there))
	}
	here, there = signIn(t, h, "lihua", testPassword), signIn(t, h, "lihua", testPassword)
	change := func(present, next string) (int, string) {
		w := ask(h, "POST", "/api/session/password", fmt.Sprintf(`{"present":%q,"next":%q}`, present, next), "Cookie", here)
		return w.Code, w.Result().Header.Get("Set-Cookie")
	}
	if code, _ := change("a wrong one", "another good password"); code != http.StatusForbidden || !signed(here) {
		t.Errorf("with a wrong password: %d", code)
	}
	code, changed := change(testPassword, "another good password")
	if code != 200 || signed(here) || signed(there) || !signed(changed) {
		t.Errorf("%d: here %v, there %v, the new one %v", code, signed(here), signed(there), signed(changed))
	}
	here = changed
	for range freeTries {
		change("guess", "another good password")
	}
	if code, _ := change("guess", "another good password"); code != http.StatusTooManyRequests {
		t.Errorf("a guesser at an open page is answered %d", code)
	}
	if w := ask(h, "POST", "/api/session/password", `{"present":"a","next":"b"}`, "Authorization", bearer(Admin)); w.Code != http.StatusConflict {
		t.Errorf("a token's password: %d", w.Code)
	}
}

// TestOverreachIsNoted (ASVS 16.3.2): who asks for more than the own rights reach is in the audit, once a minute however often.
func TestOverreachIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := newBox()
		h := New(box.options()).Handler()
		noted := func() (n int) {
			for _, l := range box.audit {
				if l.Action == "rights.refused" && l.Who == "token:agent" && l.On == "GET /api/users" {
					n++
				}
			}
			return n
		}
		for range 5 {
			ask(h, "GET", "/api/users", "", "Authorization", bearer(Agent))
		}
		ask(h, "GET", "/api/users", "") // nobody
		if n := noted(); n != 1 || len(box.audit) != 1 {
			t.Errorf("%d lines of %d", n, len(box.audit))
		}
		time.Sleep(time.Minute)
		ask(h, "GET", "/api/users", "", "Authorization", bearer(Agent))
		if n := noted(); n != 2 {
			t.Errorf("%d lines a minute later", n)
		}
	})
}
