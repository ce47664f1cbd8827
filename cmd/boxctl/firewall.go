package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"callbox/board"
)

// firewall lets in the services that a file names, and no other. The file is gone when it returns; after a failure it is there for another
// try, unless boxd has said something else meanwhile.
func (c *ctl) firewall() error {
	services, err := board.TakeServices(c.args[0])
	if err != nil {
		return err
	}
	if err := c.letIn(services); err != nil {
		return errors.Join(err, c.pause(), board.PutServicesBack(c.args[0], services))
	}
	return c.show(map[string]any{"services": services}, func() {
		fmt.Fprintln(c.out, "the page comes in, and", services)
	})
}

func (c *ctl) letIn(services []board.Service) error {
	nft := exec.CommandContext(c.ctx, "nft", "-f", "-")
	nft.Stdin = strings.NewReader(board.Firewall(services))
	if out, err := nft.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
