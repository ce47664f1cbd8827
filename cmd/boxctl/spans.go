package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"callbox/telephony"
)

func traceFlags(f *flag.FlagSet, c *ctl) {
	f.StringVar(&c.call, "call", "", "`id` of the call, as boxctl calls shows it; must be given")
}

func (c *ctl) trace() error {
	if c.call == "" {
		return errors.New("boxctl trace needs --call ID; boxctl calls shows the ids")
	}
	n, err := c.fetch("/api/calls/"+url.PathEscape(c.call)+"/trace.pcapng", c.args[0])
	return c.written(n, c.args[0], err)
}

// spans prints a table, or with --json one object per line and span.
func (c *ctl) spans() error {
	var answer struct {
		Spans []telephony.LiveSpan `json:"spans"`
	}
	if err := c.get("/api/spans", &answer); err != nil {
		return err
	}
	if c.json {
		e := json.NewEncoder(c.out)
		for _, s := range answer.Spans {
			if err := e.Encode(s); err != nil {
				return err
			}
		}
		return nil
	}
	c.table("SPAN\tNAME\tSIDE\tALARM\tDCHANNEL\tSINCE\tCHANNELS", func(w io.Writer) {
		for _, s := range answer.Spans {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.Span, s.Name, s.Side, s.Alarm, s.DChannel, when(s.Since), states(s.Channels))
		}
	})
	fmt.Fprintln(c.out)
	c.table("CHANNEL\tSTATE\tSINCE\tPARTY\tLEG", func(w io.Writer) {
		for _, s := range answer.Spans {
			for _, ch := range s.Channels {
				printChannel(w, s.Span, ch)
			}
		}
	})
	return nil
}

// printChannel is the row of a channel that is not at rest.
func printChannel(w io.Writer, span string, ch telephony.LiveChannel) {
	state := string(ch.State)
	switch {
	case ch.State == telephony.ChannelIdle:
		return
	case ch.Blocked && ch.State != telephony.ChannelBlocked:
		state += ", then blocked"
	}
	fmt.Fprintf(w, "%s %d\t%s\t%s\t%s\t%s\n", span, ch.Number, state, when(ch.Since), ch.Party, ch.Leg)
}

// states counts channels by what they do: "28 idle, 2 talking".
func states(channels []telephony.LiveChannel) string {
	var order []string
	count := map[string]int{}
	for _, ch := range channels {
		if count[string(ch.State)]++; count[string(ch.State)] == 1 {
			order = append(order, string(ch.State))
		}
	}
	for i, state := range order {
		order[i] = fmt.Sprintf("%d %s", count[state], state)
	}
	return strings.Join(order, ", ")
}

func (c *ctl) blockChannel() error   { return c.setChannel(true, "blocked") }
func (c *ctl) unblockChannel() error { return c.setChannel(false, "back in service") }

func (c *ctl) setChannel(blocked bool, state string) error {
	var answer struct {
		Revision uint64 `json:"revision"`
	}
	path := "/api/spans/" + url.PathEscape(c.args[0]) + "/channels/" + url.PathEscape(c.args[1])
	if err := c.send(http.MethodPost, path, map[string]bool{"blocked": blocked}, &answer); err != nil {
		return err
	}
	return c.show(answer, func() {
		fmt.Fprintf(c.out, "channel %s of %s is %s; revision %d is in force\n", c.args[1], c.args[0], state, answer.Revision)
	})
}
