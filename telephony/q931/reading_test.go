package q931

import (
	"testing"
	"unicode/utf8"
)

func TestMessagesInWords(t *testing.T) { // issue 3: the ladder of a call
	for _, c := range []struct{ octets, name, summary, text string }{
		{
			"08 02 000C 05 A1 0403 8090A3 1803 A98385 6C0D 2183 3133383030313338303030 7009 C1 3632333430303031",
			"SETUP", "13800138000 → 62340001, channel 5", `SETUP (call reference 12, chosen by the sender)
Sending complete
Bearer capability: speech, 64 kbit/s, G.711 A
Channel identification: channel 5, exclusive
Calling number: 13800138000 (national, E.164, may be shown, given by the network)
Called number: 62340001 (subscriber, E.164)`,
		},
		{
			"08 02 800C 45 0802 8291 1E02 8288", "DISCONNECT", "cause 17 busy, tones in-band", `DISCONNECT (call reference 12, chosen by the receiver)
Cause: 17 busy, from the public network nearby
Progress indicator: tones in-band, from the public network nearby`,
		},
		{
			"08 02 0000 46 1805 A983 0102 9F 790180", "RESTART", "channel 1 2 31, the channels named", `RESTART (call reference 0, chosen by the sender)
Channel identification: channel 1 2 31, exclusive
Restart indicator: the channels named`,
		},
		{
			"08 02 800C 7D 0803 80E504 14010A", "STATUS", "cause 101 message not compatible with call state, state 10", `STATUS (call reference 12, chosen by the receiver)
Cause: 101 message not compatible with call state, from the user, diagnostics 04
Call state: 10`,
		},
		{ // what cannot be read is shown as it came: an element that breaks off, one that nobody knows, another codeset
			"08 02 000C 62 1C03 910102 0801 80 7E0101", "FACILITY", "", `FACILITY (call reference 12, chosen by the sender)
Element 1C: 91 01 02
Cause (cannot be read): 80
Element 7E: 01`,
		},
		{"08 02 000C 62 96 280141", "FACILITY", "", "FACILITY (call reference 12, chosen by the sender)\nAnother codeset: 96 28 01 41"},
		{"08 02 000C 7B 7005 80", "INFORMATION", "", "INFORMATION (call reference 12, chosen by the sender)\nCalled number (cannot be read): "},
		{"09 02 000C 05", "Q.931", errProtocol.Error(), "09 02 00 0C 05"},
	} {
		got := Read(octetsOf(t, c.octets))
		if got.Name != c.name || got.Summary.EN != c.summary || got.Text.EN != c.text {
			t.Errorf("%s\nreads %q, %q:\n%s\nwant %q, %q:\n%s", c.octets, got.Name, got.Summary.EN, got.Text.EN, c.name, c.summary, c.text)
		}
		if c.summary != "" && got.Summary.ZH == got.Summary.EN {
			t.Errorf("%s reads the same in both languages: %s", c.octets, got.Summary.ZH)
		}
	}
}

// FuzzRead: whatever comes in reads as text of a bounded length.
func FuzzRead(f *testing.F) {
	f.Add(octetsOf(f, "08 02 000C 05 A1 0403 8090A3 1803 A98385 6C0D 2183 3133383030313338303030 7009 C1 3632333430303031"))
	f.Add(octetsOf(f, "08 02 800C 7D 0803 80E504 14010A 96 01"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		r := Read(octets)
		if r.Name == "" || !utf8.ValidString(r.Text.ZH) || len(r.Text.EN) > 100+100*len(octets) {
			t.Fatalf("% X reads %+v", octets, r)
		}
	})
}
