package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/cmd/clerkmeta/internal/page"
)

// handler serves both APIs, with a log, and the control endpoints and the page, without. It is
// no ServeMux, which would clean paths and redirect: Clerk takes paths literally.
func (e *emulator) handler(clerk *clerktest.Clerk, addr net.Addr) http.Handler {
	log := &accessLog{form: e.log.value, out: e.Stdout}
	api, control := log.around(clerk), clerk.ControlHandler()
	endpoints := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, clerktest.ControlPath) {
			control.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
	return page.Around(endpoints, func() map[string]string { return environment(clerk, addr) })
}

// listen listens on an address, which has to be a loopback one unless remote.
func listen(ctx context.Context, addr string, remote bool) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, failed(ExitUsage, "--addr %q is not an address; expected host and port, such as 127.0.0.1:4010", addr)
	}
	// Resolved first and once, so that what is checked is what is listened on.
	tcp, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, failed(ExitListen, "--addr: %w", err)
	}
	if !remote && !tcp.IP.IsLoopback() {
		return nil, failed(ExitUsage, "--addr %q is not a loopback address: the emulator has no TLS and its key is no secret", addr).
			hint("pass --allow-remote to listen there")
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", tcp.String())
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, failed(ExitListen, "%s is in use", tcp).hint("stop the program that listens there, or choose another port with --addr (0 picks a free one)")
	}
	if err != nil {
		return nil, failed(ExitListen, "%w", err)
	}
	return l, nil
}

// unused is the connections that have sent no request yet. Browsers open some ahead of their
// requests, and Shutdown would wait for them as for requests under way.
type unused struct{ conns sync.Map }

func (u *unused) note(conn net.Conn, state http.ConnState) {
	if state == http.StateNew {
		u.conns.Store(conn, nil)
	} else {
		u.conns.Delete(conn)
	}
}

func (u *unused) close() {
	for key := range u.conns.Range {
		if conn, ok := key.(net.Conn); ok {
			_ = conn.Close() // no request has come
		}
	}
}

// serve serves until the context ends. Then it closes idle connections, and cuts off requests
// under way after grace.
func serve(ctx context.Context, l net.Listener, h http.Handler, stderr io.Writer, grace time.Duration) error {
	logger := slog.New(slog.NewTextHandler(stderr, nil))
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		// Without a WriteTimeout: a scripted fault may be slower than any.
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       slog.NewLogLogger(logger.Handler(), slog.LevelError),
	}
	var waiting unused
	server.ConnState = waiting.note
	server.RegisterOnShutdown(waiting.close)
	var served error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		served = server.Serve(l)
	}()
	select {
	case <-ended:
		return failed(ExitListen, "%w", served)
	case <-ctx.Done():
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(bounded); err != nil {
		logger.Warn("requests under way were cut off", "after", grace)
		_ = server.Close() // its error adds nothing
	}
	<-ended
	return nil
}
