package faults

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit"
)

// overLoopback runs a handler on a socket, over TLS for configure to say, and
// returns what goes there whatever host a request names. When the test ends, the
// client must have let go of every connection.
func overLoopback(t *testing.T, h http.Handler, configure func(*httptest.Server)) (*httptest.Server, *http.Transport) {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	var open connections
	server.Config.ConnState = open.note
	if configure == nil {
		server.Start()
	} else {
		configure(server)
	}
	pool := dialing(func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", server.Listener.Addr().String())
	})
	t.Cleanup(server.Close)
	t.Cleanup(func() { open.noneLeft(t, pool) })
	return server, pool
}

// dialing is a transport with connections made by dial.
func dialing(dial func(context.Context) (net.Conn, error)) *http.Transport {
	const maxHeader = 4 << 10
	return &http.Transport{
		DialContext:            func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		MaxResponseHeaderBytes: maxHeader,
	}
}

// overTLS sends requests as https.
func overTLS(rt http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.Scheme = "https"
		return rt.RoundTrip(r)
	})
}

// acted is a fault that a server acts out, on connections that other requests
// use as well.
func acted(name string, m meaning, act func(w http.ResponseWriter, r *http.Request, clerk http.Handler, hangUp func())) fault {
	const mark = "Faulty"
	carry := func(t *testing.T, clerk *clerktest.Test, hangUp context.CancelFunc) (good, bad http.RoundTripper) {
		t.Helper()
		_, pool := overLoopback(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get(mark) == "" {
				clerk.ServeHTTP(w, r)
				return
			}
			r.Header.Del(mark)
			act(w, r, clerk, hangUp)
		}), nil)
		return pool, roundTripper(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context())
			r.Header.Set(mark, "1")
			return pool.RoundTrip(r)
		})
	}
	return fault{name: name, carry: carry, sockets: true, meaning: m}
}

// detour is a fault whose requests go another way than the others.
func detour(name string, m meaning, bad func(*testing.T, *clerktest.Test) http.RoundTripper) fault {
	carry := func(t *testing.T, clerk *clerktest.Test, _ context.CancelFunc) (http.RoundTripper, http.RoundTripper) {
		t.Helper()
		return clerk.Transport(), bad(t, clerk)
	}
	return fault{name: name, carry: carry, sockets: true, meaning: m}
}

// says answers with text as it stands and closes the connection; reset breaks it
// off instead.
func says(w http.ResponseWriter, r *http.Request, text string, reset bool) {
	_, _ = io.Copy(io.Discard, r.Body) // what is not read would be a reset
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, text)
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// wires are what goes wrong below HTTP, or in HTTP/1.1 itself.
func wires() []fault {
	transport := []error{clerkerr.ErrTransport}
	unsent := meaning{unsent: true, transient: true, is: transport}
	distrusted := meaning{unsent: true, is: transport}
	lost := meaning{transient: true, is: transport}
	lostApplied := lost
	lostApplied.runs = true
	cut := meaning{status: 200, runs: true, clerks: true, partial: true, transient: true, is: transport}
	all := []fault{
		detour("connection refused", unsent, refused),
		detour("no such host", unsent, func(*testing.T, *clerktest.Test) http.RoundTripper { return noSuchHost() }),
		detour("reset before the request is read", lost, breaking(true)),
		detour("closed before the request is read", lost, breaking(false)),
		detour("broken off in the handshake", lost, breakingTLS),
		detour("untrusted certificate", distrusted, func(t *testing.T, _ *clerktest.Test) http.RoundTripper {
			t.Helper()
			_, pool := overLoopback(t, http.NotFoundHandler(), (*httptest.Server).StartTLS)
			return overTLS(pool)
		}),
		detour("certificate of another host", distrusted, func(t *testing.T, _ *clerktest.Test) http.RoundTripper {
			t.Helper()
			server, pool := overLoopback(t, http.NotFoundHandler(), (*httptest.Server).StartTLS)
			pool.TLSClientConfig = trusting(server)
			pool.TLSClientConfig.ServerName = "elsewhere.test"
			return overTLS(pool)
		}),
		detour("no TLS there", distrusted, func(t *testing.T, _ *clerktest.Test) http.RoundTripper {
			t.Helper()
			_, pool := overLoopback(t, http.NotFoundHandler(), nil)
			return overTLS(pool)
		}),
		acted("interim answers", meaning{harmless: true}, func(w http.ResponseWriter, r *http.Request, clerk http.Handler, _ func()) {
			for range 5 {
				w.Header().Set("Link", "</style.css>; rel=preload")
				w.WriteHeader(http.StatusEarlyHints)
				w.WriteHeader(http.StatusProcessing)
			}
			w.Header().Del("Link")
			clerk.ServeHTTP(w, r)
		}),
		acted("headers too large", lostApplied, func(w http.ResponseWriter, r *http.Request, clerk http.Handler, _ func()) {
			w.Header().Set("Large", strings.Repeat("x", 8<<10))
			clerk.ServeHTTP(w, r)
		}),
		acted("error page too large", meaning{status: 502, transient: true}, func(w http.ResponseWriter, r *http.Request, _ http.Handler, _ func()) {
			w.WriteHeader(http.StatusBadGateway)
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, page)
			}
		}),
		acted("compressed, but it is not", cut, func(w http.ResponseWriter, r *http.Request, clerk http.Handler, _ func()) {
			w.Header().Set("Content-Encoding", "gzip")
			clerk.ServeHTTP(w, r)
		}),
		acted("context canceled in flight", meaning{runs: true, is: []error{context.Canceled}, stop: clerkerr.StopCanceled, ends: context.WithCancel},
			func(_ http.ResponseWriter, r *http.Request, clerk http.Handler, hangUp func()) {
				clerk.ServeHTTP(httptest.NewRecorder(), r)
				hangUp()
				<-r.Context().Done()
			}),
	}
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for _, tc := range []struct {
		name  string
		text  string
		reset bool
		m     meaning
	}{
		{"reset after the write", "", true, lostApplied},
		{"closed after the write", "", false, lostApplied},
		{"cut in the status line", "HTTP/1.1 20", false, lostApplied},
		{"reset in the headers", "HTTP/1.1 200 OK\r\nContent-", true, lostApplied},
		{"not HTTP", "nonsense\r\n\r\n", false, lostApplied},
		{"two lengths", head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", false, lostApplied},
		{"cut in the body", head + "Content-Length: 99\r\n\r\n{\"id\":\"x\",", false, cut},
		{"cut in a chunk", head + "Transfer-Encoding: chunked\r\n\r\n63\r\n{\"id\":\"x\",", false, cut},
		{"cut before the body", head + "Content-Length: 99\r\n\r\n", false, cut},
		{"switching protocols", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: nonsense\r\n\r\n", false, meaning{status: 101, runs: true}},
	} {
		all = append(all, acted(tc.name, tc.m, func(w http.ResponseWriter, r *http.Request, clerk http.Handler, _ func()) {
			clerk.ServeHTTP(httptest.NewRecorder(), r)
			says(w, r, tc.text, tc.reset)
		}))
	}
	return append(all, acted("reset, nothing done", lost, func(w http.ResponseWriter, r *http.Request, _ http.Handler, _ func()) {
		says(w, r, "", true)
	}))
}

func trusting(server *httptest.Server) *tls.Config {
	return server.Client().Transport.(*http.Transport).TLSClientConfig.Clone() //nolint:forcetypeassert // as documented
}

// refused dials an address where nothing listens, and nothing else can: the port
// is taken by a connection.
func refused(t *testing.T, _ *clerktest.Test) http.RoundTripper {
	t.Helper()
	l := testkit.Listen(t)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return dialing(func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", conn.LocalAddr().String())
	})
}

// noSuchHost has a resolver that knows no host.
func noSuchHost() http.RoundTripper {
	silent := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no name server")
	}}
	return dialing(func(ctx context.Context) (net.Conn, error) {
		return (&net.Dialer{Resolver: silent}).DialContext(ctx, "tcp", "clerk.test:80")
	})
}

// breaking accepts connections, and closes them without a look at the request.
func breaking(reset bool) func(*testing.T, *clerktest.Test) http.RoundTripper {
	return func(t *testing.T, _ *clerktest.Test) http.RoundTripper {
		t.Helper()
		l := testkit.Listen(t)
		testkit.Accept(l, func(conn net.Conn) { breakOff(conn, reset) })
		return dialing(func(ctx context.Context) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr().String())
		})
	}
}

func breakOff(conn net.Conn, reset bool) {
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		// A reset before the first byte can be one of the dial.
		_, _ = conn.Read(make([]byte, 1))
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func breakingTLS(t *testing.T, clerk *clerktest.Test) http.RoundTripper {
	t.Helper()
	return overTLS(breaking(true)(t, clerk))
}
