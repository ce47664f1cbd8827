package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"callbox/board"
	"callbox/hal"
	"callbox/hal/sim"
	"callbox/storage"
	"callbox/telephony"
	"callbox/telephony/exchange"
	"callbox/telephony/rtp"
	"callbox/telephony/traffic"
	"callbox/webui"
)

// A pace is how a rating goes about it.
type pace struct {
	settle time.Duration // after calls were added, before anything is measured
	window time.Duration // of one measure
	bring  float64       // calls added a second
	first  int           // calls, or requests a second, that are measured first
	most   int           // of either
	tries  int           // measures of one figure, at the most
}

// inEarnest takes three minutes on two cores.
var inEarnest = pace{settle: 2 * time.Second, window: 6 * time.Second, bring: 60, first: 50, most: exchange.MostCalls, tries: 4}

const (
	ratingFolder = "rating" // in the data directory, while a rating goes on
	roomSize     = 10       // parties of a rating's conferences; a box has a hundred of them at the most
	ratingPhones = 200      // that register
)

// A rating is a box of its own on this computer, in a folder on the disk of the recordings, and the far end of its calls.
// The media matrix, the recorder, the journal and SIP are those that every box has.
type rating struct {
	pace
	box    *Box
	far    *traffic.Far
	meter  meter
	shared bool // the media loop was late though the box had little to do: somebody else uses this computer
}

// rate measures what this computer carries, in a folder of the data directory that is gone afterwards, and writes it as JSON.
func rate(ctx context.Context, data string, p pace, out io.Writer) error {
	began := time.Now()
	folder := filepath.Join(data, ratingFolder)
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	r, stop, err := newRating(ctx, folder, p)
	if err != nil {
		return err
	}
	c, err := r.all(ctx)
	if err = errors.Join(err, stop()); err != nil {
		return err
	}
	c.Measured, c.Seconds = time.Now(), int(time.Since(began).Round(time.Second)/time.Second)
	c.Version, c.Processors = version, runtime.NumCPU()
	return json.NewEncoder(out).Encode(c)
}

// newRating starts the box and its far end, each at a loopback address of this process alone.
func newRating(ctx context.Context, folder string, p pace) (r *rating, stop func() error, err error) {
	host := netip.AddrFrom4([4]byte{127, 240, byte(os.Getpid() >> 8), byte(os.Getpid()) | 1})
	udp, tcp, err := listenSIP(netip.AddrPortFrom(host, 0).String())
	if err != nil {
		return nil, nil, err
	}
	at, err := netip.ParseAddrPort(udp.LocalAddr().String())
	if err != nil {
		return nil, nil, err
	}
	far, err := traffic.Open(netip.AddrPortFrom(host.Prev(), 0), at)
	if err != nil {
		return nil, nil, err
	}
	r = &rating{pace: p, far: far}
	r.box, err = Open(Options{
		Version: version, Board: &board.Board{Name: "rating", Clock: hal.SystemClock{}, Panel: sim.NewPanel(20, 4)}, Data: folder,
		Initial: ratingConfig(far.Addr(), "never"), Log: slog.New(slog.DiscardHandler), UDP: udp, TCP: tcp, Advertise: host, RealTime: true,
		Media:   func() (rtp.Conn, error) { return rtp.Listen(host, board.SpeechLow, board.SpeechHigh) },
		Besides: func() time.Duration { return far.Tally().Used },
	})
	if err != nil {
		return nil, nil, err
	}
	r.meter = meter{matrix: r.box.matrix, besides: r.box.opt.Besides}
	boxCtx, stopBox := context.WithCancel(ctx)
	farCtx, stopFar := context.WithCancel(context.WithoutCancel(ctx)) // it answers until the box has ended
	ended, farEnded := make(chan error, 1), make(chan struct{})
	go func() { defer close(farEnded); far.Run(farCtx) }()
	go func() { ended <- r.box.Run(boxCtx) }()
	return r, func() error {
		stopBox()
		err := <-ended
		stopFar()
		<-farEnded
		return errors.Join(err, r.box.Close())
	}, nil
}

// all measures one figure after the other.
func (r *rating) all(ctx context.Context) (c webui.Capacity, err error) {
	if err := r.reachable(ctx); err != nil {
		return c, err
	}
	if c.Bridged, err = r.calls(ctx, throughTheBox); err != nil {
		return c, err
	}
	if c.Setups, err = r.setups(ctx); err != nil {
		return c, err
	}
	if c.Registrations, err = r.registrations(ctx); err != nil {
		return c, err
	}
	if c.Mixed, err = r.calls(ctx, intoARoom); err != nil {
		return c, err
	}
	change := storage.Change{Who: "rating", Base: r.box.Store.Config().Revision}
	if _, err = r.box.Store.Put(ctx, ratingConfig(r.far.Addr(), "always"), change); err != nil {
		return c, err
	}
	c.Recorded, err = r.calls(ctx, throughTheBox)
	c.Shared = r.shared
	return c, err
}

// The numbers that the far end calls: each is bridged back to the far end, or leads into a room with others.
func throughTheBox(int) string { return "13800000000" }
func intoARoom(nth int) string { return roomNumber(nth / roomSize) }

// roomNumber reaches a conference room of a rating.
func roomNumber(n int) string { return fmt.Sprint(7000 + n) }

// ratingConfig is a box whose only neighbour is a far end: it brings calls by one trunk, and takes them by another.
func ratingConfig(far netip.AddrPort, record string) *telephony.Config {
	c := telephony.DefaultConfig()
	c.Site.Name = "rating"
	c.Recording.Record = record
	trunk := telephony.Trunk{
		ID: "in", Name: "in", Way: telephony.InOnly, Host: far.String(), Transport: "udp", Sources: []string{far.Addr().String()},
		DTMF: "rfc4733", MaxCalls: exchange.MostCalls,
	}
	c.Trunks = append(c.Trunks, trunk)
	trunk.ID, trunk.Name, trunk.Way, trunk.Sources = "out", "out", telephony.OutOnly, []string{"192.0.2.1"} // nobody (RFC 5737)
	c.Trunks = append(c.Trunks, trunk)
	c.Groups = []telephony.Group{{ID: "out", Lines: []string{"trunk/out"}, Select: "ascending"}}
	c.Outbound = []telephony.OutboundRule{{ID: "out", Number: "1XXXXXXXXXX", Permit: telephony.PermitLocal, Groups: []string{"out"}}}
	for n := range exchange.MostCalls / roomSize {
		id := "room" + roomNumber(n)
		c.Rooms = append(c.Rooms, telephony.Room{ID: id, Name: id, Number: roomNumber(n), MaxParties: roomSize})
		c.Routes = append(c.Routes, telephony.Route{
			ID: id, Called: telephony.Pattern(roomNumber(n)), To: telephony.NewTarget(telephony.ToRoom, id),
		})
	}
	c.Routes = append(c.Routes, telephony.Route{ID: "out", To: telephony.NewTarget(telephony.ToOutside, throughTheBox(0))})
	for n := range ratingPhones {
		extension := fmt.Sprint(8000 + n)
		c.Phones = append(c.Phones, telephony.Phone{
			Extension: extension, Name: extension, Password: rand.Text(), Permit: telephony.PermitInternal, RingSeconds: 20,
		})
	}
	return c
}
