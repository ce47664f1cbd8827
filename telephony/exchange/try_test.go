package exchange

import (
	"testing"
	"time"

	"callbox/telephony"
)

// TestTry: what is tried without a call is what a call would meet.
func TestTry(t *testing.T) {
	cfg := &telephony.Config{
		Site:   telephony.Site{Emergency: []string{"110"}},
		Lines:  []telephony.LineConfig{{ID: "fxo/1", Numbers: []string{"62345601"}}, {ID: "fxo/2", Numbers: []string{"62345602"}}},
		Groups: []telephony.Group{{ID: "city", Lines: []string{"fxo/1", "fxo/2"}, Select: "descending"}},
		Phones: []telephony.Phone{{Extension: "801", Permit: telephony.PermitLocal, Caller: "62345602"}},
		Routes: []telephony.Route{{ID: "first", Called: "62345601", To: "queue:sales", Priority: 2}},
		Outbound: []telephony.OutboundRule{
			{ID: "local", Number: "9NXXXXXXX", Strip: 1, Permit: telephony.PermitLocal, Groups: []string{"city"}},
			{ID: "far", Number: "90Z.", Strip: 1, Permit: telephony.PermitNational, Groups: []string{"city"}},
		},
	}
	if d, p := TryArrival(cfg, telephony.Arrival{Line: "fxo/1"}, time.Now()); d.Target != "queue:sales" || p != 2 {
		t.Errorf("A1.16: the line's published number was called: %+v %d", d, p)
	}
	if d, _ := TryArrival(cfg, telephony.Arrival{Line: "fxo/2"}, time.Now()); d.Target != telephony.ToBusy || len(d.Candidates) != 1 {
		t.Errorf("no route: %+v", d)
	}
	d := TryDialled(cfg, "801", "9 2345 6789")
	if d.Routed.Rule != "outbound/local" || d.Digits != "23456789" || len(d.Lines) != 2 || d.Lines[0] != "fxo/2" || d.Shown != "62345602" {
		t.Errorf("local: %+v", d)
	}
	if d := TryDialled(cfg, "801", "901088221199"); d.Digits != "" || d.Lines != nil || d.Routed.Why.EN == "" {
		t.Errorf("not permitted: %+v", d)
	}
	if d := TryDialled(cfg, "801", "801"); d.Routed.Target != "phone:801" || d.Digits != "" {
		t.Errorf("inside: %+v", d)
	}
	if d := TryDialled(cfg, "801", "110"); d.Digits != "110" || len(d.Lines) != 2 {
		t.Errorf("an emergency number takes any line: %+v", d)
	}
}
