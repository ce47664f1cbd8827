package main

import "testing"

func TestOlderThan(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"1.2", "1.10", true},
		{"1.10", "1.2", false},
		{"1.2", "1.2", false},
		{"1.2", "1.2.1", true},
		{"v1.2", "2", true},
		{"449c572-dirty", "1.2", false},
		{"0.9", "unknown", false}, // development builds are older than none
	} {
		if got := olderThan(row.a, row.b); got != row.want {
			t.Errorf("%s is older than %s: %v", row.a, row.b, got)
		}
	}
}
