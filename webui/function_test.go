package webui

import (
	"slices"
	"strings"
	"testing"

	"callbox/telephony"
)

// TestWhatIsOffIsRefused (A14.1): with a sentence that says where it is switched on; without that nothing of the kind is said.
func TestWhatIsOffIsRefused(t *testing.T) {
	for _, off := range []bool{true, false} {
		b, lihua, _ := deskBox()
		boss := []string{"Authorization", "Bearer boss"}
		b.sessions["boss"] = Person{Name: "boss", Role: Supervisor}
		b.setLive(telephony.Live{
			Calls:  []telephony.LiveCall{{ID: "3-44", Agent: "1001"}},
			Agents: []telephony.LiveAgent{{ID: "1001", State: telephony.AgentReady, Phone: "phone:801"}},
		})
		if off {
			b.config.Off = slices.DeleteFunc(slices.Clone(telephony.Functions), func(f telephony.Function) bool { return f == telephony.FunctionPrograms })
		}
		h := New(b.options()).Handler()
		for _, c := range []struct{ method, path, body string }{
			{"POST", "/api/calls/3-44/recording", `{"action":"start"}`},
			{"POST", "/api/agents/1001/state", `{"state":"ready","phone":"outside:13800138000"}`},
			{"GET", "/api/phone", ""},
		} {
			who := lihua
			if strings.Contains(c.path, "state") {
				who = []string{"Authorization", bearer(Supervisor)}
			}
			w := ask(h, c.method, c.path, c.body, who...)
			if refused := strings.Contains(w.Body.String(), "Settings > Functions"); refused != off {
				t.Errorf("off %v: %s: %d %s", off, c.path, w.Code, w.Body)
			}
		}
		if b.config.Off = []telephony.Function{telephony.FunctionPrograms}; ask(h, "GET", "/api/agents", "", boss...).Code != 401 {
			t.Error("a token opens a box that wants no programs")
		}
		if w := ask(h, "GET", "/api/agents", "", "Cookie", plainCookieName+"=boss"); w.Code != 200 {
			t.Errorf("a session without programs: %d", w.Code)
		}
	}
}
