package main

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"callbox/telephony"
)

// bans prints the addresses to which the box does not listen.
func (c *ctl) bans() error {
	var answer struct {
		Bans []telephony.Ban `json:"bans"`
	}
	if err := c.get("/api/bans", &answer); err != nil {
		return err
	}
	return c.show(answer, func() {
		c.table("ADDRESS\tACCOUNT\tREASON\tUNTIL", func(w io.Writer) {
			for _, b := range answer.Bans {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", b.Address, cmp.Or(b.Account, "every"), b.Reason, when(b.Until))
			}
		})
	})
}

func (c *ctl) unban() error {
	body, err := c.request(http.MethodDelete, "/api/bans/"+url.PathEscape(c.args[0]), nil, "")
	if err != nil {
		return err
	}
	body.Close()
	return c.show(map[string]string{"unbanned": c.args[0]}, func() { fmt.Fprintf(c.out, "the box listens to %s again\n", c.args[0]) })
}
