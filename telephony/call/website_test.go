package call

import (
	"maps"
	"strings"
	"testing"
	"time"

	"callbox/telephony"
)

// A1.11: no rule of the configuration sends a visitor of a web site out of the box, not even for an emergency; and what the page
// says of its visitor is attached as far as it is within bounds.
func TestAVisitorIsNotSentOutside(t *testing.T) {
	for _, number := range []string{"13900139000", "110"} {
		play(t, func(c *telephony.Config) {
			c.Websites = []telephony.Website{{ID: "shop", To: "queue:q"}}
			c.Queues[0].OnLeave = telephony.NewTarget(telephony.ToOutside, number)
		}, func(w *world) {
			w.data = map[string]string{"visitor": "王先生"}
			w.begin("web/shop", telephony.Inbound, "queue:q")
			w.pass(time.Second)
			w.caller.keys("9")
			w.pass(30 * time.Second)
			if len(w.legs()) > 0 || w.outcome() != telephony.OutcomeRefused {
				t.Errorf("%s: %v were called, outcome %q", number, w.legs(), w.outcome())
			}
			attached := facts[telephony.DataAttached](w)
			if len(attached) != 1 || attached[0].By != "web/shop" || !maps.Equal(attached[0].Data, w.data) {
				t.Errorf("attached: %+v", attached)
			}
		})
	}
}

// A person may put a visitor through to the outside, as far as that person may dial.
func TestAnAgentPutsAVisitorThrough(t *testing.T) {
	play(t, func(c *telephony.Config) { c.Websites = []telephony.Website{{ID: "shop", To: "queue:q"}} }, func(w *world) {
		w.data = map[string]string{"page": strings.Repeat("x", maxValue+1)}
		w.ready("1")
		w.begin("web/shop", telephony.Inbound, "queue:q")
		w.at("phone/801").tell(telephony.Answered{})
		w.pass(time.Second)
		w.does(w.call.Transfer(me, "outside:13900139000"))
		w.at("outside/13900139000").tell(telephony.Answered{})
		if n := len(facts[telephony.DataAttached](w)); n != 0 {
			t.Errorf("%d values over the bounds are attached", n)
		}
	})
}
