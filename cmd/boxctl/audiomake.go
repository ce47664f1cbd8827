package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/dsp"
	"callbox/telephony/wav"
)

// mouths are the box's own generators, by the word that asks for them.
var mouths = map[string]func(*ctl) (telephony.Source, error){
	"dtmf": (*ctl).makeDTMF, "tone": (*ctl).makeTone, "callerid": (*ctl).makeCallerID, "mfr2": (*ctl).makeR2,
}

// forms are the ways to tell a caller's identity.
var forms = map[string]dsp.CallerIDForm{
	"mdmf": dsp.FormMDMF, "sdmf": dsp.FormSDMF, "dtmf": dsp.FormDTMF, "v23": dsp.FormMDMFV23, "v23-sdmf": dsp.FormSDMFV23,
	"v23-short": dsp.FormShort, "dtmf-hash": dsp.FormDTMFHash,
}

func makeFlags(f *flag.FlagSet, c *ctl) {
	f.StringVar(&c.what, "what", "", "`generator`: "+strings.Join(known(mouths), ", "))
	f.StringVar(&c.digits, "digits", "", "dtmf: `digits` 0-9 A-D * # and comma for a pause; mfr2: codes separated by commas, 1,2,15")
	c.on.Duration, c.off.Duration = 100*time.Millisecond, 100*time.Millisecond
	f.Var(&c.on, "on", "dtmf, mfr2: how `long` each sounds")
	f.Var(&c.off, "off", "dtmf, mfr2: how `long` the pause after each is")
	f.StringVar(&c.direction, "direction", "forward", "mfr2: forward or backward")
	f.StringVar(&c.tone, "tone", "busy", "tone: `name`, as audio detect prints it")
	tonesFlag(f, c)
	f.Var(&c.forTime, "for", "tone: how `long`; without it 5s")
	f.StringVar(&c.form, "form", "mdmf", "callerid: "+strings.Join(known(forms), ", "))
	f.StringVar(&c.number, "number", "", "callerid: `number`; without it, the identity is withheld")
	f.StringVar(&c.name, "name", "", "callerid: `name`")
	f.StringVar(&c.date, "time", "", "callerid: `MMDDHHMM` by the exchange's clock; without it now")
	f.Float64Var(&c.level, "level", math.NaN(), "`dBm0` of each frequency (of dtmf, the lower one); without it as an exchange or telephone sends it")
	f.Float64Var(&c.twist, "twist", 0, "dtmf: `dB` by which the higher frequency is stronger")
	f.Float64Var(&c.noise, "noise", math.Inf(-1), "`dBm0` of white noise over all of it")
}

// lead is silence before and after what is made, so that its edges are whole.
const lead = 200 * time.Millisecond

// longestMade bounds what is made.
const longestMade = 10 * time.Minute

// audioMake writes a WAV file of what the box's generators send.
func (c *ctl) audioMake() error {
	mouth := mouths[c.what]
	if mouth == nil {
		return fmt.Errorf("there is no generator %q; --what takes: %s", c.what, strings.Join(known(mouths), ", "))
	}
	source, err := mouth(c)
	if err != nil {
		return err
	}
	samples := make([]int16, samplesOf(lead))
	for more := true; more; {
		var f telephony.Frame
		more = source.Next(&f)
		if samples = append(samples, f[:]...); len(samples) > samplesOf(longestMade) {
			return fmt.Errorf("that is longer than %v: make it in parts", longestMade)
		}
	}
	samples = append(samples, make([]int16, samplesOf(lead))...)
	c.addNoise(samples)
	octets, err := writeWhole(c.args[0], func(w io.Writer) (int64, error) {
		return int64(len(samples) * 2), wav.Encode(w, samples)
	})
	return c.written(octets, c.args[0], err)
}

func samplesOf(d time.Duration) int { return int(d * telephony.SampleRate / time.Second) }

// addNoise of --noise, the same each time.
func (c *ctl) addNoise(samples []int16) {
	if math.IsInf(c.noise, -1) {
		return
	}
	r, rms := rand.New(rand.NewPCG(1, 1)), dsp.Peak(c.noise)/math.Sqrt2
	for i, s := range samples {
		samples[i] = int16(max(math.MinInt16, min(math.MaxInt16, math.Round(float64(s)+rms*r.NormFloat64()))))
	}
}

// levelOr is --level, or what is usual.
func (c *ctl) levelOr(usual float64) float64 {
	if math.IsNaN(c.level) {
		return usual
	}
	return c.level
}

func (c *ctl) makeDTMF() (telephony.Source, error) {
	g, err := dsp.NewDTMF(c.digits)
	if err != nil || c.digits == "" {
		return nil, fmt.Errorf("--digits %q: give digits 0-9, A-D, *, # and comma for a pause", c.digits)
	}
	g.On, g.Off, g.LevelDBm0, g.TwistDB = c.on.Duration, c.off.Duration, c.levelOr(g.LevelDBm0), c.twist
	return g, nil
}

func (c *ctl) makeR2() (telephony.Source, error) {
	d, ok := map[string]dsp.R2Direction{"forward": dsp.R2Forward, "backward": dsp.R2Backward}[c.direction]
	if !ok {
		return nil, fmt.Errorf("--direction is forward or backward, not %q", c.direction)
	}
	var codes []int
	for s := range strings.SplitSeq(c.digits, ",") {
		code, err := strconv.Atoi(s)
		if err != nil {
			return nil, fmt.Errorf("--digits %q: give codes separated by commas, such as 1,2,15", c.digits)
		}
		codes = append(codes, code)
	}
	g, err := dsp.NewR2(d, c.levelOr(dsp.R2LevelDBm0), codes...)
	if err != nil {
		return nil, err
	}
	g.On, g.Off = c.on.Duration, c.off.Duration
	return g, nil
}

func (c *ctl) makeTone() (telephony.Source, error) {
	plan, err := c.plan()
	if err != nil {
		return nil, err
	}
	t := plan.Tone(dsp.Signal(c.tone))
	if t.Freqs == nil {
		var names []string
		for _, t := range plan {
			names = append(names, string(t.Signal))
		}
		return nil, fmt.Errorf("%s has no tone %q; it has: %s", c.tones, c.tone, strings.Join(names, " "))
	}
	t.LevelDBm0 = c.levelOr(t.LevelDBm0)
	if c.forTime.Duration == 0 {
		c.forTime.Duration = 5 * time.Second
	}
	return &limited{dsp.NewCadence(t), int(c.forTime.Duration / telephony.Tick)}, nil
}

// limited is a source that ends after so many frames.
type limited struct {
	telephony.Source
	frames int
}

func (l *limited) Next(f *telephony.Frame) (more bool) {
	l.frames--
	return l.Source.Next(f) && l.frames > 0
}

func (c *ctl) makeCallerID() (telephony.Source, error) {
	form, ok := forms[c.form]
	if !ok {
		return nil, fmt.Errorf("there is no form %q; --form takes: %s", c.form, strings.Join(known(forms), ", "))
	}
	if strings.Trim(c.number, "0123456789*#") != "" {
		return nil, fmt.Errorf("--number %q: give digits alone", c.number)
	}
	if c.date == "" {
		c.date = time.Now().Format("01021504")
	}
	if _, err := time.Parse("01021504", c.date); err != nil {
		return nil, fmt.Errorf("--time %q: give MMDDHHMM, such as 09301725", c.date)
	}
	id := dsp.CallerID{Number: c.number, Name: c.name, Date: c.date, Withheld: c.number == ""}
	return dsp.EncodeCallerID(id, form), nil
}
