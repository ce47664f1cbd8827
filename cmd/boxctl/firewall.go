package main

import (
	"fmt"
	"os/exec"
	"strings"

	"callbox/board"
)

// firewall lets in the services that a file names, and no other. The file is gone when it returns.
func (c *ctl) firewall() error {
	services, err := board.TakeServices(c.args[0])
	if err != nil {
		return err
	}
	nft := exec.CommandContext(c.ctx, "nft", "-f", "-")
	nft.Stdin = strings.NewReader(board.Firewall(services))
	if out, err := nft.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, strings.TrimSpace(string(out)))
	}
	return c.show(map[string]any{"services": services}, func() {
		fmt.Fprintln(c.out, "the page comes in, and", services)
	})
}
