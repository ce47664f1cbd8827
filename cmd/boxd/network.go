package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"callbox/board/panel"
)

// networkDir is where an image's systemd-networkd finds what was set at the panel (image/tree.go has the links); without it every
// wire asks by DHCP.
const networkDir = "/data/network"

// The files in it, as systemd.network and systemd.netdev describe them. The wire's puts the others in force.
const (
	wireFile   = "panel.network"
	vlanFile   = "panel-vlan.netdev"  // the VLAN on the wire
	onVLANFile = "panel-vlan.network" // the address on the VLAN
)

// beneathVLAN is the rest of a wire's file that has nothing of its own. The firewall lets in nothing of its group (image/files/etc/nftables.conf): Linux
// would take what is sent to the VLAN's address without its tag.
const beneathVLAN = "[Link]\nGroup=8021\n\n[Network]\nVLAN=vlan\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n"

// setNetwork sets how the box is reached from the next start on, and has the computer start.
func (f *front) setNetwork(_ context.Context, n panel.Network) error {
	if err := writeNetwork(networkDir, n); err != nil {
		return err
	}
	return f.request(rebootFile)
}

// writeNetwork writes what was set. The wire's file is the last that comes and the first that goes, so that one half of a setting is
// never in force.
func writeNetwork(dir string, n panel.Network) error {
	wire := "[Match]\nType=ether\n\n"
	if n.VLAN != 0 {
		vlan := fmt.Sprintf("[NetDev]\nName=vlan\nKind=vlan\n\n[VLAN]\nId=%d\n", n.VLAN)
		if err := errors.Join(writeUnit(dir, vlanFile, vlan), writeUnit(dir, onVLANFile, "[Match]\nName=vlan\n\n"+addressing(n))); err != nil {
			return err
		}
		return writeUnit(dir, wireFile, wire+beneathVLAN)
	}
	var err error
	if n.DHCP {
		err = remove(filepath.Join(dir, wireFile))
	} else {
		err = writeUnit(dir, wireFile, wire+addressing(n))
	}
	if err != nil {
		return err
	}
	return errors.Join(remove(filepath.Join(dir, onVLANFile)), remove(filepath.Join(dir, vlanFile)))
}

// addressing is the part of a network file that says which address it has.
func addressing(n panel.Network) string {
	if n.DHCP {
		return "[Network]\nDHCP=ipv4\nIPv6AcceptRA=yes\nLLMNR=no\n\n[DHCPv4]\nUseDomains=no\n"
	}
	return fmt.Sprintf("[Network]\nAddress=%s\nGateway=%s\nDNS=%s\nIPv6AcceptRA=yes\nLLMNR=no\n", n.Address, n.Gateway, n.Gateway)
}

// writeUnit puts a file in its place, whole or not at all. systemd-networkd, which is another user, reads it.
func writeUnit(dir, name, text string) error {
	return replace(filepath.Join(dir, name), []byte(text), openFile)
}

// remove removes a file that need not be there.
func remove(name string) error {
	if err := os.Remove(name); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// readNetwork is what was set, as writeNetwork wrote it.
func readNetwork(dir string) panel.Network {
	wire := settingsOf(filepath.Join(dir, wireFile))
	n := panel.Network{DHCP: true}
	if wire["VLAN"] != "" {
		n.VLAN, _ = strconv.Atoi(settingsOf(filepath.Join(dir, vlanFile))["Id"])
		wire = settingsOf(filepath.Join(dir, onVLANFile))
	}
	if address, err := netip.ParsePrefix(wire["Address"]); err == nil {
		n.DHCP, n.Address = false, address
		n.Gateway, _ = netip.ParseAddr(wire["Gateway"])
	}
	return n
}

// settingsOf reads the settings of a unit file, whatever its sections; of one that is not there it has none.
func settingsOf(name string) map[string]string {
	settings := map[string]string{}
	text, _ := os.ReadFile(name)
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			settings[key] = value
		}
	}
	return settings
}

// networkOf is how the box is reached: as it was set, and by DHCP with the address that it has now. One that was set is not in force while the cable is
// out, and must not be lost when a VLAN is set then.
func networkOf(set panel.Network, own netip.Addr) panel.Network {
	if !set.DHCP {
		return set
	}
	set.Address = netip.PrefixFrom(own, own.BitLen())
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return set
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr() == own {
			set.Address = p
		}
	}
	return set
}
