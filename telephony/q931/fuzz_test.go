package q931

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"callbox/telephony"
)

// FuzzMessage: what decodes encodes to something that decodes to the same, once what could not be read is left out.
func FuzzMessage(f *testing.F) {
	for _, r := range all {
		f.Add(octetsOf(f, r.octets))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		m, err := Decode(octets)
		if err != nil {
			return
		}
		again := m.Encode()
		if len(again) > MaxMessage { // a display in Latin and a map of channels are longer in our form
			return
		}
		back, err := Decode(again)
		if err != nil {
			t.Fatalf("% X became % X: %v", octets, again, err)
		}
		if diff := cmp.Diff(m, back, faults); diff != "" || back.bad != nil || back.unknown != nil {
			t.Fatalf("% X became % X, bad %v, unknown %v:\n%s", octets, again, back.bad, back.unknown, diff)
		}
		if s := m.String(); s == "" {
			t.Fatal("a message without a name")
		}
	})
}

// FuzzInterface feeds an interface with what the octets say, each event with its length before it: messages mostly, verbs,
// expiries and the link's changes between them. Whatever it was, no call is left when all have been cleared.
func FuzzInterface(f *testing.F) {
	for _, side := range []byte{0, 1} {
		seed := []byte{side}
		for _, r := range all {
			octets := octetsOf(f, r.octets)
			if r.message.Value != 0 { // one call
				octets[2], octets[3] = octets[2]&0x80, 1
			}
			seed = append(seed, byte(len(octets)))
			seed = append(seed, octets...)
			f.Add(slices.Concat(seed, []byte{2, 0, 3, 2, 0, 4, 2, 0, 5, 2, 0, 7}))
		}
		f.Add([]byte{side, 2, 0, 0, 2, 0, 9, 2, 0, 10, 2, 0, 11, 2, 0, 12})
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		if len(script) == 0 {
			return
		}
		i := New(Options{Side: Side(script[0] & 1)})
		i.Step(LinkUp{})
		for script = script[1:]; len(script) > 1; {
			n := min(int(script[0]), len(script)-1)
			i.Step(scripted(i, script[1:1+n]))
			script = script[1+n:]
			if len(i.calls) > maxCalls {
				t.Fatalf("%d calls", len(i.calls))
			}
		}
		drain(t, i)
	})
}

// scripted makes an event of octets: two are a verb, an expiry or a change of the link, any other number a message.
func scripted(i *Interface, octets []byte) Event {
	if len(octets) != 2 {
		return Received{octets}
	}
	which := int(binary.BigEndian.Uint16(octets))
	ref := Ref{Value: 1}
	if len(i.calls) > 0 {
		ref = i.calls[which>>4%len(i.calls)].ref
	}
	free, _ := i.FreeRef()
	events := []Event{
		Call{free, setupOut},
		Enquire{ref},
		MoreDigits{ref, "1", false},
		AskDigits{Ref: ref},
		Proceed{Ref: ref},
		Alert{Ref: ref, Channel: Channel{Number: 4}},
		TellProgress{ref, 0, tone},
		Connect{Ref: ref},
		Clear{ref, telephony.CauseBusy, tone},
		Restart{},
		Restart{[]int{3}},
		LinkDown{},
		LinkUp{},
		Expired{t316},
		Expired{},
		Expired{},
	}
	if c := i.find(ref); c != nil && len(c.running) > 0 {
		events[14] = Expired{ref.named(c.running[0].name)}
		events[15] = events[14]
	}
	return events[which%len(events)]
}

// drain clears every call and lets every timer expire, until none is left.
func drain(t *testing.T, i *Interface) {
	for n := 0; n < 100 && len(i.calls)+len(i.restarts) > 0; n++ {
		for _, c := range slices.Clone(i.calls) {
			i.Step(Clear{Ref: c.ref})
		}
		for _, c := range slices.Clone(i.calls) {
			for _, r := range slices.Clone(c.running) {
				i.Step(Expired{c.ref.named(r.name)})
			}
		}
		i.Step(Expired{t316})
	}
	if len(i.calls) > 0 || len(i.restarts) > 0 {
		t.Fatalf("%d calls and %d restarts are left", len(i.calls), len(i.restarts))
	}
}
