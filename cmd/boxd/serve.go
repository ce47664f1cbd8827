package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The bounds of a connection. The package webui bounds what comes after a request's headers.
const (
	headerTime = 10 * time.Second // for a TLS handshake, and for the headers of a request
	quietTime  = 2 * time.Minute  // between requests
	maxHeader  = 32 << 10         // octets
)

// SocketName is the unix socket in the data directory by which boxctl speaks to a running box, with full rights.
const SocketName = "boxd.sock"

// serve answers for the page and the API on the network and on the unix socket, until ctx ends. It waits until the lines are answered.
func serve(ctx context.Context, log *slog.Logger, b *Box, web []net.Listener, data string) error {
	select {
	case <-b.boot.answering:
	case <-ctx.Done():
		return nil
	}
	local, err := listenLocal(filepath.Join(data, SocketName))
	if err != nil {
		return err
	}
	defer os.Remove(filepath.Join(data, SocketName))
	outside, inside := server(ctx, log, b.identity.answering(b.Web().Handler())), server(ctx, log, b.Web().LocalHandler())
	b.reach(&b.boot.page, "the page is served")
	failed := make(chan error, len(web)+1)
	for _, l := range web {
		go func() { failed <- outside.Serve(listenEither(ctx, newCrowd(l, maxVisitors), b.identity)) }()
	}
	go func() { failed <- inside.Serve(local) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	finish(outside)
	finish(inside)
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// listenPage listens at each of some addresses that have commas between them.
func listenPage(addresses string) (all []net.Listener, err error) {
	for address := range strings.SplitSeq(addresses, ",") {
		l, err := net.Listen("tcp", address)
		if err != nil {
			for _, l := range all {
				l.Close()
			}
			return nil, fmt.Errorf("cannot listen for the page on %s: %w; choose another address with --http", address, err)
		}
		all = append(all, l)
	}
	return all, nil
}

// server answers with a handler. What goes on for long, such as the events of the live page, ends with ctx.
func server(ctx context.Context, log *slog.Logger, h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, BaseContext: func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: headerTime, IdleTimeout: quietTime, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug), // strangers' broken handshakes are no news
	}
}

// finish lets answers that are on their way arrive, and then hangs up.
func finish(s *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.Shutdown(ctx) != nil {
		s.Close()
	}
}

// listenLocal opens the unix socket for this user alone. A socket left by a killed box is in the way of nobody: the lock on
// the data directory says that no other box runs there.
func listenLocal(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	return l, os.Chmod(path, 0o600)
}
