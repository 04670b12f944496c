package client_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// A wait that cannot end in time fails at once, before anything is sent.
func TestRateLimitAndDeadlines(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := play(answer(200, userJSON))
		var seen []observe.Attempt
		c := newClient(t, rt, client.WithRateLimit(1), client.WithRetry(client.Retry{Timeout: 15 * time.Second, AttemptTimeout: time.Second}),
			client.WithAttemptHook(func(_ context.Context, a observe.Attempt) { seen = append(seen, a) }))
		_, err := update(t.Context(), c)
		require.NoError(t, err)
		start := time.Now()

		short, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		_, err = update(short, c)
		e := asFailure(t, err)
		require.Zero(t, time.Since(start))
		require.ErrorIs(t, err, clerkerr.ErrLocalLimit)
		require.NotErrorIs(t, err, clerkerr.ErrTransport)
		require.Equal(t, clerkerr.StopDeadline, e.Stop)
		require.Equal(t, clerkerr.OutcomeNotApplied, e.Outcome)
		require.Zero(t, e.Attempts)
		require.EqualError(t, err, "clerk: UpdateUserMetadata: no room under the client's rate limit before the deadline: there is room in 10.35s")

		ended, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err = update(ended, c)
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, clerkerr.StopCanceled, asFailure(t, err).Stop)
		require.Equal(t, clerkerr.OutcomeNotApplied, asFailure(t, err).Outcome)

		// The wait is longer than an attempt may take, which does not matter.
		_, err = update(t.Context(), c)
		require.NoError(t, err)
		require.Equal(t, 10350*time.Millisecond, time.Since(start))
		require.Len(t, seen, 2, "what was not sent is no attempt")
		require.Zero(t, seen[0].Queued)
		require.Equal(t, 9350*time.Millisecond, seen[1].Queued)
		require.Zero(t, seen[1].Duration)

		// One waits as long as the call may take; no other can behind it.
		go func() { _, _ = update(t.Context(), c) }()
		synctest.Wait()
		_, err = update(t.Context(), c)
		require.ErrorIs(t, err, clerkerr.ErrLocalLimit, "the timeout of the call")
		require.Equal(t, 2, rt.count())
		time.Sleep(time.Minute)
	})
}

// The Timeout of the caller's http.Client bounds an attempt, not the wait.
func TestRateLimitAndHTTPClientTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := client.New(client.SecretKey(key), client.WithRateLimit(1),
			client.WithHTTPClient(&http.Client{Transport: play(answer(200, userJSON)), Timeout: time.Second}))
		require.NoError(t, err)
		for range 3 {
			_, err = update(t.Context(), c)
			require.NoError(t, err)
		}
	})
}

// Retries take a slot each, and what was sent before a refusal is not forgotten.
func TestRateLimitCountsRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := play(answer(503, codeJSON("service_unavailable")))
		c := newClient(t, rt, client.WithRateLimit(2), quick(client.Retry{Timeout: 30 * time.Second}))
		_, err := update(t.Context(), c)
		e := asFailure(t, err)
		require.Equal(t, clerkerr.StopAttempts, e.Stop)
		require.Equal(t, 4, e.Attempts)
		require.InDelta(t, 10350*time.Millisecond, rt.waits()[1], 10)

		rt = play(answer(503, codeJSON("service_unavailable")))
		c = newClient(t, rt, client.WithRateLimit(2), quick(client.Retry{Timeout: 10 * time.Second}))
		start := time.Now()
		_, err = update(t.Context(), c)
		e = asFailure(t, err)
		require.InDelta(t, 0, time.Since(start), 10)
		require.ErrorIs(t, err, clerkerr.ErrLocalLimit)
		require.ErrorIs(t, err, clerkerr.ErrServer, "the last answer")
		require.Equal(t, clerkerr.StopDeadline, e.Stop)
		require.Equal(t, 2, e.Attempts)
		require.Equal(t, 503, e.Status)
		require.Equal(t, clerkerr.OutcomeUnknown, e.Outcome)
	})
}

// A 429 holds back the entity for all goroutines, and no other entity.
func TestRateLimitAfter429(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rt := play(answer(429, tooManyJSON, "Retry-After", "7"), answer(200, userJSON))
		c := newClient(t, rt, client.WithRateLimit(client.ProductionLimit))
		start := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := update(t.Context(), c)
			require.NoError(t, err)
		})
		synctest.Wait()
		for range 5 {
			wg.Go(func() {
				_, err := update(t.Context(), c)
				require.NoError(t, err)
				require.Equal(t, 7*time.Second, time.Since(start))
			})
		}
		_, err := c.Users.UpdateUserMetadata(t.Context(), "user_2", onePatch)
		require.NoError(t, err)
		_, err = c.Users.GetUser(t.Context(), "user_1")
		require.NoError(t, err)
		require.Zero(t, time.Since(start))
		wg.Wait()
	})
}

// How long an attempt waited is logged where it did.
func TestRateLimitIsLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c := newClient(t, play(answer(200, userJSON)), client.WithRateLimit(1), client.WithLogger(logger))
		_, err := update(t.Context(), c)
		require.NoError(t, err)
		require.NotContains(t, logged.String(), "queued")
		_, err = update(t.Context(), c)
		require.NoError(t, err)
		require.Contains(t, logged.String(), " queued=10.35s")
	})
}
