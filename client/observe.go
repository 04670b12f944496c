package client

import (
	"log/slog"

	"github.com/clerkmeta/clerkmeta-go/observe"
)

// WithLogger writes a record for each attempt to logger: at level Warn if a retry
// follows, at Debug otherwise. A record holds the operation, the status, Clerk's
// code and trace id, durations and waits; never a key, a query or a metadata value.
// Without this option nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return Option{
		name:  "WithLogger",
		fault: refuse(logger == nil, "is nil: leave the option out for no logging"),
		apply: func(c *config) { c.transport.Logger = logger },
	}
}

// WithAttemptHook calls hook after each attempt with the call's context, on the
// goroutine of the call: hook must be fast and safe for concurrent use. If the
// option is given several times, every hook is called, in the order of the options.
func WithAttemptHook(hook observe.AttemptHook) Option {
	return Option{
		name:    "WithAttemptHook",
		fault:   refuse(hook == nil, "is nil: leave the option out for none"),
		apply:   func(c *config) { c.transport.AttemptHooks = append(c.transport.AttemptHooks, hook) },
		repeats: true,
	}
}

// WithCallHook calls hook at the start of each call and, at its end, the function
// that hook returns: for tracing and metrics. A call is one request to Clerk with
// its retries; a method that reads and then writes (Modify) makes several. A method
// that is refused before any request (clerkerr.ErrInvalidArgument) makes none.
//
// The context that hook returns must be derived from the one that it gets. The call
// continues with it: WithAttemptHook, WithLogger, a Limiter and the Transport of
// WithHTTPClient see it. A nil context stands for the same context, a nil function
// for nothing to do.
//
// Both run on the goroutine of the call: they must be fast and safe for concurrent
// use. No timeout interrupts one that does not return. If the option is given
// several times, every hook is called in the order of the options, each with the
// context of the one before, and the functions in reverse order.
//
// A panic in a hook, in a Limiter or in the Transport of WithHTTPClient reaches the
// caller of the method. The functions of the hooks that have begun are called
// first, with ErrorType "panic".
func WithCallHook(hook observe.CallHook) Option {
	return Option{
		name:    "WithCallHook",
		fault:   refuse(hook == nil, "is nil: leave the option out for none"),
		apply:   func(c *config) { c.transport.CallHooks = append(c.transport.CallHooks, hook) },
		repeats: true,
	}
}
