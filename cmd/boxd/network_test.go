package main

import (
	"net/netip"
	"os"
	"testing"

	"callbox/board/panel"
)

// What was set at the panel is what the panel shows after the next start (A14.9), in files that systemd-networkd may read, and of
// a setting before nothing is left.
func TestNetworkSettings(t *testing.T) {
	dir := t.TempDir()
	address, gateway := netip.MustParsePrefix("192.168.2.10/24"), netip.MustParseAddr("192.168.2.1")
	for _, set := range []panel.Network{
		{Address: address, Gateway: gateway},
		{VLAN: 20, Address: address, Gateway: gateway},
		{VLAN: 4094, DHCP: true},
		{DHCP: true},
	} {
		if err := writeNetwork(dir, set); err != nil {
			t.Fatal(err)
		}
		if got := readNetwork(dir); got != set {
			t.Errorf("set %+v, shown %+v", set, got)
		}
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o644 {
				t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
			}
		}
		if want := map[bool]int{true: 3, false: 1}[set.VLAN != 0]; len(files) != want && set != (panel.Network{DHCP: true}) {
			t.Errorf("%d files for %+v", len(files), set)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%v is left where DHCP is asked for", left)
	}
}

// An address that was set is shown, and kept when a VLAN is set, also where the computer does not have it: its cable is out, or in a VLAN
// that is not its own.
func TestSetAddressIsKept(t *testing.T) {
	set := panel.Network{VLAN: 20, Address: netip.MustParsePrefix("192.168.2.10/24"), Gateway: netip.MustParseAddr("192.168.2.1")}
	loopback := netip.MustParseAddr("127.0.0.1")
	if got := networkOf(set, loopback); got != set {
		t.Errorf("set %+v, shown %+v", set, got)
	}
	if got := networkOf(panel.Network{DHCP: true}, loopback); got.Address.Addr() != loopback {
		t.Errorf("by DHCP it has %v, shown %v", loopback, got.Address)
	}
}
