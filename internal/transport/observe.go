package transport

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/address"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// panicked is the error type of a call that a panic or a runtime.Goexit ends.
const panicked = "panic"

// begin reports the call to the hooks, and returns the context for the rest of it.
func (c *call) begin(ctx context.Context) context.Context {
	if len(c.t.CallHooks) == 0 {
		return ctx
	}
	u := c.Request.URL
	port, _ := strconv.Atoi(address.Port(u)) // a URL has no other
	begun := observe.Call{
		Operation: c.Operation, Write: c.Write, Method: c.Request.Method,
		Route: route(u), Host: u.Hostname(), Port: port,
	}
	for _, hook := range c.t.CallHooks {
		derived, end := hook(ctx, begun)
		if derived != nil {
			ctx = derived //nolint:fatcontext // a few hooks, each on top of the one before
		}
		if end != nil {
			c.ends = append(c.ends, end)
		}
	}
	return ctx
}

// route returns the URL's path with each id replaced by its name in Clerk's documents.
func route(u *url.URL) string {
	segments := strings.Split(u.EscapedPath(), "/")
	for i, collection := range segments[:len(segments)-1] {
		switch collection {
		case "users", "memberships":
			segments[i+1] = "{user_id}"
		case "organizations":
			segments[i+1] = "{organization_id}"
		case "invitations":
			if segments[i+1] != "bulk" {
				segments[i+1] = "{invitation_id}"
			}
		}
	}
	return strings.Join(segments, "/")
}

// end reports what became of the call to the functions of the hooks.
func (c *call) end(errorType string) {
	if errorType == panicked && c.attempts > 0 {
		c.judge() // the attempt that was under way, whose effect is unknown
	}
	c.runEnds(observe.Result{
		Attempts: c.attempts, Status: c.answered.status,
		Code: c.answered.failure.Code(), TraceID: c.answered.failure.TraceID,
		ErrorType: errorType, Outcome: c.outcome,
		Queued: c.queuedInAll, Duration: time.Since(c.started),
	})
}

// runEnds calls the functions of the hooks, the last first, even if one panics.
func (c *call) runEnds(r observe.Result) {
	last := len(c.ends) - 1
	if last < 0 {
		return
	}
	end := c.ends[last]
	c.ends = c.ends[:last]
	defer c.runEnds(r)
	end(r)
}

// errorType is that of the call; failure is nil for a success.
func (c *call) errorType(failure *clerkerr.Error) string {
	switch {
	case failure == nil:
		return ""
	case c.refused && c.stop != clerkerr.StopCanceled:
		return "rate_limiter"
	default:
		return errorType(failure.Status, failure.Err)
	}
}

// errorType is the class of what ended an attempt or a call, "" for a success. There
// are few, so that it serves as an attribute of metrics.
func errorType(status int, err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case err == nil && status >= 200 && status <= 299:
		return ""
	case err == nil:
		return strconv.Itoa(status)
	case errors.Is(err, clerkerr.ErrDecode):
		return "decode"
	case errors.Is(err, clerkerr.ErrNotFound):
		return "not_found"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "canceled"
	default:
		return "connection"
	}
}

// observe reports the attempt that has ended to the logger and the hooks.
func (c *call) observe(ctx context.Context) {
	if len(c.t.AttemptHooks) == 0 && c.t.Logger == nil {
		return
	}
	a := observe.Attempt{
		Operation: c.Operation, Number: c.attempts, Status: c.last.status,
		Code: c.last.failure.Code(), TraceID: c.last.failure.TraceID, Queued: c.queued, Duration: c.last.duration,
		ErrorType: errorType(c.last.status, c.last.err),
		Retry:     c.again, Wait: c.wait, RetryAfter: c.last.failure.RetryAfter,
	}
	if c.last.err != nil {
		a.Err = c.scrub(c.last.err)
	}
	if c.t.Logger != nil {
		logAttempt(ctx, c.t.Logger, a)
	}
	for _, hook := range c.t.AttemptHooks {
		hook(ctx, a)
	}
}

// logAttempt writes one record, a warning if a retry follows.
func logAttempt(ctx context.Context, logger *slog.Logger, a observe.Attempt) {
	level, msg := slog.LevelDebug, "clerk request"
	if a.Retry {
		level, msg = slog.LevelWarn, "clerk request is retried"
	}
	if !logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", a.Operation),
		slog.Int("attempt", a.Number),
		slog.Int("status", a.Status),
		slog.Duration("duration", a.Duration),
	}
	add := func(known bool, attr slog.Attr) {
		if known {
			attrs = append(attrs, attr)
		}
	}
	add(a.Queued > 0, slog.Duration("queued", a.Queued))
	add(a.Code != "", slog.String("code", a.Code))
	add(a.TraceID != "", slog.String("trace_id", a.TraceID))
	if a.Err != nil {
		attrs = append(attrs, slog.String("error", a.Err.Error()))
	}
	add(a.Retry, slog.Duration("wait", a.Wait))
	logger.LogAttrs(ctx, level, msg, attrs...)
}
