package client

import (
	"log/slog"

	"github.com/clerkmeta/clerkmeta-go/observe"
)

// WithLogger writes a record for each attempt to logger: at level Warn if a retry
// follows, at Debug otherwise. A record holds the operation, the status, Clerk's code and
// trace id, durations and waits; never a key, a query or a metadata value.
func WithLogger(logger *slog.Logger) Option {
	fault := refuse(logger == nil, "is nil: leave the option out for no logging")
	return option("WithLogger", fault, func(c *config) { c.transport.Logger = logger })
}

// WithAttemptHook calls hook after each attempt with the call's context, on the
// goroutine of the call: hook must be fast and safe for concurrent use. Several hooks
// are called in the order of the options.
func WithAttemptHook(hook observe.AttemptHook) Option {
	return hookOption("WithAttemptHook", hook == nil, func(c *config) {
		c.transport.AttemptHooks = append(c.transport.AttemptHooks, hook)
	})
}

// WithCallHook calls hook at the start of each call and, at its end, the function that
// hook returns, for tracing and metrics. A call is one request to Clerk with its retries:
// Modify, which reads and then writes, makes several, and a method that is refused before
// any request (clerkerr.ErrInvalidArgument) makes none.
//
// The context that hook returns must be derived from the one that it gets. The rest of
// the call has it: other hooks, the logger, a Limiter and the Transport of WithHTTPClient.
// A nil context stands for the same context, a nil function for nothing to do.
//
// Both run on the goroutine of the call: they must be fast and safe for concurrent use,
// and no timeout interrupts them. Several hooks are called in the order of the options,
// each with the context of the one before, and their functions in reverse order.
//
// A panic in a hook, in a Limiter or in the Transport of WithHTTPClient reaches the caller
// of the method, after the functions of the hooks that have begun, which get ErrorType
// "panic".
func WithCallHook(hook observe.CallHook) Option {
	return hookOption("WithCallHook", hook == nil, func(c *config) {
		c.transport.CallHooks = append(c.transport.CallHooks, hook)
	})
}
