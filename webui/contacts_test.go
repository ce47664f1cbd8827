package webui

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"callbox/telephony"
)

func (b *memoryBox) Contacts(user string) ([]Contact, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Contact{}, b.books[user]...), nil
}

func (b *memoryBox) PutContact(_ context.Context, user, was string, c Contact) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.Name == "" {
		return telephony.Errorf(telephony.Invalid, "请填写姓名。", "Give the name.").At("name")
	}
	b.books[user] = append(slices.DeleteFunc(b.books[user], func(k Contact) bool { return k.Number == was }), c)
	return nil
}

func (b *memoryBox) DeleteContact(_ context.Context, user, number string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.books[user] = slices.DeleteFunc(b.books[user], func(c Contact) bool { return c.Number == number })
	return nil
}

// TestContacts (A5.12): an agent reads and writes the own address book alone, a caller's screen shows the name in it, and a program
// has none.
func TestContacts(t *testing.T) {
	b, lihua, wang := deskBox()
	h := New(b.options()).Handler()
	for _, row := range []struct {
		what, method, path, body string
		who                      []string
		status                   int
		says                     string
	}{
		{"a name for a number", "POST", "/api/contacts", `{"number":"02162345678","name":"海棠物流","note":"张经理"}`, lihua, http.StatusNoContent, ""},
		{"no name", "POST", "/api/contacts", `{"number":"110","name":""}`, lihua, http.StatusUnprocessableEntity, `"path":"name"`},
		{"the own book", "GET", "/api/contacts", "", lihua, http.StatusOK, "海棠物流"},
		{"a colleague's", "GET", "/api/contacts", "", wang, http.StatusOK, `"contacts":[]`},
		{"who calls", "GET", "/api/callers/02162345678", "", lihua, http.StatusOK, `"contact":"海棠物流"`},
		{"a program's", "GET", "/api/contacts", "", []string{"Authorization", bearer(Agent)}, http.StatusConflict, "Sign in with an account"},
		{"another number", "POST", "/api/contacts?was=02162345678", `{"number":"02162340000","name":"海棠物流"}`, lihua, http.StatusNoContent, ""},
		{"who calls by the old one", "GET", "/api/contacts", "", lihua, http.StatusOK, `"contacts":[{"number":"02162340000","name":"海棠物流"}]`},
		{"it is taken out", "DELETE", "/api/contacts/02162340000", "", lihua, http.StatusNoContent, ""},
		{"and gone", "GET", "/api/contacts", "", lihua, http.StatusOK, `"contacts":[]`},
	} {
		w := ask(h, row.method, row.path, row.body, row.who...)
		if w.Code != row.status || !strings.Contains(w.Body.String(), row.says) {
			t.Errorf("%s: %d %s", row.what, w.Code, w.Body)
		}
	}
}
