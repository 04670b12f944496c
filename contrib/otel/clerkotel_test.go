package clerkotel_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	clerkotel "github.com/clerkmeta/clerkmeta-go/contrib/otel"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// collector takes what one test exports.
type collector struct {
	spans   *tracetest.InMemoryExporter
	tracers *sdktrace.TracerProvider
	reader  *metric.ManualReader
	meters  *metric.MeterProvider
}

func newCollector() *collector {
	c := &collector{spans: tracetest.NewInMemoryExporter(), reader: metric.NewManualReader()}
	c.tracers = sdktrace.NewTracerProvider(sdktrace.WithSyncer(c.spans))
	c.meters = metric.NewMeterProvider(metric.WithReader(c.reader))
	return c
}

func (c *collector) options(more ...client.Option) []client.Option {
	return append(clerkotel.Options(clerkotel.Config{TracerProvider: c.tracers, MeterProvider: c.meters}), more...)
}

// span is the only one.
func (c *collector) span(t *testing.T) tracetest.SpanStub {
	t.Helper()
	spans := c.spans.GetSpans()
	require.Len(t, spans, 1)
	return spans[0]
}

// metrics are those that were recorded, by name.
func (c *collector) metrics(t *testing.T) map[string]metricdata.Metrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(t, c.reader.Collect(t.Context(), &all))
	found := map[string]metricdata.Metrics{}
	for _, scope := range all.ScopeMetrics {
		require.Equal(t, clerkotel.ScopeName, scope.Scope.Name)
		for _, m := range scope.Metrics {
			found[m.Name] = m
		}
	}
	return found
}

// attrs are attributes as a map.
func attrs(all []attribute.KeyValue) map[string]any {
	m := map[string]any{}
	for _, kv := range all {
		m[string(kv.Key)] = kv.Value.AsInterface()
	}
	return m
}

func setOf(s attribute.Set) map[string]any { return attrs(s.ToSlice()) }

func start(t *testing.T, faults ...clerktest.Fault) *clerktest.Test {
	t.Helper()
	clerk := clerktest.Start(t, clerktest.Seed{Users: []clerktest.User{{ID: "user_1"}}})
	if len(faults) > 0 {
		clerk.Script(clerktest.UpdateUserMetadata, faults...)
	}
	return clerk
}

func update(ctx context.Context, c *client.Client, userID string) error {
	_, err := c.Users.UpdateUserMetadata(ctx, userID, params(metadata.Patch{"role": "shopper"}))
	return err
}

func params(public metadata.Patch) users.UpdateUserMetadataParams {
	return users.UpdateUserMetadataParams{PublicMetadata: public}
}

// newClient is a client of clerk whose requests go through rt.
func newClient(t *testing.T, clerk *clerktest.Test, rt http.RoundTripper, opts ...client.Option) *client.Client {
	t.Helper()
	c, err := client.New(client.SecretKey(clerk.SecretKey()), append(opts, client.WithHTTPClient(&http.Client{Transport: rt}))...)
	require.NoError(t, err)
	return c
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
