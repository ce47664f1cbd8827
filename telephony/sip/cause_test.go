package sip

import (
	"fmt"
	"testing"

	sipgo "github.com/emiago/sipgo/sip"

	"callbox/telephony"
)

// RFC 3398 7.2.4.1 and 8.2.6.1: what the table there says, but for the four that the box knows better.
func TestCausesAndStatusesAreThoseOfRFC3398(t *testing.T) {
	for cause, status := range map[telephony.Cause]int{
		1: 404, 2: 503, 3: 404, 17: 486, 18: 408, 19: 480, 20: 480, 21: 403, 22: 410, 23: 410, 27: 502, 28: 484, 29: 501, 31: 480,
		34: 503, 38: 503, 41: 503, 42: 503, 47: 503, 55: 403, 57: 403, 58: 503, 65: 488, 70: 488, 79: 501, 87: 403, 88: 488, 102: 504,
		111: 500, 127: 500,
	} {
		if got := statusFor(cause); got != status {
			t.Errorf("cause %v is answered %d, want %d", cause, got, status)
		}
	}
	for status, cause := range map[int]telephony.Cause{
		401: 21, 402: 21, 403: 21, 404: 1, 405: 63, 406: 79, 407: 21, 408: 102, 410: 22, 413: 127, 415: 88, 420: 127, 480: 18, 481: 41,
		482: 25, 483: 25, 484: 28, 485: 1, 486: 17, 500: 41, 501: 79, 502: 38, 503: 42, 504: 102, 505: 127, 580: 47, 600: 17, 603: 21, 604: 1,
	} {
		res := sipgo.NewResponse(status, "")
		if got := causeFor(res); got != cause {
			t.Errorf("%d means cause %v, want %v", status, got, cause)
		}
	}
}

// Whatever a far end sends has an answer in the other protocol, and comes back as a cause of the same kind.
func TestEveryCauseHasAStatus(t *testing.T) {
	for c := telephony.Cause(1); c < 128; c++ {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			status := statusFor(c)
			if status < 400 || status > 699 {
				t.Fatalf("answered %d", status)
			}
			res := sipgo.NewResponse(status, "")
			res.AppendHeader(reason(c))
			if back := causeFor(res); back != c && c != telephony.CauseElsewhere {
				t.Errorf("comes back as %v", back)
			}
		})
	}
}
