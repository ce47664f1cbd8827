package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"callbox/telephony"
)

// alone are the actions on a call that need no more than its id.
var alone = []string{"hold", "retrieve", "back", "conference", "park", "hangup"}

// modes are the actions on a call that listen to it.
var modes = []string{"listen", "whisper", "barge", "take_over", "leave"}

func (c *ctl) actOn() error {
	id, action, with := c.args[0], c.args[1], ""
	if len(c.args) > 2 {
		with = c.args[2]
	}
	path, body := action, map[string]string{}
	switch {
	case slices.Contains(alone, action):
	case action == "consult" || action == "transfer":
		body["to"] = with
	case action == "pickup":
		body["phone"] = with
	case slices.Contains(modes, action):
		path, body["mode"], body["phone"] = "monitor", action, with
	default:
		return errors.New("boxctl call knows no action " + action + ": boxctl call --help lists them")
	}
	if err := c.send(http.MethodPost, "/api/calls/"+url.PathEscape(id)+"/"+path, body, nil); err != nil {
		return err
	}
	return c.show(map[string]string{"call": id, "action": action}, func() { fmt.Fprintf(c.out, "call %s: %s\n", id, action) })
}

func (c *ctl) dial() error {
	var answer struct {
		Call telephony.CallID `json:"call"`
	}
	err := c.send(http.MethodPost, "/api/calls", map[string]string{"from": c.args[0], "to": c.args[1]}, &answer)
	if err != nil {
		return err
	}
	return c.show(answer, func() { fmt.Fprintf(c.out, "call %s rings %s\n", answer.Call, c.args[0]) })
}
