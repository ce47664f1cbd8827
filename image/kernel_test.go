package main

import (
	"bytes"
	"testing"
)

func TestUnsigned(t *testing.T) {
	module := []byte("the module")
	signed := append(bytes.Clone(module), "signature\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x09~Module signature appended~\n"...)
	for _, file := range [][]byte{module, signed} {
		if got := unsigned(file); !bytes.Equal(got, module) {
			t.Errorf("unsigned(%q) = %q", file, got)
		}
	}
}
