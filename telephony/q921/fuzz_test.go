package q921

import "testing"

// FuzzReceived gives a link of either side, in the state that a way leads to, frames cut out of octets by a length before
// each. It must answer with frames that the other side understands, and keep to the window and to its queue.
func FuzzReceived(f *testing.F) {
	ways := [][]string{
		{},
		{"up"},
		{"up", "establish"},
		{"up", "SABME c1"},
		{"up", "SABME c1", "send A", "send B"},
		{"up", "SABME c1", "send A", "T200"},
		{"up", "SABME c1", "release"},
	}
	f.Fuzz(func(t *testing.T, s, way byte, raw []byte) {
		side := Side(s % 2)
		l := New(side)
		for _, words := range ways[int(way)%len(ways)] {
			l.Step(event(side, words))
		}
		for len(raw) > 0 {
			n := min(int(raw[0]), len(raw)-1)
			for _, a := range l.Step(Received{raw[1 : 1+n]}) {
				if sent, ok := a.(Send); ok {
					if got, fault := (1 - side).decode(sent.Octets); got.kind == none || fault.Code != 0 {
						t.Fatalf("it sent % X, which is no frame: %v", sent.Octets, fault)
					}
				}
			}
			raw = raw[1+n:]
			if l.multiFrame() && (l.inFlight() > k || int(l.inFlight()) > len(l.queue)) || len(l.queue) > queueLimit {
				t.Fatalf("%d frames in flight of %d", l.inFlight(), len(l.queue))
			}
		}
	})
}
