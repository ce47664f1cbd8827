package storage

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"callbox/telephony"
)

// TestOwnReports (A11.10): a saved report is its owner's alone, has a name of its own, outlives a start, and goes with the account.
func TestOwnReports(t *testing.T) {
	dir := t.TempDir()
	s := claimed(t, dir)
	boss := User{Name: "boss", Role: RoleSupervisor}
	for _, u := range []User{boss, {Name: "chief", Role: RoleSupervisor}} {
		if err := s.PutUser(t.Context(), u, "four green paper kites", tester); err != nil {
			t.Fatal(err)
		}
	}
	has := func(user string, want ...OwnReport) {
		t.Helper()
		if got, err := s.OwnReports(user); err != nil || !slices.EqualFunc(got, want, func(a, b OwnReport) bool { return reflect.DeepEqual(a, b) }) {
			t.Errorf("%s has %+v (%v), want %+v", user, got, err, want)
		}
	}
	put := func(user string, r OwnReport, want telephony.Code, field string) {
		t.Helper()
		err := s.PutOwnReport(t.Context(), user, r)
		var said *telephony.Error
		if code(err) != want || field != "" && (!errors.As(err, &said) || said.Problems[0].Path != field) {
			t.Errorf("%s saves %+v: %v, want %v at %q", user, r, err, want, field)
		}
	}
	week := OwnReport{Name: "每周销售", By: "daily", Period: "week", Queue: "sales", Hidden: []string{"report.averagewait"}}
	may := OwnReport{Name: "May", By: "agents", From: "2026-05-01", To: "2026-05-31"}
	spaced := week
	spaced.Name = " 每周销售 "
	put("boss", OwnReport{Name: "每周销售", By: "hourly"}, "", "")
	put("boss", may, "", "")
	put("boss", spaced, "", "")
	put("boss", OwnReport{Name: "  "}, telephony.Invalid, "name")
	put("boss", OwnReport{Name: strings.Repeat("周", maxOwnReportName+1)}, telephony.Invalid, "name")
	put("boss", OwnReport{Name: "all", Hidden: make([]string, maxOwnReportSize+1)}, telephony.Invalid, "hidden")
	put("boss", OwnReport{Name: "long", Hidden: []string{strings.Repeat("c", maxOwnReportSize+1)}}, telephony.Invalid, "")
	put("nobody", week, telephony.NotFound, "")
	has("boss", week, may)
	has("chief")
	for i := range maxOwnReports {
		put("chief", OwnReport{Name: fmt.Sprint(i), By: "lines"}, "", "")
	}
	put("chief", week, telephony.Conflict, "")
	put("chief", OwnReport{Name: "7", By: "queues"}, "", "")

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir, Options{})
	for _, want := range []telephony.Code{"", telephony.NotFound} {
		if err := s.DeleteOwnReport(t.Context(), "boss", "May"); code(err) != want {
			t.Errorf("May is deleted: %v, want %v", err, want)
		}
	}
	has("boss", week)
	if err := s.DeleteUser(t.Context(), "boss", tester); err != nil {
		t.Fatal(err)
	}
	if err := s.PutUser(t.Context(), boss, "four green paper kites", tester); err != nil {
		t.Fatal(err)
	}
	has("boss")
}
