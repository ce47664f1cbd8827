package webui

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// A route is one row of the table: who may ask, what is asked, what answers, and what it does in a sentence.
type route struct {
	op       huma.Operation
	need     Role
	register func(huma.API, huma.Operation)
}

// at makes a row. The handler's input and output are the document's schemas.
func at[I, O any](need Role, pattern string, handle func(context.Context, *I) (*O, error), does string, forms ...form) route {
	method, path, _ := strings.Cut(pattern, " ")
	op := huma.Operation{
		Method: method, Path: path, Summary: does,
		OperationID:  operationID(method, path),
		Tags:         []string{strings.Split(path, "/")[2]},
		MaxBodyBytes: maxBody,
		Extensions:   map[string]any{"x-role": need},
		Errors: []int{
			http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusUnprocessableEntity,
		},
	}
	if need != Anyone {
		op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	}
	for _, f := range forms {
		f(&op)
	}
	return route{op, need, func(api huma.API, op huma.Operation) { huma.Register(api, op, handle) }}
}

// operationID is a name for programs: "GET /api/calls/{id}/journal" is get-calls-id-journal.
func operationID(method, path string) string {
	path = strings.NewReplacer("/api/", "", "{", "", "}", "", "/", "-", ".", "-").Replace(path)
	return strings.ToLower(method) + "-" + path
}

// A form says what a row takes or gives that is not JSON.
type form func(*huma.Operation)

// gives is the content types of an answer that is a stream.
func gives(types ...string) form {
	return func(op *huma.Operation) {
		content := map[string]*huma.MediaType{}
		for _, t := range types {
			content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		}
		op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: content}}
	}
}

// takes is the content type of a body that is a file, and its bound in octets.
func takes(contentType string, limit int64) form {
	return func(op *huma.Operation) {
		op.MaxBodyBytes = limit
		op.BodyReadTimeout = time.Minute
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			contentType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		}}
	}
}

// carriesSound says that the JSON body may hold a WAV file in base64.
func carriesSound(op *huma.Operation) { op.MaxBodyBytes, op.BodyReadTimeout = maxSpoken, answerTime }

// checksItself says that the body is a configuration, which its own Validate checks and not its schema.
func checksItself(op *huma.Operation) { op.SkipValidateBody, op.MaxBodyBytes = true, maxConfig }

// lasts says that the answer may take so long.
func lasts(d time.Duration) form {
	return func(op *huma.Operation) { remember(op, "lasts", d) }
}

func remember(op *huma.Operation, key string, value any) {
	if op.Metadata == nil {
		op.Metadata = map[string]any{}
	}
	op.Metadata[key] = value
}
