package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"callbox/webui"
)

// durationFlag is a length of time on the command line; zero when not given.
type durationFlag struct{ time.Duration }

// Set reads "30s" or "2m".
func (d *durationFlag) Set(s string) (err error) {
	d.Duration, err = time.ParseDuration(s)
	return err
}

func ringFlags(f *flag.FlagSet, c *ctl) {
	f.StringVar(&c.from, "from", "", "the caller's `number`; without it the number is withheld")
	f.StringVar(&c.play, "play", "", "WAV `file` that the caller says once answered")
	f.StringVar(&c.keys, "keys", "", "`keys` and when after the answer: 1@4s,#@6s")
	c.forTime.Duration = 30 * time.Second
	f.Var(&c.forTime, "for", "the caller hangs up so `long` after the answer")
	f.StringVar(&c.hear, "hear", "", "WAV `file` to write what the caller heard to")
}

func (c *ctl) simRing() error {
	r := webui.Ring{Line: c.args[0], From: c.from, Keys: c.keys, ForSeconds: int(c.forTime.Seconds())}
	var err error
	if r.Say, err = speech(c.play); err != nil {
		return err
	}
	var heard webui.Heard
	if err := c.send(http.MethodPost, "/api/sim/ring", r, &heard); err != nil {
		return err
	}
	if c.hear != "" && heard.Sound != "" {
		if _, err := c.fetch("/api/sim/heard/"+heard.Sound, c.hear); err != nil {
			return err
		}
	}
	return c.show(heard, func() { fmt.Fprintf(c.out, "call %s: %s (%s)\n", heard.Call, heard.Text.EN, heard.Outcome) })
}

func phoneFlags(f *flag.FlagSet, c *ctl) {
	f.Var(&c.answerAfter, "answer-after", "answer after so `long` of ringing")
	f.Var(&c.talkFor, "talk", "hang up after so `long`; without it the caller hangs up")
	f.StringVar(&c.play, "play", "", "WAV `file` that the agent says")
	f.StringVar(&c.hear, "hear", "", "WAV `file` to write what the agent heard to; waits for the end of one call")
}

// simPhone starts a phone in the box's simulated world; with --hear it waits until the phone has had a call.
func (c *ctl) simPhone() error {
	p := webui.SimPhone{
		Extension: c.args[0], AnswerAfterMS: int(c.answerAfter.Milliseconds()), TalkMS: int(c.talkFor.Milliseconds()),
	}
	var err error
	if p.Say, err = speech(c.play); err != nil {
		return err
	}
	var world webui.WorldState
	if err := c.send(http.MethodPost, "/api/sim/phones", map[string]any{"phones": []webui.SimPhone{p}}, &world); err != nil {
		return err
	}
	for c.hear != "" {
		if err := c.get("/api/sim", &world); err != nil {
			return err
		}
		if at := phoneIn(world, p.Extension); at.Sound != "" {
			if _, err := c.fetch("/api/sim/heard/"+at.Sound, c.hear); err != nil {
				return err
			}
			break
		}
		time.Sleep(500 * time.Millisecond)
	}
	at := phoneIn(world, p.Extension)
	return c.show(at, func() { fmt.Fprintf(c.out, "phone %s: %s\n", at.Extension, at.State) })
}

func phoneIn(w webui.WorldState, ext string) webui.SimPhone {
	for _, p := range w.Phones {
		if p.Extension == ext {
			return p
		}
	}
	return webui.SimPhone{}
}

func dayFlags(f *flag.FlagSet, c *ctl) {
	f.IntVar(&c.count, "calls", 60, "so many calls")
	f.IntVar(&c.minutes, "minutes", 10, "in so many minutes")
	f.Uint64Var(&c.seed, "seed", 0, "the same number gives the same day; 0: another each time")
}

func (c *ctl) simDay() error {
	var world webui.WorldState
	if err := c.send(http.MethodPost, "/api/sim/day", webui.Day{Calls: c.count, Minutes: c.minutes, Seed: c.seed}, &world); err != nil {
		return err
	}
	return c.show(world, func() {
		var phones []string
		for _, p := range world.Phones {
			phones = append(phones, p.Extension)
		}
		fmt.Fprintf(c.out, "a busy hour of %d calls in %d minutes runs; phones: %s. Watch it on the page.\n",
			c.count, c.minutes, strings.Join(phones, " "))
	})
}

// speech reads a WAV file to send along; no name gives nothing.
func speech(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	return os.ReadFile(file)
}
