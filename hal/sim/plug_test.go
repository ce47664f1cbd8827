package sim

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/hal"
	"callbox/telephony"
	"callbox/telephony/dsp"
)

const ms = time.Millisecond

// A plug is the box's end of one line in a bubble: its media loop and what it saw.
type plug struct {
	t      *testing.T
	x      *Exchange
	fxo    hal.FXO
	born   time.Time
	mouth  telephony.Source // what the box says
	heard  []int16
	events []string // "1.0 RingOff"
}

// plugged runs a story on one line of an exchange.
func plugged(t *testing.T, s Service, story func(*plug)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		x, err := New(Options{Lines: []Service{s}})
		if err != nil {
			t.Fatal(err)
		}
		defer x.Close()
		story(&plug{t: t, x: x, fxo: x.Lines()[0], born: time.Now()})
	})
}

// pass lets time pass as a media loop does.
func (p *plug) pass(d time.Duration) {
	p.t.Helper()
	for range d / telephony.Tick {
		time.Sleep(telephony.Tick)
		p.drain()
		var b hal.Block
		p.fxo.Hear(&b)
		p.heard = append(p.heard, b[:]...)
		clear(b[:])
		if p.mouth != nil && !p.mouth.Next((*telephony.Frame)(&b)) {
			p.mouth = nil
		}
		p.fxo.Say(&b)
	}
}

// drain writes down the events that the exchange has told by now.
func (p *plug) drain() {
	for {
		synctest.Wait()
		select {
		case e := <-p.fxo.Events():
			p.events = append(p.events, fmt.Sprintf("%.1f %s", time.Since(p.born).Seconds(), e))
		default:
			return
		}
	}
}

func (p *plug) ring(c Call) *Party {
	p.t.Helper()
	c.Line = "fxo/1"
	party, err := p.x.Ring(c)
	if err != nil {
		p.t.Fatal(err)
	}
	return party
}

func (p *plug) seize()   { p.must(p.fxo.Seize()) }
func (p *plug) release() { p.must(p.fxo.Release()) }
func (p *plug) flash()   { p.must(p.fxo.Flash()) }

func (p *plug) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// dial sends digits and waits until they are through.
func (p *plug) dial(number string) {
	p.t.Helper()
	g, err := dsp.NewDTMF(number)
	p.must(err)
	p.mouth = g
	for p.mouth != nil {
		p.pass(telephony.Tick)
	}
}

// hears passes time and returns what the box heard in it.
func (p *plug) hears(d time.Duration) []int16 {
	p.t.Helper()
	p.heard = nil
	p.pass(d)
	return p.heard
}

// seen is what the exchange has told.
func (p *plug) seen() string {
	p.drain()
	return strings.Join(p.events, ", ")
}

func (p *plug) expect(want string) {
	p.t.Helper()
	if got := p.seen(); got != want {
		p.t.Errorf("the box saw\n\t%s\nwant\n\t%s", got, want)
	}
}

// over tells whether the party's call is over.
func over(p *Party) bool {
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

// digits are the keys to be heard in the samples.
func digits(samples []int16) string {
	var b strings.Builder
	r := dsp.NewDTMFReceiver()
	for len(samples) >= telephony.FrameSamples {
		if d, ok := r.Frame((*telephony.Frame)(samples)); ok {
			b.WriteByte(d)
		}
		samples = samples[telephony.FrameSamples:]
	}
	return b.String()
}

// cadence tells what is loud and what is quiet, in steps of 50 ms, one at least: "350 350 350 ..." begins with sound, "-350 ..." with
// silence.
func cadence(samples []int16) string {
	var b strings.Builder
	run, loud := 0, false
	write := func() {
		if run == 0 {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		} else if !loud {
			b.WriteByte('-')
		}
		fmt.Fprint(&b, max(1, (run*20+25)/50)*50)
	}
	for len(samples) >= telephony.FrameSamples {
		now := dsp.Level((*telephony.Frame)(samples)) > -25
		if now != loud {
			write()
			run, loud = 0, now
		}
		run++
		samples = samples[telephony.FrameSamples:]
	}
	write()
	return b.String()
}

// ramp are samples that are all different, for tests that compare bit by bit.
func ramp(d time.Duration) []int16 {
	s := make([]int16, d*telephony.SampleRate/time.Second)
	for i := range s {
		s[i] = int16(i%20000 + 1)
	}
	return s
}

// beep is a second of 1 kHz.
func beep() *Speech {
	s := make([]int16, telephony.SampleRate)
	for i := range s {
		s[i] = [...]int16{0, 7000, 10000, 7000, 0, -7000, -10000, -7000}[i%8]
	}
	return NewSpeech(s)
}
