package q921

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The ways into the states of Annex B.
const (
	toState4 = "up = ;\n"
	toState5 = toState4 + "establish = SABME c1 ; +T200\n"
	toState7 = toState5 + "UA r1 = established ; +T203\n"
	toState6 = toState7 + "release = DISC c1 ; +T200\n"
	toState8 = toState7 + "T203 = RR c1 0 ; +T200\n"
)

// TestClauses plays stories of lines "event = what the link does ; the timers that run then".
func TestClauses(t *testing.T) {
	for _, row := range []struct{ clause, story string }{
		{"layer 1 is down: nothing is heard and nothing said", `
			establish = ;
			SABME c1  = ;
			send A    = ;
			release   = ;
			T200      = ;
			T203      = ;`},
		{"PH-DEACTIVATE in state 4 is silent", toState4 + `
			down      = ;
			establish = ;`},
		{"PH-DEACTIVATE in state 5", toState5 + `
			down = released ;
			T200 = ;
			up   = ;
			establish = SABME c1 ; +T200`},
		{"PH-DEACTIVATE in state 6", toState6 + `down = released ;`},
		{"PH-DEACTIVATE in state 7 lets go of what waits", toState7 + `
			send A = I c0 0 0 A ; +T200
			down   = released ;
			up     = ;
			SABME c1 = UA r1, established ; +T203`},
		{"PH-DEACTIVATE in state 8", toState8 + `down = released ;`},

		{"5.5.1.2 the far end establishes, P = 1", toState4 + `SABME c1 = UA r1, established ; +T203`},
		{"5.5.1.2 the far end establishes, F is P", toState4 + `SABME c0 = UA r0, established ; +T203`},
		{"5.5.1.2 a UA with F = 0 is no answer", toState5 + `
			UA r0 = fault D ; T200
			UA r1 = established ; +T203`},
		{"5.5.1.2 DM with F = 1 refuses", toState5 + `DM r1 = released ;`},
		{"5.5.1.3 SABME goes out N200 times more", toState5 + `
			T200 = SABME c1 ; +T200
			T200 = SABME c1 ; +T200
			T200 = SABME c1 ; +T200
			T200 = fault G, released ;
			establish = SABME c1 ; +T200`},
		{"5.5.1.2 other frames wait for the establishment", toState5 + `
			RR c1 0   = ; T200
			I c1 0 0 A = ; T200
			FRMR r1   = ; T200`},
		{"figure B.5 layer 3 asks twice", toState5 + `
			establish = ; T200
			UA r1     = established ; +T203`},
		{"figure B.5 messages of before the establishment are lost", toState4 + `
			send A    = ;
			establish = SABME c1 ; +T200
			send B    = ; T200
			UA r1     = established ; +T203`},
		{"5.5.3.2 layer 3 releases in state 4", toState4 + `release = released ;`},
		{"5.5.3.2 layer 3 changes its mind in state 5", toState5 + `
			release = DISC c1 ; +T200
			UA r1   = released ;`},
		{"5.5.3.2 UA ends the release", toState6 + `
			UA r0 = fault D ; T200
			UA r1 = released ;`},
		{"5.5.3.2 DM ends the release", toState6 + `
			DM r0 = ; T200
			DM r1 = released ;`},
		{"5.5.3.3 DISC goes out N200 times more", toState6 + `
			T200 = DISC c1 ; +T200
			T200 = DISC c1 ; +T200
			T200 = DISC c1 ; +T200
			T200 = fault H, released ;`},
		{"5.5.3.3 DISC has its own retransmissions, whatever SABME had", toState5 + `
			T200    = SABME c1 ; +T200
			T200    = SABME c1 ; +T200
			T200    = SABME c1 ; +T200
			release = DISC c1 ; +T200
			T200    = DISC c1 ; +T200
			UA r1   = released ;`},
		{"5.5.3.2 layer 3 releases with messages on their way", toState7 + `
			send A   = I c0 0 0 A ; +T200
			I c0 0 0 B = got B, RR r0 1 ; T200
			release  = DISC c1 ; +T200
			RR r0 1  = ; T200
			send C   = ; T200
			UA r1    = released ;`},
		{"5.5.3.2 the far end releases", toState7 + `DISC c1 = UA r1, released ;`},
		{"5.5.3.2 the far end releases, F is P", toState8 + `DISC c0 = UA r0, released ;`},
		{"figure B.8 layer 3 releases in state 8", toState8 + `release = DISC c1 ; +T200`},
		{"5.5.4 DISC without a link", toState4 + `
			DISC c1 = DM r1 ;
			DISC c0 = DM r0 ;`},
		{"5.5.4 an unsolicited DM asks for SABME", toState4 + `
			DM r1 = ;
			DM r0 = SABME c1 ; +T200
			UA r1 = established ; +T203`},
		{"5.5.4 all other frames are discarded", toState4 + `
			I c1 0 0 A = ;
			RR c1 0    = ;
			REJ r1 0   = ;
			RNR c1 0   = ;
			FRMR r0    = ;
			UI c0      = ;
			XID c1     = ;`},
		{"5.5.5.1 both ends send SABME", toState5 + `
			SABME c1 = UA r1 ; T200
			UA r1    = established ; +T203`},
		{"5.5.5.1 both ends send SABME, and our UA comes late", toState5 + `
			SABME c1 = UA r1 ; T200
			T200     = SABME c1 ; +T200
			SABME c1 = UA r1 ; T200
			UA r1    = established ; +T203
			UA r1    = fault C ; T203`},
		{"5.5.5.1 both ends send DISC", toState6 + `
			DISC c1 = UA r1 ; T200
			UA r1   = released ;`},
		{"5.5.5.2 DISC crosses SABME", toState5 + `
			DISC c1 = DM r1 ; T200
			DM r1   = released ;`},
		{"5.5.5.2 SABME crosses DISC", toState6 + `
			SABME c1 = DM r1 ; T200
			DM r1    = released ;`},
		{"5.5.5.3 an unsolicited DM crosses SABME", toState5 + `
			DM r0 = ; T200
			UA r1 = established ; +T203`},

		{"5.6.1 at most k frames are on their way", toState7 + `
			send A = I c0 0 0 A ; +T200
			send B = I c0 1 0 B ; T200
			send C = I c0 2 0 C ; T200
			send D = I c0 3 0 D ; T200
			send E = I c0 4 0 E ; T200
			send F = I c0 5 0 F ; T200
			send G = I c0 6 0 G ; T200
			send H = ; T200
			send J = ; T200
			RR r0 2 = I c0 7 0 H, I c0 8 0 J ; +T200
			RR r0 9 = ; +T203`},
		{"5.6.2.1 an I frame with P = 1 is answered at once", toState7 + `I c1 0 0 A = got A, RR r1 1 ; +T203`},
		{"5.6.2.2 an I frame with P = 0 is acknowledged", toState7 + `I c0 0 0 A = got A, RR r0 1 ; +T203`},
		{"5.6.2.2 an I frame acknowledges as well", toState7 + `
			send A     = I c0 0 0 A ; +T200
			I c0 0 1 B = got B, RR r0 1 ; +T203
			send C     = I c0 1 1 C ; +T200`},
		{"5.6.2.2 what waits for the window acknowledges", toState7 + `
			send A = I c0 0 0 A ; +T200
			send B = I c0 1 0 B ; T200
			send C = I c0 2 0 C ; T200
			send D = I c0 3 0 D ; T200
			send E = I c0 4 0 E ; T200
			send F = I c0 5 0 F ; T200
			send G = I c0 6 0 G ; T200
			send H = ; T200
			I c0 0 1 Z = got Z, I c0 7 1 H ; +T200`},
		{"5.6.3.2 T200 runs anew while frames are on their way", toState7 + `
			send A  = I c0 0 0 A ; +T200
			send B  = I c0 1 0 B ; T200
			RR r0 0 = ; T200
			RR r0 1 = ; +T200
			RR r0 2 = ; +T203`},
		{"5.6.4 REJ has frames sent again, with today's N(R)", toState7 + `
			send A     = I c0 0 0 A ; +T200
			send B     = I c0 1 0 B ; T200
			send C     = I c0 2 0 C ; T200
			I c0 0 0 Z = got Z, RR r0 1 ; T200
			REJ r0 1   = I c0 1 1 B, I c0 2 1 C ; +T200
			RR r0 3    = ; +T203`},
		{"5.6.4 REJ with P = 1 is answered first", toState7 + `
			send A   = I c0 0 0 A ; +T200
			REJ c1 0 = RR r1 0, I c0 0 0 A ; +T200`},
		{"5.6.4 REJ that rejects nothing acknowledges", toState7 + `
			send A   = I c0 0 0 A ; +T200
			REJ r0 1 = ; +T203`},
		{"5.6.5 RNR stops I frames until RR", toState7 + `
			send A   = I c0 0 0 A ; +T200
			RNR r0 1 = ; +T200
			send B   = ; T200
			I c0 0 1 Z = got Z, RR r0 1 ; T200
			RR r0 1  = I c0 1 1 B ; +T200`},
		{"5.6.5 RNR is asked about when T200 expires, for as long as it lasts", toState7 + `
			RNR c1 0 = RR r1 0 ; +T200
			send A   = ; T200
			T200     = RR c1 0 ; +T200
			RNR r1 0 = ; +T200
			T200     = RR c1 0 ; +T200
			RNR r1 0 = ; +T200
			T200     = RR c1 0 ; +T200
			RR r1 0  = I c0 0 0 A ; +T200`},
		{"5.6.5 REJ ends a busy condition", toState7 + `
			send A   = I c0 0 0 A ; +T200
			RNR r0 0 = ; +T200
			REJ r0 0 = I c0 0 0 A ; +T200`},
		{"5.6.7 a lost frame is found by T200, and sent with its old octets", toState7 + `
			send A     = I c0 0 0 A ; +T200
			send B     = I c0 1 0 B ; T200
			T200       = RR c1 0 ; +T200
			send C     = ; T200
			I c0 0 0 Z = got Z, RR r0 1 ; T200
			RR r1 1    = I c0 1 1 B, I c0 2 1 C ; +T200`},
		{"5.6.7 a lost acknowledgement is found by T200", toState7 + `
			send A  = I c0 0 0 A ; +T200
			T200    = RR c1 0 ; +T200
			RR r1 1 = ; +T203`},
		{"5.6.7 after N200 enquiries the link starts anew", toState7 + `
			send A = I c0 0 0 A ; +T200
			T200   = RR c1 0 ; +T200
			T200   = RR c1 0 ; +T200
			T200   = RR c1 0 ; +T200
			T200   = fault I, SABME c1 ; +T200
			send B = ; T200
			UA r1  = established ; +T203
			send C = I c0 0 0 C ; +T200`},
		{"5.6.7 and is given up when nobody answers that either", toState8 + `
			T200   = RR c1 0 ; +T200
			T200   = RR c1 0 ; +T200
			T200   = RR c1 0 ; +T200
			T200   = fault I, SABME c1 ; +T200
			T200   = SABME c1 ; +T200
			T200   = SABME c1 ; +T200
			T200   = SABME c1 ; +T200
			T200   = fault G, released ;`},
		{"5.6.7 each recovery has N200 enquiries of its own", toState7 + `
			send A  = I c0 0 0 A ; +T200
			T200    = RR c1 0 ; +T200
			T200    = RR c1 0 ; +T200
			T200    = RR c1 0 ; +T200
			RR r1 1 = ; +T203
			T203    = RR c1 0 ; +T200
			T200    = RR c1 0 ; +T200
			RR r1 1 = ; +T203`},
		{"5.10.3 an idle link is asked every T203", toState8 + `
			RR r1 0 = ; +T203
			T203    = RR c1 0 ; +T200
			RR r1 0 = ; +T203`},

		{"5.7.1 layer 3 re-establishes in state 7", toState7 + `
			send A    = I c0 0 0 A ; +T200
			establish = SABME c1 ; +T200
			send B    = ; T200
			UA r1     = established ; +T203
			send C    = I c0 0 0 C ; +T200`},
		{"5.7.1 layer 3 re-establishes in state 8", toState8 + `establish = SABME c1 ; +T200`},
		{"5.7.2 the far end re-establishes an idle link", toState7 + `
			I c0 0 0 A = got A, RR r0 1 ; +T203
			SABME c1   = UA r1, fault F ; +T203
			I c0 0 0 B = got B, RR r0 1 ; +T203`},
		{"5.7.2 the far end re-establishes, and frames are lost", toState7 + `
			send A   = I c0 0 0 A ; +T200
			SABME c1 = UA r1, fault F, established ; +T203
			send B   = I c0 0 0 B ; +T200`},
		{"5.7.2 the far end re-establishes in state 8", toState8 + `SABME c1 = UA r1, fault F ; +T203`},
		{"5.7.2 what was not sent yet goes out on the new link", toState7 + `
			RNR r0 0 = ; +T200
			send A   = ; T200
			SABME c1 = UA r1, fault F, I c0 0 0 A ; +T200`},
		{"5.7.2 a new link knows of no REJ", toState7 + `
			I c0 1 0 B = REJ r0 0 ; +T203
			SABME c1   = UA r1, fault F ; +T203
			I c0 1 0 B = REJ r0 0 ; +T203`},
		{"5.7.2 our own re-establishment keeps what comes meanwhile", toState8 + `
			FRMR r0 = fault K, SABME c1 ; +T200
			send A  = ; T200
			UA r1   = I c0 0 0 A ; +T200`},
		{"figure B.5 layer 3 takes over a re-establishment", toState8 + `
			FRMR r0   = fault K, SABME c1 ; +T200
			send A    = ; T200
			establish = ; T200
			UA r1     = established ; +T203`},
		{"5.7.2 and is refused", toState8 + `
			FRMR r0 = fault K, SABME c1 ; +T200
			DM r1   = released ;`},

		{"5.8.1 one REJ for a gap", toState7 + `
			I c0 1 0 B = REJ r0 0 ; +T203
			I c0 2 0 C = ; +T203
			I c1 3 0 D = RR r1 0 ; +T203
			I c0 0 0 A = got A, RR r0 1 ; +T203
			I c0 1 0 B = got B, RR r0 2 ; +T203
			I c0 3 0 D = REJ r0 2 ; +T203`},
		{"5.8.1 REJ carries F", toState7 + `I c1 1 0 B = REJ r1 0 ; +T203`},
		{"5.8.1 a rejected frame acknowledges", toState7 + `
			send A     = I c0 0 0 A ; +T200
			I c0 1 1 B = REJ r0 0 ; +T203`},
		{"5.8.1 a gap in state 8", toState8 + `I c0 1 0 B = REJ r0 0 ; T200`},
		{"5.8.2 N(R) acknowledges what was not sent", toState7 + `RR r0 1 = fault J, SABME c1 ; +T200`},
		{"5.8.2 N(R) of an I frame, whose message is good", toState7 + `
			I c0 0 3 A = got A, fault J, SABME c1 ; +T200`},
		{"5.8.2 N(R) that goes back", toState7 + `
			send A  = I c0 0 0 A ; +T200
			RR r0 1 = ; +T203
			RR r0 0 = fault J, SABME c1 ; +T200`},
		{"5.8.2 N(R) in state 8", toState8 + `RR r1 5 = fault J, SABME c1 ; +T200`},
		{"5.8.2 N(R) of an I frame in state 8", toState8 + `I c0 0 5 A = got A, fault J, SABME c1 ; +T200`},
		{"5.8.3 in state 8 answers without F acknowledge, and T200 goes on", toState7 + `
			send A   = I c0 0 0 A ; +T200
			send B   = I c0 1 0 B ; T200
			T200     = RR c1 0 ; +T200
			RR r0 1  = ; T200
			REJ r0 1 = ; T200
			RR c1 1  = RR r1 0 ; T200
			RNR c0 1 = ; T200
			RR r1 2  = ; +T203`},
		{"5.8.3 REJ with F = 1 ends state 8", toState7 + `
			send A   = I c0 0 0 A ; +T200
			T200     = RR c1 0 ; +T200
			REJ r1 0 = I c0 0 0 A ; +T200`},
		{"5.8.3 RNR with F = 1 ends state 8, and sends nothing", toState7 + `
			send A   = I c0 0 0 A ; +T200
			T200     = RR c1 0 ; +T200
			RNR r1 0 = ; +T200
			RR r0 0  = I c0 0 0 A ; +T200`},
		{"5.8.3 an I frame with P = 1 in state 8", toState8 + `I c1 0 0 A = got A, RR r1 1 ; T200`},
		{"5.8.6 FRMR in state 7", toState7 + `
			send A  = I c0 0 0 A ; +T200
			FRMR r1 = fault K, SABME c1 ; +T200
			UA r1   = established ; +T203`},
		{"5.8.7 UA in state 4", toState4 + `
			UA r1 = fault C ;
			UA r0 = fault D ;`},
		{"5.8.7 UA in state 7", toState7 + `
			UA r1 = fault C ; T203
			UA r0 = fault D ; T203`},
		{"5.8.7 UA in state 8", toState8 + `
			UA r1 = fault C ; T200
			UA r0 = fault D ; T200`},
		{"5.8.7 DM in state 7", toState7 + `
			DM r1 = fault B ; T203
			DM r0 = fault E, SABME c1 ; +T200`},
		{"5.8.7 DM with F = 1 in state 8", toState8 + `DM r1 = fault B, SABME c1 ; +T200`},
		{"5.8.7 DM with F = 0 in state 8", toState8 + `DM r0 = fault E, SABME c1 ; +T200`},
		{"5.8.7 a supervisory response with F = 1 in state 7", toState7 + `
			RR r1 0  = fault A ; +T203
			REJ r1 0 = fault A ; +T203
			RNR r1 0 = fault A ; +T200`},
		{"Q.931 uses no UI and no XID on this link", toState7 + `
			UI c0  = ; T203
			XID c1 = ; T203`},
	} {
		for _, side := range []Side{User, Network} {
			t.Run(fmt.Sprintf("%s/%d", row.clause, side), func(t *testing.T) { play(t, side, row.story) })
		}
	}
}

// play tells a new link a story.
func play(t *testing.T, side Side, story string) {
	t.Helper()
	l, c := New(side), clock{}
	var want, got []string
	for line := range strings.Lines(story) {
		words, answer, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok {
			continue
		}
		words = strings.TrimSpace(words)
		actions := l.Step(event(side, words))
		c.follow(actions)
		done, timers, _ := strings.Cut(answer, ";")
		want = append(want, fmt.Sprintf("%s = %s ; %s", words, strings.TrimSpace(done), strings.TrimSpace(timers)))
		got = append(got, fmt.Sprintf("%s = %s ; %s", words, told(side, actions), c))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("transcript (-want +got):\n%s", diff)
	}
}

// up makes a link in state 7.
func up(t testing.TB, side Side) *Link {
	t.Helper()
	l := New(side)
	for _, words := range []string{"up", "SABME c1"} {
		l.Step(event(side, words))
	}
	if l.state != established {
		t.Fatal("the link is not up")
	}
	return l
}

// TestFrameRejection has the frames of 2.9, which nobody hears of, and those of 5.8.5, in states 4 and 7.
func TestFrameRejection(t *testing.T) {
	long := append([]byte{2, 1, 0, 0}, make([]byte, n201+1)...)
	for _, row := range []struct {
		clause string
		octets []byte
		code   byte // 0: silently discarded
	}{
		{"2.9 no address", nil, 0},
		{"2.9 no control field", []byte{2, 1}, 0},
		{"2.9 one octet of address", []byte{3, 0x7F, 0}, 0},
		{"2.9 an S frame without N(R)", []byte{2, 1, 1}, 0},
		{"2.9 an I frame without N(R)", []byte{2, 1, 0}, 0},
		{"2.9 another SAPI", []byte{63<<2 | 2, 1, 0x7F}, 0},
		{"2.9 another TEI", []byte{2, 127<<1 | 1, 0x7F}, 0},
		{"5.8.5 undefined U frame", []byte{2, 1, 0xEF}, 'L'},
		{"5.8.5 undefined S frame", []byte{2, 1, 0x0D, 0}, 'L'},
		{"5.8.5 SABME as a response", []byte{0, 1, 0x7F}, 'L'},
		{"5.8.5 DISC as a response", []byte{0, 1, 0x53}, 'L'},
		{"5.8.5 I as a response", []byte{0, 1, 0, 0}, 'L'},
		{"5.8.5 UA as a command", []byte{2, 1, 0x73}, 'L'},
		{"5.8.5 DM as a command", []byte{2, 1, 0x1F}, 'L'},
		{"5.8.5 FRMR as a command", []byte{2, 1, 0x97, 0, 0, 0, 0, 0}, 'L'},
		{"5.8.5 SABME with information", []byte{2, 1, 0x7F, 0}, 'M'},
		{"5.8.5 RR with information", []byte{2, 1, 1, 0, 0}, 'M'},
		{"5.8.5 FRMR that is too short", []byte{0, 1, 0x97, 0}, 'N'},
		{"5.8.5 an I frame of N201 + 1 octets", long, 'O'},
	} {
		t.Run(row.clause, func(t *testing.T) {
			released, l := New(User), up(t, User)
			released.Step(PhysicalUp{})
			want4, want7 := "", ""
			if row.code != 0 {
				want4 = "fault " + string(row.code)
				want7 = want4 + ", SABME c1"
			}
			if got := told(User, released.Step(Received{row.octets})); got != want4 {
				t.Errorf("released, it did %q, want %q", got, want4)
			}
			if got := told(User, l.Step(Received{row.octets})); got != want7 {
				t.Errorf("established, it did %q, want %q", got, want7)
			}
		})
	}
}

// TestOctets are frames as protocol analysers show them.
func TestOctets(t *testing.T) {
	for _, row := range []struct {
		side  Side
		story []string
		want  [][]byte
	}{
		{User, []string{"up", "establish"}, [][]byte{{0x00, 0x01, 0x7F}}},
		{User, []string{"up", "SABME c1"}, [][]byte{{0x02, 0x01, 0x73}}},
		{User, []string{"up", "SABME c1", "send A", "I c0 0 1 B"}, [][]byte{{0x02, 0x01, 0x73}, {0x00, 0x01, 0x00, 0x00, 'A'}, {0x02, 0x01, 0x01, 0x02}}},
		{Network, []string{"up", "establish"}, [][]byte{{0x02, 0x01, 0x7F}}},
		{Network, []string{"up", "SABME c1"}, [][]byte{{0x00, 0x01, 0x73}}},
		{Network, []string{"up", "SABME c1", "send A", "I c0 0 1 B"}, [][]byte{{0x00, 0x01, 0x73}, {0x02, 0x01, 0x00, 0x00, 'A'}, {0x00, 0x01, 0x01, 0x02}}},
	} {
		l := New(row.side)
		var got [][]byte
		for _, words := range row.story {
			for _, a := range l.Step(event(row.side, words)) {
				if s, ok := a.(Send); ok {
					got = append(got, s.Octets)
				}
			}
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("side %d, %v (-want +got):\n%s", row.side, row.story, diff)
		}
	}
}

// TestN201 sends the longest message and refuses a longer one (5.9.3).
func TestN201(t *testing.T) {
	l := up(t, User)
	actions := l.Step(Data{bytes.Repeat([]byte{'x'}, n201)})
	if got := len(actions[0].(Send).Octets); got != n201+4 {
		t.Errorf("the longest frame has %d octets, want %d", got, n201+4)
	}
	if got := told(User, l.Step(Data{make([]byte, n201+1)})); got != "fault O" {
		t.Errorf("a longer message: %q, want a fault", got)
	}
}

// TestQueueIsBounded fills the queue of a busy far end.
func TestQueueIsBounded(t *testing.T) {
	l := up(t, User)
	l.Step(event(User, "RNR r0 0"))
	for range queueLimit {
		if got := told(User, l.Step(Data{[]byte("A")})); got != "" {
			t.Fatalf("a busy far end was sent %s", got)
		}
	}
	if got := told(User, l.Step(Data{[]byte("A")})); got != "fault \x00, SABME c1" {
		t.Errorf("a message too many: %q, want the link to start anew", got)
	}
	if got := told(User, l.Step(event(User, "UA r1"))); got != "established" {
		t.Errorf("on the new link: %q, want layer 3 to know that messages are lost", got)
	}
}
