package webui

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"callbox/telephony"
)

// TestSetupComesBack: what was kept of the first set-up is what comes back.
func TestSetupComesBack(t *testing.T) {
	h := New(newBox().options()).Handler()
	admin := []string{"Authorization", bearer(Admin)}
	if w := ask(h, "GET", "/api/setup", "", admin...); w.Code != 200 || w.Body.String() != "{\"done\":false}\n" {
		t.Fatal(w.Code, w.Body)
	}
	if w := ask(h, "PUT", "/api/setup", `{"step":"people","done":false,"config":{"site":{"name":"x"}}}`, admin...); w.Code != 204 {
		t.Fatal(w.Code, w.Body)
	}
	var got SetupState
	w := ask(h, "GET", "/api/setup", "", admin...)
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || got.Step != "people" || !strings.Contains(string(got.Config), `"name":"x"`) {
		t.Fatalf("%v %+v %s", err, got, w.Body)
	}
}

// TestSetupOfAnEarlierVersion: a draft that lacks what came later has it as in a new box, with empty lists and not without them; what
// has gone since is left out.
func TestSetupOfAnEarlierVersion(t *testing.T) {
	box := newBox()
	h := New(box.options()).Handler()
	box.setup = []byte(`{"step":"people","config":{"revision":7,"site":{"name":"x","answer_rate":75,"gone":1,"max_calls":"many"},"hours":[{"id":"shop","week":[]}],"phones":[{"extension":"801"}]}}`)
	var got struct{ Config map[string]any }
	w := ask(h, "GET", "/api/setup", "", "Authorization", bearer(Admin))
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err, w.Body)
	}
	var fresh map[string]any
	text, _ := configBody(`{"site":{"name":"x","answer_rate":75},"revision":7}`).whole()
	_ = json.Unmarshal(text, &fresh)
	site := got.Config["site"].(map[string]any)
	if !reflect.DeepEqual(site, fresh["site"]) || site["proxies"] == nil || got.Config["mail"] == nil || got.Config["revision"] != 7.0 {
		t.Errorf("site %v", site)
	}
	hours := got.Config["hours"].([]any)[0].(map[string]any)
	phone := got.Config["phones"].([]any)[0].(map[string]any)
	if hours["id"] != "shop" || hours["holidays"] == nil || phone["extension"] != "801" || phone["name"] != "" {
		t.Errorf("hours %v, phone %v", hours, phone)
	}
	if _, err := configBody(text).read(box.config); err != nil {
		t.Error(err)
	}
}

// TestTestCallProves: each row is a way in which a test call goes, and the first thing that it names as wrong.
func TestTestCallProves(t *testing.T) {
	arrived := telephony.CallArrived{Direction: telephony.Inbound, Line: "fxo/1", Caller: telephony.Caller{Number: "13800138000"}}
	routed := telephony.Routed{Target: "menu:main", Rule: "route/day"}
	menu := []telephony.Fact{arrived, routed, telephony.CallAnswered{}, telephony.MenuEntered{Menu: "main"}}
	key := append(menu[:4:4], telephony.MenuKey{Menu: "main", Keys: "1", Result: "target"}, telephony.Queued{Queue: "sales"})
	offered := append(key[:6:6], telephony.Offered{Agent: "1001"})
	talked := append(offered[:7:7], telephony.Bridged{Agent: "1001"})
	ended := telephony.CallEnded{Outcome: "answered"}
	for _, c := range []struct {
		name  string
		facts []telephony.Fact
		wrong string
	}{
		{"no route", []telephony.Fact{arrived, telephony.Routed{Target: "busy", Rule: "routes"}, ended}, "routed"},
		{"after hours", []telephony.Fact{arrived, telephony.Routed{Target: "voicemail:front"}, telephony.CallAnswered{}, ended}, "talked"},
		{"not answered", []telephony.Fact{arrived, routed, ended}, "answered"},
		{"no key", append(menu[:4:4], telephony.MenuKey{Result: "timeout"}, ended), "key"},
		{"nobody signed in", append(key[:6:6], ended), "rang"},
		{"nobody answers", append(offered[:7:7], telephony.OfferEnded{Result: telephony.OfferNoAnswer}, ended), "talked"},
		{"no recording", append(talked[:8:8], ended), "recorded"},
		{"a disk that is full", append(talked[:8:8], telephony.Recorded{Octets: 10, Problem: "disk_full"}, ended), "recorded"},
		{"all is well", append(talked[:8:8], telephony.Recorded{Octets: 8000}, ended), ""},
	} {
		config := testConfig()
		config.Recording.Record = "always"
		p := proof{teller: teller{config}}
		for _, f := range c.facts {
			p.see(f)
		}
		wrong := ""
		for _, check := range p.checks() {
			if check.Text.ZH == "" || check.Text.EN == "" || !check.Passed && (check.Mend.ZH == "" || check.Mend.EN == "" || check.Where == "") {
				t.Errorf("%s: %+v lacks words", c.name, check)
			}
			if !check.Passed && wrong == "" {
				wrong = check.What
			}
		}
		if wrong != c.wrong || !p.ended {
			t.Errorf("%s: %q is wrong, want %q", c.name, wrong, c.wrong)
		}
	}
}
