package telephony

import "strings"

// A Target is where a call can be sent, written "kind:id" ("queue:sales", "menu:main", "outside:13800138000") or a word
// alone ("hangup"). It is text so that configuration, journal and page show the same thing.
type Target string

// The kinds of target.
const (
	ToMenu      = "menu"      // menu:ID
	ToQueue     = "queue"     // queue:ID
	ToPhone     = "phone"     // phone:EXTENSION, or agent's phone
	ToAgent     = "agent"     // agent:ID, wherever that agent is signed in
	ToOutside   = "outside"   // outside:NUMBER, by the outbound rules
	ToVoicemail = "voicemail" // voicemail:MAILBOX
	ToRoom      = "room"      // room:ID, a conference
	ToPrompt    = "prompt"    // prompt:ID, played once, then hang up (notice)
	ToExtension = "extension" // the digits the caller dialled decide (phone, agent or queue by number)
	ToBusy      = "busy"      // busy tone, never answered
	ToHangup    = "hangup"    // clear at once
	ToReturn    = "return"    // back to the menu before
	ToFeature   = "feature"   // feature:CODE, what a star code does (phones only)
)

// takesID tells which kinds need an id and which stand alone.
var takesID = map[string]bool{
	ToMenu: true, ToQueue: true, ToPhone: true, ToAgent: true, ToOutside: true, ToVoicemail: true, ToPrompt: true,
	ToRoom:      true,
	ToFeature:   true,
	ToExtension: false, ToBusy: false, ToHangup: false, ToReturn: false,
}

// Kind is the part before the colon.
func (t Target) Kind() string { kind, _, _ := strings.Cut(string(t), ":"); return kind }

// ID is the part after the colon.
func (t Target) ID() string { _, id, _ := strings.Cut(string(t), ":"); return id }

// NewTarget makes a target of a kind and an id.
func NewTarget(kind, id string) Target { return Target(kind + ":" + id) }

// TargetOfLine is where a line leads: "phone:801" of "phone/801".
func TargetOfLine(line string) Target { return Target(strings.Replace(line, "/", ":", 1)) }
