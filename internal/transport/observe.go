package transport

import (
	"context"
	"log/slog"

	"github.com/clerkmeta/clerkmeta-go/observe"
)

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
	if a.Queued > 0 {
		attrs = append(attrs, slog.Duration("queued", a.Queued))
	}
	if a.Code != "" {
		attrs = append(attrs, slog.String("code", a.Code))
	}
	if a.TraceID != "" {
		attrs = append(attrs, slog.String("trace_id", a.TraceID))
	}
	if a.Err != nil {
		attrs = append(attrs, slog.String("error", a.Err.Error()))
	}
	if a.Retry {
		attrs = append(attrs, slog.Duration("wait", a.Wait))
	}
	logger.LogAttrs(ctx, level, msg, attrs...)
}
