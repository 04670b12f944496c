package client_test

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
)

// byHealth fails or succeeds as a test sets it, and counts.
type byHealth struct {
	healthy atomic.Bool
	count   atomic.Int64
}

func (b *byHealth) RoundTrip(r *http.Request) (*http.Response, error) {
	b.count.Add(1)
	if b.healthy.Load() {
		return answer(200, strings.Replace(userJSON, "user_1", "any_1", 1))(r)
	}
	return answer(503, "")(r)
}

func TestRetryBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := &byHealth{}
		opts := []client.Option{client.WithRetry(client.Retry{MaxRetries: 1, Budget: 3, Refill: 0.5})}
		s := newSDK(t, rt, opts...)
		other := newClient(t, rt, opts...)
		n := 0
		// fail makes one failing call, of both services in turn.
		fail := func(c calls.SDK, stop clerkerr.StopReason, attempts int) {
			t.Helper()
			name := []string{"users.UpdateUserMetadata", "organizations.UpdateOrganizationMetadata", "users.GetUser"}[n%3]
			n++
			e := asFailure(t, calls.Named(name).Do(t.Context(), c, calls.Valid()).Err)
			require.Equal(t, stop, e.Stop)
			require.Equal(t, attempts, e.Attempts)
			require.Equal(t, 503, e.Status)
		}
		succeed := func(times int) {
			t.Helper()
			rt.healthy.Store(true)
			defer rt.healthy.Store(false)
			for range times {
				_, err := s.Users.GetUser(t.Context(), "user_1")
				require.NoError(t, err)
			}
		}
		for range 3 {
			fail(s, clerkerr.StopAttempts, 2)
		}
		fail(s, clerkerr.StopBudget, 1)
		fail(s, clerkerr.StopBudget, 1)
		fail(calls.SDK{Client: other}, clerkerr.StopAttempts, 2)

		succeed(1) // half a retry
		fail(s, clerkerr.StopBudget, 1)
		succeed(1)
		fail(s, clerkerr.StopAttempts, 2)
		fail(s, clerkerr.StopBudget, 1)

		succeed(100) // the bucket holds no more than 3
		for range 3 {
			fail(s, clerkerr.StopAttempts, 2)
		}
		fail(s, clerkerr.StopBudget, 1)
	})
}

func TestRetryBudgetIsSharedByConcurrentCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := &byHealth{}
		c := newClient(t, rt, client.WithRetry(client.Retry{MaxRetries: 10}))
		const calls = 60
		var spent atomic.Int64
		var wg sync.WaitGroup
		for range calls {
			wg.Go(func() {
				_, err := update(t.Context(), c)
				if asFailure(t, err).Stop == clerkerr.StopBudget {
					spent.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, calls+100, rt.count.Load())
		require.NotZero(t, spent.Load())
	})
}
