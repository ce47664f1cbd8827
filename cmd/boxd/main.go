// Command boxd is the box: one program that answers, asks, queues, connects, records and tells what happened.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"callbox/board"
	"callbox/telephony/rtp"
	"callbox/telephony/webrtc"
)

// version is set by the build.
var version = "unknown"

// goProcessors is how many of Go's processors there are for each of the computer's: one for its media loop, one for all else,
// and one to spare. The kernel serves a loop's thread first, but the thread runs Go only while it holds one of these. It keeps
// its own in its sleep as long as another is idle (runtime.retake); else it waits for one whose thread the kernel may not run.
const goProcessors = 3

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "boxd:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("boxd", flag.ContinueOnError)
	boardName := flags.String("board", "sim", "the board: "+strings.Join(board.Names(), ", "))
	data := flags.String("data", "./var", "`directory` of configuration, journal and recordings; made if missing")
	httpAddrs := flags.String("http", "127.0.0.1:8080", "`addresses` of the page and the API, a comma between them (http and https on each); the first is the one that is told")
	sipAddr := flags.String("sip", "127.0.0.1:5060", "`address` of SIP, UDP and TCP")
	sipsAddr := flags.String("sips", "", "`address` of SIP over TLS, such as 127.0.0.1:5061; none if not given")
	var wires spanWires
	flags.Var(&wires, "span-wire", "simulated board: join an E1 to another process over UDP, `N=frames:LOCAL,REMOTE,slots:LOCAL,REMOTE`; may be given for each span")
	flags.StringVar(&wires.Side, "span-side", "", "the `side` of the interface that the box is on spans wired so: user or network; as configured if not given")
	rates := flags.Bool("rate", false, "measure what this computer carries, in a directory below --data that is gone afterwards, print it as JSON and end; boxctl capacity has a running box do it")
	rehearses := flags.Bool("self-test", false, "call a box of its own on this computer over each kind of line, in a directory below --data that is gone afterwards, print what was found as JSON and end; boxctl selftest has a running box do it")
	showVersion := flags.Bool("version", false, "print the version and end")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if *showVersion {
		fmt.Println(version)
		return nil
	}
	if err := wires.check(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	told := make(chan os.Signal, 1) // that the program is to end, also where ctx has ended already
	signal.Notify(told, os.Interrupt, syscall.SIGTERM)
	runtime.GOMAXPROCS(goProcessors * runtime.NumCPU())
	if *rates {
		return rate(ctx, *data, inEarnest, os.Stdout)
	}
	if *rehearses {
		return selfTest(ctx, *data, os.Stdout)
	}
	book := new(logbook)
	log := slog.New(slog.NewMultiHandler(slog.NewTextHandler(os.Stderr, nil), book.handler()))
	ctx, end := context.WithCancelCause(ctx)
	if err := start(ctx, end, log, book, *boardName, wires.Wires, *data, *httpAddrs, *sipAddr, *sipsAddr); err != nil {
		return err
	}
	stop()
	signal.Stop(told) // from here on a signal ends the program where it is
	if errors.Is(context.Cause(ctx), errRestart) && len(told) == 0 {
		return again()
	}
	return nil
}

// errRestart ends a run that another is to follow.
var errRestart = errors.New("the box starts again")

// again puts a new run of this program in the place of this one.
func again() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, os.Environ())
}

// start opens the sockets, then the box, and serves until ctx ends.
func start(
	ctx context.Context, end context.CancelCauseFunc, log *slog.Logger, book *logbook, boardName string, wires board.Wires,
	data, httpAddrs, sipAddr, sipsAddr string,
) error {
	began := time.Now()
	b, err := board.Open(boardName, wires)
	if err != nil {
		return err
	}
	defer b.Close()
	if b.Missing != nil {
		log.Info("not every front panel of this board is there", "missing", b.Missing)
	}
	udp, tcp, err := listenSIP(sipAddr)
	if err != nil {
		return fmt.Errorf("cannot listen for SIP on %s: %w; choose another address with --sip", sipAddr, err)
	}
	var sips net.Listener
	if sipsAddr != "" {
		if sips, err = net.Listen("tcp", sipsAddr); err != nil {
			return fmt.Errorf("cannot listen for SIP over TLS on %s: %w; choose another address with --sips", sipsAddr, err)
		}
	}
	web, err := listenPage(httpAddrs)
	if err != nil {
		return err
	}
	advertise, err := advertised(udp)
	if err != nil {
		return err
	}
	browsers, err := webrtc.Listen(netip.AddrPortFrom(advertise, board.BrowsersPort))
	if err != nil { // such as another box on this computer: everything else works
		log.Warn("browsers cannot be telephones: their UDP port is not free", "port", board.BrowsersPort, "error", err)
	}
	requests, system := os.Getenv("RUNTIME_DIRECTORY"), "" // an image gives the first
	if requests != "" {
		system = board.SystemDir
	}
	restart := func() { end(errRestart) }
	box, err := Open(Options{
		Version: version, Board: b, Data: data, Log: log, Logbook: book, UDP: udp, TCP: tcp, TLS: sips, Advertise: advertise,
		Page:    pageURL(advertise, web[0].Addr()),
		Media:   func() (rtp.Conn, error) { return rtp.Listen(advertise, board.SpeechLow, board.SpeechHigh) },
		WebRTC:  browsers,
		Restart: restart, RealTime: true, Requests: requests, System: system,
	})
	if err != nil {
		return err
	}
	log.Info("box runs", "version", version, "board", b.Name, "page", "http://"+web[0].Addr().String(), "sip", sipAddr,
		"start_ms", time.Since(began).Milliseconds())
	switch code := box.Store.ClaimCode(); {
	case code == "":
	case b.Sim != nil: // nobody sees the panel of a simulated board
		log.Info("this box has no owner yet: open the page and enter the code", "code", code)
	default: // a log is read by more people than stand before the box
		log.Info("this box has no owner yet: open the page and enter the code that the front panel shows")
	}
	return errors.Join(together(ctx,
		func(ctx context.Context) error { return serve(ctx, log, box, web, data) },
		box.alive,
		func(ctx context.Context) error {
			return box.moved(ctx, func() (netip.Addr, error) { return advertised(udp) }, restart)
		},
		box.Run,
	), box.Close())
}

// together runs parts until one of them ends or ctx does, and returns when all have.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, len(parts))
	for _, part := range parts {
		go func() { ended <- part(ctx) }()
	}
	var all error
	for range parts {
		all = errors.Join(all, <-ended)
		stop()
	}
	return all
}

// advertised is the address that phones and trunks are told: the one we listen on, or where that is every one, the first
// of this computer's that others can reach.
func advertised(udp *net.UDPConn) (netip.Addr, error) {
	own := udp.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
	if !own.IsUnspecified() {
		return own, nil
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return own, err
	}
	var list []netip.Addr
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			list = append(list, prefix.Addr())
		}
	}
	return reachable(list, bindable), nil
}

// reachable is the first IPv4 address of a computer that others can reach, and where there is none the first of IPv6 that can be used.
func reachable(list []netip.Addr, usable func(netip.Addr) bool) netip.Addr {
	for _, a := range list {
		if a.Is4() && a.IsGlobalUnicast() {
			return a
		}
	}
	for _, a := range list {
		if a.Is6() && a.IsGlobalUnicast() && usable(a) {
			return a
		}
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1}) // no network: analogue lines are answered all the same
}

// bindable reports whether sockets can have an address: for its first second, one of IPv6 cannot (RFC 4862 5.4).
func bindable(a netip.Addr) bool {
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a, 0)))
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// pageURL is where a browser finds the page.
func pageURL(own netip.Addr, web net.Addr) string {
	at, err := netip.ParseAddrPort(web.String())
	if err != nil {
		return "http://" + web.String()
	}
	if at.Addr().IsUnspecified() {
		at = netip.AddrPortFrom(own, at.Port())
	}
	return "http://" + strings.TrimSuffix(at.String(), ":80")
}

// listenSIP opens UDP and TCP on the same address.
func listenSIP(addr string) (*net.UDPConn, net.Listener, error) {
	ua, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, nil, err
	}
	udp, err := net.ListenUDP("udp", ua)
	if err != nil {
		return nil, nil, err
	}
	tcp, err := net.Listen("tcp", udp.LocalAddr().String())
	if err != nil {
		udp.Close()
		return nil, nil, err
	}
	return udp, tcp, nil
}
