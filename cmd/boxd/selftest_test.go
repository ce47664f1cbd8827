package main

import (
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal/sim"
	"callbox/telephony"
	"callbox/telephony/ivr"
	"callbox/telephony/rtp"
	"callbox/telephony/sip/siptest"
)

// A dumb socket swallows what is sent.
type dumb struct{ net.PacketConn }

func (dumb) WriteTo(b []byte, _ net.Addr) (int, error) { return len(b), nil }

// TestRehearsal: a box that works passes its self-test; of one in which something does not, it says what.
func TestRehearsal(t *testing.T) {
	for _, c := range []struct {
		title string
		spoil func(*sim.PhoneOptions)
		fails []string
		says  string
	}{
		{"all is well", func(*sim.PhoneOptions) {}, nil, "both sides heard each other"},
		{"nobody answers", func(p *sim.PhoneOptions) { p.Reject = 603 }, []string{"analogue_sip", "recording"}, "the call was not answered"},
		{"speech is lost one way", func(p *sim.PhoneOptions) {
			open := p.RTP
			p.RTP = func() (net.PacketConn, error) {
				conn, err := open()
				return dumb{conn}, err
			}
		}, []string{"analogue_sip", "recording"}, "the caller did not hear what was answered"},
	} {
		t.Run(c.title, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const phoneHost = "10.0.1.1"
				network, host := siptest.NewNetwork(1), netip.MustParseAddr(boxAddr)
				phone := sim.PhoneOptions{
					Conn: network.Listen(phoneHost + ":5060"),
					RTP:  func() (net.PacketConn, error) { return network.Listen(phoneHost + ":0"), nil },
				}
				c.spoil(&phone)
				checks, err := rehearse(t.Context(), Options{
					Version: "test", Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Advertise: host,
					UDP: network.Listen(boxAddr + ":5060"), TCP: network.ListenStream(boxAddr + ":5060"),
					Media: func() (rtp.Conn, error) { return network.ListenMedia(host, 20000, 29999) },
				}, phone)
				var failed []string
				for _, check := range checks {
					if !check.Passed {
						failed = append(failed, check.What)
					}
				}
				if err != nil || len(checks) != 3 || !slices.Equal(failed, c.fails) || checks[0].Text.EN != c.says {
					t.Errorf("%v; %+v", err, checks)
				}
			})
		})
	}
}

// TestIsHeard: a speech is found where it lies anywhere, with a gap, and in noise that a line may have; another speech, a quarter of
// one, and silence are not it.
func TestIsHeard(t *testing.T) {
	prompts := ivr.NewLibrary(t.TempDir())
	zh, en := said(prompts.Source("zh", "queue_greeting", "main_menu")), said(prompts.Source("en", "voicemail_greeting", "main_menu"))
	silence := make([]int16, 2003)
	noisy := slices.Clone(zh)
	for i := range noisy {
		noisy[i] += int16(i * 7919 % 61) // some 45 dB below full scale
	}
	for _, c := range []struct {
		title string
		heard []int16
		is    bool
	}{
		{"as it was said", zh, true},
		{"later", slices.Concat(silence, zh, silence), true},
		{"its beginning lost, and a gap", slices.Concat(zh[1000:9000], silence, zh[9000:]), true},
		{"noise", noisy, true},
		{"a quarter of it", zh[:len(zh)/4], false},
		{"another", en, false},
		{"nothing", silence, false},
		{"nothing at all", nil, false},
	} {
		if isHeard(c.heard, zh) != c.is {
			t.Errorf("%s: heard is %v", c.title, !c.is)
		}
	}
	if isHeard(zh, silence) {
		t.Error("silence was heard")
	}
}

// TestLinesAsBefore: a new version waits for the lines that the one before had, and says which are wanting.
func TestLinesAsBefore(t *testing.T) {
	for _, c := range []struct {
		title            string
		then             func(*world)
		compared, passed bool
		says             string
	}{
		{"the same version", func(*world) {}, false, false, ""},
		{"as before", func(w *world) { w.box.opt.Version = "new" }, true, true, "in service as before the update"},
		{"an E1 comes up late", func(w *world) {
			w.box.opt.Version = "new"
			if err := w.x.Cut("e1/1", true); err != nil {
				t.Error(err)
			}
			time.AfterFunc(backTime/2, func() { _ = w.x.Cut("e1/1", false) })
		}, true, true, "in service as before the update"},
		{"an E1 does not come up", func(w *world) {
			w.box.opt.Version = "new"
			if err := w.x.Cut("e1/1", true); err != nil {
				t.Error(err)
			}
		}, true, false, "lines that were in service before the update are not: e1/1"},
	} {
		t.Run(c.title, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, testConfig())
				defer w.close()
				if _, compared, err := w.box.linesAsBefore(t.Context()); compared || err != nil {
					t.Fatal("there was no update, and lines were compared: ", err)
				}
				time.Sleep(10 * time.Second) // the E1s come up
				if err := os.Mkdir(w.box.Store.Dir(updateDir), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := w.box.keepLines(); err != nil {
					t.Fatal(err)
				}
				c.then(w)
				time.Sleep(10 * time.Second)
				check, compared, err := w.box.linesAsBefore(t.Context())
				if err != nil || compared != c.compared || compared && (check.Passed != c.passed || check.Text.EN != c.says) {
					t.Errorf("compared %v, %+v, %v", compared, check, err)
				}
				if _, again, err := w.box.linesAsBefore(t.Context()); again != (c.compared && !c.passed) || err != nil {
					t.Errorf("afterwards it is compared again: %v, %v", again, err)
				}
			})
		})
	}
	if len(notInService([]telephony.LineStatus{{ID: "fxo/1", State: telephony.LineTalking}}, []string{"fxo/1"})) > 0 {
		t.Error("a line with a call is not in service")
	}
}
