package board

import "testing"

// Another build of a version that has proved itself has not (A14.7).
func TestSystemsAreToldApart(t *testing.T) {
	dir := t.TempDir()
	a, b := systemOf("rauc.slot=A callbox.hash=3fa9 callbox.tree=4096 quiet\n", "1.5.0"), systemOf("rauc.slot=B callbox.hash=77c0 quiet\n", "1.5.0")
	if err := Proved(dir, a); err != nil {
		t.Fatal(err)
	}
	for system, want := range map[string]bool{a: true, b: false, systemOf("quiet", "1.5.0"): false} {
		if HasProved(dir, system) != want || VersionOf(system) != "1.5.0" {
			t.Errorf("%q of version %s has proved itself: %t", system, VersionOf(system), !want)
		}
	}
}
