package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"

	"callbox/webui"
)

func capacityFlags(f *flag.FlagSet, c *ctl) {
	f.BoolVar(&c.anyway, "anyway", false, "measure while calls are in progress, which takes the processor from them")
}

func (c *ctl) capacity() error {
	var answer webui.Capacity
	if err := c.send(http.MethodPost, fmt.Sprintf("/api/capacity?anyway=%t", c.anyway), struct{}{}, &answer); err != nil {
		return err
	}
	return c.show(answer, func() {
		c.table("RATED\t\tLOAD\tSLOTS OVER 5 MS LATE", func(w io.Writer) {
			for _, row := range []struct {
				what  string
				found webui.Rated
			}{
				{"calls at once", answer.Bridged},
				{"recorded calls at once", answer.Recorded},
				{"parties in conferences of ten", answer.Mixed},
				{"new calls a second", answer.Setups},
				{"registrations a second", answer.Registrations},
			} {
				more := ""
				if row.found.Bound {
					more = " (more was not tried)"
				}
				fmt.Fprintf(w, "%d\t%s%s\t%.0f %%\t%.2f %%\n", row.found.Rated, row.what, more, 100*row.found.Load, 100*row.found.Late)
			}
		})
		if answer.Shared {
			fmt.Fprintln(c.out, "Something else was using this computer, and the figures may be too low. Measure again when it is quiet.")
		}
	})
}
