package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"callbox/telephony"
)

// volatile are the fields of facts that say how long something took or where it was put; a transcript leaves them out.
var volatile = map[string]bool{
	"waited": true, "rang": true, "length": true, "octets": true, "file": true, "stack": true,
}

// idleSpell is how long an agent was idle, which a few milliseconds change.
var idleSpell = regexp.MustCompile(`idle [0-9hms]+`)

// telling is a fact as a line of a transcript: its kind and its fields in their order.
func telling(f telephony.Fact) string {
	raw, err := json.Marshal(f)
	if err != nil {
		return f.Kind() + " " + err.Error()
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	return idleSpell.ReplaceAllString(f.Kind()+fields(d), "idle")
}

func fields(d *json.Decoder) string {
	var b strings.Builder
	d.Token() // {
	for d.More() {
		key, _ := d.Token()
		var value any
		d.Decode(&value)
		if s := plain(value); s != "" && !volatile[key.(string)] {
			fmt.Fprintf(&b, " %s=%s", key, s)
		}
	}
	return b.String()
}

// plain is a value in few characters; what says nothing is empty.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		if !v {
			return ""
		}
	case map[string]any:
		if en, ok := v["en"]; ok {
			return fmt.Sprintf("%q", en)
		}
		if _, ok := v["number"]; !ok { // data that travel with a call
			return strings.TrimPrefix(fmt.Sprint(v), "map")
		}
		s := fmt.Sprint(v["number"])
		if name, ok := v["name"]; ok {
			s += "/" + fmt.Sprint(name)
		}
		return s
	case []any:
		var list []string
		for _, e := range v {
			list = append(list, plain(e))
		}
		return strings.Join(list, ",")
	case string:
		if strings.Contains(v, " ") {
			return fmt.Sprintf("%q", v)
		}
		return v
	}
	return fmt.Sprint(v)
}
