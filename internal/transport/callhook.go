package transport

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// CallInfo describes a call that begins. It holds no data of the request.
type CallInfo struct {
	Operation string
	Write     bool
	Method    string
	// Route is the path with names in the place of ids.
	Route string
	// Host and Port are where the call is sent, without a proxy in between.
	Host string
	Port int
}

// Result describes a call that is over. It holds no data of the answer.
type Result struct {
	Attempts int
	// Status, Code and TraceID are the last answer's.
	Status  int
	Code    string
	TraceID string
	// ErrorType is "" for a success.
	ErrorType string
	Outcome   clerkerr.Outcome
	// Queued is the wait for the Limiter, Duration that of the whole call.
	Queued   time.Duration
	Duration time.Duration
}

// What errorType answers where it is not a status.
const (
	errorTypeTimeout     = "timeout"
	errorTypeCanceled    = "canceled"
	errorTypeConnection  = "connection"
	errorTypeDecode      = "decode"
	errorTypeNotFound    = "not_found"
	errorTypeRateLimiter = "rate_limiter"
	errorTypePanic       = "panic"
)

// begin reports the call to CallHook, and returns the context for the rest of it.
func (c *call) begin(ctx context.Context) context.Context {
	if c.t.CallHook == nil {
		return ctx
	}
	c.started = time.Now()
	u := c.Request.URL
	ctx, c.onEnd = c.t.CallHook(ctx, CallInfo{
		Operation: c.Operation, Write: c.Write, Method: c.Request.Method,
		Route: route(u), Host: u.Hostname(), Port: port(u),
	})
	return ctx
}

// end reports to CallHook what came of the call; failure is nil for a success.
func (c *call) end(failure *clerkerr.Error) {
	if c.onEnd == nil {
		return
	}
	r := c.result()
	switch {
	case failure == nil:
	case c.refused && c.stop != clerkerr.StopCanceled:
		r.ErrorType = errorTypeRateLimiter
	default:
		r.ErrorType = errorType(failure.Status, failure.Err)
	}
	c.onEnd(r)
}

// endPanicked reports to CallHook a call that a panic or a runtime.Goexit ends: in
// the caller's http.RoundTripper, in a hook or in the Limiter.
func (c *call) endPanicked() {
	if c.onEnd == nil {
		return
	}
	if c.attempts > 0 {
		c.judge() // the attempt that was under way, of which nothing is known
	}
	r := c.result()
	r.ErrorType = errorTypePanic
	c.onEnd(r)
}

func (c *call) result() Result {
	return Result{
		Attempts: c.attempts, Status: c.answered.status,
		Code: c.answered.failure.code(), TraceID: c.answered.failure.traceID,
		Outcome: c.outcome, Queued: c.queuedInAll, Duration: time.Since(c.started),
	}
}

// errorType is the class of what ended an attempt or a call, "" for a success.
// There are few of them, so that metrics can be told apart by it.
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

// member is how Clerk's documents name the id that follows a collection in a
// path, "" for what is no collection.
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

func port(u *url.URL) int {
	if n, err := strconv.Atoi(u.Port()); err == nil {
		return n
	}
	if u.Scheme == "http" {
		return 80
	}
	return 443
}
