package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"

	"callbox/board"
	"callbox/telephony"
)

// What comes in beside the page is what the configuration uses, and nothing else (A14.1).
func TestServices(t *testing.T) {
	phone := telephony.Phone{Extension: "801"}
	encrypted := func(e telephony.Encryption) telephony.Phone { return telephony.Phone{Extension: "802", Encryption: e} }
	trunk := func(transport string) telephony.Trunk { return telephony.Trunk{ID: "ctc", Transport: transport} }
	noBrowsers := []telephony.Function{telephony.FunctionBrowserPhones}
	for name, row := range map[string]struct {
		config telephony.Config
		want   []board.Service
	}{
		"nothing":                 {telephony.Config{}, nil},
		"sockets of the box":      {telephony.Config{Phones: []telephony.Phone{{Extension: "801", Port: "fxs/1"}}}, nil},
		"a telephone":             {telephony.Config{Phones: []telephony.Phone{phone}}, []board.Service{"sip", "sips", "speech", "browsers"}},
		"no browsers":             {telephony.Config{Phones: []telephony.Phone{phone}, Off: noBrowsers}, []board.Service{"sip", "sips", "speech"}},
		"encrypted when offered":  {telephony.Config{Phones: []telephony.Phone{encrypted("offered")}, Off: noBrowsers}, []board.Service{"sip", "sips", "speech"}},
		"encrypted calls alone":   {telephony.Config{Phones: []telephony.Phone{encrypted("required")}, Off: noBrowsers}, []board.Service{"sips", "speech"}},
		"a trunk":                 {telephony.Config{Trunks: []telephony.Trunk{trunk("udp")}}, []board.Service{"sip", "speech"}},
		"a trunk over TLS":        {telephony.Config{Trunks: []telephony.Trunk{trunk("tls")}}, []board.Service{"sips", "speech"}},
		"a trunk out of service":  {telephony.Config{Trunks: []telephony.Trunk{{ID: "ctc", Transport: "udp", Disabled: true}}}, nil},
		"a web site":              {telephony.Config{Websites: []telephony.Website{{ID: "shop"}}, Off: noBrowsers}, []board.Service{"browsers"}},
		"a web site out of order": {telephony.Config{Websites: []telephony.Website{{ID: "shop", Disabled: true}}}, nil},
	} {
		if got := services(&row.config); !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, not %v", name, got, row.want)
		}
	}
}

// The firewall is told at the start, even that nothing but the page comes in, and when the configuration uses something else.
func TestFirewallIsTold(t *testing.T) {
	b := &Box{opt: Options{Requests: t.TempDir()}}
	file := filepath.Join(b.opt.Requests, servicesFile)
	phones := &telephony.Config{Phones: []telephony.Phone{{Extension: "801"}}}
	for i, step := range []struct {
		config *telephony.Config
		told   bool
	}{{&telephony.Config{}, true}, {&telephony.Config{}, false}, {phones, true}, {phones, false}, {&telephony.Config{}, true}} {
		b.openFirewall(step.config)
		got, err := board.TakeServices(file)
		if told := !errors.Is(err, fs.ErrNotExist); told != step.told {
			t.Errorf("step %d: told %t: %v", i, told, err)
		} else if told && !slices.Equal(got, services(step.config)) {
			t.Errorf("step %d: told %v", i, got)
		}
	}
}
