package main

import (
	"context"
	"io"

	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/pcapng"
	"callbox/telephony/q931"
	"callbox/telephony/sip"
)

// traces joins the page to the signalling messages.
type traces struct{ *storage.Store }

// maxExport bounds the messages in one file: those of a call of many hours.
const maxExport = 20_000

// Read puts a message into words.
func (traces) Read(m telephony.Trace) telephony.Reading {
	if m.Protocol == telephony.ProtocolQ931 {
		return q931.Read(m.Octets)
	}
	return sip.Read(m.Octets)
}

// ExportTraces writes a call's messages as a capture file: SIP in datagrams, Q.931 on a D-channel per span.
func (t traces) ExportTraces(ctx context.Context, w io.Writer, id telephony.CallID) error {
	messages, err := t.CallTraces(ctx, id, maxExport)
	if err != nil {
		return err
	}
	return capture(w, messages, func(line string) bool {
		span := t.Config().Span(line)
		return span != nil && span.Side == "network"
	})
}

// capture writes messages; network says of a span's line whether the box is its network side.
func capture(w io.Writer, messages []telephony.Trace, network func(line string) bool) error {
	file := pcapng.NewWriter(w, "Callbox")
	interfaces, links := map[string]int{}, map[string]*pcapng.LAPD{}
	on := func(name string, link pcapng.LinkType) int {
		if _, known := interfaces[name]; !known {
			interfaces[name] = file.Interface(name, link)
		}
		return interfaces[name]
	}
	for _, m := range messages {
		k := pcapng.Packet{Time: m.Time, Sent: m.Sent, Comment: m.Leg}
		switch m.Protocol {
		case telephony.ProtocolQ931:
			if links[m.Line] == nil {
				links[m.Line] = &pcapng.LAPD{Network: network(m.Line)}
			}
			k.Interface, k.Octets = on(m.Line, pcapng.LinuxLAPD), links[m.Line].Frame(m.Sent, m.Octets)
		case telephony.ProtocolSIP:
			from, to := m.Remote, m.Local
			if m.Sent {
				from, to = to, from
			}
			k.Interface, k.Octets = on("sip", pcapng.Raw), pcapng.Datagram(from, to, m.Octets)
		}
		file.Packet(k)
	}
	return file.Err()
}
