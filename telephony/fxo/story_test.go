package fxo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"callbox/hal"
	"callbox/hal/sim"
	"callbox/telephony"
)

// TestCaller is pain 35: a caller's number is known before the office is asked to answer, whatever way it comes.
func TestCaller(t *testing.T) {
	zhang := sim.Call{From: "02162345678", Name: "张三"}
	for _, row := range []struct {
		name    string
		service sim.Service
		call    sim.Call
		want    string
	}{
		{"YDN 069: between the first two rings", sim.Service{}, zhang, "2 {02162345678 张三 false}"},
		{"DTMF before the first ring", sim.Service{CallerID: sim.DTMF}, zhang, "2 {02162345678  false}"},
		{"DTMF before the first ring, unannounced", sim.Service{CallerID: sim.EarlyDTMF}, zhang, "2 {02162345678  false}"},
		{"not subscribed to: at the second ring", sim.Service{CallerID: sim.NoCallerID}, zhang, "5 {  false}"},
		{"lost: at the second ring", sim.Service{Faults: sim.Faults{NoCallerID: true}}, zhang, "5 {  false}"},
		{"withheld", sim.Service{}, sim.Call{Withheld: true}, "2 {  true}"},
		{"not known to the exchange", sim.Service{}, sim.Call{}, "2 {  false}"},
		{"noise and hum", sim.Service{Faults: sim.Faults{Seed: 1, NoiseDBm0: -40, HumDBm0: -40, LossDB: 6}}, zhang, "2 {02162345678 张三 false}"},
	} {
		t.Run(row.name, func(t *testing.T) {
			inTown(t, row.service, telephony.LineConfig{EarlyCaller: row.service.CallerID == sim.EarlyDTMF}, func(w *town) {
				w.ring(row.call)
				w.check("arrival", row.want, w.at(fmt.Sprint(w.arrived().Caller)))
			})
		})
	}
}

// TestRelease is pain 33: whatever the exchange does when the caller hangs up, the line lets go: by busy tone within two of
// its periods and 300 ms.
func TestRelease(t *testing.T) {
	const byTone = 2*700*time.Millisecond + 300*time.Millisecond
	for _, row := range []struct {
		name    string
		service sim.Service
		config  telephony.LineConfig
		witness telephony.Witness
		sure    float64
		after   time.Duration // at the earliest
		within  time.Duration // more
	}{
		{"busy tone", sim.Service{}, telephony.LineConfig{}, telephony.ByBusyTone, sureOfTone, 0, byTone},
		{"busy tone through noise, hum and loss", sim.Service{Faults: sim.Faults{Seed: 1, NoiseDBm0: -45, HumDBm0: -45, LossDB: 10}}, telephony.LineConfig{}, telephony.ByBusyTone, sureOfTone, 0, byTone},
		{"late clearing: busy tone after 20 s", sim.Service{LateClearMS: 20000}, telephony.LineConfig{}, telephony.ByBusyTone, sureOfTone, 20 * time.Second, byTone},
		{"kewlstart", sim.Service{LoopDrop: true}, telephony.LineConfig{}, telephony.ByLoopDrop, sureOfLoopDrop, loopDropTime, 0},
		{"polarity", sim.Service{Polarity: true}, telephony.LineConfig{PolarityAnswer: true}, telephony.ByPolarity, sureOfPolarity, 0, 0},
		{"nothing at all: silence for 120 s", sim.Service{Faults: sim.Faults{NoRelease: true}}, telephony.LineConfig{}, telephony.BySilence, sureOfSilence, 110 * time.Second, telephony.Tick},
		{"nothing at all: silence for the line's own limit", sim.Service{Faults: sim.Faults{NoRelease: true}}, telephony.LineConfig{SilenceSeconds: 30}, telephony.BySilence, sureOfSilence, 20 * time.Second, telephony.Tick},
	} {
		t.Run(row.name, func(t *testing.T) {
			inTown(t, row.service, row.config, func(w *town) {
				caller := w.ring(sim.Call{From: "02162345678", For: 10 * time.Second})
				leg := w.arrived().Leg
				leg.Answer()
				e := <-leg.Events()
				w.check("event", telephony.Released{Cause: telephony.CauseNormal, Witness: row.witness, Confidence: row.sure}, e)
				if late := time.Since(caller.State().Since); late < row.after || late > row.after+row.within {
					t.Errorf("released %v after the caller hung up, want %v to %v", late, row.after, row.after+row.within)
				}
				if _, open := <-leg.Events(); open {
					t.Error("the leg told something after Released")
				}
				time.Sleep(guardTime + time.Second)
				w.check("calls of the exchange", 0, len(w.Calls()))
			})
		})
	}
}

// TestReleaseUnderMusic is pain 34: while the box plays music to a caller who has gone, busy tone needs four periods.
func TestReleaseUnderMusic(t *testing.T) {
	const period = 700 * time.Millisecond
	inTown(t, sim.Service{Faults: sim.Faults{EchoDB: 12}}, telephony.LineConfig{}, func(w *town) {
		caller := w.ring(sim.Call{From: "02162345678", For: 10 * time.Second})
		leg := w.arrived().Leg
		leg.Answer()
		bridge := w.matrix.Open()
		bridge.Join(bridge.Attach(leg.Port()), bridge.Attach(&handset{say: sineWave(1400, time.Minute)}))
		w.check("event", telephony.Event(telephony.Released{Cause: telephony.CauseNormal, Witness: telephony.ByBusyTone, Confidence: sureOfTone}), <-leg.Events())
		late := time.Since(caller.State().Since)
		if late < 3*period || late > 4*period+300*time.Millisecond {
			t.Errorf("released %v after the caller hung up", late)
		}
	})
}

// TestEcho is pain 38: after three seconds of talk the box hears nothing of itself, and the page shows what the line returns.
func TestEcho(t *testing.T) {
	for _, row := range []struct {
		name, echo string
		taken      bool
	}{{"as it comes", "", true}, {"off", "off", false}} {
		t.Run(row.name, func(t *testing.T) {
			inTown(t, sim.Service{Faults: sim.Faults{EchoDB: 12}}, telephony.LineConfig{Echo: row.echo}, func(w *town) {
				w.ring(sim.Call{From: "02162345678"})
				leg := w.arrived().Leg
				leg.Answer()
				agent := &handset{say: babble(15 * time.Second)}
				bridge := w.matrix.Open()
				bridge.Join(bridge.Attach(leg.Port()), bridge.Attach(agent))
				time.Sleep(15 * time.Second)
				bridge.Close()
				<-bridge.Done()
				said, heard := power(babble(15 * time.Second)[5*telephony.SampleRate:]), power(agent.heard[5*telephony.SampleRate:])
				if taken := heard < said/10000; taken != row.taken {
					t.Errorf("%.0f dB of what the agent says come back", 10*math.Log10(heard/said))
				}
				shown := w.line.status.Load().Detail
				if want := "echo return loss 12 dB"; row.taken && shown != want || !row.taken && shown != "" {
					t.Errorf("the line shows %q", shown)
				}
				leg.Release(telephony.CauseNormal)
			})
		})
	}
}

// babble is noise in words of half a second.
func babble(d time.Duration) []int16 {
	r := rand.New(rand.NewPCG(1, 2))
	s := make([]int16, d*telephony.SampleRate/time.Second)
	for i := range s {
		if i/(telephony.SampleRate/2)%3 != 0 {
			s[i] = int16(2000 * r.NormFloat64())
		}
	}
	return s
}

func power(samples []int16) float64 {
	sum := 0.0
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return sum / float64(len(samples))
}

func TestPulseDialling(t *testing.T) {
	inTown(t, sim.Service{}, telephony.LineConfig{Dial: "pulse"}, func(w *town) {
		leg, err := w.line.Dial(telephony.Order{To: "62345601"})
		if err != nil {
			t.Fatal(err)
		}
		w.check("events", []string{"12 Progress {}", "13 Released {Cause:17 busy ByBox:false Witness:busy_tone Confidence:0.95}"}, w.follow(leg, time.Minute))
		time.Sleep(guardTime + time.Second)
		if _, err := w.line.Dial(telephony.Order{To: "*11"}); err == nil {
			t.Error("a star was dialled by pulses")
		}
	})
}

func TestSilenceLimitCanBeOff(t *testing.T) {
	inTown(t, sim.Service{Faults: sim.Faults{NoRelease: true}}, telephony.LineConfig{SilenceSeconds: -1}, func(w *town) {
		w.ring(sim.Call{For: 10 * time.Second})
		leg := w.arrived().Leg
		leg.Answer()
		w.check("events in ten minutes", []string(nil), w.follow(leg, 10*time.Minute))
		leg.Release(telephony.CauseNormal)
	})
}

// TestDial is the documented rule of the simulated exchange: 00 vacant, 01 busy, 02 congestion, 03 rings out, 04 answers
// and hangs up after 5 s.
func TestDial(t *testing.T) {
	const dialled = "3 Progress {}" // 1.5 s to be sure of dial tone, 1.6 s of digits
	for _, row := range []struct {
		to, why string
		service sim.Service
		config  telephony.LineConfig
		want    []string
	}{
		{"62345600", "vacant number", sim.Service{}, telephony.LineConfig{}, []string{dialled, "5 Released {Cause:1 vacant number ByBox:false Witness:busy_tone Confidence:0.95}"}},
		{"62345601", "busy", sim.Service{}, telephony.LineConfig{}, []string{dialled, "5 Released {Cause:17 busy ByBox:false Witness:busy_tone Confidence:0.95}"}},
		{"62345602", "congestion", sim.Service{}, telephony.LineConfig{}, []string{dialled, "6 Released {Cause:42 congestion ByBox:false Witness:busy_tone Confidence:0.95}"}},
		{"62345603", "rings out, and the exchange gives up", sim.Service{}, telephony.LineConfig{}, []string{dialled, "8 Ringing {}", "65 Released {Cause:17 busy ByBox:false Witness:busy_tone Confidence:0.95}"}},
		{"62345604", "no polarity: answered when ringback tone stays away", sim.Service{}, telephony.LineConfig{}, []string{dialled, "8 Ringing {}", "15 Answered {}", "17 Released {Cause:16 normal clearing ByBox:false Witness:busy_tone Confidence:0.95}"}},
		{"62345604", "polarity: answered at the turn, released at the turn back", sim.Service{Polarity: true}, telephony.LineConfig{PolarityAnswer: true}, []string{dialled, "8 Ringing {}", "9 Answered {}", "14 Released {Cause:16 normal clearing ByBox:false Witness:polarity Confidence:0.98}"}},
	} {
		t.Run(row.why, func(t *testing.T) {
			inTown(t, row.service, row.config, func(w *town) {
				leg, err := w.line.Dial(telephony.Order{To: row.to})
				if err != nil {
					t.Fatal(err)
				}
				w.check("events", row.want, w.follow(leg, 2*time.Minute))
			})
		})
	}
}

// TestAnswerByVoice: without polarity the first word is the answer, and the echo of our own words is not.
func TestAnswerByVoice(t *testing.T) {
	late := slices.Concat(make([]int16, 10*telephony.SampleRate), sineWave(1400, 2*time.Second)) // from the tenth second on
	for _, row := range []struct {
		name, to string
		want     []string
	}{
		{"the far end says back what it hears, half a second later", "62345605", []string{"3 Progress {}", "8 Ringing {}", "12 Answered {}"}},
		{"the far end rings", "62345603", []string{"3 Progress {}", "8 Ringing {}"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			inTown(t, sim.Service{Faults: sim.Faults{EchoDB: 6}}, telephony.LineConfig{}, func(w *town) {
				leg, err := w.line.Dial(telephony.Order{To: row.to})
				if err != nil {
					t.Fatal(err)
				}
				bridge := w.matrix.Open()
				bridge.Join(bridge.Attach(leg.Port()), bridge.Attach(&handset{say: late}))
				w.check("events", row.want, w.follow(leg, 14*time.Second))
				leg.Release(telephony.CauseNormal)
			})
		})
	}
}

// TestOneCanceller: the card's, or the box's, or none; none in a test, which measures the echo.
func TestOneCanceller(t *testing.T) {
	for _, row := range []struct {
		name, echo    string
		card          bool // has a canceller
		byCard, byBox bool
	}{
		{"a card without one", "auto", false, false, true},
		{"a card with one", "auto", true, true, false},
		{"off", "off", true, false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			card := &cancelling{able: row.card}
			wrap := func(_ context.Context, port hal.FXO) hal.FXO {
				card.FXO = port
				return card
			}
			inTownBehind(t, wrap, sim.Service{Faults: sim.Faults{EchoDB: 12}}, telephony.LineConfig{Echo: row.echo}, func(w *town) {
				if r, err := w.line.Test(context.Background()); err != nil || !r.EchoFound || card.on.Load() {
					t.Errorf("the test %+v, %v; the card cancels: %v", r, err, card.on.Load())
				}
				time.Sleep(guardTime + time.Second)
				w.ring(sim.Call{From: "02162345678"})
				leg := w.arrived().Leg
				leg.Answer()
				time.Sleep(time.Second)
				w.check("by the card and by the box", [2]bool{row.byCard, row.byBox}, [2]bool{card.on.Load(), w.line.path.echo.Load() != nil})
				leg.Release(telephony.CauseNormal)
			})
		})
	}
}

// A cancelling card has a canceller or none.
type cancelling struct {
	hal.FXO
	able bool
	on   atomic.Bool
}

func (c *cancelling) CancelEcho(on bool) bool {
	c.on.Store(on && c.able)
	return on && c.able
}

func TestDialIsRefused(t *testing.T) {
	dial := func(w *town, to string, want telephony.Code) {
		t.Helper()
		leg, err := w.line.Dial(telephony.Order{To: to})
		var refusal *telephony.Error
		if !errors.As(err, &refusal) || refusal.Code != want || leg != nil {
			t.Errorf("Dial(%q) = %v, %v; want a refusal as %s", to, leg, err, want)
		}
	}
	t.Run("glare: the line rings", func(t *testing.T) {
		inTown(t, sim.Service{}, telephony.LineConfig{}, func(w *town) {
			w.ring(sim.Call{})
			time.Sleep(100 * time.Millisecond)
			dial(w, "10086", telephony.Busy)
		})
	})
	t.Run("the line has a call, and then its guard time", func(t *testing.T) {
		inTown(t, sim.Service{}, telephony.LineConfig{}, func(w *town) {
			leg, err := w.line.Dial(telephony.Order{To: "10086"})
			if err != nil {
				t.Fatal(err)
			}
			dial(w, "10086", telephony.Busy)
			leg.Release(telephony.CauseNormal)
			w.follow(leg, time.Second)
			dial(w, "10086", telephony.Busy)
			time.Sleep(guardTime + time.Second)
			if _, err := w.line.Dial(telephony.Order{To: "10086"}); err != nil {
				t.Errorf("after the guard time: %v", err)
			}
		})
	})
	t.Run("out of service", func(t *testing.T) {
		inTown(t, sim.Service{}, telephony.LineConfig{Disabled: true}, func(w *town) { dial(w, "10086", telephony.Unavailable) })
	})
	t.Run("A1.17: for incoming calls", func(t *testing.T) {
		inTown(t, sim.Service{}, telephony.LineConfig{Way: telephony.InOnly}, func(w *town) { dial(w, "10086", telephony.Unavailable) })
	})
	t.Run("numbers that no telephone can dial", func(t *testing.T) {
		inTown(t, sim.Service{}, telephony.LineConfig{}, func(w *town) {
			for _, to := range []string{"", "+8610086", "10086 ", "123456789012345678901234567890123"} {
				dial(w, to, telephony.Invalid)
			}
		})
	})
}

// TestDigits is A3.1 on an analogue line: each press once, ours not at all (pain 40).
func TestDigits(t *testing.T) {
	inTown(t, sim.Service{Faults: sim.Faults{EchoDB: 10}}, telephony.LineConfig{}, func(w *town) {
		caller := w.ring(sim.Call{From: "02162345678"})
		leg := w.arrived().Leg
		leg.Answer()
		time.Sleep(time.Second)
		if err := caller.Press("12*#"); err != nil {
			t.Fatal(err)
		}
		w.check("pressed by the caller", []string{
			"3 Digit {Key:49 InBand:true}", "3 Digit {Key:50 InBand:true}", "4 Digit {Key:42 InBand:true}", "4 Digit {Key:35 InBand:true}",
		}, w.follow(leg, 2*time.Second))
		leg.Press("55")
		w.check("our own echo", []string(nil), w.follow(leg, 2*time.Second))
		leg.Release(telephony.CauseNormal)
	})
}

// TestSpeech follows both directions over the leg's port on a bridge of the matrix, while the line's own ear stands back.
func TestSpeech(t *testing.T) {
	inTown(t, sim.Service{}, telephony.LineConfig{}, func(w *town) {
		caller := w.ring(sim.Call{From: "02162345678", Play: sineWave(1400, 2*time.Second)})
		leg := w.arrived().Leg
		agent := &handset{say: sineWave(1000, 3*time.Second)}
		bridge := w.matrix.Open()
		bridge.Join(bridge.Attach(leg.Port()), bridge.Attach(agent))
		leg.Answer()
		w.check("events", []string(nil), w.follow(leg, 4*time.Second))
		bridge.Close()
		<-bridge.Done()
		if got := energy(agent.heard); got < 1.95 || got > 2.05 {
			t.Errorf("the agent heard %.2f s of the caller's 2 s", got)
		}
		if got := energy(caller.Heard()); got < 2.9 || got > 3.05 {
			t.Errorf("the caller heard %.2f s of the agent's 3 s", got)
		}
		caller.Hangup()
		w.check("nobody holds the port, and the line hears busy tone all the same",
			1, len(w.follow(leg, 5*time.Second)))
	})
}

// A handset is a port of a test's own.
type handset struct{ say, heard []int16 }

func (h *handset) Hear(f *telephony.Frame) {
	n := copy(f[:], h.say)
	clear(f[n:])
	h.say = h.say[n:]
}

func (h *handset) Say(f *telephony.Frame) { h.heard = append(h.heard, f[:]...) }

func sineWave(hz float64, d time.Duration) []int16 {
	s := make([]int16, d*telephony.SampleRate/time.Second)
	for i := range s {
		s[i] = int16(8000 * math.Sin(2*math.Pi*hz*float64(i)/telephony.SampleRate))
	}
	return s
}

// energy tells how many seconds of a sine of sineWave are in the samples.
func energy(samples []int16) float64 {
	sum := 0.0
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return sum / (8000 * 8000 / 2) / telephony.SampleRate
}

func TestGivingUp(t *testing.T) {
	inTown(t, sim.Service{}, telephony.LineConfig{}, func(w *town) {
		w.ring(sim.Call{From: "02162345678", GiveUp: 12 * time.Second})
		leg := w.arrived().Leg
		w.check("events", []string{"17 Released {Cause:16 normal clearing ByBox:false Witness:ring_stop}"}, w.follow(leg, time.Minute))
		leg.Answer() // too late
		time.Sleep(time.Second)
		w.check("states", []string{"0 idle", "0 ringing", "17 idle"}, w.told())
	})
}

// TestAnswerTooLate: the caller gives up in the pause after a ring, and the box answers before it can know.
func TestAnswerTooLate(t *testing.T) {
	inTown(t, sim.Service{}, telephony.LineConfig{}, func(w *town) {
		w.ring(sim.Call{From: "02162345678", GiveUp: 7 * time.Second})
		leg := w.arrived().Leg
		time.Sleep(6 * time.Second)
		leg.Answer()
		w.check("events", []string{"10 Released {Cause:16 normal clearing ByBox:false Witness:dial_tone Confidence:0.95}"}, w.follow(leg, time.Minute))
	})
}

func TestReleaseByTheBoxWhileRinging(t *testing.T) {
	inTown(t, sim.Service{}, telephony.LineConfig{}, func(w *town) {
		caller := w.ring(sim.Call{From: "02162345678", GiveUp: 20 * time.Second})
		leg := w.arrived().Leg
		leg.Release(telephony.CauseRejected)
		leg.Release(telephony.CauseNormal)
		w.check("events", []string{"2 Released {Cause:21 rejected ByBox:true Witness:}"}, w.follow(leg, time.Minute))
		<-caller.Done()
		time.Sleep(ringStopAfterRing + 2*time.Second)
		w.check("other arrivals of the same call", 0, len(w.arrivals))
		w.check("state", telephony.LineIdle, w.line.status.Load().State)
	})
}

func TestStopEndsTheCall(t *testing.T) {
	inTown(t, sim.Service{}, telephony.LineConfig{}, func(w *town) {
		caller := w.ring(sim.Call{From: "02162345678"})
		leg := w.arrived().Leg
		leg.Answer()
		time.Sleep(time.Second)
		w.stop()
		w.check("events", []string{"3 Released {Cause:41 temporary failure ByBox:true Witness:}"}, w.follow(leg, time.Minute))
		<-caller.Done()
		if _, err := w.line.Dial(telephony.Order{To: "10086"}); err == nil {
			t.Error("a line that has stopped dials")
		}
	})
}

func TestConfigure(t *testing.T) {
	inTown(t, sim.Service{}, telephony.LineConfig{}, func(w *town) {
		w.ring(sim.Call{From: "02162345678", For: 10 * time.Second})
		leg := w.arrived().Leg
		leg.Answer()
		Lines{w.line}.Configure(&telephony.Config{Lines: []telephony.LineConfig{{ID: "fxo/1", Name: "主线", Disabled: true}}})
		w.follow(leg, time.Minute)
		time.Sleep(guardTime)
		w.check("states", []string{"0 idle", "0 ringing", "2 talking", "14 talking clearing", "16 blocked"}, w.told())
		if _, ok := (Lines{w.line}).Line("fxo/2"); ok {
			t.Error("there is no fxo/2")
		}
	})
}

// TestLostRings: whatever rings are lost, each call is offered and ends.
func TestLostRings(t *testing.T) {
	for seed := range uint64(20) {
		inTown(t, sim.Service{Faults: sim.Faults{Seed: seed, LostRing: 0.4}}, telephony.LineConfig{}, func(w *town) {
			w.ring(sim.Call{From: "02162345678", GiveUp: 40 * time.Second})
			for end := time.After(time.Minute); ; {
				select {
				case a := <-w.arrivals:
					w.follow(a.Leg, time.Minute)
					continue
				case <-end:
				}
				break
			}
			if s := w.line.status.Load().State; s != telephony.LineIdle {
				t.Errorf("seed %d: the line is %s", seed, s)
			}
		})
	}
}
