package webui

import (
	"encoding/xml"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
)

// inEnvelope is a request of the web service.
func inEnvelope(body string) string {
	return `<?xml version="1.0"?><s:Envelope xmlns:s="` + nsSOAP + `" xmlns:c="` + nsOwn + `"><s:Header/><s:Body>` + body + `</s:Body></s:Envelope>`
}

// soapBox is a box with calls, one of a caller with a hostile name, and what they were recorded to.
func soapBox() *memoryBox {
	b := newBox()
	at := time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)
	b.records = []CallRecord{
		{ID: "3-1", Direction: "in", Line: "fxo/1", Caller: telephony.Caller{Number: "13816402257", Name: `</name>]]>&"王` + "\x00"}, Arrived: at, Connected: at.Add(19 * time.Second), Ended: at.Add(time.Minute), Outcome: "answered", WaitMS: 11200, Recordings: []string{"3-1.1", "3-1.2"}},
		{ID: "3-2", Direction: "out", Line: "phone:801", Called: "02162345678", Arrived: at, Outcome: "lost_in_queue", Recordings: []string{}},
	}
	b.live.Agents = []telephony.LiveAgent{{ID: "1001", Name: "赵丽", State: telephony.AgentReady, Since: at, Queues: []string{"sales"}}}
	b.recorded = []Recording{{ID: "3-1.1", Call: "3-1", Agent: "1001", Started: at, LengthMS: 95000}}
	return b
}

// soapFaultRead is what a program reads of a fault.
type soapFaultRead struct {
	Code string `xml:"Body>Fault>faultcode"`
	Text string `xml:"Body>Fault>faultstring"`
	Word string `xml:"Body>Fault>detail>Error>code"`
	EN   string `xml:"Body>Fault>detail>Error>en"`
}

// A15.2: an operation of the web service is a request of the table, with its rights, its checks and its refusals.
func TestSOAP(t *testing.T) {
	h := New(soapBox().options()).Handler()
	for _, c := range []struct {
		name, body string
		role       Role
		says       []string // of the answer, or of the fault
	}{
		{"calls", `<c:GetCalls><c:after>0</c:after><c:limit>1</c:limit></c:GetCalls>`, Supervisor, []string{`<GetCallsResponse xmlns="urn:callbox:1"><call><id>3-1</id>`, `<name>&lt;/name&gt;]]&gt;&amp;&#34;王` + "\uFFFD" + `</name>`, `<recording>3-1.1</recording><recording>3-1.2</recording>`, `<next>1</next>`}},
		{"calls from a cursor", `<c:GetCalls><after> 1 </after></c:GetCalls>`, Supervisor, []string{"soap:Client", "invalid", "query.after"}},
		{"no more calls", `<c:GetCalls><after>2</after></c:GetCalls>`, Supervisor, []string{`<next>2</next>`}},
		{"calls of an agent", `<c:GetCalls/>`, Agent, []string{"soap:Client", "forbidden", "Your rights"}},
		{"calls of nobody", `<c:GetCalls/>`, Anyone, []string{"soap:Client", "unsigned", "The box has no owner yet"}},
		{"a call", `<c:GetCall><id>3-2</id></c:GetCall>`, Supervisor, []string{`<GetCallResponse xmlns="urn:callbox:1"><call><id>3-2</id>`, `<called>02162345678</called>`}},
		{"no call", `<c:GetCall><id>9-9</id></c:GetCall>`, Supervisor, []string{"soap:Client", "not_found"}},
		{"no id", `<c:GetCall/>`, Supervisor, []string{"soap:Client", "invalid", "id is missing"}},
		{"a path", `<c:GetCall><id>../config</id></c:GetCall>`, Admin, []string{"soap:Client", "not_found"}},
		{"a path of dots", `<c:GetCall><id>..</id></c:GetCall>`, Admin, []string{"soap:Client", "invalid", "id is missing"}},
		{"another request", `<c:GetCall><id>3-1?x=1#</id></c:GetCall>`, Admin, []string{"soap:Client", "not_found"}},
		{"a recording", `<c:GetRecording><id>3-1.1</id></c:GetRecording>`, Supervisor, []string{`<length_ms>95000</length_ms><address>http://example.com/api/recordings/3-1.1/audio</address>`}},
		{"a number", `<c:Dial><from>phone:801</from><to>02162345678</to></c:Dial>`, Supervisor, []string{`<DialResponse xmlns="urn:callbox:1"><call>`}},
		{"agents", `<c:GetAgents/>`, Agent, []string{`<GetAgentsResponse xmlns="urn:callbox:1">`}},
		{"a parameter too many", `<c:GetAgents><all>1</all></c:GetAgents>`, Agent, []string{"soap:Client", "invalid", "no parameter all"}},
		{"no operation", `<c:Burn/>`, Admin, []string{"soap:Client", "not_found", "no operation Burn"}},
	} {
		var headers []string
		if c.role != Anyone {
			headers = []string{"Authorization", bearer(c.role)}
		}
		w := ask(h, "POST", "/api/soap", inEnvelope(c.body), append(headers, "Content-Type", "text/xml")...)
		var f soapFaultRead
		if err := xml.Unmarshal(w.Body.Bytes(), &f); err != nil {
			t.Errorf("%s: %v\n%s", c.name, err, w.Body)
		}
		failed := strings.HasPrefix(c.says[0], "soap:")
		if failed != (f.Code != "") || failed != (w.Code == 500) || failed && (f.Text == "" || f.EN == "") {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		for _, want := range c.says {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: %s lacks %s", c.name, w.Body, want)
			}
		}
	}
}

// What is no envelope, or a hostile one, is a fault and nothing else: no entity is resolved, no depth is followed.
func TestSOAPIsStrict(t *testing.T) {
	h := New(soapBox().options()).Handler()
	agents, deep := inEnvelope(`<c:GetAgents/>`), strings.Repeat("<x>", 5000)
	for name, c := range map[string][2]string{
		"nothing":              {"", "soap:Client"},
		"no XML":               {"hello", "soap:Client"},
		"JSON":                 {`{"a":1}`, "soap:Client"},
		"a document type":      {`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + strings.Replace(agents, `<?xml version="1.0"?>`, "", 1), "soap:Client"},
		"an entity":            {inEnvelope(`<c:GetCall><id>&e;</id></c:GetCall>`), "soap:Client"},
		"a style sheet":        {strings.Replace(agents, "<s:Envelope", `<?xml-stylesheet href="x"?><s:Envelope`, 1), "soap:Client"},
		"a deep body":          {inEnvelope(deep), "soap:Client"},
		"a deep header":        {strings.Replace(agents, "<s:Header/>", "<s:Header>"+deep+strings.Repeat("</x>", 5000)+"</s:Header>", 1), "soap:Client"},
		"a large one":          {inEnvelope(`<c:GetCall><id>` + strings.Repeat("1", maxSOAP) + `</id></c:GetCall>`), "too_large"},
		"half of one":          {agents[:len(agents)-20], "soap:Client"},
		"no body":              {strings.Replace(agents, "<s:Body><c:GetAgents/></s:Body>", "", 1), "soap:Client"},
		"two operations":       {inEnvelope(`<c:GetAgents/><c:GetAgents/>`), "soap:Client"},
		"a parameter twice":    {inEnvelope(`<c:GetCall><id>3-1</id><id>3-2</id></c:GetCall>`), "soap:Client"},
		"another namespace":    {inEnvelope(`<GetAgents/>`), "soap:Client"},
		"text":                 {inEnvelope(`GetAgents`), "soap:Client"},
		"SOAP 1.2":             {strings.Replace(agents, nsSOAP, "http://www.w3.org/2003/05/soap-envelope", 1), "soap:VersionMismatch"},
		"a header that counts": {strings.Replace(agents, "<s:Header/>", `<s:Header><c:Sign s:mustUnderstand="1"/></s:Header>`, 1), "soap:MustUnderstand"},
		"another encoding":     {strings.Replace(agents, `version="1.0"`, `version="1.0" encoding="utf-7"`, 1), "soap:Client"},
	} {
		w := ask(h, "POST", "/api/soap", c[0], "Authorization", bearer(Admin), "Content-Type", "text/xml")
		if w.Code != 500 || !strings.Contains(w.Body.String(), c[1]) || !strings.Contains(w.Body.String(), "<soap:Fault>") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for name, text := range map[string]string{
		"a header that does not count": strings.Replace(agents, "<s:Header/>", `<s:Header><c:Sign><c:By>x</c:By></c:Sign></s:Header>`, 1),
		"GB2312":                       strings.Replace(agents, `version="1.0"`, `version="1.0" encoding="GB2312"`, 1),
		"comments and space":           inEnvelope("\n <!-- x --> <c:GetAgents>\n</c:GetAgents>\n"),
	} {
		if w := ask(h, "POST", "/api/soap", text, "Authorization", bearer(Admin)); w.Code != 200 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func FuzzEnvelope(f *testing.F) {
	f.Add(inEnvelope(`<c:GetCalls><after>1</after></c:GetCalls>`))
	f.Add(`<!DOCTYPE x>` + inEnvelope(`<c:Dial/>`))
	f.Fuzz(func(t *testing.T, text string) {
		name, params, err := readEnvelope(strings.NewReader(text))
		if (err == nil) != (name != "") || len(params) > len(text) {
			t.Errorf("%q %q %v", name, params, err)
		}
	})
}

// A token opens the box by HTTP's Basic too, with any name; other sites' pages cannot make a browser use one that it knows.
func TestBasic(t *testing.T) {
	h := New(newBox().options()).Handler()
	basic := func(name, secret string, more ...string) int {
		r := httptest.NewRequest("GET", "/api/calls", nil)
		r.SetBasicAuth(name, secret)
		return ask(h, "GET", "/api/calls", "", append(more, "Authorization", r.Header.Get("Authorization"))...).Code
	}
	for _, c := range []struct {
		got, want int
	}{
		{basic("crm", strings.TrimPrefix(bearer(Supervisor), "Bearer ")), 200},
		{basic("", strings.TrimPrefix(bearer(Supervisor), "Bearer ")), 200},
		{basic("crm", strings.TrimPrefix(bearer(Agent), "Bearer ")), 403},
		{basic("crm", "wrong"), 401},
		{basic("crm", ""), 401},
	} {
		if c.got != c.want {
			t.Errorf("%d, want %d", c.got, c.want)
		}
	}
	r := httptest.NewRequest("POST", "/api/calls", nil)
	r.SetBasicAuth("crm", strings.TrimPrefix(bearer(Supervisor), "Bearer "))
	w := ask(h, "POST", "/api/calls", `{"from":"phone:801","to":"02162345678"}`, "Authorization", r.Header.Get("Authorization"), "Sec-Fetch-Site", "cross-site")
	if w.Code != 403 {
		t.Errorf("from another site: %d", w.Code)
	}
}

// zeepCalls is a program that knows the WSDL alone.
const zeepCalls = `
import sys, requests, zeep
session = requests.Session()
session.auth = ('crm', sys.argv[2])
client = zeep.Client(sys.argv[1] + '/api/soap?wsdl', transport=zeep.Transport(session=session), settings=zeep.Settings(strict=True))
box = client.service
first = box.GetCalls(after=0, limit=1)
print(first.next, first.call[0].id, first.call[0].caller.name, first.call[0].arrived.isoformat(), first.call[0].wait_ms, first.call[0].recording)
rest = box.GetCalls(after=first.next)
print(rest.next, [c.id for c in rest.call], box.GetCalls(after=rest.next).call)
call = box.GetCall(id='3-2')
print(call.called, call.ended, call.recording)
heard = session.get(box.GetRecording(id='3-1.1').address)
print(heard.status_code, heard.content[:4])
print(bool(box.Dial('phone:801', '02162345678')))
print([(a.id, a.state) for a in box.GetAgents() or []])
try:
    box.GetCall(id='9-9')
except zeep.exceptions.Fault as e:
    print(e.code, e.detail[0].tag, e.detail[0][0].text)
`

// TestReal: the web service as Python's zeep finds it by its WSDL, and libxml2's opinion of the schema and of an answer.
func TestReal(t *testing.T) {
	if os.Getenv("CALLBOX_REAL") == "" {
		t.Skip("needs python3-zeep and xmllint; set CALLBOX_REAL=1")
	}
	server := httptest.NewServer(New(soapBox().options()).Handler())
	defer server.Close()
	out, err := exec.Command("/usr/bin/python3", "-c", zeepCalls, server.URL, strings.TrimPrefix(bearer(Supervisor), "Bearer ")).CombinedOutput()
	const want = `1 3-1 </name>]]>&"王` + "\uFFFD" + ` 2026-11-23T01:00:00+00:00 11200 ['3-1.1', '3-1.2']
2 ['3-2'] []
02162345678 None []
200 b'RIFF'
True
[('1001', 'ready')]
soap:Client {urn:callbox:1}Error not_found
`
	if got := string(out); err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	h := New(soapBox().options()).Handler()
	text := wsdl("http://box/api/soap?<&\"")
	_, schema, _ := strings.Cut(string(text), "<wsdl:types>")
	schema, _, _ = strings.Cut(schema, "</wsdl:types>")
	schema = strings.Replace(schema, "<xs:schema", `<xs:schema xmlns="`+nsOwn+`" xmlns:xs="http://www.w3.org/2001/XMLSchema"`, 1)
	w := ask(h, "POST", "/api/soap", inEnvelope(`<c:GetCalls/>`), "Authorization", bearer(Supervisor))
	_, answer, _ := strings.Cut(w.Body.String(), "<soap:Body>")
	answer, _, _ = strings.Cut(answer, "</soap:Body>")
	dir := t.TempDir()
	for name, content := range map[string]string{"box.wsdl": string(text), "box.xsd": schema, "answer.xml": answer} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"--noout", "box.wsdl"}, {"--noout", "--schema", "box.xsd", "answer.xml"}} {
		c := exec.Command("xmllint", append([]string{"--nonet"}, args...)...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
}
