package main

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"callbox/board"
	"callbox/webui"
)

// boardCheck looks at this computer itself, not at a box.
func (c *ctl) boardCheck() error {
	list, err := board.Check(c.args[0])
	if err != nil {
		return err
	}
	return c.show(list, func() {
		c.table("WHAT\tTHERE\tWHERE", func(w io.Writer) {
			for _, f := range list {
				fmt.Fprintf(w, "%s\t%s\t%s\n", f.What, map[bool]string{true: "yes", false: "no"}[f.Found], f.Where)
			}
		})
	})
}

const (
	provedTime = 20 * time.Second // that a box has run without a restart
	askEvery   = time.Second
)

// confirm waits until the box of this image has run for a while, and tells the boot loader that the slot is good. It waits
// for ever: its unit gives up, and starts the computer again.
func (c *ctl) confirm() error {
	for !c.proved() {
		if err := c.pause(); err != nil {
			return err
		}
	}
	for {
		err := c.markGood()
		if err == nil {
			return c.show(map[string]bool{"good": true}, func() { fmt.Fprintln(c.out, "this system has proved itself") })
		}
		fmt.Fprintln(c.out, err) // RAUC is busy with an update, or not up yet
		if err := c.pause(); err != nil {
			return err
		}
	}
}

func (c *ctl) proved() bool {
	var s webui.Status
	return c.get("/api/status", &s) == nil && time.Since(s.Started) >= provedTime
}

func (c *ctl) markGood() error {
	out, err := exec.CommandContext(c.ctx, "rauc", "status", "mark-good").CombinedOutput()
	if err != nil {
		return errors.New(strings.TrimSpace(string(out)))
	}
	return nil
}

func (c *ctl) pause() error {
	select {
	case <-c.ctx.Done():
		return c.ctx.Err()
	case <-time.After(askEvery):
		return nil
	}
}
