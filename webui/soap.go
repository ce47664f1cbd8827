package webui

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"callbox/telephony"
)

// The web service is for systems that know nothing but SOAP 1.1 (A15.2). It has no logic of its own: an operation is a request of the
// table of routes, put through the same gate, and the answer in XML.
const (
	nsSOAP       = "http://schemas.xmlsoap.org/soap/envelope/"
	nsOwn        = "urn:callbox:1"
	maxSOAP      = 64 << 10 // octets of a request
	maxSOAPDepth = 12       // elements in each other: headers may have some of their own
	typeXML      = "text/xml"
)

// A soapOperation stands for one request. Its parameters are in the path, or else in the query of a GET and the JSON of a POST.
type soapOperation struct {
	name, does   string
	method, path string
	params       []soapParam
	answer       func() any // where the JSON of the answer goes
}

type soapParam struct {
	name, kind string // of XML Schema
	needed     bool
}

func answers[T any]() any { return new(T) }

var soapOperations = []soapOperation{
	{
		"GetCalls", "Calls that ended behind an entry of the journal, and the entry from which to go on; 0: from the first call.",
		http.MethodGet, "/api/calls/ended",
		[]soapParam{{"after", "unsignedLong", false}, {"limit", "int", false}},
		answers[soapCalls],
	},
	{"GetCall", "One call.", http.MethodGet, "/api/calls/{id}", []soapParam{{"id", "string", true}}, answers[soapCallAnswer]},
	{
		"GetRecording", "What is known of a recording, and the address of its sound, which wants the same rights.",
		http.MethodGet, "/api/recordings/{id}",
		[]soapParam{{"id", "string", true}},
		answers[soapRecording],
	},
	{
		"Dial", "Ring a telephone, and when it answers, the number.",
		http.MethodPost, "/api/calls",
		[]soapParam{{"from", "string", false}, {"to", "string", true}},
		answers[soapDialled],
	},
	{"GetAgents", "Agents and their states.", http.MethodGet, "/api/agents", nil, answers[soapAgents]},
}

// What operations answer: the API's words of the same names.
type (
	soapCalls struct {
		Calls []soapCall `json:"calls" xml:"call"`
		Next  uint64     `json:"next" xml:"next"`
	}
	soapCallAnswer struct {
		Call soapCall `xml:"call"`
	}
	soapCall struct {
		ID         string     `json:"id" xml:"id"`
		Direction  string     `json:"direction" xml:"direction"`
		Line       string     `json:"line" xml:"line"`
		Caller     soapCaller `json:"caller" xml:"caller"`
		Called     string     `json:"called" xml:"called,omitempty"`
		Arrived    time.Time  `json:"arrived" xml:"arrived"`
		Connected  *time.Time `json:"connected" xml:"connected,omitempty"`
		Ended      *time.Time `json:"ended" xml:"ended,omitempty"`
		Queue      string     `json:"queue" xml:"queue,omitempty"`
		Agent      string     `json:"agent" xml:"agent,omitempty"`
		WaitMS     int64      `json:"wait_ms" xml:"wait_ms"`
		TalkMS     int64      `json:"talk_ms" xml:"talk_ms"`
		HeldMS     int64      `json:"held_ms" xml:"held_ms"`
		Outcome    string     `json:"outcome" xml:"outcome,omitempty"`
		EndedBy    string     `json:"ended_by" xml:"ended_by,omitempty"`
		Recordings []string   `json:"recordings" xml:"recording"`
	}
	soapCaller struct {
		Number string `json:"number" xml:"number,omitempty"`
		Name   string `json:"name" xml:"name,omitempty"`
	}
	soapRecording struct {
		ID       string    `json:"id" xml:"id"`
		Call     string    `json:"call" xml:"call"`
		Agent    string    `json:"agent" xml:"agent,omitempty"`
		Started  time.Time `json:"started" xml:"started"`
		LengthMS int64     `json:"length_ms" xml:"length_ms"`
		Address  string    `json:"-" xml:"address"`
	}
	soapDialled struct {
		Call string `json:"call" xml:"call"`
	}
	soapAgents struct {
		Agents []soapAgent `json:"agents" xml:"agent"`
	}
	soapAgent struct {
		ID     string    `json:"id" xml:"id"`
		Name   string    `json:"name" xml:"name"`
		State  string    `json:"state" xml:"state"`
		Reason string    `json:"reason" xml:"reason,omitempty"`
		Phone  string    `json:"phone" xml:"phone,omitempty"`
		Call   string    `json:"call" xml:"call,omitempty"`
		Since  time.Time `json:"since" xml:"since"`
		Queues []string  `json:"queues" xml:"queue"`
	}
)

// UnmarshalJSON reads the API's answer, which is the call itself.
func (a *soapCallAnswer) UnmarshalJSON(text []byte) error { return json.Unmarshal(text, &a.Call) }

// soapInput is a request whose body the handler reads.
type soapInput struct {
	request *http.Request
	body    io.Reader
}

// Resolve finds them before huma calls the handler.
func (in *soapInput) Resolve(ctx huma.Context) []error {
	r, w := humago.Unwrap(ctx)
	in.request, in.body = r, http.MaxBytesReader(w, r.Body, maxSOAP)
	return nil
}

func (s *Server) postSOAP(ctx context.Context, in *soapInput) (*huma.StreamResponse, error) {
	var b bytes.Buffer
	status := http.StatusOK
	b.WriteString(xml.Header + `<soap:Envelope xmlns:soap="` + nsSOAP + `"><soap:Body>`)
	name, answer, err := s.soap(ctx, in)
	if err == nil {
		err = xml.NewEncoder(&b).EncodeElement(answer, xml.StartElement{Name: xml.Name{Space: nsOwn, Local: name + "Response"}})
	}
	if err != nil {
		status = http.StatusInternalServerError // as SOAP 1.1 6.2 has it, whoever is to blame
		_ = xml.NewEncoder(&b).Encode(s.soapFault(err))
	}
	b.WriteString("</soap:Body></soap:Envelope>\n")
	return stream(typeXML+"; charset=utf-8", "", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = b.WriteTo(w)
	}), nil
}

// soap does what an envelope asks for.
func (s *Server) soap(ctx context.Context, in *soapInput) (name string, answer any, err error) {
	name, params, err := readEnvelope(in.body)
	if err != nil {
		return name, nil, err
	}
	for _, op := range soapOperations {
		if op.name != name {
			continue
		}
		r, err := op.request(ctx, params)
		if err != nil {
			return name, nil, err
		}
		r.RemoteAddr, r.Host, r.TLS = in.request.RemoteAddr, in.request.Host, in.request.TLS
		w := &answerKept{header: http.Header{}, status: http.StatusOK}
		s.mux.ServeHTTP(w, r) // the person whom the gate let in comes with ctx
		answer := op.answer()
		if err := w.read(answer); err != nil {
			return name, nil, err
		}
		if rec, ok := answer.(*soapRecording); ok {
			rec.Address = connOf(ctx).origin + "/api/recordings/" + url.PathEscape(rec.ID) + "/audio"
		}
		return name, answer, nil
	}
	return name, nil, telephony.Errorf(telephony.NotFound, "没有操作 %.64s，请看 WSDL。", "There is no operation %.64s. See the WSDL.", name)
}

// request makes the request that an operation stands for.
func (op *soapOperation) request(ctx context.Context, params map[string]string) (*http.Request, error) {
	path, query, body := op.path, url.Values{}, map[string]string{}
	for _, p := range op.params {
		value, given := params[p.name]
		delete(params, p.name)
		switch hole := "{" + p.name + "}"; {
		case p.needed && strings.Trim(value, ". ") == "": // a path of dots leads elsewhere
			return nil, telephony.Errorf(telephony.Invalid, "缺少 %s。", "%s is missing.", p.name).At(p.name)
		case strings.Contains(path, hole):
			path = strings.Replace(path, hole, url.PathEscape(value), 1)
		case !given || value == "":
		case op.method == http.MethodGet:
			query.Set(p.name, value)
		default:
			body[p.name] = value
		}
	}
	for name := range params {
		return nil, telephony.Errorf(telephony.Invalid, "%s 没有参数 %.64s。", "%s has no parameter %.64s.", op.name, name)
	}
	if op.method == http.MethodGet {
		return http.NewRequestWithContext(ctx, op.method, path+"?"+query.Encode(), nil)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, op.method, path, bytes.NewReader(text))
	if err == nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, err
}

// answerKept keeps the answer of a request.
type answerKept struct {
	header http.Header
	status int
	bytes.Buffer
}

func (a *answerKept) Header() http.Header    { return a.header }
func (a *answerKept) WriteHeader(status int) { a.status = status }

// read reads it, or the refusal that it is.
func (a *answerKept) read(answer any) error {
	if a.status < 300 {
		return json.Unmarshal(a.Bytes(), answer)
	}
	e := new(telephony.Error)
	if json.Unmarshal(a.Bytes(), e) != nil || e.Code == "" {
		return fault
	}
	return e
}

// soapFault is a refusal as SOAP 1.1 4.4 has it, with the code and both languages for programs.
func (s *Server) soapFault(err error) any {
	e := new(telephony.Error)
	if !errors.As(err, &e) {
		s.Log.Error("a request of the web service failed", "err", err)
		e = fault
	}
	who := "soap:Client"
	switch e.Code {
	case telephony.Internal, telephony.Unavailable, telephony.Busy:
		who = "soap:Server"
	case wrongVersion, notUnderstood:
		who = "soap:" + string(e.Code)
	}
	type detail struct {
		XMLName xml.Name `xml:"urn:callbox:1 Error"`
		Code    string   `xml:"code"`
		ZH      string   `xml:"zh"`
		EN      string   `xml:"en"`
	}
	text := e.Message
	for _, p := range e.Problems {
		if p.Message != e.Message {
			text.ZH, text.EN = text.ZH+" "+p.Path+": "+p.Message.ZH, text.EN+" "+p.Path+": "+p.Message.EN
		}
	}
	return struct {
		XMLName xml.Name `xml:"soap:Fault"`
		Code    string   `xml:"faultcode"`
		Text    string   `xml:"faultstring"`
		Detail  any      `xml:"detail"`
	}{Code: who, Text: text.In(s.language("")), Detail: struct{ Error detail }{detail{Code: string(e.Code), ZH: text.ZH, EN: text.EN}}}
}
