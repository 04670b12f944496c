package security

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// toward sends every request to one address.
func toward(t *testing.T, address string) http.RoundTripper {
	t.Helper()
	pool := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}}
	t.Cleanup(pool.CloseIdleConnections)
	return pool
}

// answerWith reads one request of a connection and writes what say returns for it.
func answerWith(conn net.Conn, say func(echo) string) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err == nil {
		_, _ = io.WriteString(conn, say(echoOf(r)))
	}
}

// record is an output that several goroutines write to.
type record struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write takes everything.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// loggers write to one output, as text and as JSON.
func loggers(to io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: slog.LevelDebug}
	return slog.New(slog.NewMultiHandler(slog.NewTextHandler(to, opts), slog.NewJSONHandler(to, opts)))
}

// observed are the options by which a client reports everything that it reports of a call.
func observed(to io.Writer) []client.Option {
	tell := func(v any) { _, _ = io.WriteString(to, everyPrint(v)) }
	return []client.Option{
		client.WithRetry(client.Retry{MaxRetries: 1, BaseDelay: client.None}),
		client.WithLogger(loggers(to)),
		client.WithAttemptHook(func(_ context.Context, a observe.Attempt) {
			tell(a)
			tell(a.Err)
		}),
		client.WithCallHook(func(ctx context.Context, c observe.Call) (context.Context, func(observe.Result)) {
			tell(c)
			return ctx, func(r observe.Result) { tell(r) }
		}),
	}
}

func newSDK(t *testing.T, rt http.RoundTripper, opts ...client.Option) calls.SDK {
	t.Helper()
	s, err := calls.New(secretKey, "http://127.0.0.1:4010", "http://127.0.0.1:4010", rt, opts...)
	require.NoError(t, err)
	return s
}
