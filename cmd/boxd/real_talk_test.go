package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/wav"
	"callbox/webui"
)

// talk is a conversation between a caller of the trunk and agent 1001 at phone 801, both of them baresip, and what they say.
type talk struct {
	caller, agent *baresip
	zh, en        []int16
	call          telephony.LiveCall
}

const realCaller = "13911112222"

// converse lets a caller reach agent 1001 through the menu and the sales queue.
func converse(t *testing.T, b *realBox) *talk {
	t.Helper()
	dir := t.TempDir()
	k := &talk{zh: speech(t, "zh"), en: speech(t, "en")}
	zh, en := filepath.Join(dir, "zh.wav"), filepath.Join(dir, "en.wav")
	writeSpeech(t, zh, k.zh)
	writeSpeech(t, en, k.en)
	k.agent = newBaresip(t, handset{Host: b.far(phoneEnd), Speech: en, Account: fmt.Sprintf(
		"<sip:801@%s>;auth_user=801;auth_pass=%s;regint=60;answermode=manual", b.host, phonePassword("801"))})
	b.lineIs("phone/801", telephony.LineIdle)
	b.agent("1001", telephony.AgentReady)
	b.agentIs("1001", telephony.AgentReady)
	k.caller = newBaresip(t, handset{Host: b.far(callerEnd), Speech: zh, Account: fmt.Sprintf(
		"<sip:%s@%s>;regint=0", realCaller, b.far(callerEnd))})
	k.caller.do("dial sip:62340001@" + b.host)
	k.caller.hears("CALL_ESTABLISHED")
	b.inState(realCaller, "menu")
	k.caller.do("sndcode 1")
	k.agent.hears("CALL_INCOMING")
	<-time.After(500 * time.Millisecond) // of ringing: while the key is down, the caller's telephone sends no speech (RFC 4733 2.2)
	k.agent.do("accept")
	k.call = b.inState(realCaller, "talk")
	return k
}

// realTalk: both hang up after eight seconds; one call is found, with one recording of both speeches in step.
func realTalk(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	w := b.tap()
	k := converse(t, b)
	<-time.After(8 * time.Second) // of talk
	k.caller.do("hangup")
	k.agent.hears("CALL_CLOSED")
	record := b.one(realCaller, telephony.OutcomeAnswered)
	if record.Queue != "sales" || record.Agent != "1001" || len(record.Recordings) != 1 {
		t.Fatalf("the record of the call: %+v\n%s", record, b.story(record.ID))
	}
	left, right := b.recording(record.Recordings[0])
	if len(left) < 7*second {
		t.Errorf("the recording has %d samples of 8 s of talk", len(left))
	}
	l, r := likeness(left, k.zh), likeness(right, k.en)
	t.Logf("correlation of the left channel with the caller's speech %.4f, of the right with the agent's %.4f", l, r)
	if l < 0.95 || r < 0.95 {
		t.Error("the recording is not what was said")
	}
	b.inStep(w.packets(), left, right)
}

// recording fetches a recording's two channels.
func (b *realBox) recording(id string) (left, right []int16) {
	b.t.Helper()
	b.until("recording "+id+" is closed", func() bool {
		var r webui.Recording
		b.get("/api/recordings/"+id, &r)
		return r.Octets > 0
	})
	var file []byte
	b.get("/api/recordings/"+id+"/audio", &file)
	channels, rate, err := wav.DecodeChannels(bytes.NewReader(file))
	if err != nil || rate != 8000 || len(channels) != 2 {
		b.t.Fatalf("recording %s: %d channels at %d Hz: %v", id, len(channels), rate, err)
	}
	return channels[0], channels[1]
}

// inStep demands that the two channels of a recording are as far apart as they were for those who spoke. What truth is: the
// box gives the caller what the agent says and the agent what the caller says, and Wireshark sees when. Each frame of the
// recording is looked for on the wire; where both of its sides are found, they left the box at the same time, or one of
// the channels is out of step by the difference. The jitter of neither telephone's packets enters into it.
func (b *realBox) inStep(packets []packet, left, right []int16) {
	b.t.Helper()
	passed := map[string][]time.Duration{}
	for _, p := range packets {
		if p.from == b.host {
			passed[p.payload] = append(passed[p.payload], p.at)
		}
	}
	// once is when the box sent a frame, if it did so a single time: silence does not tell where it is.
	once := func(channel []int16, n int) (out time.Duration, ok bool) {
		var octets [telephony.FrameSamples]byte
		dsp.EncodeALaw(octets[:], channel[n*telephony.FrameSamples:(n+1)*telephony.FrameSamples])
		if at := passed[string(octets[:])]; len(at) == 1 {
			return at[0], true
		}
		return 0, false
	}
	var apart []time.Duration
	for n := range len(left) / telephony.FrameSamples {
		l, lok := once(left, n)
		r, rok := once(right, n)
		if lok && rok {
			apart = append(apart, (l - r).Abs())
		}
	}
	if len(apart) < 100 {
		b.t.Fatalf("of %d packets only %d frames are found in the recording on both sides", len(packets), len(apart))
	}
	slices.Sort(apart)
	usual := apart[len(apart)*95/100] // a frame in twenty may have been sent late, if the machine was busy
	b.t.Logf("%d frames: 95 %% of them at most %v apart, all %v", len(apart), usual, apart[len(apart)-1])
	if usual > telephony.Tick {
		b.t.Errorf("the two channels are %v apart", usual)
	}
}

// realKill: the box is killed in mid-call. What was said is playable up to a second before; the call is closed at the next
// start.
func realKill(t *testing.T, program string) {
	b := newRealBox(t, program, nil)
	k := converse(t, b)
	<-time.After(4 * time.Second) // of talk
	b.kill()
	talked := time.Since(k.call.Talking)
	b.start()
	record := b.one(realCaller, telephony.OutcomeInterrupted)
	if len(record.Recordings) != 1 {
		t.Fatalf("recordings: %v\n%s", record.Recordings, b.story(record.ID))
	}
	left, right := b.recording(record.Recordings[0])
	kept := time.Duration(len(left)) * time.Second / second
	t.Logf("%v of %v of talk are kept", kept, talked)
	if kept < talked-time.Second || kept > talked+time.Second {
		t.Errorf("%v of %v of talk are kept", kept, talked)
	}
	if l, r := likeness(left, k.zh), likeness(right, k.en); l < 0.95 || r < 0.95 {
		t.Errorf("what is kept is not what was said: correlation %.3f left, %.3f right", l, r)
	}
	b.wholeJournal(record)
}

// wholeJournal demands that no entry of the journal is missing, that it tells the call to its end, and that the box found
// nothing broken.
func (b *realBox) wholeJournal(record webui.CallRecord) {
	b.t.Helper()
	var kinds []string
	for i, e := range b.journal() {
		if e.Seq != uint64(i+1) {
			b.t.Fatalf("entry %d of the journal is number %d", i+1, e.Seq)
		}
		if e.Call == record.ID {
			kinds = append(kinds, e.Fact.Kind())
		}
	}
	if n := len(kinds); n < 5 || kinds[0] != "call_arrived" || kinds[n-1] != "call_ended" {
		b.t.Errorf("the journal of the call: %v", kinds)
	}
	var live telephony.Live
	b.get("/api/live", &live)
	for _, a := range live.Alarms {
		b.t.Errorf("alarm %s: %s", a.Name, a.Message.EN)
	}
}
