package dsp

import (
	"os"
	"strconv"
	"testing"
	"time"

	"callbox/telephony"
)

// minutesOfTalk is how long the detectors listen to what is nothing for them: five minutes, an hour where CALLBOX_REAL is
// set, and as long as CALLBOX_HOURS says in `make day`.
func minutesOfTalk(t *testing.T) int {
	if s := os.Getenv("CALLBOX_HOURS"); s != "" {
		hours, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("CALLBOX_HOURS=%s: %v", s, err)
		}
		return 60 * hours
	}
	if os.Getenv("CALLBOX_REAL") != "" {
		return 60
	}
	return 5
}

// conference is three people who talk at different levels, one of them with music behind, on a noisy line.
func conference(seed uint64, d time.Duration) sound {
	s := speech(3*seed, d).to(-16).plus(speech(3*seed+1, d).to(-22))
	return s.plus(speech(3*seed+2, d).to(-26)).plus(music(seed, d).to(-30)).noise(-50, seed)
}

// talk is a minute of what a line carries that is no signal: speech, music or a conference, by seed.
func talk(seed int) (name string, s sound) {
	switch seed % 3 {
	case 0:
		return "speech", speech(uint64(seed), time.Minute)
	case 1:
		return "music", music(uint64(seed), time.Minute)
	}
	return "conference", conference(uint64(seed), time.Minute)
}

// detectors are everything that may act on what it hears in a call.
type detectors struct {
	dtmf     *DTMFReceiver
	progress map[string]*Progress // by country
}

func newDetectors() detectors {
	d := detectors{NewDTMFReceiver(), map[string]*Progress{}}
	for _, country := range Plans() {
		d.progress[country] = NewProgress(PlanOf(country))
	}
	return d
}

// frame tells what is found in a frame, or nothing.
func (d detectors) frame(f *telephony.Frame) (found string) {
	if digit, ok := d.dtmf.Frame(f); ok {
		found += " digit " + string(digit)
	}
	for country, p := range d.progress {
		if signal, ok := p.Frame(f); ok {
			found += " " + country + " " + string(signal)
		}
	}
	return found
}

// Pains 34 and 40, issue 4: no digit and no tone of any country in speech, music and conferences (Q.24 2.6).
func TestNothingFalse(t *testing.T) {
	for seed := range minutesOfTalk(t) {
		d := newDetectors()
		name, s := talk(seed)
		for i, f := range s.frames() {
			if found := d.frame(&f); found != "" {
				t.Errorf("minute %d of %s, at %v:%s", seed, name, time.Duration(i)*telephony.Tick, found)
			}
		}
	}
}
