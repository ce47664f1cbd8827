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
// for ever: its unit gives up, and starts the computer again. Why it waits is kept for the system that runs then.
func (c *ctl) confirm() error {
	told := ""
	for why := c.unproved(); why != ""; why = c.unproved() {
		if why != told {
			told = why
			fmt.Fprintln(c.out, why)
			c.keepWhy(why)
		}
		if err := c.pause(); err != nil {
			return err
		}
	}
	for {
		err := c.markGood()
		if err == nil {
			break
		}
		fmt.Fprintln(c.out, err) // RAUC is busy with an update, or not up yet
		if err := c.pause(); err != nil {
			return err
		}
	}
	if err := board.Proved(board.SystemDir); err != nil {
		return err
	}
	return c.show(map[string]bool{"good": true}, func() { fmt.Fprintln(c.out, "this system has proved itself") })
}

// unproved is what is still wanting; nothing when the system has proved itself.
func (c *ctl) unproved() string {
	var s webui.Status
	if err := c.get("/api/status", &s); err != nil {
		return "the box does not answer"
	}
	if time.Since(s.Started) < provedTime {
		return "the box does not stay up"
	}
	return ""
}

// keepWhy keeps it beside what others left. A disk that refuses is no reason not to go on.
func (c *ctl) keepWhy(why string) {
	u, err := board.ReadUnproved(board.SystemDir)
	if err != nil || u == nil {
		u = board.Unproved{}
	}
	u[version] = why
	if err := u.Write(board.SystemDir); err != nil {
		fmt.Fprintln(c.out, err)
	}
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
