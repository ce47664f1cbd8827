package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/acd"
	"callbox/telephony/wav"
	"callbox/webui"
)

const (
	keptSounds    = 64               // what simulated callers and phones heard
	ringPatience  = 60 * time.Second // a simulated caller rings so long
	worldInterval = 200 * time.Millisecond
)

// simulation lets people play with the simulated board: place calls, run phones, have a busy hour. Its lock guards phones
// and sounds; nothing is waited for under it.
type simulation struct {
	*Box
	mu     sync.Mutex
	phones map[string]*simPhone
	sounds []heardSound
	count  int
	day    context.CancelFunc // of the busy hour that runs
}

type simPhone struct {
	*sim.Phone // nil: an ordinary telephone
	telephone  *sim.Telephone
	spec       webui.SimPhone
}

// state is what the phone does, in a word.
func (p *simPhone) state() string {
	if p.Phone != nil {
		at := p.State()
		if !at.Registered {
			return "not registered: " + at.Note
		}
		return string(at.Stage)
	}
	switch {
	case p.telephone.Lifted():
		return "off hook"
	case p.telephone.Ringing():
		return string(sim.Ringing)
	}
	return string(sim.Idle)
}

type heardSound struct {
	id  string
	wav []byte
}

// world is the simulated world of a sim board, or nil.
func (b *Box) world() webui.World {
	if b.opt.Board.Sim == nil {
		return nil
	}
	return &simulation{Box: b, phones: map[string]*simPhone{}}
}

// World says what there is to play with.
func (s *simulation) World() webui.WorldState {
	w := webui.WorldState{Lines: []string{}, Phones: []webui.SimPhone{}}
	for _, l := range s.opt.Board.FXO {
		w.Lines = append(w.Lines, l.Name())
	}
	for _, l := range s.opt.Board.Spans {
		w.Lines = append(w.Lines, l.Name())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Day = s.day != nil
	for _, p := range s.phones {
		spec := p.spec
		spec.Say, spec.State = nil, p.state()
		w.Phones = append(w.Phones, spec)
	}
	slices.SortFunc(w.Phones, func(a, b webui.SimPhone) int { return strings.Compare(a.Extension, b.Extension) })
	return w
}

// Ring places a call into the box and waits for its end.
func (s *simulation) Ring(ctx context.Context, r webui.Ring) (webui.Heard, error) {
	keys, err := sim.ParseKeys(r.Keys)
	if err != nil {
		return webui.Heard{}, telephony.Errorf(telephony.Invalid, "按键格式应为 1@4s,#@6s：%v", "write keys as 1@4s,#@6s: %v", err)
	}
	speech, err := speechOf(r.Say)
	if err != nil {
		return webui.Heard{}, err
	}
	began := time.Now()
	party, err := s.opt.Board.Sim.Ring(sim.Call{
		Line: r.Line, To: r.To, From: r.From, Withheld: r.From == "", Play: speech, Keys: keys,
		For: time.Duration(r.ForSeconds) * time.Second, GiveUp: ringPatience,
	})
	if err != nil {
		return webui.Heard{}, telephony.Errorf(telephony.Busy, "无法呼叫 %[1]s：线路忙或不存在", "cannot ring %s: %v", r.Line, err)
	}
	id := s.follow(ctx, r.Line, party, began)
	h := webui.Heard{Call: id, Sound: s.keep(party.Heard())}
	h.Text = telephony.Text{ZH: "来电没有接通", EN: "the box did not answer"}
	if record, ok := s.settled(ctx, id); ok {
		h.Outcome = record.Outcome
		h.Text = telephony.Text{
			ZH: fmt.Sprintf("通话 %s 结束：%s", id, record.Outcome), EN: fmt.Sprintf("call %s ended: %s", id, record.Outcome),
		}
	}
	return h, nil
}

// follow waits for the end of a simulated caller's call and gives the box's id of it.
func (s *simulation) follow(ctx context.Context, line string, p *sim.Party, began time.Time) (id telephony.CallID) {
	defer p.Hangup()
	t := time.NewTicker(worldInterval)
	defer t.Stop()
	for {
		for _, c := range s.Exchange.Live().Calls {
			named := c.Caller.Number == "" || c.Caller.Number == p.State().Number // a span carries other calls too
			if id == "" && c.Line == line && named && !c.Since.Before(began) {
				id = c.ID
			}
		}
		select {
		case <-p.Done():
			return id
		case <-ctx.Done():
			return id
		case <-t.C:
		}
	}
}

// settled waits for a call's record; the box may still be waiting for busy tone to be sure.
func (s *simulation) settled(ctx context.Context, id telephony.CallID) (webui.CallRecord, bool) {
	if id == "" {
		return webui.CallRecord{}, false
	}
	t := time.NewTicker(worldInterval)
	defer t.Stop()
	for {
		if r, err := (calls{s.Box}).Call(ctx, id); err == nil && r.Outcome != "" {
			return r, true
		}
		select {
		case <-ctx.Done():
			return webui.CallRecord{}, false
		case <-t.C:
		}
	}
}

// StartPhones starts agents' phones, and signs in whoever is configured to sit there.
func (s *simulation) StartPhones(list []webui.SimPhone) error {
	for _, spec := range list {
		if err := s.startPhone(spec); err != nil {
			return err
		}
	}
	return nil
}

func (s *simulation) startPhone(spec webui.SimPhone) error {
	cfg := s.Store.Config()
	configured := cfg.Phone(spec.Extension)
	if configured == nil {
		return telephony.Errorf(telephony.NotFound, "没有分机 %s", "there is no extension %s", spec.Extension)
	}
	speech, err := speechOf(spec.Say)
	if err != nil {
		return err
	}
	s.mu.Lock()
	old := s.phones[spec.Extension]
	delete(s.phones, spec.Extension)
	s.mu.Unlock()
	if old != nil && old.Phone != nil {
		old.Close()
	}
	if t := s.opt.Board.Sim.Telephone(configured.Port); t != nil {
		s.attendTelephone(t, spec, speech)
		return nil
	}
	p, err := sim.NewPhone(sim.PhoneOptions{
		Extension: spec.Extension, Password: configured.Password, Registrar: s.registrar(),
		AnswerAfter: time.Duration(spec.AnswerAfterMS) * time.Millisecond, NeverAnswer: spec.NeverAnswer,
		TalkFor: time.Duration(spec.TalkMS) * time.Millisecond, Play: speech,
	})
	if err != nil {
		return err
	}
	phone := &simPhone{Phone: p, spec: spec}
	s.mu.Lock()
	s.phones[spec.Extension] = phone
	s.mu.Unlock()
	go s.attend(phone)
	return nil
}

// Handset lifts the handset of a phone, or puts it back.
func (s *simulation) Handset(extension string, lift bool) error {
	if lift {
		return s.at(extension, (*sim.Phone).Answer)
	}
	return s.at(extension, (*sim.Phone).Hangup)
}

// Hold presses hold on a phone, or takes the other back.
func (s *simulation) Hold(extension string, on bool) error {
	return s.at(extension, func(p *sim.Phone) error { return p.Hold(on) })
}

// at does something at a phone.
func (s *simulation) at(extension string, act func(*sim.Phone) error) error {
	s.mu.Lock()
	p := s.phones[extension]
	s.mu.Unlock()
	if p == nil || p.Phone == nil {
		return telephony.Errorf(telephony.NotFound, "没有模拟话机 %s：请先启动", "there is no simulated phone %s: start it first", extension)
	}
	if err := act(p.Phone); err != nil {
		return telephony.Errorf(telephony.Conflict, "话机 %[1]s 现在不能这样操作", "phone %s cannot do that now: %v", extension, err)
	}
	return nil
}

// attendTelephone puts somebody at an ordinary telephone, and signs in whoever is configured to sit there.
func (s *simulation) attendTelephone(t *sim.Telephone, spec webui.SimPhone, speech []int16) {
	t.Answer(sim.Answering{
		After:   max(time.Millisecond, time.Duration(spec.AnswerAfterMS)*time.Millisecond),
		TalkFor: time.Duration(spec.TalkMS) * time.Millisecond, Play: speech,
	})
	s.mu.Lock()
	s.phones[spec.Extension] = &simPhone{telephone: t, spec: spec}
	s.mu.Unlock()
	s.signIn(telephony.NewTarget(telephony.ToPhone, spec.Extension))
}

// registrar is where phones on this computer find the box.
func (s *simulation) registrar() string {
	port := s.opt.UDP.LocalAddr().(*net.UDPAddr).Port
	return netip.AddrPortFrom(s.opt.Advertise, uint16(port)).String()
}

// attend signs the phone's agent in once it is registered, and keeps what it hears in each call.
func (s *simulation) attend(p *simPhone) {
	signedIn, talked := false, false
	for at := range p.Events() {
		if at.Registered && !signedIn {
			signedIn = true
			s.signIn(telephony.NewTarget(telephony.ToPhone, p.spec.Extension))
		}
		if at.Stage == sim.Talking {
			talked = true
		}
		if at.Stage == sim.Idle && talked {
			talked = false
			sound := s.keep(p.Heard())
			s.mu.Lock()
			p.spec.Sound = sound
			s.mu.Unlock()
		}
	}
}

// signIn makes ready whoever is configured to sit at a phone.
func (s *simulation) signIn(phone telephony.Target) {
	for _, a := range s.Store.Config().Agents {
		if a.Phone != phone {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		err := s.Exchange.Agents().Set(ctx, acd.Wish{Agent: a.ID, State: telephony.AgentReady, Phone: phone, By: "phone"})
		cancel()
		if err != nil {
			s.opt.Log.Warn("simulated agent", "agent", a.ID, "error", err)
		}
	}
}

// OpenHeard gives what a simulated caller or phone heard, while it is kept.
func (s *simulation) OpenHeard(id string) (io.ReadSeekCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.sounds {
		if h.id == id {
			return memoryFile{bytes.NewReader(h.wav)}, nil
		}
	}
	return nil, telephony.Errorf(telephony.NotFound, "这段声音已不再保存", "this sound is not kept any more")
}

// keep puts a sound on the shelf and gives its id; the oldest goes.
func (s *simulation) keep(samples []int16) string {
	var b bytes.Buffer
	if err := wav.Encode(&b, samples); err != nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	h := heardSound{fmt.Sprintf("heard-%d", s.count), b.Bytes()}
	if s.sounds = append(s.sounds, h); len(s.sounds) > keptSounds {
		s.sounds = s.sounds[1:]
	}
	return h.id
}

// speechOf reads a WAV file that was sent along.
func speechOf(file []byte) ([]int16, error) {
	if len(file) == 0 {
		return nil, nil
	}
	samples, err := wav.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, telephony.Errorf(telephony.Invalid, "无法读取这个 WAV 文件：%v", "this WAV file cannot be read: %v", err)
	}
	return samples, nil
}
