package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// longWait is the shortest wait that is shown.
const longWait = time.Second

// serial is a stream to which several goroutines write.
type serial struct {
	mu sync.Mutex
	to io.Writer
}

// Write writes to the stream.
func (s *serial) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.to.Write(p)
}

// watch returns the options of a client that shows what it does: long waits, and with
// --debug each request, without a value or a key.
func (c *connection) watch() []client.Option {
	waits := client.WithAttemptHook(c.attempted)
	if !c.look.debug {
		return []client.Option{waits}
	}
	logger := slog.New(slog.NewTextHandler(c.look.messages, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return []client.Option{
		waits, client.WithLogger(logger),
		client.WithCallHook(func(ctx context.Context, call observe.Call) (context.Context, func(observe.Result)) {
			logger.DebugContext(ctx, "clerk call", "method", call.Method, "host", call.Host, "route", call.Route)
			return ctx, nil
		}),
	}
}

// showWait is an attempt hook that says before a long wait why the command waits.
func (c *connection) showWait(_ context.Context, a observe.Attempt) {
	if !a.Retry || a.Wait < longWait {
		return
	}
	why := "did not answer"
	if a.Status != 0 {
		why = fmt.Sprintf("answered with status %d", a.Status)
	}
	_, _ = fmt.Fprintf(c.look.messages, "%s %s; the next attempt follows in %s\n", c.to, why, a.Wait.Round(100*time.Millisecond))
}
