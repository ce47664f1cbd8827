package sip

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
)

// torture is one row of a manifest: a message and what a user agent server does about it.
type torture struct{ name, section, kind, expect, why, file string }

func readTorture(t testing.TB, manifest, folder string) (rows []torture) {
	f, err := os.Open(filepath.Join("testdata/torture", manifest))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.Comment, r.LazyQuotes, r.FieldsPerRecord = '\t', '#', true, 5
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range records {
		rows = append(rows, torture{c[0], c[1], c[2], c[3], c[4], filepath.Join("testdata/torture", folder, c[0]+".dat")})
	}
	return rows
}

func allTorture(t testing.TB) []torture {
	return append(readTorture(t, "MANIFEST.tsv", "rfc4475"), readTorture(t, "MANIFEST5118.tsv", "rfc5118")...)
}

// finalTo sends a raw message from the trunk and gives the status line of the final answer, "486 Busy Here", or "none".
// The office turns calls away.
func finalTo(w *world, u *ua, raw []byte) string {
	u.conn.WriteTo(raw, w.stack.transport.udp.LocalAddr())
	buf := make([]byte, 1<<16)
	for {
		synctest.Wait()
		select {
		case a := <-w.office.arrivals:
			a.Leg.Release(telephony.CauseBusy)
		default:
		}
		u.conn.SetReadDeadline(time.Now().Add(time.Second))
		n, _, err := u.conn.ReadFrom(buf)
		if err != nil {
			return "none"
		}
		line, _, _ := strings.Cut(string(buf[:n]), "\r\n")
		if status, ok := strings.CutPrefix(line, "SIP/2.0 "); ok && status[0] != '1' {
			return status
		}
	}
}

func TestTorture(t *testing.T) { // RFC 4475, RFC 5118
	for _, row := range allTorture(t) {
		t.Run(row.section+" "+row.name, func(t *testing.T) {
			raw, err := os.ReadFile(row.file)
			if err != nil {
				t.Fatal(err)
			}
			inWorld(t, func(w *world) {
				carrier := w.ua(trunkAt)
				if got := finalTo(w, carrier, raw); !row.fits(got) {
					t.Errorf("answered %q, want %s: %s", got, row.expect, row.why)
				}
				carrier.call("after", "13800138000", "62340000").answered() // the box is alive
			})
		})
	}
}

// fits compares with the manifest's column: "!400" is any final answer but that, a tilde allows the liberal reading.
func (r torture) fits(got string) bool {
	status, _, _ := strings.Cut(got, " ")
	switch {
	case got == "none" || r.expect == "none":
		return status == r.expect
	case r.expect == "any", strings.HasSuffix(r.kind, "~"):
		return true
	case strings.HasPrefix(r.expect, "!"):
		return status != r.expect[1:]
	}
	return slices.Contains(strings.Split(r.expect, "|"), status)
}
