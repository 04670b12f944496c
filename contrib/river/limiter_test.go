package riverwrites_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/bulk"
	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	riverwrites "github.com/clerkmeta/clerkmeta-go/contrib/river"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// counting is a Limiter that counts. It refuses the first requests, as a limiter does whose
// quota is spent for longer than a request may take.
type counting struct {
	client.Limiter

	mu       sync.Mutex
	refuses  int
	slots    []string
	holdings []time.Duration
}

func (c *counting) Wait(ctx context.Context, r observe.Request) error {
	if c.refused(r) {
		return fmt.Errorf("the quota is spent: %w", clerkerr.ErrLocalLimit)
	}
	return c.Limiter.Wait(ctx, r)
}

func (c *counting) refused(r observe.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuses > 0 {
		c.refuses--
		return true
	}
	c.slots = append(c.slots, r.Entity)
	return false
}

func (c *counting) TooMany(ctx context.Context, r observe.Request, after time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holdings = append(c.holdings, after)
	c.Limiter.TooMany(ctx, r, after)
}

// Two workers share a limiter: each request takes one slot for its entity, none is sent without
// one, a 429 holds back the fleet, and what the limiter refuses is sent later.
func TestLimiter(t *testing.T) {
	t.Parallel()
	w := newWorld(t, riverwrites.Config{})
	fleet, err := client.NewLimiter(client.ProductionLimit, client.DefaultWriteLimit)
	require.NoError(t, err)
	shared := &counting{Limiter: fleet, refuses: 2}
	w.clerk.Script(clerktest.AnyOperation, clerktest.Answer(429, "too_many_requests", clerktest.RetryAfter(time.Second)))
	var workers []*river.Client[pgx.Tx]
	for range 2 {
		config := &river.Config{FetchPollInterval: 20 * time.Millisecond, FetchCooldown: 10 * time.Millisecond}
		c := w.clerk.Client(client.WithLimiter(shared), client.WithRetry(client.Retry{MaxRetries: client.None}))
		require.NoError(t, w.outbox.AddWorkers(config, w.pool, c))
		jobs, err := river.NewClient(riverpgxv5.New(w.pool), config)
		require.NoError(t, err)
		require.NoError(t, jobs.Start(t.Context()))
		workers = append(workers, jobs)
	}
	w.insert(t, private("a", 1), bulk.PatchUser("user_2", bulk.Fields{Public: metadata.Patch{"a": 1}}),
		bulk.PatchOrganization("org_1", bulk.Fields{Public: metadata.Patch{"a": 1}}),
		bulk.PatchMembership("org_1", "user_1", bulk.Fields{Public: metadata.Patch{"a": 1}}))
	w.settled(t)
	for _, jobs := range workers {
		require.NoError(t, jobs.Stop(t.Context()))
	}
	require.Equal(t, []string{"applied", "applied", "applied", "applied"}, w.states(t))
	require.GreaterOrEqual(t, len(w.bodies()), 5, "one is answered 429")
	require.LessOrEqual(t, len(w.bodies()), len(shared.slots))
	entities := slices.Compact(slices.Sorted(slices.Values(shared.slots)))
	require.Equal(t, []string{"membership/org_1/user_1", "organization/org_1", "user/user_1", "user/user_2"}, entities)
	require.Equal(t, []time.Duration{time.Second}, shared.holdings)
	require.Zero(t, shared.refuses)
}
