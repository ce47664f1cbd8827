package telephony

import "net/netip"

// network checks which servers the box asks.
func (k *check) network() {
	n := k.config.Network
	if k.size("network.name_servers", len(n.NameServers), 3) { // more are asked by nobody (resolv.conf(5), MAXNS)
		for i, s := range n.NameServers {
			p := at("network.name_servers", i)
			a, err := netip.ParseAddr(s)
			if err != nil || a.Zone() != "" || !a.IsGlobalUnicast() {
				k.bad(p, "请填域名服务器的地址，如 192.168.1.1", "give the address of a name server, such as 192.168.1.1")
				continue
			}
			k.unique(p, "name server", a.Unmap().String())
		}
	}
	if k.size("network.time_servers", len(n.TimeServers), 4) {
		for i, s := range n.TimeServers {
			p := at("network.time_servers", i)
			if _, err := netip.ParseAddr(s); err != nil && !hostForm.MatchString(s) {
				k.bad(p, "请填时间服务器的域名或地址，如 ntp.example.cn", "give the name or address of a time server, such as ntp.example.cn")
				continue
			}
			k.unique(p, "time server", s)
		}
	}
}
