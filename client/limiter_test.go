package client_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/calls"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// countingLimiter is somebody else's.
type countingLimiter struct {
	err     error
	waits   []string
	names   []string // of the operations
	refused []string
}

func (l *countingLimiter) Wait(_ context.Context, r observe.Request) error {
	l.waits, l.names = append(l.waits, r.Entity), append(l.names, r.Operation)
	return l.err
}

func (l *countingLimiter) TooMany(_ context.Context, r observe.Request, retryAfter time.Duration) {
	l.refused = append(l.refused, fmt.Sprint(r.Operation, " ", r.Entity, " ", retryAfter))
}

func TestLimiterOfOnesOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &countingLimiter{}
		rt := play(answer(429, tooManyJSON, "Retry-After", "7"), answer(429, tooManyJSON), answer(200, userJSON))
		s := newSDK(t, rt, client.WithLimiter(l))
		_, err := update(t.Context(), s.Client)
		require.NoError(t, err)
		user := "user/user_1"
		require.Equal(t, []string{user, user, user}, l.waits)
		require.Equal(t, []string{"UpdateUserMetadata " + user + " 7s", "UpdateUserMetadata " + user + " 0s"}, l.refused)

		l.err = errors.New("redis is down")
		sent := rt.count()
		_, err = update(t.Context(), s.Client)
		require.ErrorIs(t, err, l.err)
		require.NotErrorIs(t, err, clerkerr.ErrTransport)
		require.Equal(t, clerkerr.StopFinal, asFailure(t, err).Stop)
		require.Equal(t, clerkerr.OutcomeNotApplied, asFailure(t, err).Outcome)
		require.Equal(t, sent, rt.count(), "nothing is sent")
	})
}

// Every attempt asks, and a write says what it writes to.
func TestLimiterOfEveryCall(t *testing.T) {
	t.Parallel()
	seed := calls.Seed(nil)
	seed.SecretKey = key
	clerk, err := clerktest.New(seed)
	require.NoError(t, err)
	entities := map[calls.Kind]string{
		calls.User: "user/user_1", calls.Organization: "organization/org_1", calls.Membership: "membership/org_1/user_1", calls.SignedIn: "",
	}
	for _, c := range calls.All() {
		l := &countingLimiter{}
		in := calls.Valid()
		in.Patch = calls.Same(metadata.Patch{c.Name: 1})
		in.Value = calls.Same(metadata.Of(in.Patch.Unsafe))
		require.NoError(t, c.Do(t.Context(), newSDK(t, clerk.Transport(), client.WithLimiter(l)), in).Err)
		var want, names []string
		for _, r := range c.Requests {
			names = append(names, r.Operation)
			if r.IsWrite() && !c.IsPost() {
				want = append(want, entities[c.Target])
			} else {
				want = append(want, "")
			}
		}
		require.Equal(t, want, l.waits, c.Name)
		require.Equal(t, names, l.names, c.Name)
	}
}

// lateLimiter lets an attempt go in the moment that the call is given up.
type lateLimiter struct {
	countingLimiter

	cancel func()
}

func (l *lateLimiter) Wait(context.Context, observe.Request) error {
	l.cancel()
	return nil
}

func TestNothingIsSentAfterTheEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	rt := play(answer(200, userJSON))
	_, err := update(ctx, newClient(t, rt, client.WithLimiter(&lateLimiter{cancel: cancel})))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, clerkerr.StopCanceled, asFailure(t, err).Stop)
	require.Zero(t, asFailure(t, err).Attempts)
	require.Zero(t, rt.count())
}

func TestLimiterShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, err := client.NewLimiter(100, 1)
		require.NoError(t, err)
		one, other := newClient(t, answer(200, userJSON), client.WithLimiter(l)), newClient(t, answer(200, userJSON), client.WithLimiter(l))
		start := time.Now()
		_, err = update(t.Context(), one)
		require.NoError(t, err)
		_, err = update(t.Context(), other)
		require.NoError(t, err)
		require.Greater(t, time.Since(start), window)
	})
	_, err := client.NewLimiter(0, 1)
	requireInvalid(t, err, "client.NewLimiter", "limit", "is 0; expected 1 to 100000")
	_, err = client.NewLimiter(1, 1001)
	requireInvalid(t, err, "client.NewLimiter", "writes", "is 1001; expected 1 to 1000")
}

func TestRateLimitOptions(t *testing.T) {
	t.Parallel()
	requireBadOption(t, "WithRateLimit", "is 0", client.WithRateLimit(0))
	requireBadOption(t, "WithRateLimit", "is 100001", client.WithRateLimit(100_001))
	requireBadOption(t, "WithWriteLimit", "is 0", client.WithRateLimit(1), client.WithWriteLimit(0))
	requireBadOption(t, "WithWriteLimit", "is 1001", client.WithWriteLimit(1001), client.WithRateLimit(1))
	requireBadOption(t, "WithWriteLimit", "without WithRateLimit", client.WithWriteLimit(5))
	requireBadOption(t, "WithLimiter", "is nil", client.WithLimiter(nil))
	requireBadOption(t, "WithLimiter", "together with WithRateLimit", client.WithLimiter(&countingLimiter{}), client.WithRateLimit(1))
	requireBadOption(t, "WithWriteLimit", "without WithRateLimit", client.WithLimiter(&countingLimiter{}), client.WithWriteLimit(5))

	synctest.Test(t, func(t *testing.T) {
		opts := []client.Option{client.WithWriteLimit(2), client.WithRateLimit(client.ProductionLimit / 2)}
		for range 2 { // options share nothing
			c, start := newClient(t, answer(200, userJSON), opts...), time.Now()
			for range 2 {
				_, err := update(t.Context(), c)
				require.NoError(t, err)
			}
			require.Zero(t, time.Since(start))
			_, err := update(t.Context(), c)
			require.NoError(t, err)
			require.Greater(t, time.Since(start), window)
		}
	})
}
