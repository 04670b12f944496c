// Command proxy is a small site with Clerk's Frontend API under its own domain: Clerk's
// real browser client talks to the site's own /__clerk, and a policy refuses a role that
// the user asks for.
//
//	npm ci --prefix examples/proxy --ignore-scripts
//	go run ./examples/proxy
//
// Clerk is an emulator in this process; it needs no account and no network. With -check
// the program takes the same steps itself, and ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// grace is how long requests under way may take after a signal.
const grace = 30 * time.Second

type options struct {
	addr   string
	bundle string
	check  bool
}

func main() {
	var o options
	flag.StringVar(&o.addr, "addr", "127.0.0.1:8787", "loopback `address` to listen on; port 0 picks a free one")
	flag.StringVar(&o.bundle, "clerk-js", "examples/proxy/node_modules/@clerk/clerk-js/dist", "`folder` with Clerk's browser client")
	flag.BoolVar(&o.check, "check", false, "take the page's steps without a browser, on a free port, and end")
	flag.Parse()
	if o.check {
		o.addr = "127.0.0.1:0"
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, slog.New(slog.NewTextHandler(os.Stderr, nil)), o); err != nil {
		fmt.Fprintln(os.Stderr, "proxy:", err)
		os.Exit(1)
	}
}

// run serves the site until ctx ends, or until it has checked it.
func run(ctx context.Context, out io.Writer, logger *slog.Logger, o options) error {
	clerk, err := newClerk()
	if err != nil {
		return err
	}
	defer clerk.Close()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	s, err := newSite("http://"+l.Addr().String(), clerk, os.DirFS(o.bundle), logger) //nolint:contextcheck // the emulator's URL takes none
	if err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	if o.check {
		err = check(ctx, out, s.url)
	} else {
		fmt.Fprintf(out, "open %s in a browser; Ctrl-C ends it\n", s.url)
		select {
		case <-ctx.Done():
		case err = <-served:
		}
	}
	return errors.Join(err, shutdown(ctx, server, s))
}

// shutdown waits for the requests under way. Behind a load balancer it would wait after
// Drain, too, until the next health check.
func shutdown(ctx context.Context, server *http.Server, s *site) error {
	s.proxy.Drain()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	defer s.proxy.CloseIdleConnections()
	return server.Shutdown(ctx)
}
