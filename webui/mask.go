package webui

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"callbox/telephony"

	"github.com/danielgtaylor/huma/v2"
)

// What agents are answered holds no caller's number, where the company wants that (A18.2). It is decided here, on the way out and for
// every row: each text in an answer has its numbers masked unless its name is among those that hold none. A row that is to
// give numbers as they are says so in the table (asWritten).

// namesNothing are the fields whose digits are no number of a caller: ids and keys, and what the company itself wrote for its agents.
var namesNothing = []string{
	"id", "call", "calls", "next", "recording", "recordings", "leg", "challenge",
	"notice", "question", "answer", "customer_url",
}

// masks reports whether a role sees the numbers of callers masked.
func (s *Server) masks(r Role) bool {
	return s.Configs.Config().Recording.MaskNumbers && !r.Reaches(Supervisor)
}

const writtenKey = "as_written"

// asWritten says that the answer has numbers as the asker wrote them.
func asWritten(op *huma.Operation) { remember(op, writtenKey, true) }

// mask is huma's last step before an answer is written.
func (s *Server) mask(ctx huma.Context, _ string, answer any) (any, error) {
	if answer == nil || !s.masks(asker(ctx.Context()).Role) || ctx.Operation().Metadata[writtenKey] != nil {
		return answer, nil
	}
	var b bytes.Buffer
	if err := writeJSON(&b, answer); err != nil {
		return nil, err
	}
	return json.RawMessage(s.masked(b.Bytes())), nil
}

// masked is JSON with its numbers masked, in one line that ends in a newline.
func (s *Server) masked(text []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return []byte("{}\n") // never: it was written by us
	}
	var b bytes.Buffer
	_ = writeJSON(&b, hide("", v, s.Configs.Config().OwnNumber)) // what was read from JSON
	return b.Bytes()
}

// hide masks what stands under a name.
func hide(name string, v any, own func(string) bool) any {
	switch v := v.(type) {
	case map[string]any:
		if texts := textsOf(v); name == "data" && texts != nil {
			return hideTexts(texts, own)
		}
		for field, within := range v {
			v[field] = hide(field, within, own)
		}
	case []any:
		for i, within := range v {
			v[i] = hide(name, within, own)
		}
	case string:
		if _, err := time.Parse(time.RFC3339, v); err != nil && !slices.Contains(namesNothing, name) {
			return telephony.MaskNumbers(v, own)
		}
	}
	return v
}

// textsOf is an object that has nothing but texts, as what a program attaches to a call; nil: it has more.
func textsOf(v map[string]any) map[string]string {
	texts := make(map[string]string, len(v))
	for field, within := range v {
		text, is := within.(string)
		if !is {
			return nil
		}
		texts[field] = text
	}
	return texts
}

// hideTexts trusts no name: the program chose them.
func hideTexts(texts map[string]string, own func(string) bool) map[string]string {
	hidden := make(map[string]string, len(texts))
	for field, text := range texts {
		hidden[telephony.MaskNumbers(field, own)] = telephony.MaskNumbers(text, own)
	}
	return hidden
}

var errMasked = telephony.Errorf(telephony.Forbidden,
	"号码对座席已隐藏，请按通话查询：GET /api/calls/{id}/caller。",
	"Numbers are masked for agents. Ask by the call: GET /api/calls/{id}/caller.")

// otherParty is the number outside of a call that the asker sees, or that came into the asker's queues and nobody has taken: an agent
// calls back who was missed (A5.11).
func (s *Server) otherParty(ctx context.Context, id telephony.CallID) (string, error) {
	r, err := s.Calls.Call(ctx, id)
	missed := r.Agent == "" && s.Configs.Config().Desk(asker(ctx).Agent).HasQueue(r.Queue)
	if l, gone := s.inProgress(id); gone == nil {
		r, err = CallRecord{Direction: l.Direction, Caller: l.Caller, Called: l.Called}, nil
	}
	if err == nil && !missed {
		err = s.maySee(ctx, id)
	}
	if err != nil {
		return "", err
	}
	return other(&r), nil
}
