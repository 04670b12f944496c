package clerkotel

import (
	"context"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/clerkmeta/clerkmeta-go/observe"
)

// Names that the conventions lack.
const (
	eventRetry = "clerkmeta.retry"

	keyOperation     = attribute.Key("clerkmeta.operation")
	keyOutcome       = attribute.Key("clerkmeta.outcome")
	keyCode          = attribute.Key("clerkmeta.error.code")
	keyTraceID       = attribute.Key("clerkmeta.clerk_trace_id")
	keyRetryWait     = attribute.Key("clerkmeta.retry.wait")
	keyRateLimitWait = attribute.Key("clerkmeta.rate_limit.wait")
)

type telemetry struct {
	tracer trace.Tracer
	instruments
}

// call is a call that is under way.
type call struct {
	observe.Call

	t      *telemetry
	span   trace.Span
	common []attribute.KeyValue // of the span and of every metric
}

// callKey is the key of a *call in the context of its attempts. The span in the context
// may be that of another hook.
type callKey struct{ *telemetry }

// start is the client's call hook.
func (t *telemetry) start(ctx context.Context, begun observe.Call) (context.Context, func(observe.Result)) {
	c := &call{Call: begun, t: t, common: []attribute.KeyValue{
		semconv.HTTPRequestMethodKey.String(begun.Method),
		semconv.URLTemplate(begun.Route),
		semconv.ServerAddress(begun.Host),
		semconv.ServerPort(begun.Port),
	}}
	ctx, c.span = t.tracer.Start(ctx, begun.Method+" "+begun.Route,
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(c.common...),
		trace.WithAttributes(keyOperation.String(begun.Operation)))
	return context.WithValue(ctx, callKey{t}, c), func(r observe.Result) { c.end(ctx, r) }
}

// attempt is the client's attempt hook; it reports retries.
func (t *telemetry) attempt(ctx context.Context, a observe.Attempt) {
	c, ok := ctx.Value(callKey{t}).(*call)
	if !ok || !a.Retry {
		return
	}
	why := answered(a.Status, a.ErrorType)
	c.span.AddEvent(eventRetry, trace.WithAttributes(why...), trace.WithAttributes(
		semconv.HTTPRequestResendCount(a.Number),
		seconds(keyRetryWait, a.Wait),
	))
	t.retries.Add(ctx, 1, metric.WithAttributes(slices.Concat(c.common, why)...))
}

func (c *call) end(ctx context.Context, r observe.Result) {
	result := answered(r.Status, r.ErrorType)
	c.t.ended(ctx, r, slices.Concat(c.common, result))
	c.span.SetAttributes(result...)
	c.identify(keyCode, r.Code)
	c.identify(keyTraceID, r.TraceID)
	if c.Write {
		c.span.SetAttributes(keyOutcome.String(r.Outcome.String()))
	}
	if r.Attempts > 1 {
		c.span.SetAttributes(semconv.HTTPRequestResendCount(r.Attempts - 1))
	}
	if r.Queued > 0 {
		c.span.SetAttributes(seconds(keyRateLimitWait, r.Queued))
	}
	if r.ErrorType != "" {
		c.span.SetStatus(codes.Error, "") // the attributes are its description
	}
	c.span.End()
}

// answered returns the attributes of an answer, or of its absence.
func answered(status int, errorType string) []attribute.KeyValue {
	var attrs []attribute.KeyValue
	if status != 0 {
		attrs = append(attrs, semconv.HTTPResponseStatusCode(status))
	}
	if errorType != "" {
		attrs = append(attrs, semconv.ErrorTypeKey.String(errorType))
	}
	return attrs
}

// identify adds to the span a text that a proxy between us and Clerk may have written,
// if it looks like one of Clerk's.
func (c *call) identify(key attribute.Key, text string) {
	const longest = 64
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	if text != "" && len(text) <= longest && strings.Trim(text, letters) == "" {
		c.span.SetAttributes(key.String(text))
	}
}

func seconds(key attribute.Key, d time.Duration) attribute.KeyValue { return key.Float64(d.Seconds()) }
