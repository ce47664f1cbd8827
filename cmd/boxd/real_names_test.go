package main

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"callbox/telephony"
)

// realServiceRecords: a carrier is known by a name that two servers stand behind. The first one has no room for a call, then it
// is not there at all; the second takes both calls (RFC 3263 4.3). The name server is the test's, and only this box asks it.
func realServiceRecords(t *testing.T, program string) {
	number := outside(0, 0)
	b := prepareBox(t, program)
	b.wrap = b.named(map[string][]dnsmessage.ResourceBody{
		"_sip._udp.sip.carrier.example.": {
			&dnsmessage.SRVResource{Priority: 20, Port: 5060, Target: dnsmessage.MustNewName("second.carrier.example.")},
			&dnsmessage.SRVResource{Priority: 10, Port: 5060, Target: dnsmessage.MustNewName("first.carrier.example.")},
		},
		"first.carrier.example.":  {&dnsmessage.AResource{A: netip.MustParseAddr(b.carrier(0)).As4()}},
		"second.carrier.example.": {&dnsmessage.AResource{A: netip.MustParseAddr(b.carrier(1)).As4()}},
	})
	b.start()
	t.Cleanup(b.stop)
	greeted := b.greet(b.carrier(0) + ":5060")
	b.configure(func(cfg *telephony.Config) {
		through(number)(cfg)
		cfg.Trunks[1].Host, cfg.Trunks[1].Sources = "sip.carrier.example", []string{b.carrier(0), b.carrier(1)}
	})
	<-greeted
	for i, row := range []struct {
		name  string
		first bool // the first server is there, and refuses
	}{
		{"no room", true},
		{"nobody is there", false},
	} {
		t.Log(row.name)
		var first *sipp
		if row.first {
			first = b.play(part{Scenario: "refuses", Host: b.carrier(0), Called: number, Status: 503})
		}
		second := b.play(part{Scenario: "answers", Host: b.carrier(1), Called: number})
		c := b.caller(i, "stays", number)
		b.play(c).succeeds()
		second.succeeds()
		if first != nil {
			first.succeeds()
		}
		b.one(c.Caller, telephony.OutcomeForwarded)
	}
}

// named answers questions of the Internet's names until the test ends. What it gives starts a program that asks there.
func (b *realBox) named(names map[string][]dnsmessage.ResourceBody) (wrap []string) {
	b.t.Helper()
	if os.Getuid() != 0 {
		b.t.Skip("a name server's port takes root")
	}
	c, err := net.ListenPacket("udp", b.far(nameEnd)+":53")
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { c.Close() })
	go func() {
		ask := make([]byte, 512)
		for {
			n, from, err := c.ReadFrom(ask)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(ask[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			if raw, err := nameAnswer(m, names).Pack(); err == nil {
				c.WriteTo(raw, from)
			}
		}
	}()
	resolver := filepath.Join(b.t.TempDir(), "resolv.conf")
	if err := os.WriteFile(resolver, []byte("nameserver "+b.far(nameEnd)+"\n"), 0o644); err != nil {
		b.t.Fatal(err)
	}
	return []string{"unshare", "--mount", "sh", "-c", `mount --bind "$0" /etc/resolv.conf && exec "$@"`, resolver}
}

// nameAnswer is what is known of a name, of the kind that is asked for.
func nameAnswer(ask dnsmessage.Message, names map[string][]dnsmessage.ResourceBody) *dnsmessage.Message {
	q := ask.Questions[0]
	answer := &dnsmessage.Message{Header: dnsmessage.Header{ID: ask.ID, Response: true, RecursionAvailable: true}, Questions: ask.Questions}
	bodies, known := names[q.Name.String()]
	if !known {
		answer.RCode = dnsmessage.RCodeNameError
	}
	for _, body := range bodies {
		_, service := body.(*dnsmessage.SRVResource)
		if service == (q.Type == dnsmessage.TypeSRV) && (service || q.Type == dnsmessage.TypeA) {
			answer.Answers = append(answer.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}, Body: body,
			})
		}
	}
	return answer
}
