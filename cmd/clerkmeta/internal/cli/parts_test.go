package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
)

// An address that stands for all of this machine's is printed as it is, and
// clients are told one that they can use.
func TestAnnounceEveryAddress(t *testing.T) {
	t.Parallel()
	clerk, err := clerktest.New(clerktest.Seed{})
	require.NoError(t, err)
	for _, ip := range []net.IP{net.IPv4zero, net.IPv6unspecified} {
		addr := &net.TCPAddr{IP: ip, Port: 4010}
		var out strings.Builder
		require.NoError(t, announce(clerk, addr, clerktest.SeedFile{Kind: "a seed"}).write(&out, false))
		require.True(t, strings.HasPrefix(out.String(), "listening on http://"+addr.String()+"\n\nloaded nothing from a seed\n\nexport "), out.String())
		require.Contains(t, out.String(), "CLERK_API_URL=http://127.0.0.1:4010\n")
	}
}

// lines returns what an access log writes for one request to a handler.
func lines(t *testing.T, form string, r *http.Request, h http.HandlerFunc) string {
	t.Helper()
	var out bytes.Buffer
	l := &accessLog{form: form, out: &out}
	func() {
		defer func() { _ = recover() }()
		l.around(h).ServeHTTP(httptest.NewRecorder(), r)
	}()
	return out.String()
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	answering := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	get := func(path string) *http.Request {
		return &http.Request{Method: http.MethodGet, URL: &url.URL{Path: path, RawQuery: "hidden=1"}, Header: http.Header{"Authorization": {"hidden"}}}
	}
	for _, tc := range []struct {
		name    string
		request *http.Request
		handler http.HandlerFunc
		want    string
	}{
		{"status", get("/v1/x"), answering(404), "GET /v1/x 404 0s\n"},
		{"first status counts", get("/v1/x"), func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusCreated)
		}, "GET /v1/x 201 0s\n"},
		{"nothing written", get("/v1/x"), func(http.ResponseWriter, *http.Request) {}, "GET /v1/x 200 0s\n"},
		{"only a body", get("/v1/x"), func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hidden")) }, "GET /v1/x 200 0s\n"},
		{"dropped", get("/v1/x"), func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "GET /v1/x dropped 0s\n"},
		{"cut short", get("/v1/x"), func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, "GET /v1/x 200 0s\n"},
		{"took long", get("/v1/x"), func(http.ResponseWriter, *http.Request) { time.Sleep(1234567890) }, "GET /v1/x 200 1.234568s\n"},
		{"control characters", get("/v1/\r\n\x1b[2J\x00\u0085é"), answering(404), "GET /v1/%0D%0A%1B%5B2J%00%C2%85%C3%A9 404 0s\n"},
		{"long", get("/" + strings.Repeat("a", 9999)), answering(404), "GET /" + strings.Repeat("a", longestPath-1) + "... 404 0s\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // where time stands still
				require.Equal(t, tc.want, lines(t, logText, tc.request, tc.handler))
				require.Empty(t, lines(t, logOff, tc.request, tc.handler))
				var e entry
				require.NoError(t, json.Unmarshal([]byte(lines(t, logJSON, tc.request, tc.handler)), &e))
				require.Equal(t, "request", e.Event)
				require.True(t, strings.HasPrefix(tc.want, e.Method+" "+e.Path+" "), e.Path)
			})
		})
	}
}

// Requests that do not end in time are cut off, and that is said.
func TestShutdownIsBounded(t *testing.T) {
	t.Parallel()
	l, err := listen(t.Context(), "127.0.0.1:0", false)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel() // the signal comes while this request is under way
		<-r.Context().Done()
	})
	var stderr bytes.Buffer
	done := make(chan error, 1)
	go func() { done <- serve(ctx, l, h, &stderr, 20*time.Millisecond) }()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String(), http.NoBody)
	require.NoError(t, err)
	_, err = new(http.Transport).RoundTrip(req)
	require.Error(t, err)
	require.NoError(t, <-done)
	require.Contains(t, stderr.String(), "requests under way were cut off")
}

// Shutdown would wait five seconds for a connection without a request, which is more than the
// grace of a request.
func TestUnusedConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	var u unused
	ahead, peer := net.Pipe()
	asking, other := net.Pipe()
	for _, conn := range []net.Conn{ahead, asking} {
		u.note(conn, http.StateNew)
	}
	u.note(asking, http.StateActive)
	u.close()
	_, err := peer.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	go func() { _, _ = asking.Write([]byte("a")) }()
	_, err = other.Read(make([]byte, 1))
	require.NoError(t, err, "under way")
}

// A request under way at the signal is answered.
func TestShutdownWaits(t *testing.T) {
	t.Parallel()
	l, err := listen(t.Context(), "127.0.0.1:0", false)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		<-ctx.Done()
		w.WriteHeader(http.StatusTeapot)
	})
	var stderr bytes.Buffer
	done := make(chan error, 1)
	go func() { done <- serve(ctx, l, h, &stderr, time.Minute) }()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String(), http.NoBody)
	require.NoError(t, err)
	resp, err := new(http.Transport).RoundTrip(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusTeapot, resp.StatusCode)
	require.NoError(t, <-done)
	require.Empty(t, stderr.String())
}

func TestServeFails(t *testing.T) {
	t.Parallel()
	l, err := listen(t.Context(), "127.0.0.1:0", false)
	require.NoError(t, err)
	require.NoError(t, l.Close())
	var f *failure
	require.ErrorAs(t, serve(t.Context(), l, http.NotFoundHandler(), new(bytes.Buffer), time.Second), &f)
	require.Equal(t, ExitListen, f.code)
}

func TestFailureUnwraps(t *testing.T) {
	t.Parallel()
	require.ErrorIs(t, failed(ExitFile, "seed: %w", net.ErrClosed), net.ErrClosed)
}
