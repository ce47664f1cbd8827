package telephony

import "testing"

// The numbers of ITU-T Q.850 table 1: far ends read them.
func TestCausesHaveTheNumbersOfQ850(t *testing.T) {
	for cause, want := range map[Cause]uint8{
		CauseUnallocated: 1, CauseNormal: 16, CauseBusy: 17, CauseNoResponse: 18, CauseNoAnswer: 19, CauseAbsent: 20, CauseRejected: 21,
		CauseElsewhere: 26, CauseOutOfOrder: 27, CauseBadNumber: 28, CauseUnspecified: 31, CauseNoChannel: 34, CauseNetworkFault: 38,
		CauseTemporary: 41, CauseCongestion: 42, CauseForbidden: 57, CauseIncompatible: 88, CauseTimerExpiry: 102, CauseInterworking: 127,
	} {
		if uint8(cause) != want {
			t.Errorf("%s has number %d, want %d", cause, cause, want)
		}
		if text := cause.Text(); text.ZH == "" || text.EN == "" || causes[cause].text != text {
			t.Errorf("cause %d is called %q", cause, text)
		}
	}
}

func TestCauseInWords(t *testing.T) {
	for cause, want := range map[Cause]string{CauseBusy: "17 busy", CauseNormal: "16 normal clearing", 99: "99 element not implemented", 120: "120 cause 120"} {
		if got := cause.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Cause(120).Text().In("zh"); got != "原因 120" {
		t.Errorf("%q", got)
	}
}

// A far end may send any value: it counts as the unspecified one of its class (Q.850 2.2.6).
func TestCausesThatQ850DoesNotKnow(t *testing.T) {
	for cause, want := range map[Cause]CauseKind{
		11: KindVacant, 24: KindNoAnswer, 37: KindFull, 60: KindNetwork, 75: KindFault, 94: KindFault, 109: KindFault, 120: KindFault,
	} {
		if got := cause.Kind(); got != want {
			t.Errorf("%d is of kind %d, want %d", cause, got, want)
		}
	}
}
