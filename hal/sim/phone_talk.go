package sim

import (
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"callbox/telephony"
	"callbox/telephony/dsp"
)

// A talk is the speech path of one call of a phone: RTP with G.711 (RFC 3551) and keys (RFC 4733). Two goroutines, speak
// and listen, live from start to stop.
type talk struct {
	conn    net.PacketConn
	codecs  []string
	inBand  bool
	version int // of our session description; the phone's goroutine owns it
	far     atomic.Pointer[media]
	handset handset // its mouth is speak's, its ear listen's
	keys    keypad  // speak's
	got     atomic.Pointer[string]
	done    chan struct{}
	begun   bool // the phone's goroutine owns it
}

// newTalk opens the speech path of a call.
func (p *Phone) newTalk(m media) (*talk, error) {
	conn, err := p.openRTP()
	if err != nil {
		return nil, err
	}
	t := &talk{conn: conn, codecs: p.o.Codecs, inBand: p.o.InBand, keys: newKeypad(p.o.Keys), done: make(chan struct{})}
	t.handset = newHandset(NewSpeech(p.o.Play), nil, p.o.TalkFor)
	t.got.Store(new(string))
	t.to(m)
	return t, nil
}

func (p *Phone) openRTP() (net.PacketConn, error) {
	if p.o.RTP != nil {
		return p.o.RTP()
	}
	return net.ListenUDP("udp", &net.UDPAddr{IP: p.station.local.Addr().AsSlice()})
}

// to changes the far end.
func (t *talk) to(m media) { t.far.Store(&m) }

func (t *talk) start() {
	t.begun = true
	go t.speak()
	go t.listen()
}

func (t *talk) stop() {
	if t.begun {
		close(t.done)
	}
	_ = t.conn.Close()
}

// asTones reports whether keys are sent as tones.
func (t *talk) asTones() bool { return t.inBand || t.far.Load().event == 0 }

// pressed is the keys that came so far.
func (t *talk) pressed() string { return *t.got.Load() }

// speak sends a packet in 20 ms.
func (t *talk) speak() {
	ticker := time.NewTicker(telephony.Tick)
	defer ticker.Stop()
	s := sender{talk: t, packet: rtp.Packet{Header: rtp.Header{Version: 2, SSRC: uint32(time.Now().UnixNano())}}}
	for {
		select {
		case <-ticker.C:
			s.tick()
		case <-t.done:
			return
		}
	}
}

// A sender is speak's state.
type sender struct {
	talk   *talk
	packet rtp.Packet
	talked time.Duration
	octets [telephony.FrameSamples]byte
	event  [4]byte
}

// tick says 20 ms: a part of a key, or of speech.
func (s *sender) tick() {
	t := s.talk
	far := t.far.Load()
	if t.asTones() {
		t.keys.tones(s.talked, &t.handset)
	}
	var frame telephony.Frame
	t.handset.Next(&frame)
	room(&frame)
	if key, ok := t.keys.next(s.talked); ok {
		s.key(far, key)
	} else {
		s.speech(far, &frame)
	}
	s.talked += telephony.Tick
	s.packet.Timestamp += telephony.FrameSamples
}

// room adds the noise of a quiet room, -62 dBm0, which is never quite still.
func room(f *telephony.Frame) {
	for i := range f {
		if f[i] == 0 {
			f[i] = int16(rand.IntN(3)-1) * 24
		}
	}
}

func (s *sender) speech(far *media, f *telephony.Frame) {
	if far.codec == "pcmu" {
		dsp.EncodeULaw(s.octets[:], f[:])
	} else {
		dsp.EncodeALaw(s.octets[:], f[:])
	}
	s.send(far, far.payload, s.octets[:])
}

// key sends a part of a key: all parts bear the timestamp of its beginning, and the end is sent three times
// (RFC 4733 2.5.1).
func (s *sender) key(far *media, k keyPart) {
	const volume = 10 // -10 dBm0
	length := (k.part + 1) * telephony.FrameSamples
	s.event = [4]byte{k.event, volume, byte(length >> 8), byte(length)}
	now := s.packet.Timestamp
	s.packet.Timestamp -= uint32(k.part * telephony.FrameSamples)
	s.packet.Marker = k.part == 0
	times := 1
	if k.part == keyParts-1 {
		s.event[1] |= 0x80
		times = 3
	}
	for range times {
		s.send(far, far.event, s.event[:])
	}
	s.packet.Timestamp, s.packet.Marker = now, false
}

func (s *sender) send(far *media, payload uint8, octets []byte) {
	if !far.weSend() || !far.to.IsValid() {
		return
	}
	s.packet.SequenceNumber++
	s.packet.PayloadType, s.packet.Payload = payload, octets
	if b, err := s.packet.Marshal(); err == nil {
		_, _ = s.talk.conn.WriteTo(b, net.UDPAddrFromAddrPort(far.to))
	}
}

// listen takes what comes until the socket closes.
func (t *talk) listen() {
	r := receiver{talk: t}
	buf := make([]byte, 1500)
	for {
		n, _, err := t.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		var p rtp.Packet
		if p.Unmarshal(buf[:n]) == nil {
			r.take(&p)
		}
	}
}

// A receiver is listen's state.
type receiver struct {
	talk    *talk
	started bool
	next    uint32 // the timestamp to come
	key     uint32 // the timestamp of the last key
	keyed   bool
	samples [1500]int16
}

// mostGap is the longest loss that is filled with silence; a longer one is a new stream.
const mostGap = 2 * telephony.SampleRate

func (r *receiver) take(p *rtp.Packet) {
	t := r.talk
	far := t.far.Load()
	switch {
	case far.event != 0 && p.PayloadType == far.event:
		r.takeKey(p)
	case far.codec == "pcmu" && p.PayloadType == far.payload:
		dsp.DecodeULaw(r.samples[:], p.Payload)
		r.add(p.Timestamp, r.samples[:len(p.Payload)])
	case p.PayloadType == far.payload:
		dsp.DecodeALaw(r.samples[:], p.Payload)
		r.add(p.Timestamp, r.samples[:len(p.Payload)])
	}
}

// add puts samples on the tape in their place; what comes twice or too late is dropped.
func (r *receiver) add(at uint32, samples []int16) {
	gap := int32(at - r.next)
	if r.started && gap < 0 && gap > -mostGap {
		return
	}
	if r.started && gap > 0 && gap < mostGap {
		r.talk.handset.tape.add(make([]int16, gap))
	}
	r.talk.handset.tape.add(samples)
	r.started, r.next = true, at+uint32(len(samples))
}

const mostKeys = 64

// takeKey notes a key once, whatever was lost of it.
func (r *receiver) takeKey(p *rtp.Packet) {
	if len(p.Payload) < 4 || int(p.Payload[0]) >= len(eventKeys) || r.keyed && p.Timestamp == r.key {
		return
	}
	r.keyed, r.key = true, p.Timestamp
	if got := *r.talk.got.Load(); len(got) < mostKeys {
		got += eventKeys[p.Payload[0] : p.Payload[0]+1]
		r.talk.got.Store(&got)
	}
}
