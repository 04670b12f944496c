// Package clerkotel traces and measures the calls of this module's clients with
// OpenTelemetry, by its semantic conventions for HTTP clients
// (https://opentelemetry.io/docs/specs/semconv/http/).
//
//	c, err := client.New(key, clerkotel.Options(clerkotel.Config{})...)
//
// A call is one request to Clerk with its retries and waits: Modify, which reads and
// then writes, makes several. Each call is one span of kind client, a child of the span
// in the caller's context, with an event for each retry.
//
// The conventions have a span for each attempt. For those, wrap the Transport of
// client.WithHTTPClient (otelhttp does): its spans become children of the call's. Such
// a wrapper records whole URLs, with ids and, on the Frontend API, credentials in the
// query. This package omits url.full, and exports no id, query, key, token or metadata
// value.
//
// It does no I/O; the providers do. It is safe for concurrent use.
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

// Config says where spans and metrics go.
type Config struct {
	// TracerProvider takes the spans; otel.GetTracerProvider by default.
	TracerProvider trace.TracerProvider
	// MeterProvider takes the metrics; otel.GetMeterProvider by default.
	MeterProvider metric.MeterProvider
}

// Options returns the options by which client.New and client.NewFrontend trace and
// measure every call. They combine with all other options, hooks included. If a meter
// provider refuses an instrument, otel.Handle gets the error, and calls continue
// without it.
func Options(c Config) []client.Option {
	if c.TracerProvider == nil {
		c.TracerProvider = otel.GetTracerProvider()
	}
	if c.MeterProvider == nil {
		c.MeterProvider = otel.GetMeterProvider()
	}
	t := &telemetry{
		tracer: c.TracerProvider.Tracer(ScopeName,
			trace.WithInstrumentationVersion(client.Version), trace.WithSchemaURL(semconv.SchemaURL)),
		instruments: newInstruments(c.MeterProvider.Meter(ScopeName,
			metric.WithInstrumentationVersion(client.Version), metric.WithSchemaURL(semconv.SchemaURL))),
	}
	return []client.Option{client.WithCallHook(t.start), client.WithAttemptHook(t.attempt)}
}
