package board

import (
	"os"
	"strings"
	"testing"

	"callbox/board/panel"
	"callbox/telephony"
)

// A profile gives each line its lamps, and an E1 those of its traffic and its red alarm; every one is lit by what the line does.
func TestLampsOfLines(t *testing.T) {
	text, err := os.ReadFile("testdata/lamps.json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := parse("lamps", text)
	if err != nil {
		t.Fatal(err)
	}
	wired := p.Panels[0].GPIO.Lamps
	menu, lit := panel.New(panel.Options{Columns: 16, Rows: 4, Dots: true, Language: "zh"}), map[string]bool{}
	step := func(fxo1, fxo2, e1 telephony.LineStatus) {
		fxo1.ID, fxo2.ID, e1.ID = "fxo/1", "fxo/2", "e1/1"
		for _, a := range menu.Step(panel.Facts{Lines: []telephony.LineStatus{fxo1, fxo2, e1}}) {
			if l, is := a.(panel.Lamp); is && wired[l.Name] != "" {
				lit[l.Name] = l.On
			}
		}
	}
	idle, talking := telephony.LineStatus{State: telephony.LineIdle}, telephony.LineStatus{State: telephony.LineTalking, Busy: 1}
	fault, traffic := telephony.LineStatus{State: telephony.LineFault}, telephony.LineStatus{State: telephony.LineTalking, Busy: 30}
	for _, row := range []struct {
		fxo1, fxo2, e1 telephony.LineStatus
		want           string
	}{
		{idle, idle, idle, "power ready"},
		{talking, fault, traffic, "power ready fxo/1 fxo/2/fault e1/1"},
		{idle, idle, fault, "power ready e1/1/fault"},
		{idle, idle, idle, "power ready"},
	} {
		step(row.fxo1, row.fxo2, row.e1)
		for name := range wired {
			if _, told := lit[name]; !told {
				t.Errorf("nothing sets the lamp %s", name)
			}
			if want := strings.Contains(" "+row.want+" ", " "+name+" "); lit[name] != want {
				t.Errorf("want %q: the lamp %s is %v", row.want, name, lit[name])
			}
		}
	}
}

// A lamp that nothing would ever light is a mistake of the profile.
func TestLampsThatNothingLights(t *testing.T) {
	for _, name := range []string{"fxo", "fxo1", "e1/1/red", "busy", "phone/801"} {
		_, err := parse("new", []byte(`{"driver": "none", "panels": [{"gpio": {"lamps": {"`+name+`": "LED"}}}]}`))
		if err == nil || !strings.Contains(err.Error(), "lamp") {
			t.Errorf("the lamp %s: %v", name, err)
		}
	}
	for _, name := range Names() {
		if _, err := profile(name); err != nil {
			t.Errorf("board %s: %v", name, err)
		}
	}
}
