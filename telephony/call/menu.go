package call

import (
	"slices"
	"time"

	"callbox/telephony"
	"callbox/telephony/ivr"
)

// enterMenu answers and lets the caller walk a menu (A3.1-A3.9).
func (c *Call) enterMenu(id string) state {
	m := c.Config.Menu(id)
	if m == nil {
		return c.refuse(telephony.OutcomeFailed, telephony.CauseTemporary)
	}
	if at := slices.Index(c.menus, id); at >= 0 {
		c.menus = c.menus[:at] // the caller has gone round
	}
	c.menus = append(c.menus, id)
	return c.walk(m)
}

// enterExtension collects the number of somebody inside.
func (c *Call) enterExtension() state {
	return c.walk(&telephony.Menu{
		ID: "extension", Greetings: []telephony.Greeting{{Prompt: "enter_extension"}}, Collect: telephony.CollectVariable,
		Digits: telephony.MaxExtensionLen, FirstSeconds: 8, NextSeconds: 3, Tries: 3, Extensions: true,
	})
}

// returnToMenu goes back to the menu that led here (A3.30).
func (c *Call) returnToMenu() state {
	if n := len(c.menus); n > 0 {
		return c.enterMenu(c.menus[n-1])
	}
	return c.end(telephony.OutcomeSelfService, telephony.CauseNormal)
}

// walk runs the menu's machine: keys and ended prompts go in, what to play and where to go comes out.
func (c *Call) walk(m *telephony.Menu) state {
	c.answer()
	if m.Language != "" {
		c.language, c.live.Language = m.Language, m.Language
	}
	c.show("menu", m.ID)
	c.tell(telephony.MenuEntered{Menu: m.ID})
	machine := ivr.NewMenu(m, ivr.Env{
		Line: c.Arrival.Line, Period: c.period(m.Hours), Typed: c.typed, Lookup: c.Config.Extension,
	})
	c.typed = ""
	return func(c *Call) state { return c.walking(m, machine) }
}

func (c *Call) walking(m *telephony.Menu, machine *ivr.Menu) state {
	done, next := c.act(m, machine.Step(ivr.Start{}))
	for !done {
		switch h := c.wait().(type) {
		case hungup:
			return c.lost(telephony.OutcomeLostInMenu, h.cause)
		case played:
			done, next = c.act(m, machine.Step(ivr.PromptEnded{}))
		case expired:
			done, next = c.act(m, machine.Step(ivr.TimerExpired{}))
		case heard:
			if d, ok := h.event.(telephony.Digit); ok && h.from == c.caller {
				c.hops = 0
				done, next = c.act(m, machine.Step(ivr.Key{Digit: d.Key}))
			}
		}
	}
	return next
}

type menuKey struct{}

// act carries out what the machine asks for.
func (c *Call) act(m *telephony.Menu, actions []ivr.Action) (done bool, next state) {
	for _, a := range actions {
		switch a := a.(type) {
		case ivr.Play:
			c.play(a.Prompts...)
		case ivr.StopPlaying:
			c.hush()
		case ivr.StartTimer:
			c.set(menuKey{}, a.For)
		case ivr.StopTimer:
			c.cancel(menuKey{})
		case ivr.Input:
			c.tell(telephony.MenuKey{Menu: m.ID, Keys: a.Keys, Result: a.Result})
		case ivr.Done:
			c.cancel(menuKey{})
			return true, c.leaveMenu(m, a)
		}
	}
	return false, nil
}

// leaveMenu sends a caller where the menu leads. One whose tries are used up was not served.
func (c *Call) leaveMenu(m *telephony.Menu, d ivr.Done) state {
	c.typed = d.Rest
	if n := len(c.menus); d.Target == telephony.ToReturn && n > 1 && c.menus[n-1] == m.ID {
		c.menus = c.menus[:n-1]
	}
	o := telephony.OutcomeSelfService
	if d.Result != "target" {
		o = telephony.OutcomeNoAnswer
	}
	return c.send(d.Target, "menu/"+m.ID, d.Why(), o, telephony.CauseNormal)
}

// period is what time it is now by the hours with the id; without hours it is always work.
func (c *Call) period(hours string) string {
	h := c.Config.HoursOf(hours)
	if h == nil {
		return telephony.PeriodWork
	}
	return h.Period(time.Now().In(c.Config.Location()))
}
