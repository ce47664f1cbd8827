package q921

import "testing"

// BenchmarkMessage is a message from layer 3 to layer 3, with its acknowledgement: two frames.
func BenchmarkMessage(b *testing.B) {
	user, network := up(b, User), up(b, Network)
	message := make([]byte, 40)
	b.ReportAllocs()
	for b.Loop() {
		for _, a := range user.Step(Data{message}) {
			if s, ok := a.(Send); ok {
				deliver(network, user, s.Octets)
			}
		}
	}
}

func deliver(to, from *Link, octets []byte) {
	for _, a := range to.Step(Received{octets}) {
		if s, ok := a.(Send); ok {
			deliver(from, to, s.Octets)
		}
	}
}
