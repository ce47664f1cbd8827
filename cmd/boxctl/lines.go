package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"callbox/telephony"
)

func toneFlags(f *flag.FlagSet, c *ctl) {
	f.BoolVar(&c.adopt, "adopt", false, "take the tone for the line's busy tone from now on")
	f.BoolVar(&c.forget, "forget", false, "forget it, and what was adopted: the line learns anew")
}

func linePath(line, what string) string { return "/api/lines/" + url.PathEscape(line) + "/" + what }

func (c *ctl) lineTest() error {
	var r telephony.LineReport
	if err := c.send(http.MethodPost, linePath(c.args[0], "test"), nil, &r); err != nil {
		return err
	}
	return c.show(r, func() {
		fmt.Fprintf(c.out, "%s is %s\n", r.Line, r.Light)
		c.table("ABOUT\tLIGHT\tIN WORDS", func(w io.Writer) {
			for _, f := range r.Findings {
				fmt.Fprintf(w, "%s\t%s\t%s\n", f.About, f.Light, f.Text.EN)
			}
		})
	})
}

func (c *ctl) lineTone() error {
	path := linePath(c.args[0], "tone")
	switch {
	case c.adopt:
		return c.changeTone(http.MethodPost, path, "adopted")
	case c.forget:
		return c.changeTone(http.MethodDelete, path, "forgotten")
	}
	var t telephony.LearnedTone
	if err := c.get(path, &t); err != nil {
		return err
	}
	return c.show(t, func() {
		fmt.Fprintf(c.out, "adopted: %s\n", toneWords(t.Adopted))
		if t.Calls == 0 {
			fmt.Fprintln(c.out, "nothing learned yet: calls that the other party ends first teach it")
			return
		}
		fmt.Fprintf(c.out, "learned: %s at %.0f dBm0, from %d of %d calls\n", toneWords(t.Tone), t.LevelDBm0, t.Calls, t.Of)
		for _, b := range loudest(t.Spectrum) {
			fmt.Fprintf(c.out, "%7.1f Hz %5.0f dBm0 %s\n", b.Hz, b.DBm0, strings.Repeat("#", max(0, int(b.DBm0+70)/2)))
		}
		if t.Proposed {
			fmt.Fprintf(c.out, "the box does not know this tone: adopt it with boxctl line tone %s --adopt\n", c.args[0])
		}
	})
}

// loudest are the bands within 40 dB of the loudest.
func loudest(spectrum []telephony.ToneBand) (bands []telephony.ToneBand) {
	top := -100.0
	for _, b := range spectrum {
		top = max(top, b.DBm0)
	}
	for _, b := range spectrum {
		if b.DBm0 > top-40 {
			bands = append(bands, b)
		}
	}
	return bands
}

func toneWords(t telephony.LineTone) string {
	if len(t.Hz) == 0 {
		return "none"
	}
	return fmt.Sprintf("%s Hz, %s ms", joined(t.Hz, "+"), joined(t.CadenceMS, "/"))
}

func joined(numbers []int, by string) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", by)
}

func (c *ctl) changeTone(method, path, done string) error {
	var answer struct {
		Revision uint64 `json:"revision"`
	}
	if err := c.send(method, path, nil, &answer); err != nil {
		return err
	}
	return c.show(answer, func() { fmt.Fprintf(c.out, "%s; revision %d is in force\n", done, answer.Revision) })
}
