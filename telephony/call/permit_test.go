package call

import (
	"testing"

	"callbox/telephony"
)

func TestPermit(t *testing.T) { // A2.18
	cfg := &telephony.Config{Phones: []telephony.Phone{{Extension: "801", Permit: telephony.PermitInternational}}}
	for _, c := range []struct {
		name, line string
		direction  telephony.Direction
		want       telephony.Permit
	}{
		{"a phone that dials out", "phone/801", telephony.Outbound, telephony.PermitInternational},
		{"a phone that was taken away as it dialled", "phone/802", telephony.Outbound, telephony.PermitInternal},
		{"a phone whose call is forwarded", "phone/801", telephony.InternalCall, telephony.PermitNational},
		{"a caller who is forwarded", "trunk/ctc", telephony.Inbound, telephony.PermitNational},
	} {
		call := Call{Birth: Birth{Config: cfg, Direction: c.direction}, caller: &party{line: c.line}}
		if got := call.permit(); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
