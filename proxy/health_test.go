package proxy_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHealthAndDrain(t *testing.T) {
	t.Parallel()
	u := answering(t, okAnswer)
	h := newProxy(t, configFor(u))
	health := func(method string, status int, body string) {
		w := httptest.NewRecorder()
		h.Health().ServeHTTP(w, httptest.NewRequest(method, "/healthz", nil))
		require.Equal(t, status, w.Code)
		require.Equal(t, body, w.Body.String())
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	}
	health("GET", 200, `{"status":"ok"}`)
	health("HEAD", 200, "")
	w := dial(t, serve(t, h))
	const request = "GET /__clerk/v1/me HTTP/1.1\r\nHost: a\r\n\r\n"
	for range 2 {
		w.send(request)
		head := w.head()
		require.Contains(t, head, " 200 OK\r\n")
		require.Empty(t, values(head, "Connection"))
		_, err := w.in.Discard(len("ok"))
		require.NoError(t, err)
	}
	h.Drain()
	h.Drain()
	health("GET", 503, `{"status":"draining"}`)
	w.send(request)
	text, whole := w.rest()
	require.True(t, whole, "the connection is closed in order")
	require.True(t, strings.HasPrefix(text, "HTTP/1.1 200 OK\r\n"), text)
	require.Equal(t, []string{"close"}, values(text, "Connection"))
	require.Len(t, u.seen(), 3, "Health asks nobody")
}

func TestShutdownLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	asked, finish := make(chan struct{}), make(chan struct{})
	u := listen(t, func(w *wire, _ string) {
		close(asked)
		<-finish
		w.send(okAnswer)
	})
	h := newProxy(t, configFor(u))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := &http.Server{Handler: h, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	stopping := make(chan struct{})
	s.RegisterOnShutdown(func() { close(stopping) })
	go func() { _ = s.Serve(l) }()
	w := dial(t, l.Addr().String())
	w.send("GET /__clerk/v1/me HTTP/1.1\r\nHost: a\r\n\r\n")
	within(t, asked)
	h.Drain()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = s.Shutdown(context.Background())
	}()
	within(t, stopping)
	close(finish)
	text, whole := w.rest()
	require.True(t, whole)
	require.True(t, strings.HasSuffix(text, "\r\n\r\nok"), text)
	within(t, stopped)
	h.CloseIdleConnections()
	require.Eventually(t, func() bool { return u.open() == 0 }, patience, tick)
}

func TestCloseIdleConnectionsOfAnotherTransport(t *testing.T) {
	t.Parallel()
	c := configFor(&upstream{addr: "127.0.0.1:1"})
	c.Transport = &sent{}
	newProxy(t, c).CloseIdleConnections()
}
