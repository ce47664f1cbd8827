package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"callbox/webui"
)

// selfTest shows what the box finds of itself; what did not pass is an error.
func (c *ctl) selfTest() error {
	t, err := c.rehearse()
	if err != nil {
		return err
	}
	err = c.show(t, func() {
		c.table("CHECK\tPASSED\tFOUND", func(w io.Writer) {
			for _, check := range t.Checks {
				fmt.Fprintf(w, "%s\t%v\t%s\n", check.What, check.Passed, check.Text.EN)
			}
		})
	})
	if err == nil && !t.Passed {
		err = errors.New("the box did not pass its self-test")
	}
	return err
}

func (c *ctl) rehearse() (t webui.SelfTest, err error) {
	return t, c.send(http.MethodPost, "/api/selftest", struct{}{}, &t)
}
