// Package clerkotel traces and measures the calls of this module's clients with
// OpenTelemetry, by its semantic conventions for HTTP clients
// (https://opentelemetry.io/docs/specs/semconv/http/).
//
//	c, err := client.New(key, clerkotel.Options()...)
//
// Every call is one span of kind client, with an event for each retry. A call is
// one request to Clerk with its retries and waits: Modify, which reads and then
// writes, makes several. The span is a child of the one in the caller's context.
//
// The conventions would have a span for each attempt. One for each call tells
// what the caller sees; for the attempts, wrap the Transport that goes into
// client.WithHTTPClient (otelhttp does): its spans become children of the call's.
// Such a wrapper records whole URLs, with ids and, on the Frontend API, with
// credentials in the query. This package does not: the conventions' url.full is
// left out, and nothing else that it exports holds an id, a query, a key, a
// token or a metadata value.
//
// It is a module of its own, so that only those who use it depend on
// OpenTelemetry. It does no I/O; what exports is up to the providers. All of it
// is safe for concurrent use.
package clerkotel

import (
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/clerkmeta/clerkmeta-go/client"
)

// ScopeName is the name of the instrumentation scope of all spans and metrics.
const ScopeName = "github.com/clerkmeta/clerkmeta-go/contrib/otel"

// Option changes where Options sends its data.
type Option func(*config)

type config struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
}

// WithTracerProvider sets where spans go; otel.GetTracerProvider otherwise and
// where tp is nil.
func WithTracerProvider(tp trace.TracerProvider) Option {
	return func(c *config) {
		if tp != nil {
			c.tracers = tp
		}
	}
}

// WithMeterProvider sets where metrics go; otel.GetMeterProvider otherwise and
// where mp is nil.
func WithMeterProvider(mp metric.MeterProvider) Option {
	return func(c *config) {
		if mp != nil {
			c.meters = mp
		}
	}
}

// Options returns what makes client.New and client.NewFrontend trace and measure
// every call. They go together with all other options, with hooks too. Where a
// meter provider refuses an instrument, otel.Handle is told, and calls go on
// without it.
func Options(opts ...Option) []client.Option {
	c := config{tracers: otel.GetTracerProvider(), meters: otel.GetMeterProvider()}
	for _, o := range opts {
		o(&c)
	}
	t := &telemetry{
		tracer: c.tracers.Tracer(ScopeName,
			trace.WithInstrumentationVersion(client.Version), trace.WithSchemaURL(semconv.SchemaURL)),
		instruments: newInstruments(c.meters.Meter(ScopeName,
			metric.WithInstrumentationVersion(client.Version), metric.WithSchemaURL(semconv.SchemaURL))),
	}
	return []client.Option{client.WithCallHook(t.start), client.WithAttemptHook(t.attempt)}
}
