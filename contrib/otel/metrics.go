package clerkotel

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/semconv/v1.43.0/httpconv"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// Names of the metrics, besides http.client.request.duration.
const (
	metricRetries       = "clerkmeta.retries"
	metricRateLimitWait = "clerkmeta.rate_limit.wait.duration"
	metricUnknown       = "clerkmeta.writes.unknown"
)

type instruments struct {
	duration      httpconv.ClientRequestDuration
	retries       metric.Int64Counter
	rateLimitWait metric.Float64Histogram
	unknown       metric.Int64Counter
}

func newInstruments(m metric.Meter) instruments {
	counter := or[metric.Int64Counter](noop.Int64Counter{})
	histogram := or[metric.Float64Histogram](noop.Float64Histogram{})
	duration := or(httpconv.ClientRequestDuration{Float64Histogram: noop.Float64Histogram{}})
	return instruments{
		duration: duration(httpconv.NewClientRequestDuration(m)),
		rateLimitWait: histogram(m.Float64Histogram(metricRateLimitWait, metric.WithUnit("s"),
			metric.WithDescription("How long calls waited for their turn under the client's own rate limit."),
			metric.WithExplicitBucketBoundaries(0.001, 0.01, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 45))),
		retries: counter(m.Int64Counter(metricRetries, metric.WithUnit("{retry}"),
			metric.WithDescription("Attempts that were followed by another, by the reason."))),
		unknown: counter(m.Int64Counter(metricUnknown, metric.WithUnit("{write}"),
			metric.WithDescription("Writes that may or may not have been applied."))),
	}
}

// or returns a function that replaces an instrument which the meter refused by none.
func or[I any](none I) func(I, error) I {
	return func(instrument I, err error) I {
		if err != nil {
			otel.Handle(err)
			return none
		}
		return instrument
	}
}

// ended measures a call, waits included, as its span does. No read has an unknown
// outcome.
func (i *instruments) ended(ctx context.Context, r observe.Result, attrs []attribute.KeyValue) {
	set := metric.WithAttributeSet(attribute.NewSet(attrs...))
	i.duration.Inst().Record(ctx, r.Duration.Seconds(), set)
	if r.Queued > 0 {
		i.rateLimitWait.Record(ctx, r.Queued.Seconds(), set)
	}
	if r.Outcome == clerkerr.OutcomeUnknown {
		i.unknown.Add(ctx, 1, set)
	}
}
