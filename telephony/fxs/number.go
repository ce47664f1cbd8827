package fxs

import (
	"strings"

	"callbox/telephony"
)

// whole reports whether a number that an extension dials needs no wait for more digits: it reaches somebody, and no more
// digits could reach anybody else; or nobody could be reached by any. A star code is a star and two digits.
func whole(cfg *telephony.Config, digits string) bool {
	if strings.HasPrefix(digits, "*") {
		return len(digits) == 3
	}
	if cfg.IsEmergency(digits) {
		return true
	}
	_, _, more := cfg.Inside(digits)
	for i := range cfg.Outbound {
		more = more || cfg.Outbound[i].Number.CouldMatch(digits)
	}
	for _, n := range cfg.Site.Emergency {
		more = more || strings.HasPrefix(n, digits)
	}
	return !more
}
