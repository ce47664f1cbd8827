package q931

import "testing"

func BenchmarkEncode(b *testing.B) {
	m := all[0].message
	for b.Loop() {
		m.Encode()
	}
}

func BenchmarkDecode(b *testing.B) {
	octets := all[0].message.Encode()
	for b.Loop() {
		if _, err := Decode(octets); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCall is a call from SETUP to RELEASE COMPLETE at both its ends, with 29 others up: eight messages.
func BenchmarkCall(b *testing.B) {
	ends := [2]*Interface{New(Options{Side: User}), New(Options{Side: Network})}
	var talk func(s Side, e Event)
	talk = func(s Side, e Event) {
		for _, a := range ends[s].Step(e) {
			if m, ok := a.(Send); ok {
				talk(1-s, Received(m))
			}
		}
	}
	for s := range ends {
		ends[s].Step(LinkUp{})
	}
	begin := func() (Ref, Ref) {
		ref, _ := ends[User].FreeRef()
		far := Ref{ref.Value, true}
		talk(User, Call{ref, setupOut})
		talk(Network, Proceed{Ref: far})
		talk(Network, Alert{Ref: far})
		talk(Network, Connect{Ref: far})
		return ref, far
	}
	for range 29 {
		begin()
	}
	for b.Loop() {
		ref, far := begin()
		talk(User, Clear{Ref: ref})
		talk(Network, Clear{Ref: far})
	}
	if len(ends[User].calls) != 29 || len(ends[Network].calls) != 29 {
		b.Fatal("calls are left")
	}
}
