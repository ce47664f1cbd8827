package webui

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"callbox/telephony"
)

func (b *memoryBox) OwnReports(user string) ([]OwnReport, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]OwnReport{}, b.reports[user]...), nil
}

func (b *memoryBox) PutOwnReport(_ context.Context, user string, r OwnReport) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Name == "" {
		return telephony.Errorf(telephony.Invalid, "请填写报表名称。", "Give the report a name.").At("name")
	}
	b.reports[user] = append(b.reports[user], r)
	return nil
}

func (b *memoryBox) DeleteOwnReport(_ context.Context, user, name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reports[user] = slices.DeleteFunc(b.reports[user], func(r OwnReport) bool { return r.Name == name })
	return nil
}

// TestOwnReports (A11.10): a supervisor saves, reads and deletes the own reports alone; an agent has no reports, and a program no account.
func TestOwnReports(t *testing.T) {
	b, lihua, _ := deskBox()
	b.secrets["boss"], b.secrets["chief"] = Person{Name: "boss", Role: Supervisor}, Person{Name: "chief", Role: Admin}
	boss, chief := []string{"Authorization", "Bearer boss"}, []string{"Authorization", "Bearer chief"}
	h := New(b.options()).Handler()
	const path, week = "/api/reports/own", `{"name":"每周/销售","by":"daily","period":"week","queue":"sales","hidden":["report.averagewait"]}`
	for _, row := range []struct {
		what, method, path, body string
		who                      []string
		status                   int
		says                     string
	}{
		{"a report", "POST", path, week, boss, http.StatusNoContent, ""},
		{"no name", "POST", path, `{"name":"","by":"daily"}`, boss, http.StatusUnprocessableEntity, `"path":"name"`},
		{"no such kind", "POST", path, `{"name":"x","by":"horoscopes"}`, boss, http.StatusUnprocessableEntity, `by`},
		{"no such stretch", "POST", path, `{"name":"x","by":"daily","period":"eternity"}`, boss, http.StatusUnprocessableEntity, `period`},
		{"no day", "POST", path, `{"name":"x","by":"daily","from":"yesterday"}`, boss, http.StatusUnprocessableEntity, `from`},
		{"the own ones", "GET", path, "", boss, http.StatusOK, `"reports":[` + week + `]`},
		{"a colleague's", "GET", path, "", chief, http.StatusOK, `"reports":[]`},
		{"an agent's", "GET", path, "", lihua, http.StatusForbidden, ""},
		{"a program's", "GET", path, "", []string{"Authorization", bearer(Supervisor)}, http.StatusConflict, "Sign in with an account"},
		{"it is deleted", "DELETE", path + "?name=%E6%AF%8F%E5%91%A8%2F%E9%94%80%E5%94%AE", "", boss, http.StatusNoContent, ""},
		{"and gone", "GET", path, "", boss, http.StatusOK, `"reports":[]`},
		{"which one", "DELETE", path, "", boss, http.StatusUnprocessableEntity, `name`},
	} {
		w := ask(h, row.method, row.path, row.body, row.who...)
		if w.Code != row.status || !strings.Contains(w.Body.String(), row.says) {
			t.Errorf("%s: %d %s", row.what, w.Code, w.Body)
		}
	}
}
