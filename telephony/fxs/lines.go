package fxs

import (
	"context"
	"slices"
	"sync"

	"callbox/telephony"
)

// Lines are the telephones of a box that are plugged into it.
type Lines []*Line

// Line is the line with the id.
func (ls Lines) Line(id string) (telephony.Line, bool) {
	i := slices.IndexFunc(ls, func(l *Line) bool { return l.ID() == id })
	if i < 0 {
		return nil, false
	}
	return ls[i], true
}

// Configure puts a new configuration in force. Calls in progress keep what they began with.
func (ls Lines) Configure(c *telephony.Config) {
	for _, l := range ls {
		l.Configure(c)
	}
}

// Run works the telephones until the context is done, and returns when the last call has ended.
func (ls Lines) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, l := range ls {
		all.Go(func() { l.Run(ctx) })
	}
	all.Wait()
}
