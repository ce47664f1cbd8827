package call

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/telephony/acd"
)

// The star codes that a phone can dial (A5.1, A9.1).
const (
	CodeSignIn  = "*11" // then the agent's number and PIN, each ended by #
	CodeSignOut = "*12"
	CodeReady   = "*21"
	CodeBusy    = "*22"
	CodeBreak   = "*23"
	CodeMailbox = "*97" // then the mailbox's PIN, ended by #
	CodePickUp  = "*8"  // with the extension that rings, or alone for the call that rings longest (A2.14)
	CodePark    = "*68" // what a call is transferred to; with a digit, into that slot
	CodeFetch   = "*69" // with the digit of the slot
)

// featureStates says what a code makes of the agent who sits at the phone, and what is said to confirm it.
var featureStates = map[string]struct {
	state  telephony.AgentState
	prompt string
}{
	CodeSignIn:  {telephony.AgentReady, "signed_in"},
	CodeSignOut: {telephony.AgentSignedOut, "signed_out"},
	CodeReady:   {telephony.AgentReady, "ready"},
	CodeBusy:    {telephony.AgentBusy, "busy"},
	CodeBreak:   {telephony.AgentBreak, "on_break"},
}

// IsFeature reports whether the dialled digits are a star code.
func IsFeature(dialled string) bool {
	_, ok := featureStates[dialled]
	return ok || dialled == CodeMailbox || strings.HasPrefix(dialled, CodePickUp) || strings.HasPrefix(dialled, CodeFetch)
}

// CouldBeFeature reports whether a star code begins with the digits.
func CouldBeFeature(digits string) bool {
	begins := func(code string) bool { return len(code) > len(digits) && strings.HasPrefix(code, digits) }
	for code := range featureStates {
		if begins(code) {
			return true
		}
	}
	return begins(CodeMailbox) || begins(CodePickUp) || begins(CodeFetch)
}

// IsWholeFeature reports whether a star code needs no wait for more digits.
func IsWholeFeature(cfg *telephony.Config, digits string) bool {
	if ext, picksUp := strings.CutPrefix(digits, CodePickUp); picksUp {
		_, _, more := cfg.Extension(ext)
		return !more
	}
	return digits != CodeFetch && !CouldBeFeature(digits)
}

// feature carries out a star code.
func (c *Call) feature(code string) state {
	phone := telephony.TargetOfLine(c.Arrival.Line)
	c.answer()
	c.show("feature", code)
	switch {
	case code == CodeSignIn:
		return c.signIn(phone)
	case code == CodeMailbox:
		return c.hearMailbox()
	case strings.HasPrefix(code, CodePickUp):
		return c.pickUpRinging(strings.TrimPrefix(code, CodePickUp))
	case strings.HasPrefix(code, CodeFetch):
		return c.fetch(strings.TrimPrefix(code, CodeFetch))
	}
	return c.confirm(code, c.house.Queues.AgentAt(phone), "")
}

// signIn asks for the agent's number and PIN. A wrong one is not told apart from an unknown one.
func (c *Call) signIn(phone telephony.Target) state {
	number, ok := c.ask("enter_agent", telephony.MaxExtensionLen)
	if !ok {
		return c.lost(telephony.OutcomeSelfService, telephony.CauseNormal)
	}
	pin, ok := c.ask("enter_pin", longestPIN)
	if !ok {
		return c.lost(telephony.OutcomeSelfService, telephony.CauseNormal)
	}
	want := ""
	if a := c.Config.Agent(number); a != nil {
		want = a.PIN
	}
	if want == "" || subtle.ConstantTimeCompare([]byte(want), []byte(pin)) != 1 {
		return c.announce("wrong")
	}
	return c.confirm(CodeSignIn, number, phone)
}

// confirm sets the state and says so.
func (c *Call) confirm(code, agent string, phone telephony.Target) state {
	f := featureStates[code]
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := c.house.Queues.Set(ctx, acd.Wish{Agent: agent, State: f.state, Phone: phone, By: "phone"})
	if err != nil {
		return c.announce("wrong")
	}
	return c.announce(f.prompt)
}

type askKey struct{}

// longestPIN is what Config.Validate allows.
const longestPIN = 12

// ask plays a prompt and collects digits up to #; of more than the most that can be right it keeps one, so that they are
// wrong. Ok is false when the caller hung up.
func (c *Call) ask(prompt string, most int) (digits string, ok bool) {
	const patience = 10 * time.Second
	c.play(prompt)
	c.set(askKey{}, patience)
	defer c.cancel(askKey{})
	for {
		switch h := c.wait().(type) {
		case hungup:
			return "", false
		case expired:
			return digits, true
		case played:
			c.set(askKey{}, patience)
		case heard:
			d, isDigit := h.event.(telephony.Digit)
			if !isDigit || h.from != c.caller {
				continue
			}
			c.hush()
			c.set(askKey{}, patience)
			if d.Key == '#' {
				return digits, true
			}
			if len(digits) <= most {
				digits += string(d.Key)
			}
		}
	}
}
