package telephony

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"strings"
	"time"
)

// MaxConfigOctets bounds a configuration as text.
const MaxConfigOctets = 4 << 20

// ParseConfig reads a configuration from JSON. It is strict, since a word misspelt would otherwise be a wish unheard: it
// refuses with an *Error of code Invalid an unknown or doubled field or a value of the wrong type, naming its path, and
// of code TooLarge more than MaxConfigOctets. It does not Validate.
func ParseConfig(r io.Reader) (*Config, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxConfigOctets+1))
	if err != nil {
		return nil, Errorf(Unavailable, "读取配置失败：%v", "the configuration could not be read: %v", err)
	}
	if len(text) > MaxConfigOctets {
		return nil, Errorf(TooLarge, "配置超过 %d MB，请检查文件", "the configuration is over %d MB: check the file", MaxConfigOctets>>20)
	}
	s := &strictReader{dec: json.NewDecoder(bytes.NewReader(text))}
	s.dec.UseNumber()
	if p := s.value("", reflect.TypeFor[Config]()); p != nil {
		return nil, parseError(*p)
	}
	if _, err := s.dec.Token(); err != io.EOF {
		return nil, parseError(*problem("", "配置之后还有多余内容，请删除", "there is more after the configuration: remove it"))
	}
	c := &Config{}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, parseError(*problem("", "不是配置文件", "not a configuration: "+err.Error()))
	}
	return c, nil
}

func parseError(p Problem) *Error {
	err := Errorf(Invalid, "配置无法读取", "the configuration cannot be read")
	err.Problems = []Problem{p}
	return err
}

func problem(path, zh, en string) *Problem {
	return &Problem{Path: path, Message: Text{ZH: zh, EN: en}}
}

// A strictReader walks JSON beside the type that it is to become.
type strictReader struct{ dec *json.Decoder }

// value reads one value of type t; the answer is the first problem, or nil.
func (s *strictReader) value(path string, t reflect.Type) *Problem {
	token, err := s.dec.Token()
	if err != nil {
		return problem(path, "JSON 语法有误，请检查逗号、引号和括号", "not JSON: check commas, quotes and brackets here")
	}
	switch {
	case token == nil && t.Kind() == reflect.Slice: // an empty list as Go writes it
		return nil
	case token == json.Delim('{') && t.Kind() == reflect.Struct && t != timeType:
		return s.object(path, t)
	case token == json.Delim('[') && t.Kind() == reflect.Slice:
		return s.list(path, t.Elem())
	case fits(token, t):
		return nil
	}
	return problem(path, "类型不对，应为"+kindOf(t).ZH, "the wrong type: give "+kindOf(t).EN)
}

func (s *strictReader) list(path string, elem reflect.Type) *Problem {
	for n := 0; s.dec.More(); n++ {
		if p := s.value(at(path, n), elem); p != nil {
			return p
		}
	}
	return s.closing(path)
}

func (s *strictReader) object(path string, t reflect.Type) *Problem {
	seen := map[string]bool{}
	for s.dec.More() {
		token, err := s.dec.Token()
		name, _ := token.(string)
		if err != nil {
			return problem(path, "JSON 语法有误，请检查逗号、引号和括号", "not JSON: check commas, quotes and brackets here")
		}
		inner := strings.TrimPrefix(path+"."+short(name), ".")
		field, ok := fieldNamed(t, name)
		switch {
		case !ok:
			return problem(inner, "没有这个字段，请检查拼写或删除", "there is no such field: check its spelling or remove it")
		case seen[name]:
			return problem(inner, "字段重复，请删除一个", "the field is there twice: remove one")
		}
		seen[name] = true
		if p := s.value(inner, field.Type); p != nil {
			return p
		}
	}
	return s.closing(path)
}

// closing reads the bracket at the end of a list or an object.
func (s *strictReader) closing(path string) *Problem {
	if _, err := s.dec.Token(); err != nil {
		return problem(path, "JSON 不完整，请检查括号", "the JSON is not complete: check the brackets")
	}
	return nil
}

// fieldNamed finds the field with the JSON name, in exactly these letters.
func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

var timeType = reflect.TypeFor[time.Time]()

// fits reports whether a plain value can become a t.
func fits(token json.Token, t reflect.Type) bool {
	switch v := token.(type) {
	case string:
		if t == timeType {
			_, err := time.Parse(time.RFC3339, v)
			return err == nil
		}
		return t.Kind() == reflect.String
	case bool:
		return t.Kind() == reflect.Bool
	case json.Number:
		return json.Unmarshal([]byte(v), reflect.New(t).Interface()) == nil && t.Kind() != reflect.String
	}
	return false
}

// kindOf names what a field takes, for people.
func kindOf(t reflect.Type) Text {
	switch {
	case t == timeType:
		return Text{"时间，如 2026-10-01T09:00:00+08:00", "a time such as 2026-10-01T09:00:00+08:00"}
	case t.Kind() == reflect.Struct:
		return Text{"对象 {…}", "an object {...}"}
	case t.Kind() == reflect.Slice:
		return Text{"列表 […]", "a list [...]"}
	case t.Kind() == reflect.Bool:
		return Text{"true 或 false", "true or false"}
	case t.Kind() == reflect.String:
		return Text{"文字 \"…\"", "text in quotes"}
	}
	return Text{"整数", "a whole number"}
}
