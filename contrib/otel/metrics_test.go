package clerkotel_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	clerkotel "github.com/clerkmeta/clerkmeta-go/contrib/otel"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func replacement(public metadata.Value) users.ReplaceUserMetadataParams {
	return users.ReplaceUserMetadataParams{PublicMetadata: public}
}

// common are the attributes of every metric.
func common(more map[string]any) map[string]any {
	all := map[string]any{
		"http.request.method": "PATCH", "url.template": "/v1/users/{user_id}/metadata",
		"server.address": "clerk.test", "server.port": int64(443),
	}
	for k, v := range more {
		all[k] = v
	}
	return all
}

func histogram(t *testing.T, m metricdata.Metrics) metricdata.HistogramDataPoint[float64] {
	t.Helper()
	require.Equal(t, "s", m.Unit)
	data, ok := m.Data.(metricdata.Histogram[float64])
	require.True(t, ok)
	require.Len(t, data.DataPoints, 1)
	return data.DataPoints[0]
}

func counter(t *testing.T, m metricdata.Metrics) []metricdata.DataPoint[int64] {
	t.Helper()
	data, ok := m.Data.(metricdata.Sum[int64])
	require.True(t, ok)
	require.True(t, data.IsMonotonic)
	return data.DataPoints
}

func TestMetricsOfARetriedCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		collected := newCollector()
		tooMany := clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(3*time.Second))
		clerk := start(t, tooMany, tooMany)
		require.NoError(t, update(t.Context(), clerk.Client(collected.options(client.WithRetry(client.Retry{BaseDelay: client.None}))...), "user_1"))

		got := collected.metrics(t)
		require.Len(t, got, 2)
		duration := histogram(t, got["http.client.request.duration"])
		require.InDelta(t, 6, duration.Sum, 1e-6, "with its retries and waits")
		require.Equal(t, uint64(1), duration.Count)
		require.Equal(t, []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}, duration.Bounds)
		require.Equal(t, common(map[string]any{"http.response.status_code": int64(200)}), setOf(duration.Attributes))
		span := collected.span(t)
		require.InDelta(t, span.EndTime.Sub(span.StartTime).Seconds(), duration.Sum, 1e-6, "as long as the span")

		retries := counter(t, got["clerkmeta.retries"])
		require.Len(t, retries, 1)
		require.Equal(t, int64(2), retries[0].Value)
		require.Equal(t, common(map[string]any{"http.response.status_code": int64(429), "error.type": "429"}), setOf(retries[0].Attributes))
	})
}

func TestMetricsOfAFailure(t *testing.T) {
	t.Parallel()
	collected := newCollector()
	clerk := start(t, clerktest.Drop())
	c := clerk.Client(collected.options(client.WithRetry(client.Retry{MaxRetries: client.None}))...)
	require.Error(t, update(t.Context(), c, "user_1"))

	got := collected.metrics(t)
	require.Len(t, got, 2)
	want := common(map[string]any{"error.type": "connection"})
	require.Equal(t, want, setOf(histogram(t, got["http.client.request.duration"]).Attributes))
	unknown := counter(t, got["clerkmeta.writes.unknown"])
	require.Len(t, unknown, 1)
	require.Equal(t, int64(1), unknown[0].Value)
	require.Equal(t, want, setOf(unknown[0].Attributes))

	// A read leaves nothing unknown.
	clerk.Script(clerktest.GetUser, clerktest.Drop())
	_, err := c.Users.GetUser(t.Context(), "user_1")
	require.Error(t, err)
	require.Len(t, counter(t, collected.metrics(t)["clerkmeta.writes.unknown"]), 1)
}

func TestMetricsOfTheRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		collected, clerk := newCollector(), start(t)
		c := clerk.Client(collected.options(client.WithRateLimit(1))...)
		require.NoError(t, update(t.Context(), c, "user_1"))
		require.NoError(t, update(t.Context(), c, "user_1"))
		wait := histogram(t, collected.metrics(t)["clerkmeta.rate_limit.wait.duration"])
		require.Greater(t, wait.Sum, 10.0)
		require.Equal(t, common(map[string]any{"http.response.status_code": int64(200)}), setOf(wait.Attributes))
	})
}

// The global providers are the ones that are asked where none is given.
func TestGlobalProviders(t *testing.T) { //nolint:paralleltest // changes what belongs to the whole process
	collected, clerk := newCollector(), start(t)
	tracers, meters := otel.GetTracerProvider(), otel.GetMeterProvider()
	t.Cleanup(func() {
		otel.SetTracerProvider(tracers)
		otel.SetMeterProvider(meters)
	})
	otel.SetTracerProvider(collected.tracers)
	otel.SetMeterProvider(collected.meters)
	c := clerk.Client(clerkotel.Options(clerkotel.Config{})...)
	require.NoError(t, update(t.Context(), c, "user_1"))
	require.Equal(t, "PATCH /v1/users/{user_id}/metadata", collected.span(t).Name)
	require.Contains(t, collected.metrics(t), "http.client.request.duration")
}

// refusing is a meter that makes no instrument.
type refusing struct{ noop.MeterProvider }

func (refusing) Meter(string, ...metric.MeterOption) metric.Meter { return refusingMeter{} }

type refusingMeter struct{ noop.Meter }

func (refusingMeter) Int64Counter(string, ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	return nil, errBroken
}

func (refusingMeter) Float64Histogram(string, ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	return nil, errBroken
}

func TestInstrumentsThatAreRefused(t *testing.T) { //nolint:paralleltest // changes what belongs to the whole process
	var handled []error
	before := otel.GetErrorHandler()
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { handled = append(handled, err) }))
	t.Cleanup(func() { otel.SetErrorHandler(before) })
	synctest.Test(t, func(t *testing.T) {
		clerk := start(t, clerktest.Drop())
		c := clerk.Client(append(clerkotel.Options(clerkotel.Config{MeterProvider: refusing{}}), client.WithRateLimit(1))...)
		require.NoError(t, update(t.Context(), c, "user_1"))
		clerk.Script(clerktest.UpdateUserMetadata, clerktest.Drop())
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		require.Error(t, update(ctx, c, "user_1"))
	})
	require.Equal(t, []error{errBroken, errBroken, errBroken, errBroken}, handled)
}
