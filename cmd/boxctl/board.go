package main

import (
	"fmt"
	"io"

	"callbox/board"
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
