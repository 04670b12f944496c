// Command app is a small shop that reads users' metadata all the time: roles and plans
// from session tokens, as fresh as a route needs them, and users by plan from Postgres.
//
//	DATABASE_URL=postgres://… go run .
//
// Clerk is an emulator in this process, and Stripe a function of it; they need no account
// and no network. With -check the program takes the steps of its pages itself, and ends.
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
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// grace is how long requests under way may take after a signal.
const grace = 10 * time.Second

type options struct {
	addr     string
	database string
	check    bool
}

func main() {
	o := options{database: os.Getenv("DATABASE_URL")}
	flag.StringVar(&o.addr, "addr", "127.0.0.1:8788", "loopback `address` to listen on; port 0 picks a free one")
	flag.BoolVar(&o.check, "check", false, "take the pages' steps without a browser, on a free port, and end")
	flag.Parse()
	if o.check {
		o.addr = "127.0.0.1:0"
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Stdout, slog.New(slog.NewTextHandler(os.Stderr, nil)), o); err != nil {
		fmt.Fprintln(os.Stderr, "app:", err)
		os.Exit(1)
	}
}

var errNoDatabase = errors.New(`DATABASE_URL is not set: it names an empty Postgres database, such as this one

	docker run --rm -d -p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres:17
	export DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres`)

// run serves the app until ctx ends, or until it has checked it.
func run(ctx context.Context, out io.Writer, logger *slog.Logger, o options) error {
	if o.database == "" {
		return errNoDatabase
	}
	db, err := pgxpool.New(ctx, o.database)
	if err != nil {
		return errors.New("DATABASE_URL is not a connection string of Postgres") // the cause can quote a password
	}
	defer db.Close()
	// The address comes first: Clerk's webhooks are sent to it.
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.addr)
	if err != nil {
		return err
	}
	defer l.Close()
	url := "http://" + l.Addr().String()
	clerk, err := newClerk(url)
	if err != nil {
		return fmt.Errorf("-addr %s: %w", o.addr, err)
	}
	defer clerk.Close()
	s, err := newSite(url, clerk, db, logger) //nolint:contextcheck // the emulator's URL takes none
	if err != nil {
		return err
	}
	if err := s.fill(ctx); err != nil {
		return err
	}
	return s.serve(ctx, l, func(ctx context.Context) error {
		if o.check {
			return check(ctx, out, url)
		}
		fmt.Fprintf(out, "open %s in a browser; Ctrl-C ends it\n", url)
		<-ctx.Done()
		return nil
	})
}

// fill makes the tables of the mirror and reads every user into them.
func (s *site) fill(ctx context.Context) error {
	err := s.mirror.Init(ctx)
	if err == nil {
		err = s.mirror.Sync(ctx)
	}
	if err != nil {
		return fmt.Errorf("the database that DATABASE_URL names: %w", err)
	}
	return nil
}

// serve serves requests and keeps the mirror up to date while do runs. It returns when
// everything has ended.
func (s *site) serve(ctx context.Context, l net.Listener, do func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	server := &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	var served error
	var running sync.WaitGroup
	running.Go(func() {
		served = server.Serve(l)
		stop()
	})
	running.Go(func() { _ = s.mirror.Run(ctx) }) // it ends with ctx, and logs what fails
	err := do(ctx)
	stop()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err = errors.Join(err, server.Shutdown(ctx))
	running.Wait()
	if !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
