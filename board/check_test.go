package board

import (
	"slices"
	"testing"

	"callbox/hal/gpio"
)

func TestCheck(t *testing.T) {
	list, err := Check("sim")
	want := []Finding{{"lines: driver sim", true, "simulated"}, {"panel 1: display", true, "simulated"}}
	if err != nil || !slices.Equal(list, want) {
		t.Errorf("the board sim: %+v, %v", list, err)
	}
	if _, err := Check("moon"); err == nil {
		t.Error("the board moon is known")
	}
}

// What a profile wants and is not there is named, each thing for itself.
func TestCheckNames(t *testing.T) {
	p := Panel{
		I2C: "no such adapter", Dots: &Dots{Address: 0x3C}, Console: []string{"/dev/null"},
		GPIO: gpio.Wiring{Keys: map[string]string{"ok": "NO_SUCH_LINE"}},
	}
	var got []string
	for _, f := range p.check("panel 1: ") {
		got = append(got, f.What)
		if f.Found != (f.What == "panel 1: terminal /dev/null") {
			t.Errorf("%+v", f)
		}
	}
	want := []string{"panel 1: terminal /dev/null", "panel 1: I2C bus no such adapter", "panel 1: GPIO line NO_SUCH_LINE"}
	if !slices.Equal(got, want) {
		t.Errorf("it looks for %q", got)
	}
}

// A board whose front is not there opens all the same, and says why.
func TestNoFront(t *testing.T) {
	b := &Board{}
	b.openPanel([]Panel{{I2C: "no such adapter"}, {Console: []string{"/dev/null"}}})
	if columns, rows := b.Panel.Size(); columns != 20 || rows != 4 || b.Missing == nil {
		t.Errorf("the panel is of %d by %d, missing: %v", columns, rows, b.Missing)
	}
}
