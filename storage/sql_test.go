package storage

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"callbox/telephony"
)

// hostileNames are what callers may call themselves.
var hostileNames = []string{
	"王芳", "O'Brien", "'", "''", `\`, `\'`, `it\'s'`, `\\'; drop table callbox_calls; -- `, "Robert'); drop table callbox_calls; --",
	"'; drop table callbox_calls; commit; '", "\x00", "a\x00'b", "line\r\n\\q\n\\! touch x\n.quit\n;", "ctrl\x1az\x08\x7f", "\xff\xbf'\x27", "\xe4\xba'",
	`:'v' :id :"v" $1 $$x$$ ? @x #{x}`, "`x` \"x\" /*!50000 x */ # -- ", "😀 𠮷", strings.Repeat("长", 300), "null", " ", "",
}

// keptName is what a database has of a name.
func keptName(name string) string {
	return cutRunes(strings.ReplaceAll(strings.ToValidUTF8(name, "\uFFFD"), "\x00", "\uFFFD"), maxSQLName)
}

// hostileCalls is a store with a call by each name.
func hostileCalls(t *testing.T) *Store {
	s := openStore(t, t.TempDir(), Options{})
	for i, name := range hostileNames {
		call := telephony.NewCallID(s.Boot(), uint64(i+1))
		s.Append(telephony.Entry{Call: call, Fact: telephony.CallArrived{
			Direction: telephony.Inbound, Line: "fxo/1", Caller: telephony.Caller{Number: "13800138000", Name: name},
		}})
		s.Append(telephony.Entry{Call: call, Fact: end(telephony.OutcomeLostRinging, "caller")})
	}
	return s
}

// A15.2: no text that a caller chose leaves its literal, by whatever rules the database reads backslashes: there are none, and quotes
// are in pairs.
func TestSQLLiterals(t *testing.T) {
	for name, d := range dialects {
		for _, text := range hostileNames {
			got, kept := d.literal(sqlName, text), keptName(text)
			inner, quoted := strings.CutPrefix(got, "'")
			switch inner, ends := strings.CutSuffix(inner, "'"); {
			case text == "":
				if got != "null" {
					t.Errorf("%s: nothing is %s", name, got)
				}
			case quoted:
				if !ends || strings.ReplaceAll(inner, "''", "'") != kept || strings.Contains(strings.ReplaceAll(inner, "''", ""), "'") || strings.ContainsAny(inner, "\\\x00\r\n\x1a") {
					t.Errorf("%s: %q is %s", name, text, got)
				}
			case !strings.Contains(got, hex.EncodeToString([]byte(kept))) || strings.ContainsAny(got, "\\\n"):
				t.Errorf("%s: %q is %s", name, text, got)
			}
		}
	}
}

// What is wrong with the request is told in a sentence.
func TestSQLRefusals(t *testing.T) {
	s := hostileCalls(t)
	for _, c := range []struct {
		dialect string
		after   uint64
	}{{"oracle", 0}, {"", 0}, {"mysql", 1 << 62}} {
		var b bytes.Buffer
		if err := s.ExportSQL(t.Context(), &b, c.dialect, EndedQuery{After: c.after, Limit: 1}); code(err) != telephony.Invalid || b.Len() > 0 {
			t.Errorf("%s after %d: %v, %q", c.dialect, c.after, err, &b)
		}
	}
}
