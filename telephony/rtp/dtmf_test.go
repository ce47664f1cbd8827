package rtp

import (
	"math"
	"testing"

	"callbox/telephony"
	"callbox/telephony/dsp"

	"github.com/google/go-cmp/cmp"
)

// pressed takes out the keys told so far; a small letter b after a key says in band.
func pressed(s *Session) (keys string) {
	for {
		select {
		case d := <-s.Digits():
			if keys += string(d.Key); d.InBand {
				keys += "b"
			}
		default:
			return keys
		}
	}
}

// An eventPacket is one tick of a far end that sends events.
type eventPacket struct {
	ts     int32 // after the beginning
	code   byte
	end    bool
	marker bool
}

func TestAPressIsToldOnce(t *testing.T) {
	quiet := eventPacket{code: 255}
	for _, row := range []struct {
		story   string
		packets []eventPacket
		keys    string
	}{
		{"RFC 4733 2.5.1: a press with its end three times", []eventPacket{{0, 5, false, true}, {0, 5, false, false}, {0, 5, true, false}, {0, 5, true, false}, {0, 5, true, false}}, "5"},
		{"RFC 4733 2.5.1.4: only the end came through", []eventPacket{{0, 11, true, false}}, "#"},
		{"the first packet is lost", []eventPacket{{0, 10, false, false}, {0, 10, true, false}}, "*"},
		{"two presses of one key", []eventPacket{{0, 1, false, true}, {0, 1, true, false}, quiet, quiet, {800, 1, false, true}, {800, 1, true, false}}, "11"},
		{"two presses without markers", []eventPacket{{0, 1, false, false}, {0, 1, true, false}, quiet, quiet, {800, 1, false, false}, {800, 1, true, false}}, "11"},
		{"two presses, the end of the first is lost", []eventPacket{{0, 1, false, true}, quiet, quiet, {800, 1, false, true}}, "11"},
		{"two keys", []eventPacket{{0, 1, false, true}, {0, 1, true, false}, {320, 15, false, true}, {320, 15, true, false}}, "1D"},
		{"pain 40, rtpengine 1929: the timestamp changes on the way", []eventPacket{{0, 7, false, true}, {160, 7, false, false}, {320, 7, false, false}, {480, 7, true, false}, {480, 7, true, false}}, "7"},
		{"pain 40, unispeech 44; RFC 4733 2.5.1.3: a key held for long", []eventPacket{{0, 7, false, true}, {0, 7, false, false}, {65535, 7, false, false}, {65535, 7, true, false}}, "7"},
		{"the end of the press before comes late", []eventPacket{{0, 1, false, true}, {0, 1, true, false}, {800, 2, false, true}, {0, 1, true, false}, {800, 2, true, false}}, "12"},
		{"flash", []eventPacket{{0, 16, false, true}}, "!"},
		{"a fax tone is no key", []eventPacket{{0, 32, false, true}}, ""},
	} {
		t.Run(row.story, func(t *testing.T) {
			s, w := newSession(Params{EventPT: 101, InBandDTMF: true})
			p := newPhone(w, far)
			p.PayloadType = 101
			start := p.Timestamp
			for _, e := range row.packets {
				if p.Timestamp, p.Marker = start+uint32(e.ts), e.marker; e != quiet {
					end := byte(0)
					if e.end {
						end = eventEnd
					}
					p.send([]byte{e.code, end | 10, 0, 160})
				}
				hear(s)
			}
			if got := pressed(s); got != row.keys {
				t.Errorf("told %q, want %q", got, row.keys)
			}
		})
	}
}

// talkTones sends the sound of digits and returns the keys told.
func talkTones(t *testing.T, s *Session, p *phone, digits string) string {
	g, err := dsp.NewDTMF(digits)
	if err != nil {
		t.Fatal(err)
	}
	octets := make([]byte, 160)
	for more := true; more; {
		var f telephony.Frame
		more = g.Next(&f)
		dsp.EncodeALaw(octets, f[:])
		p.send(octets)
		p.Timestamp += 160
		hear(s)
	}
	hears(s, p, 0, 10)
	return pressed(s)
}

func TestInBandKeys(t *testing.T) {
	for _, row := range []struct {
		story  string
		params Params
		keys   string
	}{
		{"heard where it is asked for", Params{InBandDTMF: true}, "1b5b#bDb"},
		{"not heard where it is not", Params{}, ""},
		{"pain 40: off where telephone-event is negotiated", Params{InBandDTMF: true, EventPT: 96}, ""},
	} {
		s, w := newSession(row.params)
		if keys := talkTones(t, s, newPhone(w, far), "15#D"); keys != row.keys {
			t.Errorf("%s: told %q, want %q", row.story, keys, row.keys)
		}
	}
}

// TestKeysInBothForms: a gateway that leaves the tone in the audio beside the event presses each key once, whichever of the two
// comes first and wherever the trunk says that keys are looked for (pain 40).
func TestKeysInBothForms(t *testing.T) {
	const digits = "15#D7"
	codes := map[rune]byte{'1': 1, '5': 5, '#': 11, 'D': 15, '7': 7}
	for _, params := range []Params{{EventPT: 101}, {EventPT: 101, InBandDTMF: true}} {
		for behind := range 4 { // ticks by which the event begins behind the tone
			s, w := newSession(params)
			p := newPhone(w, far)
			hears(s, p, 0, 10)
			told := ""
			for _, digit := range digits {
				g, err := dsp.NewDTMF(string(digit))
				if err != nil {
					t.Fatal(err)
				}
				began, octets := p.Timestamp, make([]byte, 160)
				for tick := range 10 { // a tone of 100 ms, and silence
					var f telephony.Frame
					g.Next(&f)
					dsp.EncodeALaw(octets, f[:])
					p.PayloadType, p.Marker = 8, false
					p.Timestamp = began + uint32(tick)*160
					p.send(octets)
					if at := tick - behind; at >= 0 && at < 6 {
						end := byte(0)
						if at == 5 {
							end = eventEnd
						}
						p.PayloadType, p.Marker = 101, at == 0
						p.Timestamp = began + uint32(behind)*160
						p.send([]byte{codes[digit], end | 10, byte((at + 1) * 160 >> 8), byte((at + 1) * 160 & 0xff)})
					}
					hear(s)
					told += pressed(s)
				}
				p.Timestamp = began + 10*160
			}
			if told != digits {
				t.Errorf("%+v, the event %d ticks behind: told %q, want %q", params, behind, told, digits)
			}
		}
	}
}

// A gateway that sends the event leaves some of the tone in the audio, before the event and beside it; nobody is to hear it
// (pain 40), and its silence makes no click.
func TestToneUnderAnEventIsNotHeard(t *testing.T) {
	s, w := newSession(Params{EventPT: 101})
	p := newPhone(w, far)
	hears(s, p, 0, 10)
	begun := p.Timestamp
	steepest, last := int32(0), int16(0)
	for tick := range 20 {
		level := int16(0)
		if tick < 10 { // the audio with the tone goes on beside the event, which begins a packet later
			level = 8000
		}
		if tick > 0 && tick < 11 {
			end := byte(0)
			if tick == 10 {
				end = eventEnd
			}
			now := p.Timestamp
			p.PayloadType, p.Timestamp = 101, begun
			p.send([]byte{1, end | 10, byte(tick * 160 >> 8), byte(tick * 160)})
			p.PayloadType, p.Timestamp = 8, now
		}
		p.talk(level, 20)
		var f telephony.Frame
		s.Hear(&f)
		for _, v := range f {
			steepest, last = max(steepest, distance(v, last)), v
		}
		if last > coded(0) {
			t.Fatalf("tick %d: heard %d", tick, last)
		}
	}
	if heard := hears(s, p, 1000, 5); heard != coded(1000) || steepest > 2*int32(coded(0)) {
		t.Errorf("after the key heard %d, steps of %d", heard, steepest)
	}
}

func TestPressSendsEvents(t *testing.T) {
	type sent struct {
		PayloadType   uint8
		Marker        bool
		Code, Flags   byte
		Duration      int
		TS            uint32 // after the first packet
		Sequence      uint16
		OctetsOfAudio int
	}
	s, w := newSession(Params{EventPT: 96})
	s.Press("3#x")
	var f telephony.Frame
	for range 22 {
		s.Say(&f)
	}
	packets := w.sent(t)
	var got []sent
	for _, p := range packets {
		r := sent{PayloadType: p.PayloadType, Marker: p.Marker, TS: p.Timestamp - packets[0].Timestamp, Sequence: p.SequenceNumber - packets[0].SequenceNumber}
		if p.PayloadType == 96 {
			r.Code, r.Flags, r.Duration = p.Payload[0], p.Payload[1], int(p.Payload[2])<<8|int(p.Payload[3])
		} else {
			r.OctetsOfAudio = len(p.Payload)
		}
		got = append(got, r)
	}
	var want []sent
	seq := uint16(0)
	add := func(r sent) { r.Sequence = seq; seq++; want = append(want, r) }
	for n, code := range []byte{3, 11} {
		ts := uint32(n * 10 * 160)
		for i := 1; i <= 5; i++ {
			add(sent{PayloadType: 96, Marker: i == 1, Code: code, Flags: 10, Duration: i * 160, TS: ts})
		}
		for range 3 {
			add(sent{PayloadType: 96, Code: code, Flags: 0x80 | 10, Duration: 800, TS: ts})
		}
		add(sent{PayloadType: 8, Marker: n == 0, TS: ts + 8*160, OctetsOfAudio: 160})
		add(sent{PayloadType: 8, TS: ts + 9*160, OctetsOfAudio: 160})
	}
	add(sent{PayloadType: 8, TS: 20 * 160, OctetsOfAudio: 160})
	add(sent{PayloadType: 8, TS: 21 * 160, OctetsOfAudio: 160})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Keys pressed at one end of a pipe are told at the other, once each, in the form that was agreed.
func TestKeysThroughAPipe(t *testing.T) {
	const digits = "0123456789*#ABCD"
	for _, row := range []struct {
		params Params
		want   string
	}{
		{Params{EventPT: 101, InBandDTMF: true}, digits},
		{Params{InBandDTMF: true}, "0b1b2b3b4b5b6b7b8b9b*b#bAbBbCbDb"},
	} {
		x, y := Pipe()
		a, b := NewSession(x), NewSession(y)
		row.params.Codec = PCMU
		row.params.Remote = y.LocalAddr()
		a.Configure(row.params)
		row.params.Remote = x.LocalAddr()
		b.Configure(row.params)
		a.Press(digits)
		var f telephony.Frame
		told := ""
		for range 200 {
			clear(f[:])
			a.Say(&f)
			b.Hear(&f)
			told += pressed(b)
		}
		if told != row.want {
			t.Errorf("told %q, want %q", told, row.want)
		}
	}
}

// A re-INVITE may take telephone-event away while digits are being sent: later ones go as tones.
func TestEventsAreTakenAwayInTheMiddle(t *testing.T) {
	s, w := newSession(Params{EventPT: 101})
	var f telephony.Frame
	s.Press("123")
	s.Say(&f)
	s.Configure(Params{Remote: far, Codec: PCMA})
	s.Say(&f)
	s.Press("5")
	w.out = nil
	clear(f[:])
	s.Say(&f)
	if p := w.sent(t); len(p) != 1 || p[0].PayloadType != 8 || string(p[0].Payload) == string(alaw(0, 160)) {
		t.Errorf("%v", p)
	}
}

func TestPressesBeyondTheBoxAreDropped(t *testing.T) {
	s, _ := newSession(Params{EventPT: 101})
	for range pressBox + 5 {
		s.Press("1")
	}
	if s.Stats().Dropped != 5 {
		t.Errorf("%+v", s.Stats())
	}
}

// pain 40, unispeech 44: a key held for two seconds is one key, though packets of its tone are lost.
func TestALongToneWithLossesIsOneKey(t *testing.T) {
	for lost := range 4 { // packets on end: what is concealed bridges up to 60 ms
		s, w := newSession(Params{InBandDTMF: true})
		p := newPhone(w, far)
		for tick := range 120 {
			var f telephony.Frame
			for i := range f {
				if at := float64(tick*len(f)+i) / telephony.SampleRate; tick >= 10 && tick < 110 {
					f[i] = int16(4000 * (math.Sin(2*math.Pi*770*at) + math.Sin(2*math.Pi*1336*at)))
				}
			}
			octets := make([]byte, len(f))
			dsp.EncodeALaw(octets, f[:])
			if p.send(octets); tick%20 < lost {
				w.in = nil
			}
			p.Timestamp += uint32(len(f))
			hear(s)
		}
		if keys := pressed(s); keys != "5b" {
			t.Errorf("%d packets lost on end: told %q", lost, keys)
		}
	}
}
