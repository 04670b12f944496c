package transport

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/address"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// The error types that are not a status.
const (
	errorTypeTimeout     = "timeout"
	errorTypeCanceled    = "canceled"
	errorTypeConnection  = "connection"
	errorTypeDecode      = "decode"
	errorTypeNotFound    = "not_found"
	errorTypeRateLimiter = "rate_limiter"
	errorTypePanic       = "panic"
)

// begin reports the call to the hooks, and returns the context for the rest of it.
func (c *call) begin(ctx context.Context) context.Context {
	if len(c.t.CallHooks) == 0 {
		return ctx
	}
	c.started = time.Now()
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

// end reports what became of the call; failure is nil for a success.
func (c *call) end(failure *clerkerr.Error) {
	switch {
	case failure == nil:
		c.report("")
	case c.refused && c.stop != clerkerr.StopCanceled:
		c.report(errorTypeRateLimiter)
	default:
		c.report(errorType(failure.Status, failure.Err))
	}
}

// endPanicked reports a call that a panic or a runtime.Goexit ends: in the caller's
// http.RoundTripper, in a hook or in the Limiter.
func (c *call) endPanicked() {
	if c.attempts > 0 {
		c.judge() // the attempt that was under way, whose effect is unknown
	}
	c.report(errorTypePanic)
}

func (c *call) report(errorType string) {
	if len(c.ends) == 0 {
		return
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
		return errorTypeDecode
	case errors.Is(err, clerkerr.ErrNotFound):
		return errorTypeNotFound
	case errors.As(err, &timeout) && timeout.Timeout():
		return errorTypeTimeout
	case errors.Is(err, context.Canceled):
		return errorTypeCanceled
	default:
		return errorTypeConnection
	}
}

// route is the URL's path with each id replaced by what it names.
func route(u *url.URL) string {
	segments := strings.Split(u.EscapedPath(), "/")
	for i := 1; i < len(segments); i++ {
		if name := member(segments[i-1]); name != "" {
			segments[i] = name
		}
	}
	return strings.Join(segments, "/")
}

// member is the name in Clerk's documents of the id that follows a collection in a
// path, "" for any other segment.
func member(collection string) string {
	switch collection {
	case "users", "memberships":
		return "{user_id}"
	case "organizations":
		return "{organization_id}"
	default:
		return ""
	}
}
