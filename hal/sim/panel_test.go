package sim

import (
	"slices"
	"testing"

	"callbox/hal"
)

func TestPanel(t *testing.T) {
	var panel hal.Panel = NewPanel(8, 2)
	p := panel.(*Panel)
	if err := panel.Show([]string{"云铃 Callbox", "two", "three"}); err != nil {
		t.Fatal(err)
	}
	if got, want := p.Rows(), []string{"云铃 Callb", "two"}; !slices.Equal(got, want) {
		t.Errorf("it shows %q, want %q", got, want)
	}
	if err := panel.Lamp("ready", true); err != nil || !p.Lit("ready") || p.Lit("alarm") {
		t.Errorf("the lamps are wrong: %v", err)
	}
	for range 2 * keyBox { // a box that does not listen misses keys
		p.Press(hal.KeyOK)
	}
	if k := <-panel.Keys(); k != hal.KeyOK {
		t.Errorf("key %d", k)
	}
}
