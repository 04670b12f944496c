package docs_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
)

func TestRateLimitSnippets(t *testing.T) {
	t.Parallel()
	key := client.SecretKey("sk_test_example")
	c, err := client.New(key, client.WithRateLimit(client.ProductionLimit))
	require.NoError(t, err)
	require.NotNil(t, c)
	c, err = client.New(key,
		client.WithRateLimit(client.ProductionLimit/4),
		client.WithWriteLimit(2),
		client.WithRetry(client.Retry{Timeout: 5 * time.Minute}),
	)
	require.NoError(t, err)
	require.NotNil(t, c)

	var config clientConfig
	c, err = besides(key, &config)
	require.NoError(t, err)
	require.NotNil(t, c)
	require.NotNil(t, config.HTTPClient)
}

// clientConfig stands for that of clerk-sdk-go.
type clientConfig struct{ HTTPClient *http.Client }

func besides(key client.Key, config *clientConfig) (*client.Client, error) {
	limiter, err := client.NewLimiter(client.ProductionLimit, client.DefaultWriteLimit)
	if err != nil {
		return nil, err
	}
	config.HTTPClient = &http.Client{Transport: client.LimitTransport(limiter, nil), Timeout: 45 * time.Second}
	return client.New(key, client.WithLimiter(limiter))
}
