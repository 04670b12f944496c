package client

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/transport"
)

// WithLogger writes a record for each attempt to logger: at level Warn for one
// that is retried, at Debug for any other. Records hold the operation, the
// status, Clerk's code and trace id, durations and waits; never a key, a query
// or a metadata value. Nothing is logged otherwise.
func WithLogger(logger *slog.Logger) Option {
	return Option{"WithLogger", func(c *config) error {
		if logger == nil {
			return fmt.Errorf("is nil: leave the option out for no logging")
		}
		c.transport.Logger = logger
		return nil
	}}
}

// WithAttemptHook calls hook after each attempt, with the call's context, on the
// goroutine of the call: it must be fast and safe for concurrent use.
func WithAttemptHook(hook func(context.Context, Attempt)) Option {
	return Option{"WithAttemptHook", func(c *config) error {
		if hook == nil {
			return fmt.Errorf("is nil: leave the option out for none")
		}
		c.transport.Hook = func(ctx context.Context, a transport.Attempt) { hook(ctx, Attempt(a)) }
		return nil
	}}
}

// Attempt describes one attempt of a call that is over. It holds no data of the
// request or of the answer.
type Attempt struct {
	// Operation is the method that was called: "UpdateUserMetadata".
	Operation string
	// Number counts the attempts of the call from 1.
	Number int
	// Status is the answer's status, 0 where none came; Code is Clerk's first
	// error code and TraceID its trace id, "" where there is none.
	Status  int
	Code    string
	TraceID string
	// Queued is how long the attempt waited for its turn under the client's rate
	// limit before it was sent: see WithRateLimit.
	Queued time.Duration
	// Duration is how long the attempt took, body included.
	Duration time.Duration
	// Err is why no complete answer came, nil where one did. Credentials have
	// been removed from its text.
	Err error
	// Retry tells whether another attempt follows, and Wait after how long.
	Retry bool
	Wait  time.Duration
	// RetryAfter is the wait that the answer asked for, 0 where it did not.
	RetryAfter time.Duration
}
