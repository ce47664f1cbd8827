package webui

import (
	"cmp"
	"net/url"
	"time"
)

// Each count of a report is the number of calls that GET /api/calls gives for the query of its row and that of the figure, both
// joined: a reader opens from any number the calls behind it, and so can a program.

// behind puts the queries into a report of a choice.
func (r *Report) behind(q ReportQuery, zone *time.Location) {
	r.Total.Opens = q.total(zone)
	for i := range r.Rows {
		r.Rows[i].Opens = q.row(&r.Rows[i], zone)
	}
	r.Opens = q.figures(&r.Total)
}

// calls is the query of the calls between two moments that a report's choice fits.
func (q ReportQuery) calls(from, to time.Time, zone *time.Location) url.Values {
	v := url.Values{}
	add := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	add("from", ends(from, to, zone)[0])
	add("to", ends(from, to, zone)[1])
	add("queue", q.Queue)
	add("agent", q.Agent)
	add("line", q.Line)
	return v
}

// ends writes a stretch of time as days where it is of whole ones, the last one included, which people read more easily.
func ends(from, to time.Time, zone *time.Location) (text [2]string) {
	from, to = from.In(zone), to.In(zone)
	form, last := time.RFC3339Nano, to
	if midnight(from) && midnight(to) {
		form, last = time.DateOnly, to.AddDate(0, 0, -1)
	}
	if !from.IsZero() {
		text[0] = from.Format(form)
	}
	if !to.IsZero() {
		text[1] = last.Format(form)
	}
	return text
}

// midnight says that a moment begins a day; no moment at all fits.
func midnight(t time.Time) bool {
	return t.IsZero() || t.Equal(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location()))
}

// keys are the parameters that the rows of a report differ in.
var keys = map[string]string{"queues": "queue", "agents": "agent", "lines": "line", "menus": "menu", "slots": "hour"}

// row is the query of a row. A week or a month begins and ends with the report.
func (q ReportQuery) row(r *ReportRow, zone *time.Location) string {
	from, to := q.From, q.To
	if r.From.After(from) {
		from = r.From
	}
	if !r.To.IsZero() && (to.IsZero() || r.To.Before(to)) {
		to = r.To
	}
	v := q.calls(from, to, zone)
	if name := keys[q.By]; name != "" {
		v.Set(name, r.Key)
	}
	return v.Encode()
}

// total is the query of all rows: the calls that came to any queue, agent, line or menu.
func (q ReportQuery) total(zone *time.Location) string {
	v := q.calls(q.From, q.To, zone)
	if name := keys[q.By]; name != "" && q.By != "slots" && !v.Has(name) {
		v.Set(name, "*")
	}
	return v.Encode()
}

// figures are the queries of the counts of a report, by the names of a row's fields; of an outcome "outcomes/busy", of one of the
// missed "missed/busy".
func (q ReportQuery) figures(total *ReportRow) map[string]string {
	const in, out = "direction=in", "direction=out"
	of := map[string]string{"calls": ""}
	switch {
	case q.By == "menus":
		of["offered"] = ""
		each(of, "outcomes", total.Outcomes, "input")
	case q.By == "queues", q.By != "agents" && q.By != "lines" && q.Queue != "":
		of["offered"], of["for_person"], of["answered"], of["missed"] = "", "", "reason=answered", "reason=unanswered"
		each(of, "outcomes", total.Outcomes, "reason")
		each(of, "missed", total.Missed, "reason")
	case q.By == "agents", q.By != "lines" && q.Agent != "":
		of["offered"], of["for_person"], of["answered"], of["outgoing"], of["connected"] = in, in, in, out, out
		of["internal"] = "direction=internal"
	default:
		of["offered"], of["for_person"] = in, in+"&for_person=yes"
		of["answered"], of["missed"] = in+"&answered=yes", in+"&for_person=yes&answered=no"
		of["outgoing"], of["connected"], of["unconnected"] = out, out+"&answered=yes", out+"&answered=no"
		of["internal"] = "direction=internal"
		each(of, "outcomes", total.Outcomes, in+"&outcome")
		each(of, "missed", total.Missed, of["missed"]+"&outcome")
	}
	if q.By != "menus" {
		of["asked"], of["voted"] = "vote=asked", "vote=%2A"
		each(of, "votes", total.Votes, "vote")
		of["complaints"], of["founded"] = "complaint=%2A", "complaint=founded"
	}
	return of
}

// each gives every name of some counts its query.
func each(of map[string]string, figure string, counts map[string]int, parameter string) {
	for name := range counts {
		of[figure+"/"+name] = parameter + "=" + url.QueryEscape(name)
	}
}

// behind puts the queries of the calls scored into a report of the staff.
func (r *StaffReport) behind(q StaffQuery, zone *time.Location) {
	v := ReportQuery{}.calls(q.From, q.To, zone)
	scored := func(agent string) string {
		v.Set("scored", agent)
		return v.Encode()
	}
	r.Total.Opens = scored(cmp.Or(q.Agent, "*"))
	for i := range r.Rows {
		r.Rows[i].Opens = scored(r.Rows[i].Agent)
	}
}
