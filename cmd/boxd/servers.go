package main

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"callbox/telephony"
	"callbox/webui"
)

// Files in the directory of requests of an image, which has links to them where they are looked for (image/tree.go).
const (
	resolverFile = "resolv.conf"    // of all programs
	timeFile     = "timesyncd.conf" // callbox-time.path has the time service read it again
)

// networkState is where systemd-networkd says what DHCP, routers and its files named. It asks others not to read it but by its library, which
// reads it.
const networkState = "/run/systemd/netif/state"

// serversLook is how often the box looks whether the network names other servers.
const serversLook = 2 * time.Second

// mostResolvers is how many name servers programs ask (resolv.conf(5), MAXNS).
const mostResolvers = 3

// tellServers writes which servers an image asks for names and for the time, whenever they are others.
func (b *Box) tellServers(ctx context.Context) {
	look := time.NewTicker(serversLook)
	defer look.Stop()
	var names, clocks []byte
	for {
		state, set := settingsOf(networkState), b.Store.Config().Network
		b.tell(resolverFile, resolver(set, state), &names)
		b.tell(timeFile, timeService(set), &clocks)
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

// tell writes a file for other programs to read, if it has to be another than told.
func (b *Box) tell(name string, text []byte, told *[]byte) {
	if *told != nil && bytes.Equal(*told, text) {
		return
	}
	if err := replace(filepath.Join(b.opt.Requests, name), text, openFile); err != nil {
		b.opt.Log.Error("servers cannot be told", "file", name, "error", err)
		return
	}
	*told = text
}

// resolver asks the name servers of the settings alone, or where there are none those of the network.
func resolver(set telephony.Network, state map[string]string) []byte {
	servers := set.NameServers
	if len(servers) == 0 {
		servers = slices.DeleteFunc(strings.Fields(state["DNS"]), func(s string) bool { _, err := netip.ParseAddr(s); return err != nil })
	}
	text := []byte("# by boxd\n")
	for _, s := range servers[:min(len(servers), mostResolvers)] {
		text = fmt.Appendf(text, "nameserver %s\n", s)
	}
	return text
}

// timeService asks the time servers of the settings before all others (timesyncd.conf(5)).
func timeService(set telephony.Network) []byte {
	return fmt.Appendf(nil, "# by boxd\n[Time]\nNTP=%s\n", strings.Join(set.TimeServers, " "))
}

// timeServers are those that an image asks first, and who named them.
func timeServers(set telephony.Network, state map[string]string) (servers []string, by webui.ClockBy) {
	if len(set.TimeServers) > 0 {
		return set.TimeServers, webui.ClockBySettings
	}
	if servers = strings.Fields(state["NTP"]); len(servers) > 0 {
		return servers, webui.ClockByNetwork
	}
	return nil, webui.ClockByDefault
}
