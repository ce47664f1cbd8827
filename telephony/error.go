package telephony

import "fmt"

// Text is one sentence in the two languages of the box. It may hold what was typed by a stranger: escape it when shown.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In is the text in the language "zh" or "en"; any other language reads English.
func (t Text) In(language string) string {
	if language == "zh" {
		return t.ZH
	}
	return t.EN
}

// And adds one more thing to say, behind a comma.
func (t Text) And(more Text) Text {
	if t == (Text{}) {
		return more
	}
	return Text{ZH: t.ZH + "，" + more.ZH, EN: t.EN + ", " + more.EN}
}

// A Code says what kind of error it is, for programs. The web turns it into a status.
type Code string

// The kinds of errors.
const (
	Invalid     Code = "invalid"     // the input is wrong; the problems say where
	NotFound    Code = "not_found"   // there is no such thing
	Conflict    Code = "conflict"    // somebody changed it first; read it again
	Forbidden   Code = "forbidden"   // the rights do not reach
	Unsigned    Code = "unsigned"    // sign in first
	Busy        Code = "busy"        // in use, or full; try later
	Unavailable Code = "unavailable" // not there now: not registered, in alarm, disk full
	TooLarge    Code = "too_large"   // over a bound that the message names
	TooMany     Code = "too_many"    // too many tries; wait
	Internal    Code = "internal"    // a fault of the box
)

// An Error is the one form of error that people see: what is wrong and what to do next, in both languages.
type Error struct {
	Code     Code      `json:"code"`
	Message  Text      `json:"message"`
	Problems []Problem `json:"problems,omitempty"` // for Invalid: one per field
}

// A Problem is what is wrong with one field, named by its JSON path ("queues[0].ring_seconds").
type Problem struct {
	Path    string `json:"path"`
	Message Text   `json:"message"`
}

// Error is the English sentence, with the first problem if there is one.
func (e *Error) Error() string {
	if len(e.Problems) > 0 && e.Problems[0].Message != e.Message {
		return fmt.Sprintf("%s (%s: %s)", e.Message.EN, e.Problems[0].Path, e.Problems[0].Message.EN)
	}
	return e.Message.EN
}

// Errorf makes an Error; both texts take the same arguments.
func Errorf(code Code, zh, en string, args ...any) *Error {
	return &Error{Code: code, Message: Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}}
}

// At says that the error is about one field of the input, so that the page shows the sentence beside it.
func (e *Error) At(path string) *Error {
	e.Problems = append(e.Problems, Problem{Path: path, Message: e.Message})
	return e
}
