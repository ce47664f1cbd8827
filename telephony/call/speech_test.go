package call

import (
	"testing"

	"callbox/telephony"

	"github.com/google/go-cmp/cmp"
)

// Speech that goes only one way is on the live page while it lasts, and in the call's story for ever; so is how each leg
// sounded.
func TestSpeechThatGoesOneWay(t *testing.T) {
	play(t, nil, func(w *world) {
		w.ready("1")
		w.ring("queue:q")
		agent := w.at("phone/801")
		agent.tell(telephony.Answered{})
		agent.tell(telephony.Speech{Fault: telephony.SpeechNoPackets})
		w.pass(0)
		if w.now.Fault != telephony.SpeechNoPackets || w.state() != "talk" {
			t.Errorf("the live page shows %q in %s", w.now.Fault, w.state())
		}
		agent.tell(telephony.Speech{})
		w.pass(0)
		if w.now.Fault != "" {
			t.Errorf("the live page still shows %q", w.now.Fault)
		}
		quality := telephony.Quality{MOS: 4.2}
		agent.tell(telephony.Released{Cause: telephony.CauseNormal, Quality: &quality})
		w.pass(0)
		name := agent.String()
		if diff := cmp.Diff([]telephony.LegSpeech{{Leg: name, Fault: telephony.SpeechNoPackets}, {Leg: name}}, facts[telephony.LegSpeech](w)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]telephony.LegQuality{{Leg: name, Quality: quality}}, facts[telephony.LegQuality](w)); diff != "" {
			t.Error(diff)
		}
	})
}
