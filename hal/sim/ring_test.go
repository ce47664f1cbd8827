package sim

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

// What a line tells, by the service it has. The box answers after 7 s, in the silence after the second ring, and the
// caller hangs up 3 s later; the box follows at 15 s.
func TestCallIn(t *testing.T) {
	const rings = "0.0 RingOn, 1.0 RingOff, 5.0 RingOn, 6.0 RingOff"
	for _, c := range []struct {
		name    string
		service Service
		want    string
	}{
		{"GB/T 3380 ringing one second in five; nothing else is told", Service{}, rings},
		{"signalling 6.7 kewlstart opens the loop", Service{LoopDrop: true}, rings + ", 10.0 BatteryLost, 10.8 BatteryBack"},
		{"signalling 6.7 polarity at answer and back at release", Service{Polarity: true}, rings + ", 7.0 Reversed, 10.0 Normal"},
		{"late clearing by two seconds", Service{Polarity: true, LateClearMS: 2000}, rings + ", 7.0 Reversed, 12.0 Normal"},
		{"no disconnect supervision: the battery turns when the box lets go", Service{Polarity: true, LoopDrop: true, Faults: Faults{NoRelease: true}}, rings + ", 7.0 Reversed, 15.0 Normal"},
		{"signalling 6.6 DTMF form before the first ring", Service{CallerID: DTMF}, "0.0 Reversed, 2.2 Normal, 2.2 RingOn, 3.2 RingOff"},
		{"lost rings", Service{Faults: Faults{LostRing: 1}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			plugged(t, c.service, func(p *plug) {
				party := p.ring(Call{From: "02162345678", For: 3 * time.Second})
				p.pass(7 * time.Second)
				p.seize()
				p.pass(8 * time.Second)
				p.release()
				p.pass(time.Second)
				if c.service.CallerID != DTMF {
					p.expect(c.want)
				} else if got := p.seen(); got[:len(c.want)] != c.want {
					t.Errorf("saw %s, want %s", got, c.want)
				}
				if s := party.State(); s.Stage != HungUp || !over(party) || !party.Answered() {
					t.Errorf("the caller's end: %+v", s)
				}
			})
		})
	}
}

// Speech passes unchanged both ways, and only while the loop is closed.
func TestSpeech(t *testing.T) {
	plugged(t, Service{}, func(p *plug) {
		said := ramp(2 * time.Second)
		party := p.ring(Call{Play: said})
		p.mouth = NewSpeech(ramp(5 * time.Second))
		p.pass(2 * time.Second)
		if len(party.Heard()) != 0 {
			t.Error("the caller heard the box before it answered")
		}
		p.seize()
		p.pass(20 * ms)
		p.mouth = NewSpeech(said)
		if got := p.hears(2 * time.Second); !cmp.Equal(got[:len(said)-160], said[160:]) {
			t.Error("the box heard something else than the caller said")
		}
		if got := party.Heard(); !cmp.Equal(got[160:], said) {
			t.Error("the caller heard something else than the box said")
		}
		party.Say(NewSpeech(said))
		if got := p.hears(time.Second); !cmp.Equal(got, said[:len(got)]) {
			t.Error("the box did not hear what the caller said then")
		}
		p.release()
		p.pass(time.Second)
		if s := party.State(); s.Stage != Released || !over(party) {
			t.Errorf("the caller's end: %+v", s)
		}
	})
}

// Keys are pressed at their time after the answer, and by hand.
func TestKeys(t *testing.T) {
	plugged(t, Service{}, func(p *plug) {
		keys, err := ParseKeys("1@1s, #@3s,2@3s")
		if err != nil {
			t.Fatal(err)
		}
		party := p.ring(Call{Keys: keys})
		p.pass(1500 * ms)
		p.seize()
		for _, step := range []struct {
			pass time.Duration
			want string
		}{{980 * ms, ""}, {time.Second, "1"}, {1500 * ms, "#2"}} {
			if got := digits(p.hears(step.pass)); got != step.want {
				t.Errorf("after %v more the box heard keys %q, want %q", step.pass, got, step.want)
			}
		}
		p.must(party.Press("159"))
		if got := digits(p.hears(time.Second)); got != "159" {
			t.Errorf("the box heard keys %q, want 159", got)
		}
	})
}

func TestParseKeysRefuses(t *testing.T) {
	for _, s := range []string{"1", "1@", "12@3s", "@3s", "1@-2s", "1@3"} {
		if k, err := ParseKeys(s); err == nil {
			t.Errorf("%q was read as %v", s, k)
		}
	}
	if _, err := newCaller(Call{Keys: []KeyAt{{Digit: 'x'}}}); err == nil {
		t.Error("key x was taken")
	}
}

// A1.20 the exchange's signs of release end in busy tone for as long as the box stays.
func TestBusyToneAfterRelease(t *testing.T) {
	plugged(t, Service{}, func(p *plug) {
		party := p.ring(Call{})
		p.pass(time.Second)
		p.seize()
		p.pass(time.Second)
		party.Hangup()
		if got, want := cadence(p.hears(2100*ms)), "350 350 350 350 350 350"; got != want {
			t.Errorf("busy tone %s, want %s", got, want)
		}
		p.release()
		p.pass(20 * ms)
		if got := cadence(p.hears(time.Second)); got != "-1000" {
			t.Errorf("after release the line sounds: %s", got)
		}
	})
}

// A caller who gives up while it rings; and one who gives up before the box can answer: the box gets dial tone instead.
func TestGiveUp(t *testing.T) {
	plugged(t, Service{}, func(p *plug) {
		party := p.ring(Call{GiveUp: 5500 * ms})
		p.pass(6 * time.Second)
		p.expect("0.0 RingOn, 1.0 RingOff, 5.0 RingOn, 5.5 RingOff")
		if s := party.State(); s.Stage != GaveUp || party.Answered() {
			t.Errorf("the caller's end: %+v", s)
		}
		p.seize()
		p.pass(time.Second)
		if got := cadence(p.hears(time.Second)); got != "1000" {
			t.Errorf("dial tone: %s", got)
		}
	})
}

// Pains 40: a line that has a call, or that the box has seized, refuses another.
func TestLineInUse(t *testing.T) {
	plugged(t, Service{}, func(p *plug) {
		p.ring(Call{})
		if _, err := p.x.Ring(Call{}); !errors.Is(err, ErrLineInUse) {
			t.Errorf("a second caller: %v", err)
		}
		p.seize()
		p.release()
		p.pass(20 * ms)
		p.seize()
		if _, err := p.x.Ring(Call{Line: "fxo/1"}); !errors.Is(err, ErrLineInUse) {
			t.Errorf("a caller while the box dials: %v", err)
		}
		if _, err := p.x.Ring(Call{Line: "fxo/9"}); err == nil {
			t.Error("a line that is not there took a call")
		}
	})
}

// The box seizes to dial and a caller comes at the same moment: whoever is first, the two are joined or the caller is
// refused, and the line is free again afterwards.
func TestGlare(t *testing.T) {
	for range 50 {
		plugged(t, Service{}, func(p *plug) {
			answer := make(chan *Party)
			go func() { party, _ := p.x.Ring(Call{Line: "fxo/1"}); answer <- party }()
			p.seize()
			<-answer
			p.pass(100 * ms)
			if s := p.x.Calls(); len(s) == 1 && s[0].State().Stage != Talking {
				t.Fatalf("glare left %+v", s)
			}
			p.release()
			p.pass(20 * ms)
			if len(p.x.Calls()) != 0 {
				t.Fatal("the line is not free")
			}
			p.ring(Call{})
		})
	}
}

// hal.FXO: a full box drops the oldest ring events, never a battery event.
func TestDeafOwner(t *testing.T) {
	plugged(t, Service{Polarity: true}, func(p *plug) {
		p.ring(Call{})
		time.Sleep(time.Hour)
		p.seize()
		time.Sleep(time.Second)
		p.release()
		p.drain()
		if len(p.events) > hal.FXOEventBox {
			t.Errorf("%d events were kept", len(p.events))
		}
		want := []string{"3601.0 RingOff", "3601.0 Reversed", "3601.0 Normal"}
		if last := p.events[len(p.events)-2:]; !slices.Equal(last, want[1:]) {
			t.Errorf("the last events are %v", last)
		}
	})
}

// R parks the caller behind special dial tone, and brings the caller back.
func TestFlash(t *testing.T) {
	plugged(t, Service{}, func(p *plug) {
		party := p.ring(Call{Play: ramp(time.Minute)})
		p.pass(time.Second)
		p.seize()
		p.pass(time.Second)
		p.flash()
		p.pass(100 * ms)
		heard := len(party.Heard())
		if got, want := cadence(p.hears(820*ms)), "300 50 400 50 50"; got != want {
			t.Errorf("special dial tone %s, want %s", got, want)
		}
		if party.State().Stage != Parked || len(party.Heard()) != heard {
			t.Error("the caller is not parked")
		}
		p.flash()
		p.pass(time.Second)
		if party.State().Stage != Talking || len(party.Heard()) <= heard {
			t.Error("the caller did not come back")
		}
	})
}

// Signalling 6.6: the caller's identity in each form, and what keeps it away.
func TestCallerID(t *testing.T) {
	date := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Local().Format("01021504") // when a bubble begins
	for _, c := range []struct {
		name    string
		service Service
		call    Call
		want    []dsp.CallerID
	}{
		{"MDMF number and name", Service{}, Call{From: "02162345678", Name: "王小明"}, []dsp.CallerID{{Number: "02162345678", Name: "王小明", Date: date}}},
		{"MDMF withheld", Service{}, Call{From: "02162345678", Withheld: true}, []dsp.CallerID{{Withheld: true, Date: date}}},
		{"MDMF unknown", Service{}, Call{}, []dsp.CallerID{{Absent: true, Date: date}}},
		{"SDMF has no name", Service{CallerID: SDMF}, Call{From: "02162345678", Name: "王小明"}, []dsp.CallerID{{Number: "02162345678", Date: date}}},
		{"DTMF number", Service{CallerID: DTMF}, Call{From: "13812345678"}, []dsp.CallerID{{Number: "13812345678"}}},
		{"a line without the service", Service{CallerID: NoCallerID}, Call{From: "13812345678"}, nil},
		{"a fault", Service{Faults: Faults{NoCallerID: true}}, Call{From: "13812345678"}, nil},
		{"noise of -45 dBm0", Service{Faults: Faults{NoiseDBm0: -45}}, Call{From: "13812345678"}, []dsp.CallerID{{Number: "13812345678", Date: date}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			plugged(t, c.service, func(p *plug) {
				p.ring(c.call)
				r := dsp.NewCallerIDReceiver()
				var got []dsp.CallerID
				for s := p.hears(10 * time.Second); len(s) >= telephony.FrameSamples; s = s[telephony.FrameSamples:] {
					if id, ok := r.Frame((*telephony.Frame)(s)); ok {
						got = append(got, id)
					}
				}
				if d := cmp.Diff(c.want, got); d != "" {
					t.Error(d)
				}
			})
		})
	}
}
