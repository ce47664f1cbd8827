package main

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"callbox/board"
	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/e1"
	"callbox/telephony/exchange"
	"callbox/telephony/fxo"
	"callbox/telephony/fxs"
	"callbox/telephony/ivr"
	"callbox/telephony/mail"
	"callbox/telephony/media"
	"callbox/telephony/outbox"
	"callbox/telephony/record"
	"callbox/telephony/rtp"
	"callbox/telephony/sip"
	"callbox/telephony/webhook"
	"callbox/telephony/webrtc"
	"callbox/telephony/website"
	"callbox/webui"
)

// Options say what a box is made of. Networks come in from outside, so that a test can run a whole box in a bubble.
type Options struct {
	Version   string
	Board     *board.Board
	Data      string // directory
	Log       *slog.Logger
	Logbook   *logbook       // takes what is logged; nil: nobody reads it
	UDP       net.PacketConn // SIP
	TCP       net.Listener   // SIP
	TLS       net.Listener   // of TCP, for SIP over TLS; may be nil
	Media     func() (rtp.Conn, error)
	WebRTC    *webrtc.Port         // of all browsers' speech; nil: browsers are no telephones here
	Advertise netip.Addr           // what SIP and SDP name as ours
	Page      string               // where a browser finds the page: "http://192.168.1.10:8080"
	RealTime  bool                 // the clock is the computer's own, not a test's
	Initial   *telephony.Config    // of a new data directory; nil: the board's
	Besides   func() time.Duration // processor time of what else this program does, a rating's far end; nil: nothing
	Restart   func()               // ends this run in good order and starts the box again; called after a restore
	Requests  string               // directory where an image takes requests to the computer; empty: the box runs as a program
	System    string               // directory where an image keeps which versions have proved themselves; empty likewise
}

// Box is everything, joined once. Nothing in it is shared but by the verbs that the parts give each other here.
type Box struct {
	opt      Options
	Store    *storage.Store
	Exchange *exchange.Exchange
	SIP      *sip.Stack
	FXO      fxo.Lines
	FXS      fxs.Lines
	E1       e1.Spans
	Websites *website.Sites
	Web      func() *webui.Server // made when it is asked for first
	boot     *boot
	Prompts  *ivr.Library
	matrix   *media.Matrix
	recorder *record.Recorder
	identity *identity
	orders   *orders // of certificates
	webhooks *webhook.Webhooks
	postman  *mail.Postman
	letters  *outbox.Outbox  // mail that somebody has the box send
	texts    *outbox.Outbox  // text messages
	updates  webui.Updates   // nil where the box does not run from an image
	restarts *restarts       // likewise
	open     []board.Service // what an image's firewall was told to let in; nil: nothing yet
	stops    sync.WaitGroup
}

// Open joins a box. It answers calls as soon as Run has begun.
func Open(opt Options) (*Box, error) {
	if opt.Initial == nil {
		initial, err := initialConfig(opt.Board, opt.Data)
		if err != nil {
			return nil, err
		}
		opt.Initial = initial
	}
	b := &Box{opt: opt, boot: newBoot()}
	var err error
	if b.Store, err = storage.Open(opt.Data, storage.Options{
		Initial: opt.Initial, Repair: b.repair, Trial: onTrial(opt.System, opt.Version),
	}); err != nil {
		return nil, err
	}
	if opt.Logbook == nil {
		b.opt.Logbook = new(logbook)
	} else {
		opt.Logbook.keep(opt.Data)
	}
	for _, a := range b.Store.Alarms() { // of opening it: a log is there when the page is not
		opt.Log.Warn("storage", "alarm", a.Name, "text", a.Message.EN)
	}
	b.Prompts = ivr.NewLibrary(b.Store.Dir("prompts"))
	b.matrix = media.NewMatrix(opt.Board.Clock, runtime.NumCPU())
	b.matrix.RealTime = opt.RealTime
	b.matrix.OnPanic = func(_ *media.Bridge, what any, stack []byte) {
		b.Store.Append(telephony.Entry{Fact: telephony.Panicked{Where: "media", What: fmt.Sprint(what), Stack: string(stack)}})
	}
	b.recorder = record.New(record.Options{
		Dir: b.Store.Dir("recordings"), Journal: b.Store, Free: b.Store.Free,
		StopFreeMB: func() int { return b.Store.Config().Recording.StopFreeMB },
		Now:        func() time.Time { return time.Now().In(b.Store.Config().Location()) },
	})
	var load func() exchange.Load
	if opt.RealTime {
		load = (&meter{matrix: b.matrix, besides: opt.Besides}).load
	}
	b.Exchange = exchange.New(exchange.Options{
		Boot: b.Store.Boot(), Journal: witness{b}, Matrix: b.matrix, Prompts: b.Prompts, Recorder: b.recorder,
		Mailroom: mailroom{b.Store}, Alarms: b.Store.Alarms, Load: load, Seed: uint64(b.Store.Boot()),
	})
	if b.identity, err = openIdentity(b.Store.Dir("keys")); err != nil {
		return nil, err
	}
	b.orders = openOrders(b)
	secure := b.identity.listenTLS(opt.TLS)
	var browsers func() (*webrtc.Peer, error)
	if opt.WebRTC != nil {
		browsers = opt.WebRTC.Open
	}
	b.SIP = sip.New(sip.Options{
		Office: b.Exchange, UDP: opt.UDP, TCP: opt.TCP, TLS: secure, Media: opt.Media, Advertise: opt.Advertise, Log: opt.Log,
		UserAgent: "Callbox/" + opt.Version, Tracer: b.Store, Browsers: browsers,
	})
	for _, port := range opt.Board.FXO {
		b.FXO = append(b.FXO, fxo.New(fxo.Options{
			Port: port, Office: b.Exchange, Listen: b.listen, Config: b.Store.Config(),
		}))
	}
	for _, port := range opt.Board.FXS {
		b.FXS = append(b.FXS, fxs.New(fxs.Options{
			Port: port, Office: b.Exchange, Listen: b.listen, Whole: exchange.Whole, Messages: b.messagesFor,
			Config: b.Store.Config(),
		}))
	}
	for _, port := range opt.Board.Spans {
		b.E1 = append(b.E1, e1.New(e1.Options{
			Port: port, Office: b.Exchange, Tracer: b.Store, Config: b.Store.Config(), Side: opt.Board.Sides[port.Name()],
		}))
	}
	b.Websites = website.New(website.Options{Office: b.Exchange, Browsers: browsers, Advertise: opt.Advertise, Live: b.Exchange.Live})
	b.Exchange.Connect(b.FXO, b.FXS, b.E1, b.SIP)
	if opt.Requests != "" {
		b.restarts = newRestarts(b)
		b.updates = &updates{b.restarts}
	}
	b.webhooks = webhook.New(webhook.Options{
		Notifications: notifications{b}.Notifications, Newest: b.Store.LastSeq, Progress: b.Store, Journal: b.Store,
	})
	b.postman = mail.New(mail.Options{
		Config: b.Store.Config, Report: reports{b}.mailed, Entries: func(after uint64) iter.Seq[telephony.Entry] { return b.Store.Entries(after, ^uint64(0)) },
		Newest: b.Store.LastSeq, Progress: b.Store, Journal: b.Store,
	})
	b.letters = outbox.New(b.postman.Deliver, b.Store.Shelf("mail"), opt.Log)
	b.texts = outbox.New(b.text, b.Store.Shelf("sms"), opt.Log)
	b.Web = sync.OnceValue(func() *webui.Server { return webui.New(b.pages()) })
	return b, nil
}

// repair makes the recordings of a box that went down playable.
func (b *Box) repair(length func(string) (int64, bool)) []telephony.Recorded {
	report, err := record.Repair(filepath.Join(b.opt.Data, "recordings"), length)
	if err != nil {
		b.opt.Log.Warn("recordings that could not be repaired", "error", err)
	}
	return report.Found
}

// listen has the media loop tick a line's port while no call does.
func (b *Box) listen(p telephony.Port) (stop func()) {
	bridge := b.matrix.Open()
	bridge.Attach(p)
	return bridge.Close
}

// Run runs every part until ctx ends, then stops them from the top down: calls first, the journal last.
func (b *Box) Run(ctx context.Context) error {
	before := b.Store.LastSeq()
	b.Store.Append(telephony.Entry{Fact: telephony.BoxStarted{
		Version: b.opt.Version, Board: b.opt.Board.Name, Clean: b.Store.Clean(),
	}})
	if b.opt.System != "" {
		b.tellFallback(b.opt.System)
	}
	b.tellCards(b.opt.Board.Cards)
	parts, stopParts := context.WithCancel(context.WithoutCancel(ctx))
	defer stopParts()
	b.apply(b.Store.Config())
	b.run(func() { b.Store.Run(parts) })
	b.run(func() { b.awaitProof(parts) })
	b.run(func() { logFacts(b.opt.Log, b.Store.Follow(parts, before)) })
	if b.restarts != nil {
		b.run(func() { b.restarts.keep(parts) })
	}
	b.run(func() { b.watch(parts) })
	b.run(func() { b.matrix.Run(parts) })
	b.run(func() { b.recorder.Run(parts) })
	b.run(func() { b.FXO.Run(parts) })
	b.run(func() { b.FXS.Run(parts) })
	b.run(func() { b.E1.Run(parts) })
	if b.opt.WebRTC != nil {
		b.run(func() { b.opt.WebRTC.Run(parts) })
	}
	failed := make(chan error, 1)
	b.run(func() { failed <- b.SIP.Run(parts) })
	calls, stopCalls := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); b.Exchange.Run(calls) }()
	b.Exchange.Live() // it answers: the exchange takes calls
	b.answersLines()
	b.run(func() { b.Websites.Run(parts) })
	b.run(func() { b.panel(parts) })
	if b.opt.Requests != "" {
		b.run(func() { b.tellServers(parts) })
	}
	b.run(func() { b.webhooks.Run(parts) })
	b.run(func() { b.postman.Run(parts) })
	b.run(func() { b.letters.Run(parts) })
	b.run(func() { b.texts.Run(parts) })
	b.run(func() { b.alarm(parts, worn(disk)) })
	b.run(func() { b.alarm(parts, b.expires) })
	b.run(func() {
		b.alarm(parts, tooHot(temperature, func() float64 { return float64(b.Store.Config().Site.Hot()) }))
	})
	b.run(func() { b.alarm(parts, func(was telephony.Alarm) telephony.Alarm { return b.fewAnswered(parts, was) }) })
	b.run(func() { b.orders.run(parts, b.orders.fetch) })
	b.recall(ctx)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
		err = fmt.Errorf("SIP: %w", err)
	}
	stopCalls()
	<-ended
	stopParts()
	b.stops.Wait()
	b.Store.Append(telephony.Entry{Fact: telephony.BoxStopped{}})
	return err
}

func (b *Box) run(part func()) {
	b.stops.Add(1)
	go func() { defer b.stops.Done(); part() }()
}

// Close ends storage, after Run.
func (b *Box) Close() error { return b.Store.Close() }

// watch gives each new configuration to those who keep one.
func (b *Box) watch(ctx context.Context) {
	for cfg := range b.Store.Watch(ctx) {
		b.apply(cfg)
	}
}

func (b *Box) apply(cfg *telephony.Config) {
	b.Exchange.Configure(cfg)
	b.SIP.Configure(cfg)
	b.FXO.Configure(cfg)
	b.FXS.Configure(cfg)
	b.E1.Configure(cfg)
	b.webhooks.Configure(cfg)
	b.Websites.Configure(cfg)
	b.openFirewall(cfg)
}
