package ivr

import (
	"testing"

	"callbox/telephony"
)

// What one caller who hears a prompt costs a tick.
func BenchmarkNext(b *testing.B) {
	s := NewLibrary(b.TempDir()).Loop("zh", "hold_music")
	var f telephony.Frame
	for b.Loop() {
		s.Next(&f)
	}
}
