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
	f.StringVar(&c.to, "to", "", "the `number` that the caller dials, on an E1; without it the E1's own")
	f.StringVar(&c.play, "play", "", "WAV `file` that the caller says once answered")
	f.StringVar(&c.keys, "keys", "", "`keys` and when after the answer: 1@4s,#@6s")
	c.forTime.Duration = 30 * time.Second
	f.Var(&c.forTime, "for", "the caller hangs up so `long` after the answer")
	f.StringVar(&c.hear, "hear", "", "WAV `file` to write what the caller heard to")
}

func (c *ctl) simRing() error {
	r := webui.Ring{Line: c.args[0], To: c.to, From: c.from, Keys: c.keys, ForSeconds: int(c.forTime.Seconds())}
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
	if err := c.send(http.MethodPost, "/api/sim/phones", map[string]any{"phones": []webui.SimPhone{p}}, nil); err != nil {
		return err
	}
	at, err := c.registered(p.Extension)
	if err != nil || c.hear == "" {
		return c.phoneShown(at, err)
	}
	for at.Sound == "" && err == nil {
		at, err = c.phoneLater(p.Extension)
	}
	if err == nil {
		_, err = c.fetch("/api/sim/heard/"+at.Sound, c.hear)
	}
	return c.phoneShown(at, err)
}

func (c *ctl) phoneShown(at webui.SimPhone, err error) error {
	if err != nil {
		return err
	}
	return c.show(at, func() {
		if c.hear != "" {
			fmt.Fprintf(c.out, "phone %s has had a call; what it heard is in %s\n", at.Extension, c.hear)
			return
		}
		fmt.Fprintf(c.out, "phone %s is registered and %s\n", at.Extension, at.State)
	})
}

const (
	lookEvery        = 200 * time.Millisecond
	registerPatience = 10 * time.Second
	unregistered     = "not registered: " // and why, once the phone has been refused
)

// registered waits until the phone is registered, or says why it is not.
func (c *ctl) registered(ext string) (webui.SimPhone, error) {
	for until := time.Now().Add(registerPatience); ; {
		at, err := c.phoneLater(ext)
		why, not := strings.CutPrefix(at.State, unregistered)
		switch {
		case err != nil || !not:
			return at, err
		case why != "":
			return at, fmt.Errorf("the box does not take phone %s: %s", ext, why)
		case time.Now().After(until):
			return at, fmt.Errorf("phone %s is not registered after %v: is the box too busy?", ext, registerPatience)
		}
	}
}

// phoneLater looks at a phone of the simulated world in a moment.
func (c *ctl) phoneLater(ext string) (webui.SimPhone, error) {
	select {
	case <-c.ctx.Done():
		return webui.SimPhone{}, c.ctx.Err()
	case <-time.After(lookEvery):
	}
	var world webui.WorldState
	if err := c.get("/api/sim", &world); err != nil {
		return webui.SimPhone{}, err
	}
	for _, p := range world.Phones {
		if p.Extension == ext {
			return p, nil
		}
	}
	return webui.SimPhone{}, fmt.Errorf("phone %s is no longer there", ext)
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
