package main

import (
	"regexp"
	"testing"
)

// What the page's own code imports is in the list of parts, with what these need in turn; what only builds and tests the page is not.
func TestPartsOfThePage(t *testing.T) {
	list, err := npmPackages("../webui/app/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]spdxPackage{}
	ids := map[string]bool{}
	for _, p := range list {
		if ids[p.ID] || !regexp.MustCompile(`^SPDXRef-[A-Za-z0-9.-]+$`).MatchString(p.ID) { // SPDX 2.3, 7.2
			t.Errorf("%s is no identifier of its own", p.ID)
		}
		ids[p.ID] = true
		if p.License == "" {
			t.Errorf("%s tells no licence", p.Name)
		}
		have[p.Name] = p
	}
	for _, name := range []string{"svelte", "@xyflow/svelte", "@xyflow/system", "uplot", "jssip"} {
		if have[name].Version == "" {
			t.Errorf("%s is missing", name)
		}
	}
	for _, name := range []string{"vite", "playwright-core", "axe-core", "typescript"} {
		if have[name].Version != "" {
			t.Errorf("%s reaches no box, and is in its list", name)
		}
	}
}
