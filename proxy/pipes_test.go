package proxy_test

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clerkmeta/clerkmeta-go/proxy"
)

// pipes is a network in memory, for servers in a bubble of synctest. Nothing is
// buffered on the way.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	close func()
}

func newPipes() *pipes {
	p := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	p.close = sync.OnceFunc(func() { close(p.done) })
	return p
}

// pipe is an end of a connection that says which addresses it has.
type pipe struct{ net.Conn }

func (pipe) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 5000} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- pipe{far}:
		return pipe{near}, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (p *pipes) Close() error { p.close(); return nil }

// Addr implements net.Listener.
func (*pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80} }

// inBubble runs talk, which has a connection to a proxy, on a clock that nobody
// waits for. answer serves each request to the upstream, by its head.
func inBubble(t *testing.T, answer func(w *wire, head string), change func(*proxy.Config), talk func(t *testing.T, w *wire, reports <-chan proxy.Exchange)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		clerk, front := newPipes(), newPipes()
		go func() {
			for {
				c, err := clerk.Accept()
				if err != nil {
					return
				}
				go (&upstream{serve: answer}).talk(&wire{c, bufio.NewReader(c)})
			}
		}()
		c, reports := observed(configFor(&upstream{addr: "127.0.0.1:1"}))
		pool := &http.Transport{DialContext: clerk.dial, DisableCompression: true}
		c.Transport = pool
		if change != nil {
			change(&c)
		}
		s := &http.Server{Handler: newProxy(t, c), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
		go func() { _ = s.Serve(front) }()
		conn, err := front.dial(t.Context(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		talk(t, &wire{conn, bufio.NewReader(conn)}, reports)
		_ = conn.Close()
		_ = s.Close()
		pool.CloseIdleConnections()
		clerk.close()
		time.Sleep(2 * time.Hour) // lets what was given up end
	})
}
