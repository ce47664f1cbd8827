package telephony

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAConfigurationReadsBackAsItWasWritten(t *testing.T) {
	for _, want := range []*Config{DefaultConfig(), office(), {}} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseConfig(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
}

func TestParseConfigRefuses(t *testing.T) {
	for _, row := range []struct{ name, text, path string }{
		{"nothing", ``, ""},
		{"no JSON", `hello`, ""},
		{"half a configuration", `{"format":1`, ""},
		{"a list", `[]`, ""},
		{"null", `null`, ""},
		{"two configurations", `{}{}`, ""},
		{"unknown field", `{"colour":1}`, "colour"},
		{"unknown field inside", `{"queues":[{"id":"a"},{"id":"b","ring":3}]}`, "queues[1].ring"},
		{"field in capitals", `{"Format":1}`, "Format"},
		{"field twice", `{"site":{"name":"a","name":"b"}}`, "site.name"},
		{"text for a number", `{"queues":[{"ring_seconds":"20"}]}`, "queues[0].ring_seconds"},
		{"number for a text", `{"site":{"name":1}}`, "site.name"},
		{"a fraction", `{"format":1.5}`, "format"},
		{"a number too large", `{"format":1e99}`, "format"},
		{"a negative revision", `{"revision":-1}`, "revision"},
		{"an object for a list", `{"lines":{}}`, "lines"},
		{"a list for an object", `{"site":[]}`, "site"},
		{"null for a text", `{"site":{"name":null}}`, "site.name"},
		{"no time", `{"vips":[{"until":"soon"}]}`, "vips[0].until"},
		{"no date", `{"menus":[{"keys":[{"keys":"1","to":1}]}]}`, "menus[0].keys[0].to"},
		{"a deep hole", strings.Repeat(`{"site":`, 100000), "site.site"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := ParseConfig(strings.NewReader(row.text))
			var e *Error
			if !errors.As(err, &e) || e.Code != Invalid || len(e.Problems) != 1 {
				t.Fatalf("got %v", err)
			}
			if e.Problems[0].Path != row.path {
				t.Errorf("problem %v, want it at %q", e.Problems[0], row.path)
			}
		})
	}
	t.Run("too large", func(t *testing.T) {
		_, err := ParseConfig(strings.NewReader(strings.Repeat(" ", MaxConfigOctets+1)))
		var e *Error
		if !errors.As(err, &e) || e.Code != TooLarge {
			t.Fatalf("got %v", err)
		}
	})
}

// Whatever comes in is refused with a problem or survives validation and a second reading.
func FuzzParseConfig(f *testing.F) {
	for _, c := range []*Config{DefaultConfig(), office(), {}} {
		text, _ := json.Marshal(c)
		f.Add(text)
	}
	f.Add([]byte(`{"menus":[{"shortcuts":[{"keys":"[1-"}]}],"phones":[{"password":"aaaaaaaa"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseConfig(bytes.NewReader(text))
		if err != nil {
			return
		}
		_ = c.Validate()
		again, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("read but cannot be written: %v", err)
		}
		d, err := ParseConfig(bytes.NewReader(again))
		if err != nil {
			t.Fatalf("written but cannot be read: %v", err)
		}
		if diff := cmp.Diff(c, d); diff != "" {
			t.Error(diff)
		}
	})
}

// randomConfig breaks the office at random: fields emptied, exchanged and filled with what strangers send.
func randomConfig(t *rapid.T) *Config {
	text, _ := json.Marshal(office())
	var tree any
	_ = json.Unmarshal(text, &tree)
	tree = damaged(t, tree)
	text, _ = json.Marshal(tree)
	c := &Config{}
	_ = json.Unmarshal(text, c) // what does not fit its field is left out
	return c
}

// damaged is a tree of JSON with some of its leaves changed and some of its lists cut or doubled.
func damaged(t *rapid.T, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			v[name] = damaged(t, v[name])
		}
		return v
	case []any:
		for i := range v {
			v[i] = damaged(t, v[i])
		}
		switch rapid.IntRange(0, 9).Draw(t, "list") {
		case 0:
			return v[:len(v)/2]
		case 1:
			return append(v, v...)
		}
		return v
	case string:
		if rapid.IntRange(0, 9).Draw(t, "text") == 0 {
			return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", ":", "queue:", "[", "[1-", "00:00", "phone:801", Mask})).Draw(t, "word")
		}
	case float64:
		if rapid.IntRange(0, 9).Draw(t, "number") == 0 {
			return rapid.Int32().Draw(t, "value")
		}
	}
	return v
}

func TestValidateNeverPanics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if err := randomConfig(t).Validate(); err != nil && len(err.Problems) == 0 {
			t.Fatal("an error without a problem")
		}
	})
}

func TestMasking(t *testing.T) {
	t.Run("given back, a mask keeps the secret", rapid.MakeCheck(func(t *rapid.T) {
		c := randomConfig(t)
		if c.hasTwins() {
			t.Skip("ids are unique in a configuration that Validate let in")
		}
		if d := cmp.Diff(c, c.Masked().Unmasked(c)); d != "" {
			t.Fatal(d)
		}
	}))
	t.Run("no secret gets out", rapid.MakeCheck(func(t *rapid.T) {
		randomConfig(t).Masked().eachSecret(func(name string, s *string) {
			if *s != "" && *s != Mask {
				t.Fatalf("%s shows %q", name, *s)
			}
		})
	}))
	t.Run("the original keeps its secrets", func(t *testing.T) {
		c := office()
		c.Masked()
		if d := cmp.Diff(office(), c); d != "" {
			t.Error(d)
		}
	})
	t.Run("a mask on something new is refused", func(t *testing.T) {
		c := office().Masked()
		c.Phones[1].Extension, c.Phones[0].NoAnswer = "803", ""
		err := c.Unmasked(office()).Validate()
		if err == nil || err.Problems[0].Path != "phones[1].password" {
			t.Errorf("got %v", err)
		}
	})
}

// hasTwins reports whether two secrets go by one name.
func (c *Config) hasTwins() bool {
	names, n := map[string]bool{}, 0
	c.eachSecret(func(name string, _ *string) { names[name] = true; n++ })
	return len(names) != n
}
