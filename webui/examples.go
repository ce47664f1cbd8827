package webui

import (
	"encoding/json"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// An example shows what a row takes and gives: JSON, or "" where there is nothing to show.
type example struct{ takes, gives string }

// examples are those of the document, by row. What WebAuthn makes has none, and neither has a configuration: one is got before it is put.
var examples = map[string]example{
	"POST /api/claim":            {takes: `{"code":"05618283","user":"admin","password":"four-words-and-a-number-7"}`},
	"POST /api/claim/options":    {takes: `{"code":"05618283","user":"admin"}`},
	"POST /api/session":          {takes: `{"user":"admin","password":"four-words-and-a-number-7"}`, gives: `{"name":"admin","role":"admin"}`},
	"POST /api/session/password": {takes: `{"present":"four-words-and-a-number-7","next":"other-words-and-another-9"}`},

	"GET /api/agents": {gives: `{"agents":[{"id":"1001","name":"赵丽","state":"talking","since":"2026-11-23T01:00:19Z","phone":"phone:801","call":"3-42",
		"queues":["sales"]}]}`},
	"POST /api/agents/{id}/state": {takes: `{"state":"ready","phone":"phone:801"}`},
	"POST /api/agents/{id}/break": {takes: `{"do":"ask"}`},

	"PUT /api/voicemails/{id}/heard": {takes: `{"heard":true}`},

	"POST /api/calls":                {takes: `{"from":"phone:801","to":"02162345678"}`},
	"POST /api/calls/{id}/consult":   {takes: `{"to":"agent:1002"}`},
	"POST /api/calls/{id}/transfer":  {takes: `{"to":"queue:sales"}`},
	"POST /api/calls/{id}/pickup":    {takes: `{"phone":"phone:802"}`},
	"POST /api/calls/{id}/monitor":   {takes: `{"mode":"whisper","phone":"phone:809"}`},
	"POST /api/calls/{id}/recording": {takes: `{"action":"pause"}`},
	"POST /api/calls/{id}/data":      {takes: `{"data":{"order":"2026-7731","customer":"C-1088"}}`},
	"POST /api/calls/{id}/note":      {takes: `{"code":"报修","text":"洗衣机不排水，周三上门"}`},
	"PUT /api/calls/{id}/complaint":  {takes: `{"founded":true,"note":"师傅确实没有上门"}`},
	"PUT /api/calls/{id}/score":      {takes: `{"points":85,"note":"礼貌，但没有复述地址"}`},
	"POST /api/rooms/{id}/invite":    {takes: `{"to":"outside:13800138000"}`},
	"POST /api/rooms/{id}/lock":      {takes: `{"on":true}`},

	"GET /api/calls":       {gives: `{"calls":[` + exampleCall + `],"next":"3-41"}`},
	"GET /api/calls/ended": {gives: `{"calls":[` + exampleCall + `],"next":4711}`},
	"GET /api/calls/{id}":  {gives: exampleCall},
	"GET /api/recordings/{id}": {gives: `{"id":"3-42.1","call":"3-42","purpose":"call","agent":"1001","caller":{"number":"13816402257"},
		"started":"2026-11-23T01:00:19Z","length_ms":95000,"octets":1520000}`},

	"POST /api/contacts":    {takes: `{"number":"02162345678","name":"王师傅","note":"空调"}`},
	"POST /api/reports/own": {takes: `{"name":"每周销售","by":"daily","period":"week","queue":"sales","hidden":["report.averagewait"]}`},

	"POST /api/messages":  {takes: `{"to":"1002","text":"请看一下工单 7731"}`},
	"POST /api/desk/beat": {takes: `{"after":17}`},

	"POST /api/routes/try":   {takes: `{"line":"fxo/1","caller":"13816402257","time":"2026-11-23T20:30:00+08:00"}`},
	"POST /api/outbound/try": {takes: `{"phone":"801","number":"02162345678"}`},
	"POST /api/mail": {
		takes: `{"to":["li@example.com","wang@example.com"],"subject":"周三停机维护","text":"系统周三 22 点起停机一小时。"}`, gives: exampleSending,
	},
	"POST /api/sms":             {takes: `{"to":["13800138000"],"text":"您的维修单 7731 已安排周三上门。"}`, gives: exampleSending},
	"GET /api/sms/{id}":         {gives: exampleSent},
	"GET /api/mail/{id}":        {gives: exampleSent},
	"POST /api/mail/test":       {takes: `{"to":"boss@example.com"}`},
	"POST /api/tokens":          {takes: `{"name":"crm","role":"supervisor","expires":"2027-12-31T00:00:00+08:00","queues":["sales"]}`},
	"PUT /api/tokens/{id}/team": {takes: `{"queues":["sales","support"]}`},
	"POST /api/users":           {takes: `{"name":"lihua","role":"agent","agent":"1001","password":"four-words-and-a-number-7"}`},

	"GET /api/saved":                           {gives: `{"saved":{"version":"1.5.0","made":"2026-11-27T02:11:09Z"}}`},
	"GET /api/update":                          {gives: `{"quiet_hour":"03:00","installed":{"version":"1.5.0","at":"2026-11-27T19:00:00Z","drains":false}}`},
	"POST /api/update/restart":                 {takes: `{"when":"quiet"}`},
	"POST /api/phones/{extension}/handout":     {takes: `{"new_password":false}`},
	"POST /api/prompts/{id}/{language}/speech": {takes: `{"text":"您好，欢迎致电云铃电器。"}`},
	"POST /api/spans/{span}/channels/{number}": {takes: `{"blocked":true}`},
	"PUT /api/certificate":                     {takes: `{"chain":"-----BEGIN CERTIFICATE-----\n...","key":"-----BEGIN PRIVATE KEY-----\n..."}`},
	"PUT /api/certificate/order":               {takes: `{"name":"box.example.com","agreed":true}`},
	"POST /api/sim/ring":                       {takes: `{"line":"fxo/1","from":"02162345678","keys":"1@4s","for_seconds":60}`},
	"POST /api/sim/day":                        {takes: `{"calls":60,"minutes":10}`},
	"POST /api/sim/phones":                     {takes: `{"phones":[{"extension":"801"}]}`},
	"POST /api/sim/phones/{extension}/handset": {takes: `{"lift":true}`},
	"POST /api/sim/phones/{extension}/hold":    {takes: `{"on":true}`},
}

const exampleCall = `{"id":"3-42","direction":"in","line":"fxo/1","caller":{"number":"13816402257"},"arrived":"2026-11-23T01:00:00Z",
	"answered":"2026-11-23T01:00:02Z","connected":"2026-11-23T01:00:19Z","ended":"2026-11-23T01:01:54Z","target":"menu:main","queue":"sales",
	"agent":"1001","wait_ms":11200,"talk_ms":95000,"held_ms":0,"outcome":"answered","cause":16,"ended_by":"caller","recordings":["3-42.1"]}`

// exemplify puts the examples of a row into the document, which has the row already.
func (e example) exemplify(doc *huma.OpenAPI, row huma.Operation) {
	op := operation(doc.Paths[row.Path], row.Method)
	if e.takes != "" {
		op.RequestBody.Content["application/json"].Example = compact(e.takes)
	}
	if e.gives != "" {
		op.Responses["200"].Content["application/json"].Example = compact(e.gives)
	}
}

func operation(p *huma.PathItem, method string) *huma.Operation {
	return map[string]*huma.Operation{"GET": p.Get, "PUT": p.Put, "POST": p.Post, "DELETE": p.Delete}[method]
}

// compact takes out how this file breaks its lines.
func compact(text string) json.RawMessage {
	return json.RawMessage(strings.NewReplacer("\n", "", "\t", "").Replace(text))
}

const (
	exampleSending = `{"id":"k3vq5x2m7c6wz4t2n8a5p9rjde","by":"token:crm","time":"2026-11-23T01:00:19Z","to":1,"state":"queued","tries":0}`
	exampleSent    = `{"id":"k3vq5x2m7c6wz4t2n8a5p9rjde","by":"token:crm","time":"2026-11-23T01:00:19Z","to":1,"state":"sent","tries":1}`
)
