package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"callbox/telephony"
	"callbox/webui"
)

func (c *ctl) configGet() error {
	var cfg telephony.Config
	if err := c.get("/api/config", &cfg); err != nil {
		return err
	}
	c.json = true // a file to edit is what is asked for
	return c.show(cfg, nil)
}

// readConfig reads a file as the box would.
func readConfig(file string) (*telephony.Config, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return telephony.ParseConfig(f)
}

func (c *ctl) configDiff() error {
	cfg, err := readConfig(c.args[0])
	if err != nil {
		return err
	}
	var answer struct {
		Revision uint64             `json:"revision"`
		Changes  []webui.Difference `json:"changes"`
	}
	if err := c.send(http.MethodPost, "/api/config/diff", cfg, &answer); err != nil {
		return err
	}
	return c.show(answer, func() {
		if len(answer.Changes) == 0 {
			fmt.Fprintln(c.out, "nothing would change")
		}
		for _, ch := range answer.Changes {
			fmt.Fprintf(c.out, "%s\n  - %s\n  + %s\n", ch.Path, text(ch.Before), text(ch.After))
		}
	})
}

func (c *ctl) configPut() error {
	cfg, err := readConfig(c.args[0])
	if err != nil {
		return err
	}
	var answer struct {
		Revision uint64 `json:"revision"`
	}
	if err := c.send(http.MethodPut, "/api/config", cfg, &answer); err != nil {
		return err
	}
	return c.show(answer, func() { fmt.Fprintf(c.out, "revision %d is in force\n", answer.Revision) })
}

func (c *ctl) configRevisions() error {
	var answer struct {
		Revisions []webui.Revision `json:"revisions"`
	}
	if err := c.get("/api/config/revisions", &answer); err != nil {
		return err
	}
	return c.show(answer, func() {
		c.table("REVISION\tTIME\tWHO\tWHY", func(w io.Writer) {
			for _, r := range answer.Revisions {
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", r.Revision, when(r.Time), r.Who, r.Why)
			}
		})
	})
}

func (c *ctl) configUndo() error {
	var answer struct {
		Revision uint64 `json:"revision"`
	}
	if err := c.send(http.MethodPost, "/api/config/revisions/"+url.PathEscape(c.args[0])+"/undo", nil, &answer); err != nil {
		return err
	}
	return c.show(answer, func() { fmt.Fprintf(c.out, "revision %d is in force\n", answer.Revision) })
}

func text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}
