package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"callbox/board"
	"callbox/webui"
)

const (
	provedTime = 20 * time.Second // that a box has run without a restart
	askEvery   = 2 * time.Second
	hopeless   = 3 // starts of a program that then ended
	failures   = 2 // self-tests in a row, of which each has waited for the lines itself
)

// guards are the units without which a box that answers is no good, and what each is.
var guards = []struct{ unit, what string }{
	{"nftables.service", "the firewall"}, {"callbox-firewall.path", "what opens the firewall"}, {"systemd-networkd.service", "the network"},
}

func confirmFlags(f *flag.FlagSet, c *ctl) {
	f.StringVar(&c.system, "system", board.SystemDir, "`directory` of what is the computer's own")
}

// confirm waits until the box of this image has run for a while, and tells the boot loader that the slot is good. It waits
// for ever: its unit gives up, and starts the computer again. Why it waits is kept for the system that runs then.
func (c *ctl) confirm() error {
	for _, wanting := range []func() string{c.untested, c.unproved} { // the self-test passes the time in which the box has to stay up
		if err := c.until(wanting); err != nil {
			return err
		}
	}
	for {
		err := c.mark("good")
		if err == nil {
			break
		}
		fmt.Fprintln(c.out, err) // RAUC is busy with an update, or not up yet
		if err := c.pause(); err != nil {
			return err
		}
	}
	if err := board.Proved(c.system, board.Running(version)); err != nil {
		return err
	}
	if err := board.KeepSeed(c.system); err != nil { // the next start waits for chance, and that is all
		fmt.Fprintln(c.out, err)
	}
	return c.show(map[string]bool{"good": true}, func() { fmt.Fprintln(c.out, "this system has proved itself") })
}

// until waits until nothing is wanting. A system that has never proved itself here and whose program ends again and again, or fails its
// self-test and fails it once more, gets no second try.
func (c *ctl) until(wanting func() string) error {
	told, failed := "", 0
	for why := wanting(); why != ""; why = wanting() {
		if err := c.ctx.Err(); err != nil {
			return err // what was asked last was broken off, which is no reason
		}
		if why != told {
			told = why
			fmt.Fprintln(c.out, why)
			c.keepWhy(why)
		}
		if !strings.HasPrefix(why, failedTest) {
			failed = 0
		} else if failed++; failed == failures {
			return errors.Join(errors.New(why+": back to the system before"), c.mark("bad"))
		}
		if why != unsteady && c.restarts() >= hopeless && !board.HasProved(c.system, board.Running(version)) {
			return errors.Join(errors.New("the program ends again and again: back to the system before"), c.mark("bad"))
		}
		if err := c.pause(); err != nil {
			return err
		}
	}
	return nil
}

const (
	silent     = "the box does not answer"
	unsteady   = "the box does not stay up" // yet
	failedTest = "the self-test failed: "
)

// unproved is what is wanting of a box that passes its self-test. While it only has to stay up, no systemctl is run: that would take a third
// of a slow processor.
func (c *ctl) unproved() string {
	var s webui.Status
	if err := c.get("/api/status", &s); err != nil {
		return silent
	}
	if time.Since(s.Started) < provedTime {
		return unsteady
	}
	if _, err := os.Stat(board.ServicesFile); err == nil {
		return "the firewall has not let in what the box uses"
	}
	for _, g := range guards {
		if err := exec.CommandContext(c.ctx, "systemctl", "is-active", "--quiet", g.unit).Run(); err != nil {
			return g.what + " is not up"
		}
	}
	return ""
}

// untested is what the self-test of a system found that has not proved itself here before. One that has is good whatever the lines
// do today, and so is the recovery system, which is all that there is.
func (c *ctl) untested() string {
	if recovery, _ := board.Recovery(c.system); recovery || board.HasProved(c.system, board.Running(version)) {
		return ""
	}
	if err := c.get("/api/status", &webui.Status{}); err != nil {
		return silent
	}
	t, err := c.rehearse()
	if err != nil {
		return "the self-test could not be made: " + err.Error() // somebody measures, or it broke off: that proves nothing
	}
	for _, check := range t.Checks {
		if !check.Passed {
			return failedTest + check.What + ": " + check.Text.EN
		}
	}
	return ""
}

// restarts is how often the program has ended since the computer started. Where nobody knows, it is 0.
func (c *ctl) restarts() int {
	out, _ := exec.CommandContext(c.ctx, "systemctl", "show", "--value", "--property=NRestarts", "callbox.service").Output()
	n, _ := strconv.Atoi(strings.TrimSpace(string(out)))
	return n
}

// keepWhy keeps it beside what others left. A disk that refuses is no reason not to go on.
func (c *ctl) keepWhy(why string) {
	u, err := board.ReadUnproved(c.system)
	if err != nil || u == nil {
		u = board.Unproved{}
	}
	u[board.Running(version)] = why
	if err := u.Write(c.system); err != nil {
		fmt.Fprintln(c.out, err)
	}
}

// mark tells the boot loader that the system is "good" or "bad".
func (c *ctl) mark(as string) error {
	out, err := exec.CommandContext(c.ctx, "rauc", "status", "mark-"+as).CombinedOutput()
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
