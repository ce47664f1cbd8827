package main

import (
	"context"
	"net"

	"callbox/storage"
	"callbox/webui"
)

// handouts joins the page to the links by which telephones fetch their settings.
type handouts struct{ *storage.Store }

// MakeHandout gives the secret of a new link.
func (h handouts) MakeHandout(ctx context.Context, extension string, by webui.By) (string, webui.Handout, error) {
	secret, made, err := h.Store.MakeHandout(ctx, extension, storage.By(by))
	return secret, webui.Handout(made), err
}

// TakeHandout gives the extension of a link, once.
func (h handouts) TakeHandout(ctx context.Context, secret string, by webui.By) (string, error) {
	return h.Store.TakeHandout(ctx, secret, storage.By(by))
}

// Handouts lists the links that are open.
func (h handouts) Handouts() ([]webui.Handout, error) {
	kept, err := h.Store.Handouts()
	list := make([]webui.Handout, 0, len(kept))
	for _, k := range kept {
		list = append(list, webui.Handout(k))
	}
	return list, err
}

// DeleteHandout takes one back.
func (h handouts) DeleteHandout(ctx context.Context, extension string, by webui.By) error {
	return h.Store.DeleteHandout(ctx, extension, storage.By(by))
}

// registrar is where telephones register.
func (b *Box) registrar() webui.Registrar {
	r := webui.Registrar{Port: portOf(b.opt.UDP.LocalAddr())}
	if b.opt.TLS != nil {
		r.TLSPort = portOf(b.opt.TLS.Addr())
	}
	return r
}

func portOf(a net.Addr) int {
	switch a := a.(type) {
	case *net.UDPAddr:
		return a.Port
	case *net.TCPAddr:
		return a.Port
	}
	return 5060
}
