package dsp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The bounds of a table of tone plans.
const (
	mostPlanTones = 1000
	mostFreqs     = 4 // the howler of North America has so many
	leastHz       = 100.0
	mostHz        = 3800.0
	mostPart      = time.Minute
)

// planColumns are the table's, as its own heading explains them; planSources are what its last column may say.
var (
	planColumns = []string{"country", "signal", "frequencies", "dBm0", "cadence", "from"}
	planSources = []string{"gb3380", "both", "e180", "zones", "differ"}
)

// parsePlans reads a table of tone plans. What is wrong with it is said with the number of the line.
func parsePlans(table string) (map[string]Plan, error) {
	plans, tones, headed := map[string]Plan{}, 0, false
	for at, line := range slices.Collect(strings.Lines(table)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if !headed {
			if headed = slices.Equal(f, planColumns); !headed {
				return nil, fmt.Errorf("line %d: the columns must be %s", at+1, strings.Join(planColumns, ", "))
			}
			continue
		}
		t, err := parsePlanTone(f)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", at+1, err)
		}
		if tones++; tones > mostPlanTones {
			return nil, fmt.Errorf("line %d: there are more than %d tones", at+1, mostPlanTones)
		}
		plans[f[0]] = append(plans[f[0]], t)
	}
	return plans, nil
}

// parsePlanTone reads the fields of one line.
func parsePlanTone(f []string) (t Tone, err error) {
	if len(f) != len(planColumns) {
		return t, fmt.Errorf("has %d columns, not %d", len(f), len(planColumns))
	}
	if len(f[0]) != 2 || strings.Trim(f[0], "abcdefghijklmnopqrstuvwxyz") != "" {
		return t, fmt.Errorf("%q is not the two lower-case letters of a country", f[0])
	}
	if t.Signal = Signal(f[1]); !slices.Contains(signalsKnown, t.Signal) {
		return t, fmt.Errorf("%q is not a signal", f[1])
	}
	if !slices.Contains(planSources, f[5]) {
		return t, fmt.Errorf("%q does not say where the tone is from", f[5])
	}
	if err := t.parseFreqs(f[2]); err != nil {
		return t, err
	}
	if err := t.parseLevel(f[3]); err != nil {
		return t, err
	}
	return t, t.parseCadence(f[4])
}

// parseFreqs reads 450, 480+620, 400*25 or 950,1400,1800.
func (t *Tone) parseFreqs(s string) error {
	carrier, modulation, modulated := strings.Cut(s, "*")
	if modulated {
		hz, err := number(modulation, 10, leastHz)
		if err != nil {
			return fmt.Errorf("frequencies %q: %w", s, err)
		}
		t.ModulatedHz = hz
	}
	by := "+"
	if t.InTurn = strings.Contains(carrier, ","); t.InTurn {
		by = ","
	}
	for one := range strings.SplitSeq(carrier, by) {
		hz, err := number(one, leastHz, mostHz)
		if err != nil {
			return fmt.Errorf("frequencies %q: %w", s, err)
		}
		if t.Freqs = append(t.Freqs, hz); len(t.Freqs) > mostFreqs {
			return fmt.Errorf("frequencies %q: more than %d", s, mostFreqs)
		}
	}
	return nil
}

// parseLevel reads -10, or -25+2 of a tone that rises.
func (t *Tone) parseLevel(s string) (err error) {
	level, rise, rises := strings.Cut(s, "+")
	if rises {
		if t.RiseDB, err = number(rise, 0, 10); err != nil {
			return fmt.Errorf("level %q: %w", s, err)
		}
	}
	if t.LevelDBm0, err = number(level, -60, 0); err != nil {
		return fmt.Errorf("level %q: %w", s, err)
	}
	return nil
}

// parseCadence reads 350/350, or - of a tone without a break. Tones in turn may follow each other without a gap.
func (t *Tone) parseCadence(s string) error {
	if s == "-" {
		return nil
	}
	for part := range strings.SplitSeq(s, "/") {
		length, err := number(part, 0, float64(mostPart/ms))
		if err != nil {
			return fmt.Errorf("cadence %q: %w", s, err)
		}
		if gap := len(t.Cadence)%2 == 1; length == 0 && !(gap && t.InTurn) {
			return fmt.Errorf("cadence %q: a part of no length", s)
		}
		if t.Cadence = append(t.Cadence, time.Duration(length)*ms); len(t.Cadence) > mostParts {
			return fmt.Errorf("cadence %q: more than %d parts", s, mostParts)
		}
	}
	if len(t.Cadence)%2 == 1 {
		return fmt.Errorf("cadence %q: a burst without its gap", s)
	}
	return nil
}

// number reads a number between two bounds.
func number(s string, least, most float64) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || !(v >= least && v <= most) {
		return 0, fmt.Errorf("%q is not a number from %g to %g", s, least, most)
	}
	return v, nil
}
