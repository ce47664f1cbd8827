package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// floors is the house (docs/ARCHITECTURE.md): a package imports only from floors below its own.
var floors = map[string]int{
	"telephony": 0, "telephony/machine": 0, "hal": 0,
	"telephony/dsp": 1, "telephony/wav": 1, "telephony/q921": 1, "telephony/q931": 1, "telephony/pcapng": 1, "telephony/thread": 1,
	"hal/glyph": 1, "hal/gpio": 1, "hal/console": 1,
	"telephony/media": 2, "telephony/rtp": 2, "telephony/ivr": 2, "hal/sim": 2, "hal/dahdi": 2, "hal/haltest": 2, "hal/i2c": 2,
	"telephony/fxo": 3, "telephony/fxs": 3, "telephony/e1": 3, "telephony/webrtc": 3, "telephony/record": 3, "telephony/traffic": 3,
	"board": 3, "board/panel": 3, "storage": 3, "telephony/mail": 3, "telephony/webhook": 3, "telephony/outbox": 3, "webui": 3,
	"telephony/acd": 4, "telephony/sip": 4,
	"telephony/call": 5, "telephony/website": 5,
	"telephony/exchange": 6,
	"cmd/boxd":           7, "cmd/boxctl": 7,
	"image": 8, "image/init": 8,
}

// topLevel is fixed by the owner: what is new finds its place in one of these.
var topLevel = []string{"cmd", "hal", "telephony", "storage", "webui", "board", "image"}

// only says whom some packages may import of ours, whatever the floors allow.
var only = map[string][]string{
	"storage":           {"telephony", "telephony/wav"},
	"telephony/mail":    {"telephony"},
	"telephony/webhook": {"telephony"},
	"telephony/outbox":  {"telephony"},
	"webui":             {"telephony"},
}

func TestImportsPointDown(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}:{{join .Imports " "}}`, "callbox/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		path, imports, _ := strings.Cut(line, ":")
		from := strings.TrimPrefix(path, "callbox/")
		if top, _, _ := strings.Cut(from, "/"); !slices.Contains(topLevel, top) {
			t.Errorf("%s: the top level is %v", from, topLevel)
		}
		floor, known := floors[from]
		if !known {
			if !strings.Contains(from, "test") {
				t.Errorf("%s stands on no floor: add it to the table and to docs/ARCHITECTURE.md", from)
			}
			continue
		}
		for _, path := range strings.Fields(imports) {
			if to, ours := strings.CutPrefix(path, "callbox/"); ours {
				checkImport(t, from, to, floor)
			}
		}
	}
}

func checkImport(t *testing.T, from, to string, floor int) {
	t.Helper()
	if floors[to] >= floor {
		t.Errorf("%s (floor %d) imports %s (floor %d): imports point down", from, floor, to, floors[to])
	}
	if allowed, limited := only[from]; limited && !slices.Contains(allowed, to) {
		t.Errorf("%s imports %s: it may import only %v of ours", from, to, allowed)
	}
	if to == "hal" && strings.HasPrefix(from, "telephony/") && from != "telephony/fxo" && from != "telephony/fxs" && from != "telephony/e1" {
		t.Errorf("%s imports hal: inside telephony only the line packages do", from)
	}
}
