package webui

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"callbox/telephony"
)

// TestSpeechTravelsInJSON: what a simulated caller or phone says is larger than other bodies, and bounded too.
func TestSpeechTravelsInJSON(t *testing.T) {
	h := New(newBox().options()).Handler()
	for _, c := range []struct {
		path, body string
		octets     int
		want       int
	}{
		{"/api/sim/ring", `{"line":"fxo/1","say":"%s"}`, 5 << 20, http.StatusOK},
		{"/api/sim/phones", `{"phones":[{"extension":"801","say":"%s"}]}`, 5 << 20, http.StatusOK},
		{"/api/sim/ring", `{"line":"fxo/1","say":"%s"}`, maxSpoken, http.StatusRequestEntityTooLarge},
		{"/api/session", `{"user":"a","password":"%s"}`, maxBody, http.StatusRequestEntityTooLarge},
	} {
		said := base64.StdEncoding.EncodeToString(make([]byte, c.octets))
		if w := ask(h, "POST", c.path, fmt.Sprintf(c.body, said), "Authorization", bearer(Admin)); w.Code != c.want {
			t.Errorf("%s with %d octets: %d %.200s", c.path, c.octets, w.Code, w.Body)
		}
	}
}

// TestAgentsSendNoCallsOutside (pain 45): only configuration and supervisors let an agent sit at an outside number.
func TestAgentsSendNoCallsOutside(t *testing.T) {
	box := newBox()
	box.config.Agents[1].Phone = "outside:13800138000"
	box.secrets["lihua"] = Person{Name: "lihua", Role: Agent, Agent: "1001"}
	box.secrets["wang"] = Person{Name: "wang", Role: Agent, Agent: "1002"}
	h := New(box.options()).Handler()
	for _, c := range []struct {
		token, agent string
		phone        telephony.Target
		want         int
	}{
		{"lihua", "1001", "outside:01612345678", 403},
		{"lihua", "1001", "phone:802", 204},
		{"lihua", "1001", "", 204},
		{"wang", "1002", "outside:13800138000", 204},
		{"wang", "1002", "outside:13800138001", 403},
		{"token-supervisor", "1001", "outside:13800138001", 204},
	} {
		body := fmt.Sprintf(`{"state":"ready","phone":%q}`, c.phone)
		if w := ask(h, "POST", "/api/agents/"+c.agent+"/state", body, "Authorization", "Bearer "+c.token); w.Code != c.want {
			t.Errorf("%s at %q: %d %s", c.token, c.phone, w.Code, w.Body)
		}
	}
	if len(box.asked) != 4 || strings.Contains(strings.Join(box.asked, "|"), "lihua 1002") {
		t.Errorf("asked %v", box.asked)
	}
}
