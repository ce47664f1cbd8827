package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestModulesByDevice: a module is loaded where its device is, or may yet be found.
func TestModulesByDevice(t *testing.T) {
	sys := t.TempDir()
	for name, content := range map[string]string{
		"bus/pci/devices/0000:00:02.0/modalias":  "pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00\n",
		"bus/acpi/devices/PNP0303:00/modalias":   "acpi:PNP0303:\n",
		"bus/platform/devices/iTCO_wdt/modalias": "platform:iTCO_wdt\n",
		"bus/usb/devices/usb1/modalias":          "usb:v1D6Bp0002d0601dc09dsc00dp01ic09isc00ip00in00\n",
		"devices/system/cpu/modalias":            "cpu:type:x86,ven0002fam000Fmod006B:feature:,0000,0001,0099,009C\n",
	} {
		file := filepath.Join(sys, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	there := newDevices(sys)
	for _, row := range []struct {
		what     string
		patterns []string
		want     bool
	}{
		{"ext4 is for everybody", nil, true},
		{"virtio_pci, by its maker", []string{"pci:v00001AF4d*sv*sd*bc*sc*i*"}, true},
		{"nvme, by its class", []string{"pci:v0000106Bd00002005sv*sd*bc*sc*i*", "pci:v*d*sv*sd*bc01sc08i02*"}, false},
		{"aesni_intel, by what the processor can", []string{"cpu:type:x86,ven*fam*mod*:feature:*0099*"}, true},
		{"a processor that cannot", []string{"cpu:type:x86,ven*fam*mod*:feature:*0089*"}, false},
		{"a keyboard, as ACPI lists it", []string{"acpi*:PNP0303:*"}, true},
		{"sdhci_acpi", []string{"acpi*:AMDI0041:*", "acpi*:AMDI0040:*"}, false},
		{"iTCO_wdt, whose device lpc_ich has made", []string{"platform:iTCO_wdt"}, true},
		{"usb_storage: a stick may be found yet", []string{"usb:v*p*d*dc*dsc*dp*ic08isc06ip50in*"}, true},
		{"mmc_block: there is no such bus", []string{"mmc:block"}, false},
	} {
		if got := there.hasAny(row.patterns); got != row.want {
			t.Errorf("%s: %v, want %v", row.what, got, row.want)
		}
	}
}
