package hwtest

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A talk is the speech of one bearer.
type talk struct {
	far      *farSpan
	timeslot int
	slot     hal.Timeslot
	said     []byte // by the far end
	heard    []byte // by the box
	answered []byte // by the box, still to be said
}

// fourSpans has 120 PRI calls at once, and a second of speech each way on every one of them at the same time. For that second
// the story is the clock: the emulated processor needs not keep up with so many.
func fourSpans(t *testing.T) {
	far := farSpans(t, 4)
	d := open(t, 4, 20)
	var talks []*talk
	var boxes, networks []*party
	for i, span := range d.Spans() {
		box := newParty(t, span, "user")
		network := newParty(t, &carrierSpan{far: far[i], events: make(chan hal.SpanEvent, hal.SpanEventBox)}, "network")
		box.await("the D-channel", func() bool { return box.span.Live().DChannel == "up" && network.span.Live().DChannel == "up" })
		boxes, networks = append(boxes, box), append(networks, network)
		for range channels - 1 {
			caller := network.dial("62345600")
			a := box.arrived()
			a.Leg.Answer()
			box.await("the answer", func() bool { return network.has(caller, telephony.Answered{}) })
			talks = append(talks, &talk{far: far[i], timeslot: network.bearer(caller), slot: legSlot{a.Leg.Port()}})
		}
	}
	for i, talk := range talks {
		talk.said, talk.answered = speech(uint64(i)), speech(uint64(1000+i))
	}
	speakAll(t, talks)
	for i, box := range boxes {
		for g := range networks[i].seen {
			g.Release(telephony.CauseNormal)
		}
		box.rest(networks[i])
	}
}

// speakAll passes a second of speech each way on every bearer.
func speakAll(t *testing.T, talks []*talk) {
	t.Helper()
	clock, err := theCarrier()
	if err != nil {
		t.Fatal(err)
	}
	clock.pace.Lock()
	defer clock.pace.Unlock()
	var took time.Duration
	for i := range 100 {
		clock.pass(20)
		begin := time.Now()
		for _, talk := range talks {
			if i == 25 {
				talk.far.Play(talk.timeslot, talk.said)
			}
			talk.tick(i >= 25)
		}
		took += time.Since(begin)
	}
	t.Logf("a tick of %d bearers: %v of a processor of 500 million instructions a second (.ci/hw)", len(talks), took/100)
	for i, talk := range talks {
		if !bytes.Contains(talk.heard, talk.said) {
			t.Errorf("the box did not hear bearer %d bit by bit", i)
		}
		if !bytes.Contains(talk.far.Heard(talk.timeslot), speech(uint64(1000+i))) {
			t.Errorf("the far end did not hear bearer %d bit by bit", i)
		}
	}
}

// tick hears a block and, once it is to speak, says the next of the answer.
func (k *talk) tick(speak bool) {
	var b hal.Block
	var octets [len(b)]byte
	k.slot.Hear(&b)
	dsp.EncodeALaw(octets[:], b[:])
	k.heard = append(k.heard, octets[:]...)
	for i := range octets {
		octets[i] = dsp.ALawSilence
	}
	if speak {
		k.answered = k.answered[copy(octets[:], k.answered):]
	}
	dsp.DecodeALaw(b[:], octets[:])
	k.slot.Say(&b)
}

const second = 8000 // octets

// speech is a second of octets like no other seed's.
func speech(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 2))
	octets := make([]byte, second)
	for i := range octets {
		octets[i] = byte(r.Uint32())
	}
	return octets
}
