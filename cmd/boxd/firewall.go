package main

import (
	"path/filepath"
	"slices"

	"callbox/board"
	"callbox/telephony"
)

// servicesFile in the directory of requests names what others reach over the network; callbox-firewall.path waits for it.
const servicesFile = "services"

// openFirewall asks an image's firewall to let in what a configuration uses.
func (b *Box) openFirewall(cfg *telephony.Config) {
	if b.opt.Requests == "" {
		return
	}
	now := services(cfg)
	if b.open != nil && slices.Equal(b.open, now) {
		return
	}
	if err := replace(filepath.Join(b.opt.Requests, servicesFile), board.WriteServices(now), openFile); err != nil {
		b.opt.Log.Error("the firewall cannot be told what comes in", "error", err)
		return
	}
	b.open = now
}

// services are what others reach over the network. A telephone whose calls have to be encrypted comes by TLS alone, any other by either way. Any telephone that is plugged in nowhere may be a browser, which comes by the page.
func services(c *telephony.Config) []board.Service {
	list := []board.Service{}
	var clear, private, browsers bool
	for _, p := range c.Phones {
		if p.Port != "" {
			continue
		}
		clear = clear || p.Encryption != telephony.EncryptionRequired
		private = true // it may come by TLS without encrypted speech
		browsers = browsers || c.Has(telephony.FunctionBrowserPhones)
	}
	for _, t := range c.Trunks {
		clear = clear || !t.Disabled && t.Transport != "tls"
		private = private || !t.Disabled && t.Transport == "tls"
	}
	for _, w := range c.Websites {
		browsers = browsers || !w.Disabled
	}
	for _, s := range []struct {
		service board.Service
		used    bool
	}{
		{board.ServiceSIP, clear}, {board.ServiceSIPS, private}, {board.ServiceSpeech, clear || private}, {board.ServiceBrowsers, browsers},
	} {
		if s.used {
			list = append(list, s.service)
		}
	}
	return list
}
