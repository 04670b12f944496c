package clerkotel_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	clerkotel "github.com/clerkmeta/clerkmeta-go/contrib/otel"
)

// withGlobalProviders and withProviders are what the README shows.
func withGlobalProviders(key client.Key) (*client.Client, error) {
	c, err := client.New(key, clerkotel.Options(clerkotel.Config{})...)
	return c, err
}

func withProviders(key client.Key, tp *trace.TracerProvider, mp *metric.MeterProvider, h *http.Client) (*client.Client, error) {
	opts := clerkotel.Options(clerkotel.Config{TracerProvider: tp, MeterProvider: mp})
	opts = append(opts, client.WithHTTPClient(h), client.WithRateLimit(client.ProductionLimit))
	c, err := client.New(key, opts...)
	return c, err
}

func TestWhatTheReadmeShows(t *testing.T) {
	t.Parallel()
	collected, clerk := newCollector(), start(t)
	key := client.SecretKey(clerk.SecretKey())
	_, err := withGlobalProviders(key)
	require.NoError(t, err)
	c, err := withProviders(key, collected.tracers, collected.meters, &http.Client{Transport: clerk.Transport()})
	require.NoError(t, err)
	require.NoError(t, update(t.Context(), c, "user_1"))
	require.NotEmpty(t, collected.span(t).Name)
}

func ExampleOptions() {
	c, err := client.New(client.SecretKey("sk_test_example"), clerkotel.Options(clerkotel.Config{})...)
	fmt.Println(c != nil, err)

	// They combine with every other option, and with other hooks.
	opts := append(clerkotel.Options(clerkotel.Config{}), client.WithRetry(client.Retry{MaxRetries: 11}))
	_, err = client.New(client.SecretKey("sk_test_example"), opts...)
	fmt.Println(err.(*clerkerr.Error).Param()) //nolint:errorlint // an example
	// Output:
	// true <nil>
	// WithRetry
}
