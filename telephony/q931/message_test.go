package q931

import (
	"encoding/hex"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"callbox/telephony"
)

// all are messages of every kind that the encoder makes, with their octets as the tables of 3.1 and 4.5 have them. TestDecodedByOthers
// shows them to Wireshark.
var all = []struct {
	name    string
	message Message
	octets  string
}{
	{
		"SETUP of an ordinary call",
		Message{
			Value: 1, Type: TypeSetup, Complete: true, Bearer: Speech, Channels: ch3only,
			Calling: Number{Digits: "61234567", Type: NumberSubscriber, Plan: PlanISDN, Screening: ScreeningPassed},
			Called:  Number{Digits: "13800138000", Type: NumberNational, Plan: PlanISDN},
		},
		"08 02 0001 05 A1 04 03 80 90 A3 18 03 A9 83 83 6C 0A 41 81 3631323334353637 70 0C A1 3133383030313338303030",
	},
	{
		"SETUP of a forwarded call, its caller unknown, in 3.1 kHz audio",
		Message{
			Value: 0x7FFF, Type: TypeSetup, Bearer: Bearer{TransferAudio, Rate64, Layer1ALaw}, Channels: &Channels{Slots: 1 << 31},
			Progress:    []Progress{{OriginationNotISDN, LocationPublicRemote, 0}, {NotEndToEnd, LocationTransit, 0}},
			Display:     "张三",
			Calling:     Number{Presentation: PresentationRestricted, Screening: ScreeningNetwork},
			Called:      Number{Digits: "8001"},
			Redirecting: Number{Digits: "02161234567", Type: NumberNational, Plan: PlanISDN, Screening: ScreeningNetwork},
		},
		"08 02 7FFF 05 04 03 90 90 A3 18 03 A1 83 9F 1E 02 84 83 1E 02 83 81 28 06 E5BCA0E4B889 6C 02 00 A3 70 05 80 38303031" +
			"74 0D 21 83 3032313631323334353637",
	},
	{
		"SETUP to any channel",
		Message{Value: 2, Type: TypeSetup, Bearer: Bearer{TransferDigital, Rate64, 0}, Channels: &Channels{}},
		"08 02 0002 05 04 02 88 90 18 01 A3",
	},
	{
		"SETUP ACKNOWLEDGE",
		Message{Value: 1, Flag: true, Type: TypeSetupAcknowledge, Channels: ch3only, Progress: tone},
		"08 02 8001 0D 18 03 A9 83 83 1E 02 82 88",
	},
	{
		"INFORMATION",
		Message{Value: 1, Type: TypeInformation, Complete: true, Called: Number{Digits: "0*#"}},
		"08 02 0001 7B A1 70 04 80 302A23",
	},
	{
		"CALL PROCEEDING",
		Message{Value: 1, Flag: true, Type: TypeCallProceeding, Channels: ch3only},
		"08 02 8001 02 18 03 A9 83 83",
	},
	{"ALERTING", Message{Value: 1, Flag: true, Type: TypeAlerting, Progress: tone}, "08 02 8001 01 1E 02 82 88"},
	{
		"PROGRESS",
		Message{
			Value: 1, Flag: true, Type: TypeProgress, Reason: Reason{Cause: 3, Location: LocationTransit},
			Progress: []Progress{{InBandInformation, LocationUser, 0}},
		},
		"08 02 8001 03 08 02 83 83 1E 02 80 88",
	},
	{
		"CONNECT",
		Message{
			Value: 1, Flag: true, Type: TypeConnect,
			Connected: Number{Digits: "8001", Type: NumberSubscriber, Plan: PlanISDN, Screening: ScreeningNetwork},
		},
		"08 02 8001 07 4C 06 41 83 38303031",
	},
	{"CONNECT ACKNOWLEDGE", Message{Value: 1, Type: TypeConnectAcknowledge}, "08 02 0001 0F"},
	{"DISCONNECT", Message{Value: 1, Type: TypeDisconnect, Reason: Reason{Cause: 16}}, "08 02 0001 45 08 02 80 90"},
	{
		"DISCONNECT with an announcement",
		Message{
			Value: 1, Flag: true, Type: TypeDisconnect, Reason: Reason{Cause: 1, Location: LocationPublicRemote},
			Progress: tone,
		},
		"08 02 8001 45 08 02 84 81 1E 02 82 88",
	},
	{
		"RELEASE",
		Message{Value: 1, Type: TypeRelease, Reason: Reason{Cause: 102, Location: LocationUser}},
		"08 02 0001 4D 08 02 80 E6",
	},
	{
		"RELEASE COMPLETE",
		Message{
			Value: 1, Flag: true, Type: TypeReleaseComplete,
			Reason: Reason{Cause: 96, Location: LocationPublicLocal, Diagnostics: []byte{0x04, 0x18}},
		},
		"08 02 8001 5A 08 04 82 E0 0418",
	},
	{"STATUS ENQUIRY", Message{Value: 1, Type: TypeStatusEnquiry}, "08 02 0001 75"},
	{
		"STATUS",
		Message{Value: 1, Type: TypeStatus, Reason: Reason{Cause: 30}, State: state8(10)},
		"08 02 0001 7D 08 02 80 9E 14 01 0A",
	},
	{
		"STATUS of a call that is not there",
		Message{Value: 1, Type: TypeStatus, Reason: Reason{Cause: 30}, State: state8(0)},
		"08 02 0001 7D 08 02 80 9E 14 01 00",
	},
	{"RESTART of the interface", Message{Type: TypeRestart, Restart: class(RestartInterface)}, "08 02 0000 46 79 01 86"},
	{
		"RESTART of channels",
		Message{
			Type: TypeRestart, Channels: &Channels{Slots: 1<<1 | 1<<17, Exclusive: true}, Restart: class(RestartChannels),
		},
		"08 02 0000 46 18 04 A9 83 01 91 79 01 80",
	},
	{
		"RESTART ACKNOWLEDGE",
		Message{Flag: true, Type: TypeRestartAcknowledge, Channels: ch3only, Restart: class(RestartChannels)},
		"08 02 8000 4E 18 03 A9 83 83 79 01 80",
	},
}

func state8(s CallState) *CallState { return &s }

// octetsOf reads octets as the tables here write them.
func octetsOf(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var faults = cmpopts.IgnoreUnexported(Message{})

func TestMessages(t *testing.T) {
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			want := octetsOf(t, r.octets)
			if diff := cmp.Diff(want, r.message.Encode()); diff != "" {
				t.Errorf("octets (-want +got):\n%s", diff)
			}
			m, err := Decode(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&r.message, m, faults); diff != "" || m.unknown != nil || m.bad != nil {
				t.Errorf("message (-want +got), unknown %v, bad %v:\n%s", m.unknown, m.bad, diff)
			}
		})
	}
}

// TestElements: forms of elements that the encoder does not make.
func TestElements(t *testing.T) {
	for _, r := range []struct {
		name, octets string
		want         Message
	}{
		{
			"4.5.5: octets of a data call are passed over", "04 04 88 90 21 8F",
			Message{Bearer: Bearer{TransferDigital, Rate64, 1}},
		},
		{"4.5.5: a multiplied rate", "04 03 88 98 82", Message{Bearer: Bearer{TransferDigital, rateMulti, 0}}},
		{"4.5.5: another coding standard", "04 03 A0 90 A3", Message{bad: []element{elementBearer}}},
		{"4.5.12: octet 3a", "08 03 02 80 91", Message{Reason: Reason{Cause: 17, Location: LocationPublicLocal}}},
		{
			"4.5.12: a cause of a national standard is not ITU-T's", "08 02 C2 91",
			Message{Reason: Reason{Cause: 31, Location: LocationPublicLocal}},
		},
		{"4.5.12: a cause that is none", "08 02 80 80", Message{Reason: Reason{Cause: 31}}},
		{"4.5.7: a state of a national standard", "14 01 8A", Message{bad: []element{elementState}}},
		{"4.5.13: the interface is named", "18 04 E9 81 83 83", Message{Channels: ch3only}},
		{
			"4.5.13: a map", "18 06 A9 93 80 00 00 28",
			Message{Type: TypeRestart, Channels: &Channels{Slots: 1<<31 | 1<<5 | 1<<3, Exclusive: true}},
		},
		{
			"4.5.13: a map of more than one channel is no call's", "18 06 A9 93 80 00 00 28",
			Message{Type: TypeSetup, bad: []element{elementChannel}},
		},
		{"4.5.13: a map of one", "18 06 A9 93 00 00 00 20", Message{Channels: ch5only}},
		{"4.5.13: a D-channel", "18 01 AC", Message{bad: []element{elementChannel}}},
		{"4.5.13: channel 0", "18 03 A9 83 80", Message{bad: []element{elementChannel}}},
		{"4.5.13: channel 16", "18 03 A9 83 90", Message{bad: []element{elementChannel}}},
		{"4.5.13: channel 32", "18 03 A9 83 A0", Message{bad: []element{elementChannel}}},
		{"4.5.13: H0 channels", "18 03 A9 86 81", Message{bad: []element{elementChannel}}},
		{"4.5.13: no channel", "18 01 A8", Message{Channels: &Channels{Exclusive: true}}},
		{
			"4.5.23: of a national standard", "1E 02 C4 85",
			Message{Progress: []Progress{{ServiceChanged, LocationPublicRemote, 2}}},
		},
		{"4.5.23: no more than three", "1E 02 80 81 1E 02 80 82 1E 02 80 83 1E 02 80 84", Message{Progress: []Progress{
			{NotEndToEnd, 0, 0}, {DestinationNotISDN, 0, 0}, {OriginationNotISDN, 0, 0},
		}}},
		{"4.5.10: without octet 3a", "6C 03 81 31 32", Message{Calling: Number{Digits: "12", Plan: PlanISDN}}},
		{
			"4.5.8: digits are cleaned and bounded", "70 26 80 41 31 2B 00 32" + strings.Repeat("39", 32),
			Message{Called: Number{Digits: "12" + strings.Repeat("9", telephony.MaxNumberLen-2)}},
		},
		{
			"Q.952: reason for diversion, octet 3b", "74 06 21 01 8F 31 32 33",
			Message{Redirecting: Number{Digits: "123", Type: NumberNational, Plan: PlanISDN, Screening: ScreeningPassed}},
		},
		{"4.5.8: a called number says nothing of its presentation", "70 03 21 A3 31", Message{Called: Number{Digits: "1", Type: NumberNational, Plan: PlanISDN}}},
		{"4.5.8: an extension without end", "70 02 01 31", Message{bad: []element{elementCalled}}},
		{"4.5.16: IA5", "28 05 48 65 6C 6C 6F", Message{Display: "Hello"}},
		{"4.5.16: what is neither IA5 nor UTF-8 is Latin", "28 03 4D FC 6C", Message{Display: "Mül"}},
		{"4.5.25: a class that nobody knows", "79 01 83", Message{bad: []element{elementRestart}}},
		{"empty elements", "04 00 08 00 14 00 18 00 1E 00 28 00 6C 00 70 00 79 00", Message{bad: []element{
			elementBearer, elementCause, elementState, elementChannel, elementProgress, elementCalling, elementCalled, elementRestart,
		}}},
	} {
		t.Run(r.name, func(t *testing.T) {
			m, err := Decode(append([]byte{8, 2, 0, 1, byte(r.want.Type)}, octetsOf(t, r.octets)...))
			if err != nil {
				t.Fatal(err)
			}
			r.want.Value = 1
			if !reflect.DeepEqual(&r.want, m) {
				t.Errorf("got  %+v\nwant %+v", m, &r.want)
			}
		})
	}
}

// TestEncodeBounds: whatever the owner says, a message is no longer than a frame holds, and a text is cut between two letters.
func TestEncodeBounds(t *testing.T) {
	long := Number{Digits: strings.Repeat("1", 200), Type: NumberNational, Plan: PlanISDN}
	m := Message{
		Value: 1, Type: TypeSetup, Complete: true, Bearer: Speech, Channels: ch3,
		Progress: make([]Progress, 9), Display: strings.Repeat("张", 90),
		Calling: long, Called: long, Redirecting: long,
	}
	octets := m.Encode()
	if len(octets) > MaxMessage {
		t.Fatalf("%d octets", len(octets))
	}
	back, err := Decode(octets)
	if err != nil || back.bad != nil {
		t.Fatal(err, back)
	}
	display := strings.Repeat("张", maxDisplay/3)
	if len(back.Called.Digits) != telephony.MaxNumberLen || len(back.Progress) != maxProgress || back.Display != display {
		t.Errorf("%d digits, %d indicators, display %q", len(back.Called.Digits), len(back.Progress), back.Display)
	}
	m.Display = strings.Repeat("\x80", 100)
	if back, err = Decode(m.Encode()); err != nil || !utf8.ValidString(back.Display) {
		t.Errorf("a display that is no text: %q, %v", back.Display, err)
	}
}
