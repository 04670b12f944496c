package docs_test

import (
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
}
