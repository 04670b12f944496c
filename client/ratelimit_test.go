package client_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/organizations"
	"github.com/clerkmeta/clerkmeta-go/users"
)

const window = 10 * time.Second

// wire stands between a client and a Clerk with rate limits: it keeps when each
// attempt was sent and how many were refused.
type wire struct {
	next http.RoundTripper

	mu      sync.Mutex
	sent    []time.Time
	of      map[string][]time.Time // writes, by path
	refused int
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	w.sent = append(w.sent, time.Now())
	if r.Method != http.MethodGet {
		w.of[r.URL.Path] = append(w.of[r.URL.Path], time.Now())
	}
	w.mu.Unlock()
	resp, err := w.next.RoundTrip(r)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		w.refused++
	}
	return resp, err
}

func userID(i int) string { return fmt.Sprintf("user_%d", i) }

// limitedClerk is a Clerk with limits and the given number of users, and a wire to it.
func limitedClerk(t *testing.T, limits clerktest.Limits, people int, seed clerktest.Seed) *wire {
	t.Helper()
	seed.SecretKey = key
	for i := range people {
		seed.Users = append(seed.Users, clerktest.User{ID: userID(i)})
	}
	clerk := clerktest.Config{Limits: limits, RequestLog: 1}.Start(t, seed)
	return &wire{next: clerk.Transport(), of: map[string][]time.Time{}}
}

// requireRate requires no window with more than limit, no 429, and at least 95 % of
// limit in use: from the first to the last, the burst at the end left out.
func requireRate(t *testing.T, w *wire, limit int) {
	t.Helper()
	require.Zero(t, w.refused)
	for i := limit; i < len(w.sent); i++ {
		require.GreaterOrEqual(t, w.sent[i].Sub(w.sent[i-limit]), window)
	}
	for _, at := range w.of {
		for i := client.DefaultWriteLimit; i < len(at); i++ {
			require.GreaterOrEqual(t, at[i].Sub(at[i-client.DefaultWriteLimit]), window)
		}
	}
	n := len(w.sent)
	took := w.sent[n-1].Sub(w.sent[0])
	require.LessOrEqual(t, took, time.Duration(float64(n)/float64(limit)*float64(window)/0.95)+window)
	whole := (n - 1) / limit * limit
	rate := float64(whole) / w.sent[whole].Sub(w.sent[0]).Seconds() * window.Seconds()
	require.GreaterOrEqual(t, rate, 0.95*float64(limit))
	t.Logf("%d requests in %s: %.1f of %d in 10 s (%.1f %%), %d refused", n, took, rate, limit, 100*rate/float64(limit), w.refused)
}

// fanOut calls do(0) to do(n-1) from n goroutines.
func fanOut(workers, n int, do func(i int)) {
	items := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range items {
				do(i)
			}
		})
	}
	for i := range n {
		items <- i
	}
	close(items)
	wg.Wait()
}

func TestRateLimitKeepsClerkContent(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		limits                   clerktest.Limits
		limit                    client.Limit
		updates, people, workers int
		rate                     int
	}{
		"production":            {clerktest.LimitsProduction, client.ProductionLimit, 2500, 1000, 50, 1000},
		"development":           {clerktest.LimitsDevelopment, client.DevelopmentLimit, 1000, 1000, 50, 100},
		"one user":              {clerktest.LimitsProduction, client.ProductionLimit, 200, 1, 8, 10},
		"one user, one at once": {clerktest.LimitsDevelopment, client.DevelopmentLimit, 200, 1, 1, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := limitedClerk(t, tc.limits, tc.people, clerktest.Seed{})
				c := newClient(t, w, client.WithBaseURL("https://clerk.test/v1"), client.WithRateLimit(tc.limit))
				fanOut(tc.workers, tc.updates, func(i int) {
					_, err := c.Users.UpdateUserMetadata(t.Context(), userID(i%tc.people), users.UpdateUserMetadataParams{
						PublicMetadata: metadata.Patch{"i": i},
					})
					require.NoError(t, err)
				})
				require.Len(t, w.sent, tc.updates)
				requireRate(t, w, tc.rate)
			})
		})
	}
}

// Every entity has a separate limit, a user and the same user's membership too,
// and PATCH and PUT count together.
func TestRateLimitPerEntity(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := limitedClerk(t, clerktest.LimitsProduction, 2, clerktest.Seed{
			Organizations: []clerktest.Organization{{ID: "org_1"}},
			Memberships:   []clerktest.Membership{{OrganizationID: "org_1", UserID: "user_1"}},
		})
		c := newClient(t, w, client.WithBaseURL("https://clerk.test/v1"), client.WithRateLimit(client.ProductionLimit))
		patch, value := metadata.Patch{"a": 1}, metadata.Of(map[string]any{"a": 1})
		kinds := []func(ctx context.Context) error{
			func(ctx context.Context) error {
				_, err := c.Users.UpdateUserMetadata(ctx, "user_1", users.UpdateUserMetadataParams{PublicMetadata: patch})
				return err
			},
			func(ctx context.Context) error {
				_, err := c.Users.ReplaceUserMetadata(ctx, "user_1", users.ReplaceUserMetadataParams{PublicMetadata: value})
				return err
			},
			func(ctx context.Context) error {
				_, err := c.Organizations.UpdateOrganizationMetadata(ctx, "org_1", organizations.UpdateOrganizationMetadataParams{PublicMetadata: patch})
				return err
			},
			func(ctx context.Context) error {
				_, err := c.Organizations.ReplaceOrganizationMetadata(ctx, "org_1", organizations.ReplaceOrganizationMetadataParams{PublicMetadata: value})
				return err
			},
			func(ctx context.Context) error {
				_, err := c.Organizations.UpdateOrganizationMembershipMetadata(ctx, "org_1", "user_1", organizations.UpdateOrganizationMembershipMetadataParams{PublicMetadata: patch})
				return err
			},
		}
		start := time.Now()
		for i := range 30 {
			require.NoError(t, kinds[[]int{0, 2, 4, 1, 3, 4}[i%6]](t.Context()))
		}
		for range 50 {
			_, err := c.Users.GetUser(t.Context(), "user_1")
			require.NoError(t, err)
		}
		require.Zero(t, time.Since(start), "ten writes each, and reads, have room")
		ctx, cancel := context.WithTimeout(t.Context(), window)
		defer cancel()
		for _, write := range kinds {
			require.ErrorIs(t, write(ctx), clerkerr.ErrLocalLimit)
		}
		require.Len(t, w.sent, 80)
		require.Zero(t, w.refused)
	})
}
