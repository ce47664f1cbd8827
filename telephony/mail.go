package telephony

import "regexp"

// Mail is how the box sends e-mail, and to whom: alarms (A14.2) and reports (A11.15).
type Mail struct {
	Server   string       `json:"server"`   // name or address, with ":port" if not 465 or, with STARTTLS, 587; empty: no mail is sent
	Security string       `json:"security"` // "tls": from the first octet (RFC 8314); "starttls" (RFC 3207); empty: tls. Nothing goes in the clear
	User     string       `json:"user"`     // empty: the server asks for none
	Password string       `json:"password"` // masked on every way out
	From     string       `json:"from"`
	Alarms   []string     `json:"alarms"` // who is told of alarms
	Reports  []ReportMail `json:"reports"`
}

// A ReportMail is a report that is sent when its stretch of time is over.
type ReportMail struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Report   string   `json:"report"`         // one of MailedReports
	Every    string   `json:"every"`          // "day", "week" (from Monday), "month": of the one that has just ended
	At       string   `json:"at"`             // "07:00", in the box's time zone
	Form     string   `json:"form,omitempty"` // of the file: "csv", "xlsx"; empty: csv
	To       []string `json:"to"`
	Queues   []string `json:"queues,omitempty"` // a team: what a supervisor with it would be told (A16.2); empty: all
	Disabled bool     `json:"disabled"`
}

// MailedReports are what a report may count by, and the one of the staff.
var MailedReports = []string{"hourly", "slots", "daily", "weekly", "monthly", "queues", "agents", "lines", "menus", StaffReport}

// StaffReport counts no calls: it is of attendance and of who came and went (A11.11).
const StaffReport = "staff"

// ReportForms are the files that a report may come as.
var ReportForms = []string{"csv", "xlsx"}

const maxRecipients = 20

// addressForm is a plain address (RFC 5321 4.1.2) without quotes and comments, so that it can be nothing else in a header.
var addressForm = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])$`)

// ValidAddress reports whether s may be an address of e-mail.
func ValidAddress(s string) bool { return addressForm.MatchString(s) }

// mail checks the mail server and whoever is written to.
func (k *check) mail() {
	m := &k.config.Mail
	oneOf(k, "mail.security", m.Security, "", "tls", "starttls")
	k.recipients("mail.alarms", m.Alarms)
	if m.Server == "" {
		if len(m.Alarms) > 0 || len(m.Reports) > 0 {
			k.bad("mail.server", "请先填邮件服务器，才能发送邮件", "give the mail server first: without one no mail is sent")
		}
	} else {
		k.mailServer(m)
	}
	if k.size("mail.reports", len(m.Reports), 20) {
		for i := range m.Reports {
			k.reportMail(at("mail.reports", i), &m.Reports[i])
		}
	}
}

func (k *check) mailServer(m *Mail) {
	if !validHost(m.Server) {
		k.bad("mail.server", "请填域名或地址，可加端口，如 smtp.example.cn:465", "give a name or address, with a port if need be, such as smtp.example.cn:465")
	}
	if !ValidAddress(m.From) {
		k.bad("mail.from", "请填邮箱地址，如 box@example.cn", "give an address such as box@example.cn")
	}
	k.text("mail.user", m.User, 128)
	if m.User != "" {
		k.carrierPassword("mail.password", m.Password)
	}
}

func (k *check) reportMail(p string, r *ReportMail) {
	k.id(p+".id", r.ID)
	k.unique(p+".id", "report", r.ID)
	k.name(p+".name", r.Name)
	oneOf(k, p+".report", r.Report, MailedReports...)
	oneOf(k, p+".every", r.Every, "day", "week", "month")
	oneOf(k, p+".form", r.Form, append([]string{""}, ReportForms...)...)
	if !fromForm.MatchString(r.At) {
		k.bad(p+".at", "请填如 07:00 的时间", "give a time such as 07:00")
	}
	if k.size(p+".queues", len(r.Queues), 64) {
		for i, q := range r.Queues {
			k.refer(at(p+".queues", i), "queue", q)
		}
	}
	if k.recipients(p+".to", r.To); len(r.To) == 0 {
		k.bad(p+".to", "请至少填一个邮箱地址", "give one address at least")
	}
}

func (k *check) recipients(path string, list []string) {
	if !k.size(path, len(list), maxRecipients) {
		return
	}
	for i, a := range list {
		if !ValidAddress(a) {
			k.bad(at(path, i), "请填邮箱地址，如 li@example.cn", "give an address such as li@example.cn")
		}
		k.unique(at(path, i), path, a)
	}
}
