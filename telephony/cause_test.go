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
		if text := cause.Text(); text.ZH == "" || text.EN == "" || causeNames[cause] != text {
			t.Errorf("cause %d is called %q", cause, text)
		}
	}
}

func TestCauseInWords(t *testing.T) {
	for cause, want := range map[Cause]string{CauseBusy: "17 busy", CauseNormal: "16 normal clearing", 99: "99 cause 99"} {
		if got := cause.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := Cause(99).Text().In("zh"); got != "原因 99" {
		t.Errorf("%q", got)
	}
}
