package storage

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"callbox/telephony"
)

// Calls as SQL, for a customer's own database (A15.2): statements that make the tables where they are missing, and put each call into
// them, in the place of what was put there before. So they can be run again, and a transfer that broke off leaves nothing.

// A dialect is how one family of databases has what the standard leaves open.
type dialect struct {
	begin    []string // what the session is told first
	time     string   // the type of a moment
	table    string   // behind the columns of a table
	conflict string   // what follows an insert, before what is set
	fresh    string   // the value that was to be inserted into a column
	hex      string   // the text whose UTF-8 is given in hexadecimal
}

var dialects = map[string]dialect{
	"postgresql": {
		begin: []string{"set client_encoding = 'UTF8'", "set client_min_messages = warning"},
		time:  "timestamp(3)", conflict: "on conflict (id) do update set", fresh: "excluded.%s", hex: "convert_from(decode('%s', 'hex'), 'UTF8')",
	},
	"mysql": {
		begin: []string{"set names utf8mb4"},
		time:  "datetime(3)", table: " default charset utf8mb4", conflict: "on duplicate key update", fresh: "values(%s)", hex: "_utf8mb4 x'%s'",
	},
}

// What columns hold. A call's id is what makes it one.
const (
	sqlKey    = "varchar(32) not null primary key"
	sqlName   = "varchar(255)"
	sqlText   = "text"
	sqlNumber = "bigint"
	sqlTime   = "" // the dialect's
)

const maxSQLName = 255 // characters of a sqlName

var sqlColumns = []struct {
	name, kind string
	cell       func(*Record) any // a string, a number, a time; its zero value is null
}{
	{"id", sqlKey, func(r *Record) any { return string(r.ID) }},
	{"direction", sqlName, func(r *Record) any { return string(r.Direction) }},
	{"line", sqlName, func(r *Record) any { return r.Line }},
	{"caller", sqlName, func(r *Record) any { return r.Caller.Number }},
	{"caller_name", sqlName, func(r *Record) any { return r.Caller.Name }},
	{"called", sqlName, func(r *Record) any { return r.Called }},
	{"arrived_utc", sqlTime, func(r *Record) any { return r.Arrived }},
	{"connected_utc", sqlTime, func(r *Record) any { return r.Connected }},
	{"ended_utc", sqlTime, func(r *Record) any { return r.Ended }},
	{"route", sqlName, func(r *Record) any { return r.Rule }},
	{"queue", sqlName, func(r *Record) any { return r.Queue }},
	{"agent", sqlName, func(r *Record) any { return r.Agent }},
	{"waited_ms", sqlNumber, func(r *Record) any { return r.Waited.Milliseconds() }},
	{"talked_ms", sqlNumber, func(r *Record) any { return r.Talked.Milliseconds() }},
	{"held_ms", sqlNumber, func(r *Record) any { return r.Held.Milliseconds() }},
	{"outcome", sqlName, func(r *Record) any { return string(r.Outcome) }},
	{"cause", sqlNumber, func(r *Record) any { return int64(r.Cause) }},
	{"ended_by", sqlName, func(r *Record) any { return r.EndedBy }},
	{"recordings", sqlText, func(r *Record) any { return strings.Join(r.Recording, " ") }},
	{"closed", sqlName, func(r *Record) any { return r.Closed }},
	{"vote", sqlNumber, func(r *Record) any {
		if r.Poll == nil || r.Poll.Vote == 0 {
			return nil
		}
		return int64(r.Poll.Vote)
	}},
	{"points", sqlNumber, func(r *Record) any {
		if r.Score == nil {
			return nil
		}
		return int64(r.Score.Points)
	}},
	{"points_of", sqlName, func(r *Record) any {
		if r.Score == nil {
			return nil
		}
		return r.Score.Agent
	}},
	{"complaint", sqlName, func(r *Record) any { return r.Complaint.State() }},
}

// ExportSQL writes the calls of CallsAfter as statements of a dialect, "postgresql" or "mysql". Where to go on is kept in a table too.
func (s *Store) ExportSQL(ctx context.Context, w io.Writer, name string, q EndedQuery) error {
	d, known := dialects[name]
	if !known {
		return telephony.Errorf(telephony.Invalid, "dialect 应为 postgresql 或 mysql。", "The dialect is postgresql or mysql.").At("dialect")
	}
	calls, next, err := s.CallsAfter(ctx, q)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	d.tables(b)
	for i := range calls {
		var names, values []string
		for _, c := range sqlColumns {
			names, values = append(names, c.name), append(values, d.literal(c.kind, c.cell(&calls[i])))
		}
		d.put(b, "callbox_calls", names, values)
	}
	d.put(b, "callbox_cursor", []string{"id", "next"}, []string{"1", strconv.FormatUint(next, 10)})
	b.WriteString("commit;\n")
	return b.Flush()
}

func (d *dialect) tables(b *bufio.Writer) {
	for _, line := range d.begin {
		b.WriteString(line + ";\n")
	}
	columns := make([]string, len(sqlColumns))
	for i, c := range sqlColumns {
		kind := c.kind
		if kind == sqlTime {
			kind = d.time
		}
		columns[i] = "  " + c.name + " " + kind
	}
	fmt.Fprintf(b, "create table if not exists callbox_calls (\n%s\n)%s;\n", strings.Join(columns, ",\n"), d.table)
	fmt.Fprintf(b, "create table if not exists callbox_cursor (id integer not null primary key, next bigint not null)%s;\nstart transaction;\n", d.table)
}

// put writes a row, in the place of the one with its id.
func (d *dialect) put(b *bufio.Writer, table string, names, values []string) {
	sets := make([]string, 0, len(names)-1)
	for _, n := range names[1:] {
		sets = append(sets, n+" = "+fmt.Sprintf(d.fresh, n))
	}
	fmt.Fprintf(b, "insert into %s (%s) values (%s) %s %s;\n", table, strings.Join(names, ", "), strings.Join(values, ", "), d.conflict, strings.Join(sets, ", "))
}

// literal is a value as the dialect writes it.
func (d *dialect) literal(kind string, value any) string {
	switch v := value.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		if !v.IsZero() {
			return "'" + v.UTC().Format("2006-01-02 15:04:05.000") + "'"
		}
	case string:
		if kind == sqlName {
			v = cutRunes(v, maxSQLName)
		}
		if v != "" {
			return d.quoted(v)
		}
	}
	return "null"
}

// quoted is a text that ends where it should, whatever a caller calls himself. Whether a backslash means anything depends on the
// database's settings (standard_conforming_strings, NO_BACKSLASH_ESCAPES), and its clients read control characters by rules of their own
// (Ctrl-Z ends the input of mysql on Windows). So a text with either is written in hexadecimal. No database keeps NUL or half a character.
func (d *dialect) quoted(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) {
		return fmt.Sprintf(d.hex, hex.EncodeToString([]byte(text)))
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

func cutRunes(text string, most int) string {
	n := 0
	for i := range text {
		if n++; n > most {
			return text[:i]
		}
	}
	return text
}
