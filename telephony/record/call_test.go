package record

import (
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/media"
	"callbox/telephony/rtp"

	"github.com/google/go-cmp/cmp"
)

// A voice is a far end that says the next level in the middle of each tick: it is heard 30 ms later, at the start of one.
type voice struct{ n int }

func (v *voice) Next(f *telephony.Frame) (more bool) {
	for i := range f {
		if i == len(f)/2 {
			v.n++
		}
		f[i] = level(v.n)
	}
	return true
}

// TestABridgedCallIsRecordedInStep lets two phones talk over RTP, bridged and recorded, for a minute. The recording is as
// long as the talk (A8.1), and each channel is one phone, every word in its place (pain 21).
func TestABridgedCallIsRecordedInStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec, d, dir := newRecorder(t)
		run(t, rec)
		box := newMatrix(t)
		bridge := box.Open()
		caller, agent := bridge.Attach(phone(t, box)), bridge.Attach(phone(t, box))
		bridge.Join(caller, agent)
		time.Sleep(time.Second + telephony.Tick/4) // between two ticks
		r := start(t, rec)
		caller.Listen(r)
		time.Sleep(time.Minute)
		r.Stop()
		synctest.Wait()
		fact := told[telephony.Recorded](d)[0]
		if short := time.Minute - fact.Length; short < 0 || short > 2*telephony.Tick || fact.Gap != 0 {
			t.Errorf("a minute is recorded as %v, %v of it a gap", fact.Length, fact.Gap)
		}
		left, right := wrote(t, dir, fact.File)
		if diff := cmp.Diff(left, right); diff != "" { // both phones began in the same tick and say the same
			t.Error("the channels are out of step:", diff)
		}
		for i, v := range left[1:] {
			if after := (left[i]-8)/16 + 1; v != level(int(after)) {
				t.Fatalf("frame %d is %d after %d", i+1, v, left[i])
			}
		}
	})
}

func newMatrix(t *testing.T) *media.Matrix {
	m := media.NewMatrix(hal.SystemClock{}, 1)
	done := make(chan struct{})
	go func() { defer close(done); m.Run(t.Context()) }()
	t.Cleanup(func() { <-done })
	return m
}

// phone returns the box's port to a phone that talks from now on.
func phone(t *testing.T, m *media.Matrix) telephony.Port {
	here, there := rtp.Pipe()
	ours, theirs := rtp.NewSession(here), rtp.NewSession(there)
	ours.Configure(rtp.Params{Remote: there.LocalAddr(), Codec: rtp.PCMA})
	theirs.Configure(rtp.Params{Remote: here.LocalAddr(), Codec: rtp.PCMA})
	t.Cleanup(ours.Close)
	t.Cleanup(theirs.Close)
	m.Open().Attach(theirs).Play(&voice{})
	return ours
}
