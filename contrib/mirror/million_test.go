package mirror_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/contrib/mirror"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// TestMillion measures a mirror of CLERKMETA_MIRROR_USERS users: the snapshot's rate and memory,
// and lookups by private metadata beside a walk through the API.
func TestMillion(t *testing.T) { //nolint:paralleltest // it measures
	n, err := strconv.Atoi(os.Getenv("CLERKMETA_MIRROR_USERS"))
	if err != nil {
		t.Skip("CLERKMETA_MIRROR_USERS is not set")
	}
	source := invent(t, n)
	var peak atomic.Uint64
	source.asked = func(request int) {
		if request%100 == 0 {
			peak.Store(max(peak.Load(), heap()))
		}
	}
	m, c, pool := source.mirror(t, client.WithRateLimit(client.ProductionLimit), client.WithRetry(client.Retry{Timeout: time.Hour}))
	start := time.Now()
	require.NoError(t, m.Sync(t.Context()))
	took := time.Since(start)
	t.Logf("snapshot: %d users in %s, %.0f a second, by %s; at most %d MB of heap", n, took.Round(time.Millisecond),
		float64(n)/took.Seconds(), source.quota(took), peak.Load()>>20)
	require.Less(t, peak.Load(), uint64(64<<20), "a set of their ids alone would be larger")
	var rows int
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT count(*) FROM clerk_users`).Scan(&rows))
	require.Equal(t, n, rows)

	var times []time.Duration
	for i := range 2000 {
		at := i * n / 2000
		start := time.Now()
		for u, err := range mirror.Find[open](t.Context(), m, mirror.Where("private_metadata.stripeId", stripeID(at))) {
			require.NoError(t, err)
			require.Equal(t, inventedID(at), u.ID)
			times = append(times, time.Since(start))
		}
	}
	require.Len(t, times, 2000)
	slices.Sort(times)
	t.Logf("lookup: p50 %s, p99 %s\n%s", times[len(times)/2], times[len(times)*99/100], plan(t, pool))

	source.requests.Store(0)
	start = time.Now()
	for u, err := range c.Users.All(t.Context(), users.AllParams{PageSize: 500}) {
		require.NoError(t, err)
		if u.PrivateMetadata.String() == fmt.Sprintf(`{"stripeId":%q}`, stripeID(n/2)) {
			break
		}
	}
	took = time.Since(start)
	t.Logf("walk to the middle: %s, %s", took.Round(time.Millisecond), source.quota(took))
}

// quota describes the requests so far, which took a time.
func (v *invented) quota(took time.Duration) string {
	requests := v.requests.Load()
	share := float64(requests) / took.Seconds() / (float64(client.ProductionLimit) / 10)
	return fmt.Sprintf("%d requests, %.0f %% of the quota", requests, 100*share)
}
