package main

import (
	"fmt"
	"net"
	"strings"

	"callbox/telephony"
)

// The far ends of a box, by the last octet of their address.
const (
	callerEnd    = 2  // a carrier that brings calls
	phoneEnd     = 3  // telephones inside
	nameEnd      = 4  // a name server
	relayEnd     = 5  // what stands between a telephone and the box
	authorityEnd = 6  // and the one after it: authorities of certificates
	carrierEnd   = 10 // and those after it: carriers that take calls
	carriers     = 3
)

// realConfig is the test company with SIP trunks: one that brings calls, and some that take those to 13N00000SSS, N being
// the carrier. A caller is put through to such a number by dialling it, to the service queue by 62340002, and comes to the
// menu else.
func realConfig(b *realBox) *telephony.Config {
	cfg := testConfig()
	cfg.Recording.MinFreeMB, cfg.Recording.StopFreeMB = 1, 1
	cfg.Trunks = []telephony.Trunk{realTrunk("in", b.far(callerEnd), "62340001")}
	cfg.Trunks[0].Way = telephony.InOnly
	cfg.Routes = append([]telephony.Route{{ID: "service", Called: "62340002", To: "queue:service"}}, cfg.Routes...)
	for n := range carriers {
		id := fmt.Sprintf("carrier%d", n)
		trunk := realTrunk(id, b.carrier(n), fmt.Sprintf("6234001%d", n))
		trunk.Way = telephony.OutOnly
		cfg.Trunks = append(cfg.Trunks, trunk)
		cfg.Groups = append(cfg.Groups, telephony.Group{ID: id, Lines: []string{"trunk/" + id}, Select: "ascending"})
		cfg.Outbound = append([]telephony.OutboundRule{{
			ID: id, Number: telephony.Pattern(fmt.Sprintf("13%dXXXXXXXX", n)), Permit: telephony.PermitLocal, Groups: []string{id},
		}}, cfg.Outbound...)
	}
	return cfg
}

func realTrunk(id, host, number string) telephony.Trunk {
	return telephony.Trunk{
		ID: id, Name: id, Way: telephony.BothWays, Host: host + ":5060", Transport: "udp", Sources: []string{host},
		Numbers: []string{number}, DTMF: "auto", MaxCalls: 300, Codecs: []string{"pcma", "pcmu"},
	}
}

// carrier is the address of the nth carrier that takes calls.
func (b *realBox) carrier(n int) string { return b.far(carrierEnd + n) }

// outside is the number of carrier n that ends in the three digits, and a caller who dials it is put through to it.
func outside(n, digits int) string { return fmt.Sprintf("13%d00000%03d", n, digits) }

// through shapes a configuration so that callers of an outside number are put through to it.
func through(numbers ...string) func(*telephony.Config) {
	return func(cfg *telephony.Config) {
		for _, n := range numbers {
			cfg.Routes = append([]telephony.Route{{
				ID: "to" + n, Called: telephony.Pattern(n), To: telephony.NewTarget(telephony.ToOutside, n),
			}}, cfg.Routes...)
		}
	}
}

// greet answers the first OPTIONS to each address in the place of those who play it later, and tells when it has: SIPp would
// take the question whether it is there for a call. The box asks again after half a minute.
func (b *realBox) greet(addresses ...string) (done <-chan struct{}) {
	b.t.Helper()
	all, answered := make(chan struct{}), make(chan struct{}, len(addresses))
	for _, a := range addresses {
		c, err := net.ListenPacket("udp", a)
		if err != nil {
			b.t.Fatal(err)
		}
		go func() {
			defer c.Close()
			ask := make([]byte, 2000)
			if n, from, err := c.ReadFrom(ask); err == nil {
				_, headers, _ := strings.Cut(string(ask[:n]), "\r\n")
				c.WriteTo([]byte("SIP/2.0 200 OK\r\n"+headers), from)
			}
			answered <- struct{}{}
		}()
	}
	go func() {
		defer close(all)
		for range addresses {
			<-answered
		}
	}()
	return all
}
