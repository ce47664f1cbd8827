package dahdi

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sysfs writes files below a folder in the place of the kernel's.
func sysfs(t *testing.T, files map[string]string) string {
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

var twoCards = map[string]string{
	"pci:0000:05:08.0/hardware_id": "1TE433F - A1234\n", "pci:0000:05:08.0/location": "PCI Bus 05 Slot 09\n",
	"pci:0000:05:08.0/type": "Wildcard TE435\n", "pci:0000:05:08.0/dahdi_spantype": "1:T1\n2:E1\n",
	"pci:0000:05:08.0/span-7/local_spanno": "2\n", "pci:0000:05:08.0/span-7/basechan": "63\n", "pci:0000:05:08.0/span-7/channels": "31\n",
	"dynamic:eth:0/hardware_id": "DYN/eth/tap0\n", "dynamic:eth:0/location": "\n", "dynamic:eth:0/span_count": "1\n",
}

func TestFindCard(t *testing.T) {
	root := sysfs(t, twoCards)
	for id, want := range map[string]string{"1TE433F - A1234": "pci:0000:05:08.0", "PCI Bus 05 Slot 09": "pci:0000:05:08.0", "DYN/eth/tap0": "dynamic:eth:0"} {
		if c, err := findCard(root, id); err != nil || filepath.Base(string(c)) != want {
			t.Errorf("card %q is %q, %v", id, c, err)
		}
	}
}

// An installer who names a card that is not there reads which are.
func TestFindCardSaysWhatIsThere(t *testing.T) {
	for _, c := range []struct {
		files map[string]string
		id    string
		says  []string
	}{
		{nil, "x", []string{"no telephone card", "modprobe", "lspci"}},
		{twoCards, "TE820", []string{`"TE820"`, `"1TE433F - A1234" at "PCI Bus 05 Slot 09" (Wildcard TE435)`, `"DYN/eth/tap0"`}},
		{twoCards, "", []string{"1TE433F - A1234"}},
	} {
		_, err := findCard(sysfs(t, c.files), c.id)
		for _, want := range c.says {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("card %q: %v, want %q in it", c.id, err, want)
			}
		}
	}
}

func TestAssigned(t *testing.T) {
	c, err := findCard(sysfs(t, twoCards), "1TE433F - A1234")
	if err != nil {
		t.Fatal(err)
	}
	if a, err := c.assign(2); err != nil || a != (assignment{span: 7, first: 63, channels: 31}) {
		t.Errorf("port 2 has %+v, %v", a, err)
	}
	if _, err := c.assigned(1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("port 1: %v", err)
	}
}

// Only a port that is something else is switched.
func TestToE1(t *testing.T) {
	c, err := findCard(sysfs(t, twoCards), "1TE433F - A1234")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.toE1(2); err != nil || c.read("dahdi_spantype") != "1:T1\n2:E1" {
		t.Errorf("port 2: %q, %v", c.read("dahdi_spantype"), err)
	}
	if err := c.toE1(1); err != nil || !strings.HasPrefix(c.read("dahdi_spantype"), "1:E1") {
		t.Errorf("port 1: %q, %v", c.read("dahdi_spantype"), err)
	}
}
