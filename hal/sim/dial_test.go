package sim

import (
	"testing"
	"time"
)

// The rule by which the exchange decides (outcomes).
func TestDial(t *testing.T) {
	const ringback = "1000 4000 1000"
	for _, c := range []struct {
		number, name, cadence string
		stage                 Stage
	}{
		{"62345600", "00 vacant number tone", "100 100 100 100 100 100 400 400", Refused},
		{"62345601", "01 busy tone", "350 350 350 350", Refused},
		{"62345602", "02 congestion tone", "700 700 700 700", Refused},
		{"62345603", "03 rings out", ringback + " 4000 1000", Calling},
		{"62345604", "04 answers after two rings, hangs up 5 s later", ringback + " 5000 350 350 350 350", HungUp},
		{"62345678", "any other answers after two rings", ringback, Talking},
		{"13900000000", "a mobile number", "100 100 100 100 100 100 400 400", Refused},
		{"110", "an emergency number answers", ringback, Talking},
		{"95501", "a number of no known length waits for more", "350 350 350 350", Refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			plugged(t, Service{}, func(p *plug) {
				p.seize()
				p.pass(20 * ms)
				if got := cadence(p.hears(500 * ms)); got != "500" {
					t.Fatalf("dial tone: %s", got)
				}
				p.dial(c.number)
				heard := cadence(p.hears(20 * time.Second))
				// what comes before the first tone depends on the length of the number
				for heard[0] == '-' {
					_, heard = cut(heard)
				}
				if len(heard) < len(c.cadence) || heard[:len(c.cadence)] != c.cadence {
					t.Errorf("the box heard %s, want %s ...", heard, c.cadence)
				}
				if called := p.x.Called("fxo/1").State(); called.Number != c.number || called.Stage != c.stage || !called.Ours {
					t.Errorf("the called party: %+v", called)
				}
				p.release()
				p.pass(20 * ms)
				if calls := p.x.Calls(); len(calls) != 0 {
					t.Errorf("left over: %+v", calls)
				}
				p.ring(Call{})
			})
		})
	}
}

func cut(cadence string) (first, rest string) {
	for i := range cadence {
		if cadence[i] == ' ' {
			return cadence[:i], cadence[i+1:]
		}
	}
	return cadence, "end"
}

// Dial tone stops at the first digit, and a box that dials nothing gets busy tone.
func TestDialTone(t *testing.T) {
	plugged(t, Service{}, func(p *plug) {
		p.seize()
		p.pass(20 * ms)
		p.dial("6")
		if got := cadence(p.hears(2 * time.Second)); got != "-2000" {
			t.Errorf("after the first digit: %s", got)
		}
		p.release()
		p.pass(20 * ms)
		p.seize()
		p.pass(firstDigitWait)
		if got, want := cadence(p.hears(1380*ms)), "350 350 350 350"; got != want {
			t.Errorf("with nothing dialled: %s, want %s", got, want)
		}
	})
}

// A1.20 polarity at the answer of the called party, and back when it hangs up; the called party says back what it hears.
func TestCalledPartyAnswers(t *testing.T) {
	plugged(t, Service{Polarity: true}, func(p *plug) {
		p.seize()
		p.pass(20 * ms)
		p.dial("62345604")
		p.pass(7 * time.Second)
		called := p.x.Called("fxo/1")
		if !called.Answered() {
			t.Fatal("nobody answered")
		}
		p.mouth = beep()
		if got := cadence(p.hears(2 * time.Second)); got != "-500 1000 500" {
			t.Errorf("the called party said back %s", got)
		}
		p.pass(3 * time.Second)
		p.expect("8.0 Reversed, 13.0 Normal")
	})
}

// A call that the box ends while it rings.
func TestAbandonedByBox(t *testing.T) {
	plugged(t, Service{}, func(p *plug) {
		p.seize()
		p.pass(20 * ms)
		p.dial("62345678")
		p.pass(2 * time.Second)
		p.release()
		p.pass(20 * ms)
		called := p.x.Called("fxo/1")
		if s := called.State(); s.Stage != Released || called.Answered() || !over(called) {
			t.Errorf("the called party: %+v", s)
		}
	})
}
