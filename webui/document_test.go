package webui

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

var update = flag.Bool("update", false, "write docs/API.md and the page's types anew")

// TestGeneratedFilesAreCurrent: docs/API.md and the page's types say what the API is. Mend with
// `go test ./webui -run Generated -update`.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	s := New(newBox().options())
	for name, want := range map[string]string{
		"../docs/API.md":     apiGuide(t, s),
		"app/src/lib/api.ts": typeScript(s.api.OpenAPI()),
	} {
		if *update {
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s is not what the API is now (%v); run: go test ./webui -run Generated -update", name, err)
		}
	}
}

// TestDocumentIsComplete (A15.1): every row of the table is in the document with its sentence, role, parameters and
// answer; every refusal has the one form.
func TestDocumentIsComplete(t *testing.T) {
	s := New(newBox().options())
	w := ask(s.Handler(), "GET", "/api/openapi.json", "")
	var doc struct {
		Paths map[string]map[string]struct {
			Summary    string
			Role       Role `json:"x-role"`
			Parameters []struct{ Name, In string }
			Responses  map[string]struct{ Content map[string]any }
			Security   []any
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	for _, row := range s.routes() {
		op, ok := doc.Paths[row.op.Path][strings.ToLower(row.op.Method)]
		name := row.op.Method + " " + row.op.Path
		if !ok || op.Summary == "" || op.Role != row.need || (row.need != Anyone) != (len(op.Security) > 0) {
			t.Errorf("%s: %+v", name, op)
		}
		for _, part := range strings.Split(row.op.Path, "/") {
			param := strings.Trim(part, "{}")
			if param != part && !slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.Name == param }) {
				t.Errorf("%s: the parameter %s is not described", name, param)
			}
		}
		if len(op.Responses["200"].Content)+len(op.Responses["204"].Content) == 0 && op.Responses["204"].Content != nil {
			t.Errorf("%s: the answer is not described", name)
		}
		for status, answer := range op.Responses {
			if status >= "400" && fmt.Sprint(answer.Content["application/json"]) != "map[schema:map[$ref:#/components/schemas/Error]]" {
				t.Errorf("%s: refusal %s is %v", name, status, answer.Content)
			}
		}
	}
}

// TestExamplesFit (A15.1): every body of JSON that people write has an example, every example is of a row, and each fits its schema.
func TestExamplesFit(t *testing.T) {
	doc := New(newBox().options()).api.OpenAPI()
	fits := func(name string, m *huma.MediaType, mode huma.ValidateMode) {
		t.Helper()
		var value any
		if err := json.Unmarshal(m.Example.(json.RawMessage), &value); err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		var result huma.ValidateResult
		huma.Validate(doc.Components.Schemas, m.Schema, huma.NewPathBuffer(nil, 0), mode, value, &result)
		if len(result.Errors) > 0 {
			t.Errorf("%s: %v", name, result.Errors)
		}
	}
	unwritten := []string{"/api/config", "/api/config/diff", "/api/setup", "/api/passkeys", "/api/session/passkey", "/api/session/proof"}
	shown := 0
	for _, row := range New(newBox().options()).routes() {
		op := operation(doc.Paths[row.op.Path], row.op.Method)
		name := row.op.Method + " " + row.op.Path
		if _, ok := examples[name]; ok {
			shown++
		}
		if op.RequestBody != nil {
			if body := op.RequestBody.Content["application/json"]; body != nil && body.Example != nil {
				fits(name, body, huma.ModeWriteToServer)
			} else if body != nil && !slices.Contains(unwritten, row.op.Path) {
				t.Errorf("%s has no example", name)
			}
		}
		if ok := op.Responses["200"]; ok != nil && ok.Content["application/json"] != nil && ok.Content["application/json"].Example != nil {
			fits(name+" gives", ok.Content["application/json"], huma.ModeReadFromServer)
		}
	}
	if shown != len(examples) {
		t.Errorf("%d of %d examples are of a row", shown, len(examples))
	}
}

// typeScript is the document's schemas as the page's types.
func typeScript(doc *huma.OpenAPI) string {
	var b strings.Builder
	b.WriteString("// Made from the API's document by `npm run types`. Do not edit.\n")
	schemas := doc.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		s := schemas[name]
		fmt.Fprintf(&b, "\nexport interface %s {\n", name)
		for _, field := range slices.Sorted(maps.Keys(s.Properties)) {
			optional := "?"
			if slices.Contains(s.Required, field) {
				optional = ""
			}
			fmt.Fprintf(&b, "\t%s%s: %s;\n", field, optional, tsType(s.Properties[field]))
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func tsType(s *huma.Schema) string {
	switch {
	case s.Ref != "":
		return refName(s)
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, e := range s.Enum {
			words[i] = fmt.Sprintf("%q", e)
		}
		return strings.Join(words, " | ")
	}
	switch s.Type {
	case huma.TypeArray:
		return "Array<" + tsType(s.Items) + ">"
	case huma.TypeInteger, huma.TypeNumber:
		return "number"
	case huma.TypeBoolean, huma.TypeString:
		return s.Type
	case huma.TypeObject:
		if of, ok := s.AdditionalProperties.(*huma.Schema); ok {
			return "Record<string, " + tsType(of) + ">"
		}
	}
	return "unknown"
}

func refName(s *huma.Schema) string { return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:] }

// apiGuide is docs/API.md: the table of routes, then the words that go in and out, with the comments of the source.
func apiGuide(t *testing.T, s *Server) string {
	var b bytes.Buffer
	b.WriteString("# The API\n\nMade from the code by `go test ./webui -run Generated -update`; a running box gives the same as OpenAPI, with examples, at `/api/openapi.json`.\n\n" + about + guideHead)
	doc := s.api.OpenAPI()
	tag := ""
	for _, row := range s.routes() {
		if row.op.Tags[0] != tag && tag == "" {
			b.WriteString("\n## Routes\n\n| request | role | what it does | takes | gives |\n|---|---|---|---|---|\n")
		}
		tag = row.op.Tags[0]
		op := operation(doc.Paths[row.op.Path], row.op.Method)
		fmt.Fprintf(&b, "| `%s %s` | %s | %s | %s | %s |\n", row.op.Method, row.op.Path, row.need, op.Summary, taken(op), given(op))
	}
	b.WriteString("\n## Words\n\nFields marked `?` may be absent.\n")
	notes := comments(t, ".", "../telephony")
	schemas := doc.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		guideSchema(&b, name, schemas[name], notes)
	}
	return b.String()
}

const guideHead = `

` + "```sh" + `
# Sign in once, make a token for a program, and use it
BOX=http://box:8080
curl -c jar -H 'Content-Type: application/json' -d '{"user":"admin","password":"..."}' $BOX/api/session
TOKEN=$(curl -b jar -H 'Content-Type: application/json' -d '{"name":"crm","role":"supervisor"}' $BOX/api/tokens | sed 's/.*"secret":"\([^"]*\)".*/\1/')
curl -H "Authorization: Bearer $TOKEN" "$BOX/api/calls?from=2026-11-23&outcome=lost_in_queue"
curl -H "Authorization: Bearer $TOKEN" -N $BOX/api/live/events                  # the box, at each change
curl -H "Authorization: Bearer $TOKEN" -N $BOX/api/events                       # each thing that happens
# Click to dial: phone 801 rings, and when it answers it calls the number
curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"from":"phone:801","to":"02162345678"}' $BOX/api/calls
# A text message and an e-mail, to one or many; what became of each is asked for by the id in the answer
curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"to":["13800138000"],"text":"We come on Wednesday."}' $BOX/api/sms
MAIL='{"to":["li@example.com"],"subject":"Wednesday","text":"We come on Wednesday."}'
ID=$(curl -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d "$MAIL" $BOX/api/mail | sed 's/.*"id":"\([^"]*\)".*/\1/')
curl -H "Authorization: Bearer $TOKEN" $BOX/api/mail/$ID
# The configuration is the administrator's: get it, change it, and see what that would change
curl -b jar $BOX/api/config > config.json
curl -b jar -X PUT -H 'Content-Type: application/json' --data-binary @config.json "$BOX/api/config?dry_run=true"
curl -b jar -X POST $BOX/api/webhooks/crm/test                                  # what a trial of the webhook crm came to
# A backup, encrypted with a passphrase (percent-encoded), and back again
curl -b jar -H 'Passphrase: four%20words%20of%20your%20own' -o box.backup $BOX/api/backup
curl -b jar -H 'Passphrase: four%20words%20of%20your%20own' -H 'Content-Type: application/octet-stream' --data-binary @box.backup $BOX/api/restore
` + "```" + `

Events of ` + "`/api/live/events`" + `: ` + "`live`" + ` carries a whole Live, at once and then at most twice a second; ` + "`beat`" + ` comes every ten seconds.

## Pages of other systems

A page of another system has a number dialled by a link to ` + "`http://box:8080/desk?dial=02162345678`" + `: it stands in the field of the agent's desk, and one press
dials it. Once an agent has pressed "Dial numbers of other pages here" on a desk opened by https, ` + "`tel:`" + ` links do the same. The other way round, ` + "`customer_url`" + ` of
[Site](#site) is where that system has a customer, such as ` + "`https://crm.example.cn/?phone={number}&call={call}`" + `: the desk leads there from the first ring on. A
program of yours that is to open a window by itself follows ` + "`call.offered`" + ` below.

## Events and webhooks

A program is told what happens in one of two ways, with the same words. It can follow ` + "`/api/events`" + `, and after a break goes on behind the
last event it had (` + "`Last-Event-ID`" + `, or ` + "`?after=`" + `); where it asks for a WebSocket, each event is a message with its ` + "`id`" + ` in it, and ` + "`{\"type\":\"beat\"}`" + `
comes every ten seconds. Or the box sends each event to it: a webhook, which is configuration (` + "`webhooks`" + ` of [Config](#config)).

` + "```json" + `
{"type": "call.offered", "timestamp": "2026-11-23T01:00:07Z", "data": {"call": "3-42", "caller": {"number": "13816402257"},
  "fact": {"queue": "sales", "agent": "1001", "phone": "phone:801", "why": "longest_idle: idle 42s, level 1"}}}
` + "```" + `

| type | ` + "`data.fact`" + ` |
|---|---|
| ` + "`call.arrived`" + ` | ` + "`direction` `line` `caller` `called` `agent`" + ` |
| ` + "`call.queued`" + ` | a caller waits: ` + "`queue` `position` `priority`" + ` |
| ` + "`call.offered`" + ` | an agent's phone rings: ` + "`queue` `agent` `phone`" + ` |
| ` + "`call.unqueued`" + ` | and no longer: ` + "`queue` `reason` (answered, left, key, timeout, full, no_agents, closed) `waited` (ns)" + ` |
| ` + "`call.connected`" + ` | two legs hear each other: ` + "`a` `b` `agent`" + ` |
| ` + "`call.ended`" + ` | ` + "`outcome` `cause` `by`" + `; ` + "`data.record`" + ` is the [CallRecord](#callrecord) |
| ` + "`call.noted`" + ` | what an agent wrote down: ` + "`number` `agent` `code` `text`" + ` |
| ` + "`call.scored`" + ` | what a supervisor found of a call that is over: ` + "`agent` `points` (0 to 100) `note` `by`" + `; a later score of a call stands in the place of the one before |
| ` + "`call.judged`" + ` | whether a supervisor found the complaint that a call was founded: ` + "`founded` `note` `by`" + `; a later judgment stands in the place of the one before |
| ` + "`recording.ready`" + ` | ` + "`recording` `length`" + ` (ns) ` + "`purpose` `agent`" + `; the sound is at ` + "`/api/recordings/{id}/audio`" + ` |
| ` + "`voicemail.left`" + ` | ` + "`mailbox` `recording`" + ` |
| ` + "`agent.changed`" + ` | ` + "`agent` `state` `reason` `phone` `by`" + ` |
| ` + "`line.changed`" + ` | ` + "`line` `state` `detail`" + `: a line went out of service or came back |
| ` + "`alarm.raised`" + `, ` + "`alarm.cleared`" + ` | ` + "`name` `message` `severity`" + ` (fault, warning) |
| ` + "`test`" + ` | sent by the button of the page: ` + "`by`" + ` |

A webhook is a POST over TLS, signed as [Standard Webhooks](https://www.standardwebhooks.com) 1.0 says. Any answer of 2xx within 10 seconds takes the event; an
event may come twice and has the same ` + "`webhook-id`" + ` then. Events come in their order, one at a time. One that is not taken is tried again after 5, 10,
20 seconds and so on, at most 10 minutes apart: for three days, or for an hour where the answer is a refusal (3xx, 4xx but not 408 and 429). Nothing
is lost over a restart, because the journal is the queue. Redirects are not followed. The box itself, link-local, multicast and reserved addresses are refused;
the company's own network is not. Verify before you believe, and refuse a timestamp that is minutes old:

` + "```sh" + `
# The body on standard input, the three headers in the environment, and the webhook's SECRET
key=$(printf %s "${SECRET#whsec_}" | base64 -d | od -An -vtx1 | tr -d ' \n')
sum=$({ printf '%s.%s.' "$WEBHOOK_ID" "$WEBHOOK_TIMESTAMP"; cat; } | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64)
test "v1,$sum" = "$WEBHOOK_SIGNATURE"
` + "```" + `

## Text messages and mail

` + "`POST /api/sms`" + ` hands a text to the company's gateway (` + "`sms`" + ` of [Config](#config)), by a POST that is signed, dialled and refused as a webhook is:

` + "```json" + `
{"type": "sms.send", "timestamp": "2026-11-23T01:00:19Z", "data": {"id": "k3vq5x2m7c6wz4t2n8a5p9rjde", "to": ["13800138000"], "text": "We come on Wednesday."}}
` + "```" + `

Any answer of 2xx takes it; the same ` + "`webhook-id`" + ` twice is the same message. Mail goes by the configured server, in one message whose receivers do not see each
other. What is not taken is tried again after 5, 10, 20 seconds and so on for a day, unless the refusal is for good; ` + "`GET /api/sms/{id}`" + ` and ` + "`GET /api/mail/{id}`" + `
tell. At most 100 of each wait, on the disk: what was taken is sent after a power cut, too. One that was on its way just then may be sent twice, a text message
with the same id.

## Calls in a database of your own

` + "`" + `GET /api/calls.sql` + "`" + ` gives calls as statements of PostgreSQL, or with ` + "`" + `dialect=mysql` + "`" + ` of MySQL and MariaDB. They make the tables ` + "`" + `callbox_calls` + "`" + ` and
` + "`" + `callbox_cursor` + "`" + ` where these are missing, and put in the calls that ended behind the entry ` + "`" + `after` + "`" + ` of the box's journal, in the order of their ends, at most
` + "`" + `limit` + "`" + ` of them; ` + "`" + `callbox_cursor` + "`" + ` then has the ` + "`" + `after` + "`" + ` of the next time. All is one transaction, and a call has one row whatever is run twice: one to which
something was added since, such as a score, comes again and replaces it. Times are UTC, and a caller's name stays a text whatever it holds. Run every few
minutes, by a program with a token of a supervisor:

` + "```sh" + `
AFTER=$(psql -qtAX -d crm -c 'select next from callbox_cursor' 2>/dev/null)
curl -fsS -H "Authorization: Bearer $TOKEN" "$BOX/api/calls.sql?after=${AFTER:-0}" | psql -qX -v ON_ERROR_STOP=1 -d crm

AFTER=$(mariadb -NB crm -e 'select next from callbox_cursor' 2>/dev/null)
curl -fsS -H "Authorization: Bearer $TOKEN" "$BOX/api/calls.sql?dialect=mysql&after=${AFTER:-0}" | mariadb crm

psql -d crm -c "select caller, count(*) from callbox_calls where outcome = 'lost_in_queue' and arrived_utc > now() at time zone 'utc' - interval '7 days' group by caller"
` + "```" + `

` + "`" + `GET /api/calls/ended` + "`" + ` gives the same calls as JSON.

## Web service

Systems that know nothing but SOAP find the service by its WSDL at ` + "`" + `/api/soap?wsdl` + "`" + ` (SOAP 1.1, document/literal, UTF-8 or GB18030): ` + "`" + `GetCalls` + "`" + `,
` + "`" + `GetCall` + "`" + `, ` + "`" + `GetRecording` + "`" + ` with the address of its sound, ` + "`" + `Dial` + "`" + ` and ` + "`" + `GetAgents` + "`" + `. Each is a request of the table below, with the same rights and the same
refusals, whose code and sentences are in the fault's ` + "`" + `detail` + "`" + `. A program signs in by HTTP Basic: any name, and a token as the password. So a
CRM (用友, 金蝶) takes over calls by ` + "`" + `GetCalls` + "`" + `, first with ` + "`" + `after` + "`" + ` 0, then with the ` + "`" + `next` + "`" + ` of the last answer; a call comes again when something was added to it.

` + "```sh" + `
curl -u crm:$TOKEN -H 'Content-Type: text/xml; charset=utf-8' $BOX/api/soap -d '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
<s:Body><Dial xmlns="urn:callbox:1"><from>phone:801</from><to>02162345678</to></Dial></s:Body></s:Envelope>'
# Python, with zeep
python3 -c 'import requests, zeep; s = requests.Session(); s.auth = ("crm", "'$TOKEN'")
print(zeep.Client("'$BOX'/api/soap?wsdl", transport=zeep.Transport(session=s)).service.GetCalls(after=0, limit=10))'
` + "```" + `

## What agents see

An agent's session or token is answered of the own desk, wherever ` + "`x-team`" + ` is true: ` + "`/api/live`" + ` and its stream have the own calls, the queues that the agent is in
with who waits in them, and the colleagues with their states; no calls of others, no lines, spans or alarms, and of a conference room how many are there. ` + "`GET /api/names`" + ` has all names, for callers are put through
anywhere. Who serves a caller, or calls back one whom nobody took in the own queues, is told by ` + "`GET /api/calls/{id}/caller`" + ` of all calls and notes before;
` + "`GET /api/callers/{number}`" + ` tells of the agent's own calls. An agent's token without an agent sees colleagues alone: a program that is to see the calls of all, or of some queues,
and the screen of a wall, need a supervisor's, which may have a team.

Where ` + "`mask_numbers`" + ` of [RecordingPolicy](#recordingpolicy) is on, all that an agent's session or token is answered has the middle of each number hidden
(138****8000), texts with seven digits in a row included; short numbers and the company's own stay whole, and so do the own address book, the notice and
the questions. ` + "`{number}`" + ` of ` + "`customer_url`" + ` is masked, too: give ` + "`{call}`" + `, which a program with a supervisor's token can ask about. Agents call back by
` + "`back`" + ` of ` + "`POST /api/calls`" + `, and ask who calls by ` + "`GET /api/calls/{id}/caller`" + `. Their telephones are shown the masked number; one that dials it
again from its own list reaches nobody.
`

func taken(op *huma.Operation) string {
	var parts []string
	for _, p := range op.Parameters {
		if p.In == "query" {
			parts = append(parts, "`"+p.Name+"`")
		}
	}
	if op.RequestBody != nil {
		for name, m := range op.RequestBody.Content {
			parts = append(parts, content(name, m))
		}
	}
	return strings.Join(parts, " ")
}

func given(op *huma.Operation) string {
	for _, status := range []string{"200", "204"} {
		if r := op.Responses[status]; r != nil {
			var types []string
			for _, name := range slices.Sorted(maps.Keys(r.Content)) {
				types = append(types, content(name, r.Content[name]))
			}
			return strings.Join(types, ", ")
		}
	}
	return ""
}

func content(name string, m *huma.MediaType) string {
	if name == "application/json" && m.Schema != nil && m.Schema.Ref != "" {
		return fmt.Sprintf("[%s](#%s)", refName(m.Schema), strings.ToLower(refName(m.Schema)))
	}
	return name
}

func guideSchema(b *bytes.Buffer, name string, s *huma.Schema, notes map[string]string) {
	fmt.Fprintf(b, "\n### %s\n\n", name)
	if note := notes[name]; note != "" {
		fmt.Fprintf(b, "%s\n\n", note)
	}
	b.WriteString("| field | type | |\n|---|---|---|\n")
	for _, field := range slices.Sorted(maps.Keys(s.Properties)) {
		p, optional := s.Properties[field], "?"
		if slices.Contains(s.Required, field) {
			optional = ""
		}
		note := strings.TrimSpace(cmp.Or(p.Description, notes[name+"."+field]))
		fmt.Fprintf(b, "| `%s`%s | %s | %s |\n", field, optional, strings.ReplaceAll(tsType(p), "|", "\\|"), strings.ReplaceAll(note, "|", "\\|"))
	}
}

// comments reads what the source says of each struct ("Config") and each of its JSON fields ("Config.site").
func comments(t *testing.T, dirs ...string) map[string]string {
	notes := map[string]string{}
	for _, dir := range dirs {
		files, _ := filepath.Glob(dir + "/*.go")
		for _, name := range files {
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.TYPE {
					for _, spec := range d.Specs {
						noteType(notes, d, spec.(*ast.TypeSpec))
					}
				}
				return true
			})
		}
	}
	return notes
}

func noteType(notes map[string]string, d *ast.GenDecl, spec *ast.TypeSpec) {
	s, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	notes[spec.Name.Name] = oneLine(cmp.Or(spec.Doc.Text(), d.Doc.Text()))
	for _, f := range s.Fields.List {
		if f.Tag == nil {
			continue
		}
		_, tag, _ := strings.Cut(f.Tag.Value, `json:"`)
		tag, _, _ = strings.Cut(tag, `"`)
		tag, _, _ = strings.Cut(tag, ",")
		notes[spec.Name.Name+"."+tag] = oneLine(cmp.Or(f.Comment.Text(), f.Doc.Text()))
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
