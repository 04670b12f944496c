package client_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

func TestRetryRefuses(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	for _, tc := range []struct {
		says  string
		retry client.Retry
	}{
		{"has MaxRetries -2; expected 0 to 10, or None", client.Retry{MaxRetries: -2}},
		{"has MaxRetries 11; ", client.Retry{MaxRetries: 11}},
		{"has BaseDelay -1s; expected 0 to 1h0m0s, or None", client.Retry{BaseDelay: -time.Second}},
		{"has BaseDelay 1h0m0.000000001s; ", client.Retry{BaseDelay: hour + 1}},
		{"has BaseDelay 2s, longer than MaxDelay 1s", client.Retry{BaseDelay: 2 * time.Second, MaxDelay: time.Second}},
		{"has MaxDelay -1ns; expected 0 to 1h0m0s", client.Retry{MaxDelay: client.None}},
		{"has MaxDelay 1h0m0.000000001s; ", client.Retry{MaxDelay: hour + 1}},
		{"has MaxRetryAfter -2ns; expected 0 to 1h0m0s, or None", client.Retry{MaxRetryAfter: -2}},
		{"has MaxRetryAfter 1h0m0.000000001s; ", client.Retry{MaxRetryAfter: hour + 1}},
		{"has AttemptTimeout -2ns; expected 0 to 45s, which is the Timeout of the whole call, or None", client.Retry{AttemptTimeout: -2}},
		{"has AttemptTimeout 46s; expected 0 to 45s", client.Retry{AttemptTimeout: 46 * time.Second}},
		{"has AttemptTimeout 3s; expected 0 to 2s", client.Retry{AttemptTimeout: 3 * time.Second, Timeout: 2 * time.Second}},
		{"has AttemptTimeout 1h0m0.000000001s; ", client.Retry{AttemptTimeout: hour + 1, Timeout: hour}},
		{"has Timeout -1ns; expected 0 to 1h0m0s", client.Retry{Timeout: client.None}},
		{"has Timeout 1h0m0.000000001s; ", client.Retry{Timeout: hour + 1}},
		{"has Budget -2; expected 0 to 1000000, or None", client.Retry{Budget: -2}},
		{"has Budget 1000001; ", client.Retry{Budget: 1_000_001}},
		{"has Refill -1; expected 0 to 1", client.Retry{Refill: client.None}},
		{"has Refill 1.5; ", client.Retry{Refill: 1.5}},
		{"has Refill NaN; ", client.Retry{Refill: math.NaN()}},
		{"has Refill 0.5, but Budget is None", client.Retry{Budget: client.None, Refill: 0.5}},
	} {
		t.Run(tc.says, func(t *testing.T) {
			t.Parallel()
			requireBadOption(t, "WithRetry", tc.says, client.WithRetry(tc.retry))
		})
	}
}

func TestRetryAtItsBounds(t *testing.T) {
	t.Parallel()
	for i, r := range []client.Retry{
		{},
		{
			MaxRetries: 10, BaseDelay: time.Hour, MaxDelay: time.Hour, MaxRetryAfter: time.Hour,
			AttemptTimeout: time.Hour, Timeout: time.Hour, Budget: 1_000_000, Refill: 1,
		},
		{MaxRetries: 1, BaseDelay: 1, MaxDelay: 1, MaxRetryAfter: 1, AttemptTimeout: 1, Timeout: 1, Budget: 1, Refill: math.SmallestNonzeroFloat64},
		{
			MaxRetries: client.None, BaseDelay: client.None, MaxRetryAfter: client.None,
			AttemptTimeout: client.None, Budget: client.None,
		},
		{BaseDelay: time.Hour},   // moves the default of MaxDelay
		{MaxDelay: 1},            // moves the default of BaseDelay
		{Timeout: time.Second},   // shortens the attempts
		{AttemptTimeout: 45e9},   // all the time that a call has
		{BaseDelay: client.None}, // beside a default of MaxDelay
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			_, err := client.New(client.SecretKey(key), client.WithRetry(r))
			require.NoError(t, err)
			_, err = client.NewFrontend(fapi, client.WithRetry(r))
			require.NoError(t, err)
		})
	}
}

// Each field has the default that its doc comment names, whether the option is
// absent, its value is zero, or the value is given.
func TestRetryDefaults(t *testing.T) {
	t.Parallel()
	written := client.Retry{
		MaxRetries: 3, BaseDelay: 500 * time.Millisecond, MaxDelay: 8 * time.Second, MaxRetryAfter: 30 * time.Second,
		AttemptTimeout: 10 * time.Second, Timeout: 45 * time.Second, Budget: 100, Refill: 0.2,
	}
	for name, opts := range map[string][]client.Option{
		"no option": nil, "zero": {client.WithRetry(client.Retry{})}, "written": {client.WithRetry(written)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var waits []time.Duration
				hook := client.WithAttemptHook(func(_ context.Context, a observe.Attempt) {
					if a.Retry {
						waits = append(waits, a.Wait)
					}
				})
				for range 200 {
					_, err := update(t.Context(), newClient(t, answer(503, ""), append(opts, hook)...))
					require.Equal(t, 1+3, asFailure(t, err).Attempts)
				}
				for i, wait := range waits {
					require.LessOrEqual(t, wait, 500*time.Millisecond<<(i%3))
				}
				fails(t, opts, answer(429, "", "Retry-After", "31"), clerkerr.StopRetryAfter, 0)
				fails(t, opts, roundTripper(hangs), clerkerr.StopAttempts, 40*time.Second)
				fails(t, opts, answer(429, "", "Retry-After", "30"), clerkerr.StopDeadline, 30*time.Second)
				c := newClient(t, answer(503, ""), opts...)
				for range 34 { // 33 spend 99 tokens
					_, err := update(t.Context(), c)
					require.Error(t, err)
				}
				_, err := update(t.Context(), c)
				require.Equal(t, clerkerr.StopBudget, asFailure(t, err).Stop)
			})
		})
	}
}

// fails makes a call that fails for a reason, after at least so long.
func fails(t *testing.T, opts []client.Option, step roundTripper, stop clerkerr.StopReason, least time.Duration) {
	t.Helper()
	start := time.Now()
	_, err := update(t.Context(), newClient(t, step, opts...))
	require.Equal(t, stop, asFailure(t, err).Stop)
	require.GreaterOrEqual(t, time.Since(start), least)
	require.LessOrEqual(t, time.Since(start), 45*time.Second)
}

func TestRetryNone(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		retry    client.Retry
		step     roundTripper
		stop     clerkerr.StopReason
		attempts int
		lasts    time.Duration
	}{
		"MaxRetries":     {client.Retry{MaxRetries: client.None}, answer(503, ""), clerkerr.StopAttempts, 1, 0},
		"BaseDelay":      {client.Retry{BaseDelay: client.None}, answer(503, ""), clerkerr.StopAttempts, 4, 0},
		"MaxRetryAfter":  {client.Retry{MaxRetryAfter: client.None}, answer(429, "", "Retry-After", "1"), clerkerr.StopRetryAfter, 1, 0},
		"AttemptTimeout": {client.Retry{AttemptTimeout: client.None}, roundTripper(hangs), clerkerr.StopCanceled, 1, 45 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				_, err := update(t.Context(), newClient(t, tc.step, client.WithRetry(tc.retry)))
				e := asFailure(t, err)
				require.Equal(t, tc.stop, e.Stop)
				require.Equal(t, tc.attempts, e.Attempts)
				require.Equal(t, tc.lasts, time.Since(start))
			})
		})
	}
	t.Run("Budget", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := newClient(t, answer(503, ""), quick(client.Retry{Budget: client.None, MaxRetries: 10}))
			for range 50 {
				_, err := update(t.Context(), c)
				require.Equal(t, clerkerr.StopAttempts, asFailure(t, err).Stop)
			}
		})
	})
}
