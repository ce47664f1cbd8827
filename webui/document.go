package webui

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// document is the head of the OpenAPI document, and JSON as the only form of answers.
func document(version string) huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		return strings.TrimSuffix(huma.DefaultSchemaNamer(t, hint), "Body") // a body is named after what asks or answers with it
	})
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Callbox", Version: version, Description: about},
			Components: &huma.Components{
				Schemas: registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {Type: "apiKey", In: "cookie", Name: cookieName},
					"token":   {Type: "http", Scheme: "bearer"},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": asJSON, "json": asJSON},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	}
}

const about = "Everything that the page does. Sign in for a session cookie, or send a token as `Authorization: Bearer`, or as the password of HTTP Basic. " +
	"Each operation names in `x-role` the role that it needs, and says by `x-team` whether a supervisor with a team is answered of the team " +
	"alone, with 403 for what is beyond it, and an agent of the own desk; of a call's events such a program is told from the first on that is of its team. " +
	"Every refusal has the form of `Error`: a code for programs, " +
	"a message in Chinese and English for people, and the problems by field. Times are RFC 3339; lengths name their unit."

// A list is never null in this API: pages and integrators need no second case.
func init() { huma.DefaultArrayNullable = false }

var asJSON = huma.Format{Marshal: writeJSON, Unmarshal: json.Unmarshal}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if v != nil {
		v = listed(reflect.ValueOf(v)).Interface()
	}
	return enc.Encode(v)
}

var marshaler = reflect.TypeFor[json.Marshaler]()

// listed copies a value so that every list or map that was nil is an empty one. The value itself may be shared: it is not touched.
func listed(v reflect.Value) reflect.Value {
	if v.Type().Implements(marshaler) {
		return v
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return v
		}
		c := reflect.New(v.Type().Elem())
		c.Elem().Set(listed(v.Elem()))
		return c
	case reflect.Struct:
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				c.Field(i).Set(listed(v.Field(i)))
			}
		}
		return c
	case reflect.Slice:
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			c.Index(i).Set(listed(v.Index(i)))
		}
		return c
	case reflect.Map:
		if v.IsNil() {
			return reflect.MakeMap(v.Type())
		}
	}
	return v
}

// OpenAPI is the document in JSON, for those who make clients and docs/API.md from it.
func (s *Server) OpenAPI() ([]byte, error) { return json.MarshalIndent(s.api.OpenAPI(), "", "  ") }

func (s *Server) getOpenAPI(context.Context, *struct{}) (*huma.StreamResponse, error) {
	doc, err := s.OpenAPI()
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "application/json")
		_, _ = ctx.BodyWriter().Write(doc)
	}}, nil
}

// nothingHere answers whatever below /api/ is not a row of the table.
func (s *Server) nothingHere(w http.ResponseWriter, r *http.Request) {
	op := &huma.Operation{Method: r.Method, Path: r.URL.Path}
	_ = huma.WriteErr(s.api, humago.NewContext(op, r, w), http.StatusNotFound, "")
}
