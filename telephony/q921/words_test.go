package q921

import (
	"fmt"
	"strings"

	"callbox/telephony/machine"
)

// The tests write frames as "SABME c1": the name of table 5, c or r for command or response, P or F. Supervisory frames end
// in N(R), I frames in N(S), N(R) and the message: "RR r0 3", "I c0 2 5 hello". The octets are spelled out here once more,
// so that the codec of the product cannot agree with itself alone.

var controls = map[string]byte{
	"SABME": 0x6F, "DM": 0x0F, "DISC": 0x43, "UA": 0x63, "FRMR": 0x87, "UI": 0x03, "XID": 0xAF, "RR": 0x01, "RNR": 0x05, "REJ": 0x09,
}

// octets spells a frame that side sends.
func octets(side Side, text string) []byte {
	var name, mode, message string
	var n, m byte
	fmt.Sscan(text, &name, &mode, &n, &m, &message)
	if len(mode) != 2 {
		panic("no frame: " + text)
	}
	address := map[string]byte{"c0": 0, "c1": 2, "r0": 2, "r1": 0}[fmt.Sprintf("%c%d", mode[0], side)]
	bit := mode[1] - '0'
	switch name {
	case "I":
		return append([]byte{address, 1, n << 1, m<<1 | bit}, message...)
	case "RR", "RNR", "REJ":
		return []byte{address, 1, controls[name], n<<1 | bit}
	case "FRMR":
		return []byte{address, 1, controls[name] | bit<<4, 0, 0, 0, 0, 0}
	}
	return []byte{address, 1, controls[name] | bit<<4}
}

// text is a frame of side in words.
func text(side Side, o []byte) string {
	mode := "r"
	if o[0] == byte(side)<<1 {
		mode = "c"
	}
	if o[2]&1 == 0 {
		return fmt.Sprintf("I %s%d %d %d %s", mode, o[3]&1, o[2]>>1, o[3]>>1, o[4:])
	}
	for name, c := range controls {
		switch {
		case c == o[2] && c&3 == 1:
			return fmt.Sprintf("%s %s%d %d", name, mode, o[3]&1, o[3]>>1)
		case c == o[2]&^0x10 && c&3 == 3:
			return fmt.Sprintf("%s %s%d", name, mode, o[2]>>4&1)
		}
	}
	return fmt.Sprintf("% X", o)
}

// event reads an event of a story; frames come from the other side.
func event(side Side, words string) Event {
	first, rest, _ := strings.Cut(words, " ")
	switch first {
	case "up":
		return PhysicalUp{}
	case "down":
		return PhysicalDown{}
	case "establish":
		return Establish{}
	case "release":
		return Release{}
	case "send":
		return Data{[]byte(rest)}
	case "T200", "T203":
		return Expired{machine.Timer(first)}
	}
	return Received{octets(1-side, words)}
}

// told is what a step did, timers left out.
func told(side Side, actions []Action) string {
	var words []string
	for _, a := range actions {
		switch a := a.(type) {
		case Send:
			words = append(words, text(side, a.Octets))
		case Indicate:
			words = append(words, "got "+string(a.Octets))
		case Established:
			words = append(words, "established")
		case Released:
			words = append(words, "released")
		case Fault:
			words = append(words, "fault "+string(a.Code))
		}
	}
	return strings.Join(words, ", ")
}

// clock follows the timers: true for one that the last step started.
type clock map[machine.Timer]bool

func (c clock) follow(actions []Action) {
	for t := range c {
		c[t] = false
	}
	for _, a := range actions {
		switch a := a.(type) {
		case machine.Start:
			c[a.Timer] = true
		case machine.Stop:
			delete(c, a.Timer)
		}
	}
}

// String tells the timers that run, with a plus for one that was started just now.
func (c clock) String() string {
	var words []string
	for _, t := range []machine.Timer{T200, T203} {
		switch fresh, runs := c[t]; {
		case fresh:
			words = append(words, "+"+string(t))
		case runs:
			words = append(words, string(t))
		}
	}
	return strings.Join(words, " ")
}
