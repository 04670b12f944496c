package client

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/transport"
)

const (
	optionAttemptHook = "WithAttemptHook"
	optionCallHook    = "WithCallHook"
)

// isHook reports whether an option may be given several times: two libraries
// that know nothing of each other may each bring a hook.
func isHook(option string) bool { return option == optionAttemptHook || option == optionCallHook }

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

// WithAttemptHook calls hook after each attempt, with the call's context (that
// of WithCallHook, where there is one), on the goroutine of the call: it must be
// fast and safe for concurrent use. Given several times, every hook is called,
// in the order of the options.
func WithAttemptHook(hook func(context.Context, Attempt)) Option {
	return Option{optionAttemptHook, func(c *config) error {
		if hook == nil {
			return fmt.Errorf("is nil: leave the option out for none")
		}
		before := c.transport.Hook
		c.transport.Hook = func(ctx context.Context, a transport.Attempt) {
			if before != nil {
				before(ctx, a)
			}
			hook(ctx, Attempt(a))
		}
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
	// ErrorType is the class of what went wrong, as in Result.
	ErrorType string
	// Retry reports whether another attempt follows, and Wait after how long.
	Retry bool
	Wait  time.Duration
	// RetryAfter is the wait that the answer asked for, 0 where it did not.
	RetryAfter time.Duration
}

// WithCallHook calls hook at the start of each call, and the function that it
// returns at the call's end: for tracing and metrics. A call is one request to
// Clerk with its retries; a method that reads and then writes (Modify) makes
// several. What is refused before any request (clerkerr.ErrInvalidArgument) is
// no call.
//
// The context that hook returns must be derived from the one that it gets. The
// call goes on with it: WithAttemptHook, WithLogger, a Limiter and the Transport
// of WithHTTPClient see it. A nil context or function stands for the same
// context and for nothing to do.
//
// Both run on the goroutine of the call: they must be fast and safe for
// concurrent use. Given several times, every hook is called, in the order of the
// options and at the end in the reverse order; each gets the context of the one
// before. Without a hook the option costs nothing.
//
// A panic in a hook, in a Limiter or in the Transport of WithHTTPClient goes on to
// the caller of the method and leaves nothing behind: the functions of the hooks
// that have begun are called first, with ErrorType "panic". One that never returns
// keeps the call, since it runs on the call's goroutine: no timeout interrupts it.
func WithCallHook(hook func(context.Context, Call) (context.Context, func(Result))) Option {
	return Option{optionCallHook, func(c *config) error {
		if hook == nil {
			return fmt.Errorf("is nil: leave the option out for none")
		}
		before := c.transport.CallHook
		c.transport.CallHook = func(ctx context.Context, info transport.CallInfo) (context.Context, func(transport.Result)) {
			endBefore := func(transport.Result) {}
			if before != nil {
				ctx, endBefore = before(ctx, info)
			}
			began := false
			defer func() {
				if !began { // hook panicked, and those before it have begun
					endBefore(transport.Result{ErrorType: "panic", Outcome: clerkerr.OutcomeNotApplied})
				}
			}()
			derived, end := hook(ctx, Call(info))
			began = true
			if derived == nil {
				derived = ctx
			}
			return derived, func(r transport.Result) {
				defer endBefore(r) // where end panics, too
				if end != nil {
					end(Result(r))
				}
			}
		}
		return nil
	}}
}

// Call describes a call that begins. It holds no id, no query and no other data
// of the request.
type Call struct {
	// Operation is the method that was called: "UpdateUserMetadata". Those of
	// package me are "me.UpdateMetadata" and the like.
	Operation string
	// Write reports whether the call changes anything.
	Write bool
	// Method is the HTTP method.
	Method string
	// Route is the path, the base URL's included, with names in the place of
	// ids, of which there are few: "/v1/users/{user_id}/metadata".
	Route string
	// Host is the name or the address that the call is sent to; that of a proxy
	// in between is not told.
	Host string
	// Port is the port at Host: that of the scheme where the base URL names none.
	Port int
}

// Result describes a call that is over. It holds no data of the answer; what
// the caller of the method gets is in no hook.
type Result struct {
	// Attempts is how many attempts were sent; 0 where the context or the
	// client's rate limit ended the call before.
	Attempts int
	// Status is that of the last answer that came, 0 where none did; Code is
	// Clerk's first error code and TraceID its trace id, "" where there is none.
	// All three are written by whatever answered.
	Status  int
	Code    string
	TraceID string
	// ErrorType is the class of what ended the call, "" for a success: the
	// status ("404"), "timeout", "canceled" (the context), "rate_limiter" (the
	// client's own rate limit), "connection", "decode" (clerkerr.ErrDecode), or
	// "not_found" for a membership that the list of an organization does not
	// hold, or "panic" where a hook, a Limiter or the Transport of WithHTTPClient
	// panicked. There are no others.
	ErrorType string
	// Outcome says what became of a write; it is that of clerkerr.Error, and
	// clerkerr.OutcomeNotApplied for a read.
	Outcome clerkerr.Outcome
	// Queued is how long the call waited in all for its turn under the client's
	// rate limit: see WithRateLimit.
	Queued time.Duration
	// Duration is how long the call took in all: attempts, the waits between them
	// and Queued.
	Duration time.Duration
}
