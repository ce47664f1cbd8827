package storage

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"callbox/telephony"
)

// A Difference is one thing that two configurations do not agree on. Secrets are masked; that one changed still shows.
type Difference struct {
	Path   string `json:"path"` // "queues[sales].ring_seconds"
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

// Diff lists what changed from one configuration to another, in the order of the paths. Elements of lists are told apart
// by what names them, so that moving a queue is not changing it.
func Diff(before, after *telephony.Config) []Difference {
	d := differ{}
	shownBefore, shownAfter := tree(before.Masked()), tree(after.Masked())
	d.compare("", tree(before), tree(after), shownBefore, shownAfter)
	return d.found
}

type differ struct{ found []Difference }

// tree is a configuration as JSON sees it.
func tree(c *telephony.Config) any {
	own := *c
	own.Revision, own.Format = 0, 0
	b, err := json.Marshal(&own)
	if err != nil {
		return nil
	}
	var t any
	if json.Unmarshal(b, &t) != nil {
		return nil
	}
	return t
}

// compare walks two trees, and beside each the one that may be shown.
func (d *differ) compare(path string, a, b, showA, showB any) {
	a, b = listLike(a, b), listLike(b, a)
	mapA, okA := branches(a)
	mapB, okB := branches(b)
	if !okA || !okB {
		if !reflect.DeepEqual(a, b) {
			d.found = append(d.found, Difference{path, showA, showB})
		}
		return
	}
	seen := maps.Clone(mapA)
	maps.Copy(seen, mapB)
	showMapA, _ := branches(showA)
	showMapB, _ := branches(showB)
	for _, key := range slices.Sorted(maps.Keys(seen)) {
		d.compare(path+pathStep(path, key), mapA[key], mapB[key], showMapA[key], showMapB[key])
	}
}

// listLike is a value, or the empty list in the place of none beside a list: nobody means a difference by that.
func listLike(v, beside any) any {
	if _, list := beside.([]any); list && v == nil {
		return []any{}
	}
	return v
}

// pathStep is one step of a path: ".name" below an object, "[id]" below a list.
func pathStep(path, key string) string {
	if path == "" || key[0] == '[' {
		return key
	}
	return "." + key
}

// branches is what a value consists of: the fields of an object, or the elements of a list under what names them. A list
// of plain values, or one whose names are not unique, is one value.
func branches(v any) (map[string]any, bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case []any:
		named := make(map[string]any, len(v))
		for _, e := range v {
			name := nameOf(e)
			if _, twice := named["["+name+"]"]; twice || name == "" {
				return nil, false
			}
			named["["+name+"]"] = e
		}
		return named, true
	}
	return nil, false
}

// nameOf is what people call an element of a list.
func nameOf(e any) string {
	object, ok := e.(map[string]any)
	if !ok {
		return ""
	}
	for _, field := range []string{"id", "extension", "agent", "number", "keys"} {
		if name, ok := object[field]; ok && name != "" {
			return fmt.Sprint(name)
		}
	}
	return ""
}
