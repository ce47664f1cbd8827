package webui

import (
	"fmt"
	"strings"
	"testing"
)

// TestSending (A15.1): bounded and checked by field, noted without the text and with numbers masked, and told what became of it.
func TestSending(t *testing.T) {
	b := newBox()
	h := New(b.options()).Handler()
	boss := []string{"Authorization", bearer(Supervisor)}
	for _, c := range []struct {
		name, path, body string
		status           int
		field            string
	}{
		{"no server", "/api/mail", `{"to":["li@example.com"],"subject":"x","text":"y"}`, 409, ""},
		{"no gateway", "/api/sms", `{"to":["13800138000"],"text":"y"}`, 409, ""},
		{"to nobody", "/api/mail", `{"to":[],"subject":"x","text":"y"}`, 422, "to"},
		{"no address", "/api/mail", `{"to":["li"],"subject":"x","text":"y"}`, 422, "to[0]"},
		{"a header", "/api/mail", `{"to":["li@example.com"],"subject":"x\r\nBcc: y","text":"y"}`, 422, "subject"},
		{"no text", "/api/sms", `{"to":["13800138000"],"text":" "}`, 422, "text"},
		{"a novel", "/api/sms", `{"to":["13800138000"],"text":"` + strings.Repeat("长", 501) + `"}`, 422, "text"},
		{"twice", "/api/sms", `{"to":["13800138000","13800138000"],"text":"y"}`, 422, "to[1]"},
		{"no number", "/api/sms", `{"to":["li@example.com"],"text":"y"}`, 422, "to[0]"},
		{"too many", "/api/sms", `{"to":["13800138000"` + strings.Repeat(`,"1"`, 100) + `],"text":"y"}`, 422, "to"},
	} {
		w := ask(h, "POST", c.path, c.body, boss...)
		e := refusalOf(t, w)
		if w.Code != c.status || c.field != "" && (len(e.Problems) != 1 || e.Problems[0].Path != c.field) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
	b.config.Mail.Server, b.config.SMS.URL, b.audit = "smtp.example.cn", "https://sms.example.cn", nil
	for path, body := range map[string]string{
		"/api/sms": `{"to":["13800138000","13900139000"],"text":"secret"}`, "/api/mail": `{"to":["li@example.com"],"subject":"secret","text":"secret"}`,
	} {
		if w := ask(h, "POST", path, body, boss...); w.Code != 200 || !strings.Contains(w.Body.String(), `"state":"queued"`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if w := ask(h, "GET", path+"/k3", "", boss...); w.Code != 200 || !strings.Contains(w.Body.String(), `"state":"sent"`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	noted := fmt.Sprint(b.audit)
	for _, want := range []string{"sms.sent", "2: 138****8000 139****9000", "mail.sent"} {
		if !strings.Contains(noted, want) {
			t.Errorf("the audit has no %q: %s", want, noted)
		}
	}
	if strings.Contains(noted, "secret") || strings.Contains(noted, "13800138000") || strings.Contains(noted, "li@example.com") {
		t.Errorf("the audit tells too much: %s", noted)
	}
}

// TestManyReceiversAreNoted (A18.4): a line of the audit is cut at its length, and 100 numbers do not fit into one.
func TestManyReceiversAreNoted(t *testing.T) {
	b := newBox()
	b.config.SMS.URL = "https://sms.example.cn"
	var to []string
	for n := range 100 {
		to = append(to, fmt.Sprintf(`"138%08d"`, n))
	}
	ask(New(b.options()).Handler(), "POST", "/api/sms", `{"to":[`+strings.Join(to, ",")+`],"text":"hello"}`, "Authorization", bearer(Supervisor))
	numbers := 0
	for _, line := range b.audit {
		if numbers += strings.Count(line.Detail, "****"); len(line.Detail) > 1000 {
			t.Errorf("%d octets", len(line.Detail))
		}
	}
	if numbers != 100 {
		t.Errorf("%d of 100 numbers are told", numbers)
	}
}
