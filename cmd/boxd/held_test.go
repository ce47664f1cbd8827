package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"callbox/telephony"
	"callbox/webui"
)

// TestHeldAtTheTelephone (A5.1, A6.1): hold that is pressed on the telephone itself is shown as that of the desk is, and as the telephone's, which
// alone takes the caller back: the desk that asks for it is told so.
func TestHeldAtTheTelephone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, testConfig())
		defer w.close()
		do := func(line string) { words := strings.Fields(line); verbs[words[0]](w, words[1:]) }
		for _, line := range []string{"phone 801 answer 2s", "agent 1001 ready", "ring ann fxo/1 13800138000 keys 1@6s"} {
			do(line)
		}
		time.Sleep(25 * time.Second)
		for _, c := range []struct {
			hold, state string
			doing       telephony.AgentDoing
		}{{"on", "hold", telephony.DoingHold}, {"off", "talk", ""}} {
			do("hold 801 " + c.hold)
			time.Sleep(2 * time.Second)
			live := w.box.Exchange.Live()
			if len(live.Calls) != 1 || live.Calls[0].State != c.state || w.agentNow("1001").Doing != c.doing {
				t.Fatalf("hold %s: %+v, agent %+v", c.hold, live.Calls, w.agentNow("1001"))
			}
			held := c.hold == "on"
			if at := live.Calls[0].Parties; len(at) != 2 || at[0].Holds || at[1].Holds != held {
				t.Errorf("hold %s: %+v", c.hold, at)
			}
			err := w.box.Order(live.Calls[0].ID, webui.CallOrder{Do: "retrieve", Agent: "1001"}, webui.By{})
			if err == nil || strings.Contains(err.Error(), "at the telephone") != held {
				t.Errorf("hold %s: the desk takes back: %v", c.hold, err)
			}
		}
		do("hangup 801")
		time.Sleep(time.Minute)
	})
}
