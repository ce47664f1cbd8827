package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// How systemd is told that the box lives (sd_notify(3)). It starts a box that is silent for too long again, and systemd in
// turn is what feeds the computer's watchdog.
const (
	notifySocket = "NOTIFY_SOCKET"
	aliveEvery   = 8 * time.Second // WatchdogSec is 30
	aliveTime    = 5 * time.Second // for an answer
)

// notify tells systemd, where the box runs under it.
func notify(state string) error {
	name := os.Getenv(notifySocket)
	if name == "" {
		return nil
	}
	if name[0] == '@' {
		name = "\x00" + name[1:]
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Write([]byte(state))
	return err
}

// alive tells systemd that the box is ready once it answers, and that it lives as long as it does: the API by its socket, and
// SIP by an OPTIONS over the wire (reliability: liveness is a real request through each transport).
func (b *Box) alive(ctx context.Context) error {
	if os.Getenv(notifySocket) == "" {
		<-ctx.Done()
		return nil
	}
	state := "READY=1"
	for {
		err := b.answers(ctx)
		if err == nil {
			err = notify(state)
			state = "WATCHDOG=1"
		}
		if err != nil && ctx.Err() == nil {
			b.opt.Log.Error("the box does not answer itself", "error", err)
		}
		pause := aliveEvery
		if state == "READY=1" {
			pause = aliveEvery / 40
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// answers asks the box over each of its transports.
func (b *Box) answers(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, aliveTime)
	defer cancel()
	if err := b.answersHTTP(ctx); err != nil {
		return err
	}
	return b.answersSIP(ctx)
}

func (b *Box) answersHTTP(ctx context.Context) error {
	var d net.Dialer
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return d.DialContext(ctx, "unix", filepath.Join(b.opt.Data, SocketName))
		},
	}}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://box/api/status", nil)
	if err != nil {
		return err
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the API says %s", answer.Status)
	}
	return nil
}

// answersSIP sends an OPTIONS; whatever is answered, the stack lives.
func (b *Box) answersSIP(ctx context.Context) error {
	to := b.opt.UDP.LocalAddr().(*net.UDPAddr)
	if to.IP.IsUnspecified() {
		to = &net.UDPAddr{IP: b.opt.Advertise.AsSlice(), Port: to.Port}
	}
	c, err := net.DialUDP("udp", nil, to)
	if err != nil {
		return err
	}
	defer c.Close()
	deadline, _ := ctx.Deadline()
	if err := c.SetDeadline(deadline); err != nil {
		return err
	}
	own := c.LocalAddr()
	request := fmt.Sprintf("OPTIONS sip:%[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bK%[3]x\r\nFrom: <sip:alive@%[2]s>;tag=%[3]x\r\n"+
		"To: <sip:%[1]s>\r\nCall-ID: %[3]x@%[2]s\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 1\r\nContent-Length: 0\r\n\r\n", to, own, time.Now().UnixNano())
	if _, err := c.Write([]byte(request)); err != nil {
		return err
	}
	answer := make([]byte, 2048)
	n, err := c.Read(answer)
	if err != nil {
		return fmt.Errorf("SIP does not answer an OPTIONS: %w", err)
	}
	if !bytes.HasPrefix(answer[:n], []byte("SIP/2.0 ")) {
		return fmt.Errorf("SIP answers %.40q", answer[:n])
	}
	return nil
}
