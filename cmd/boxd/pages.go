package main

import (
	"time"

	"callbox/telephony"
	"callbox/telephony/e1"
	"callbox/telephony/exchange"
	"callbox/webui"
)

// pages hands the page and the API the verbs they ask for (webui/verbs.go): each is a thin join to the part that does it.
func (b *Box) pages() webui.Options {
	return webui.Options{
		Version: b.opt.Version, Board: b.opt.Board.Name, Started: time.Now(), Log: b.opt.Log,
		Configs:      configs{b.Store},
		Routing:      routing{},
		Calls:        calls{b},
		Traces:       traces{b.Store},
		Recordings:   recordings{b.Store},
		Accounts:     accounts{b.Store},
		Live:         live{b.Exchange, b.E1},
		Lines:        analogue{b.FXO},
		Agents:       agents{b},
		Desks:        desks{b},
		Control:      b,
		Prompts:      prompts{b},
		Backups:      backups{b},
		Updates:      b.updates,
		Reports:      reports{b},
		Machine:      computer{b},
		Logbook:      b.opt.Logbook,
		Bans:         bans{b},
		Setup:        b.Store,
		Phones:       b.SIP,
		Handouts:     handouts{b.Store},
		Registrar:    b.registrar(),
		Events:       notifications{b},
		Webhooks:     b.webhooks,
		Websites:     b.Websites,
		Certificates: certificates{b, b.identity},
		Postman:      b.postman,
		Letters:      b.letters,
		Texts:        b.texts,
		World:        b.world(),
	}
}

// live is the picture of the exchange with that of the spans.
type live struct {
	*exchange.Exchange
	spans e1.Spans
}

func (l live) Live() telephony.Live {
	picture := l.Exchange.Live()
	picture.Spans = l.spans.Live()
	return picture
}
