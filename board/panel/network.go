package panel

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"callbox/hal/glyph"
	"callbox/telephony"
)

// networkRows is how the box is reached now.
func networkRows(m *Machine) []string {
	n := m.facts.Network
	how := wordStatic
	if n.DHCP {
		how = wordDHCP
	}
	rows := append([]string{m.say(how)}, glyph.Rows(n.Address.String(), m.opt.Columns)...)
	if n.Gateway.IsValid() {
		rows = append(append(rows, m.say(wordGateway)), glyph.Rows(n.Gateway.String(), m.opt.Columns)...)
	}
	if n.VLAN != 0 {
		rows = append(rows, fmt.Sprint(m.say(wordVLAN), " ", n.VLAN))
	}
	if m.opt.Verbs.SetNetwork != nil {
		rows = append(rows, m.say(wordChange))
	}
	return rows
}

// changeNetwork is the OK of networkRows.
func changeNetwork(m *Machine) []any {
	if m.opt.Verbs.SetNetwork == nil {
		m.back()
		return nil
	}
	m.open(&menu{entries: networkMenu})
	return nil
}

func networkMenu(*Machine) []entry {
	return []entry{
		{wordDHCP, func(m *Machine) []any { return m.setNetwork(Network{DHCP: true, VLAN: m.facts.Network.VLAN}) }},
		{wordStatic, func(m *Machine) []any { return m.enterAddress() }},
		{wordVLAN, func(m *Machine) []any { return m.enterVLAN() }},
	}
}

// setNetwork asks once more: the computer starts again with the address that it is given.
func (m *Machine) setNetwork(n Network) []any {
	m.open(confirm{question: askRestart, run: func(ctx context.Context) error { return m.opt.Verbs.SetNetwork(ctx, n) }})
	return nil
}

// enterAddress asks for a static IPv4 address, its prefix and the gateway, from what the box has now. IPv6 needs none: a
// router tells it.
func (m *Machine) enterAddress() []any {
	m.ask(askAddress, dotted(m.facts.Network.Address.Addr()), wrongAddress, func(m *Machine, text string) (next func() []any, ok bool) {
		addr, err := parse(text)
		return func() []any { return m.enterLength(addr) }, err == nil && (addr.IsGlobalUnicast() || addr.IsPrivate())
	})
	return nil
}

func (m *Machine) enterLength(addr netip.Addr) []any {
	m.ask(askLength, "24", wrongAddress, func(m *Machine, text string) (next func() []any, ok bool) {
		bits, _ := strconv.Atoi(text) // two digits
		return func() []any { return m.enterGateway(netip.PrefixFrom(addr, bits)) }, bits >= 8 && bits <= 30
	})
	return nil
}

func (m *Machine) enterGateway(p netip.Prefix) []any {
	m.ask(askGateway, dotted(p.Masked().Addr().Next()), wrongGateway, func(m *Machine, text string) (next func() []any, ok bool) {
		gateway, err := parse(text)
		return func() []any { return m.setNetwork(Network{VLAN: m.facts.Network.VLAN, Address: p, Gateway: gateway}) },
			err == nil && p.Contains(gateway) && gateway != p.Addr()
	})
	return nil
}

// maxVLAN is the last number of a VLAN (IEEE 802.1Q 9.6).
const maxVLAN = 4094

// enterVLAN asks for the number of the VLAN that the box is in; the address stays as it is set.
func (m *Machine) enterVLAN() []any {
	m.ask(askVLAN, fmt.Sprintf("%04d", m.facts.Network.VLAN), wrongVLAN, func(m *Machine, text string) (next func() []any, ok bool) {
		n := m.facts.Network
		n.VLAN, _ = strconv.Atoi(text) // four digits
		if n.DHCP {
			n.Address, n.Gateway = netip.Prefix{}, netip.Addr{}
		}
		return func() []any { return m.setNetwork(n) }, n.VLAN <= maxVLAN
	})
	return nil
}

// ask asks for digits. What check refuses is said, and asked for again.
func (m *Machine) ask(title telephony.Text, value string, wrong telephony.Text, check func(*Machine, string) (func() []any, bool)) {
	m.open(newDigits(m.say(title), value, func(m *Machine, text string) []any {
		if next, ok := check(m, text); ok {
			return next()
		}
		m.open(notice(wrong))
		return nil
	}))
}

// dotted is an address with three digits to each octet: "192.168.001.010".
func dotted(a netip.Addr) string {
	o := [4]byte{192, 168, 1, 100}
	if a.Is4() {
		o = a.As4()
	}
	return fmt.Sprintf("%03d.%03d.%03d.%03d", o[0], o[1], o[2], o[3])
}

// parse reads it back.
func parse(text string) (netip.Addr, error) {
	var bare []string
	for _, part := range strings.Split(text, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return netip.Addr{}, err
		}
		bare = append(bare, strconv.Itoa(n))
	}
	return netip.ParseAddr(strings.Join(bare, "."))
}
