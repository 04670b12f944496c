package client_test

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// requireBadOption checks the refusal of New and of NewFrontend.
func requireBadOption(t *testing.T, param, says string, opts ...client.Option) {
	t.Helper()
	c, err := client.New(client.SecretKey(key), opts...)
	require.Nil(t, c)
	requireInvalid(t, err, "client.New", param, says)
	s, err := client.NewFrontend(fapi, opts...)
	require.Nil(t, s)
	requireInvalid(t, err, "client.NewFrontend", param, says)
}

func requireInvalid(t *testing.T, err error, operation, param, says string) {
	t.Helper()
	e := asFailure(t, err)
	require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
	require.Equal(t, operation, e.Operation)
	require.Equal(t, param, e.Param())
	require.ErrorContains(t, err, says)
}

func TestOptionsRefuse(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	for _, tc := range []struct {
		param  string
		says   string
		option client.Option
	}{
		{"option", "zero Option", client.Option{}},
		{"WithBaseURL", "is empty", client.WithBaseURL("")},
		{"WithHTTPClient", "is nil", client.WithHTTPClient(nil)},
		{"WithMaxRetries", "is -1", client.WithMaxRetries(-1)},
		{"WithMaxRetries", "is 11", client.WithMaxRetries(11)},
		{"WithBackoff", "0s", client.WithBackoff(0, time.Second)},
		{"WithBackoff", "-1s", client.WithBackoff(-time.Second, time.Second)},
		{"WithBackoff", "2s up to 1s", client.WithBackoff(2*time.Second, time.Second)},
		{"WithBackoff", "allowed", client.WithBackoff(time.Second, hour+1)},
		{"WithMaxRetryAfter", "-1ns", client.WithMaxRetryAfter(-1)},
		{"WithMaxRetryAfter", "allowed", client.WithMaxRetryAfter(hour + 1)},
		{"WithRetryBudget", "is 0 retries", client.WithRetryBudget(0, 0.5)},
		{"WithRetryBudget", "allowed", client.WithRetryBudget(1_000_001, 0.5)},
		{"WithRetryBudget", "refill 0", client.WithRetryBudget(1, 0)},
		{"WithRetryBudget", "refill -1", client.WithRetryBudget(1, -1)},
		{"WithRetryBudget", "refill 1.5", client.WithRetryBudget(1, 1.5)},
		{"WithRetryBudget", "refill NaN", client.WithRetryBudget(1, math.NaN())},
		{"WithAttemptTimeout", "is 0s", client.WithAttemptTimeout(0)},
		{"WithAttemptTimeout", "allowed", client.WithAttemptTimeout(hour + 1)},
		{"WithAttemptTimeout", "longer than the 45s", client.WithAttemptTimeout(46 * time.Second)},
		{"WithTimeout", "is 0s", client.WithTimeout(0)},
		{"WithTimeout", "is -1ns", client.WithTimeout(-1)},
		{"WithTimeout", "allowed", client.WithTimeout(hour + 1)},
		{"WithUserAgent", "is empty", client.WithUserAgent("")},
		{"WithUserAgent", "printable ASCII", client.WithUserAgent("a\r\nX-Evil: 1")},
		{"WithUserAgent", "printable ASCII", client.WithUserAgent("müller/1")},
		{"WithLogger", "is nil", client.WithLogger(nil)},
		{"WithAttemptHook", "is nil", client.WithAttemptHook(nil)},
		{"WithPlainHTTP", "names no host", client.WithPlainHTTP()},
		{"WithPlainHTTP", `has ""`, client.WithPlainHTTP("clerk", "")},
		{"WithPlainHTTP", `has "clerk:80"`, client.WithPlainHTTP("clerk:80")},
		{"WithPlainHTTP", `has "*.local"`, client.WithPlainHTTP("*.local")},
		{"WithPlainHTTP", `has "http://clerk"`, client.WithPlainHTTP("http://clerk")},
	} {
		t.Run(tc.param+" "+tc.says, func(t *testing.T) {
			t.Parallel()
			requireBadOption(t, tc.param, tc.says, tc.option)
			requireBadOption(t, tc.param, tc.says, client.WithoutSizeCheck(), tc.option)
		})
	}
	requireBadOption(t, "WithAttemptTimeout", "longer than the 2s", client.WithAttemptTimeout(3*time.Second), client.WithTimeout(2*time.Second))
	requireBadOption(t, "WithAttemptTimeout", "longer than the 2s", client.WithTimeout(2*time.Second), client.WithAttemptTimeout(3*time.Second))
	_, err := client.NewFrontend(fapi, client.WithBaseURL("https://api.clerk.com"))
	requireInvalid(t, err, "client.NewFrontend", "WithBaseURL", "is for client.New")
}

func goodOptions() []client.Option {
	return []client.Option{
		client.WithHTTPClient(&http.Client{}),
		client.WithMaxRetries(10),
		client.WithBackoff(time.Hour, time.Hour),
		client.WithMaxRetryAfter(time.Hour),
		client.WithRetryBudget(1_000_000, 1),
		client.WithAttemptTimeout(time.Hour),
		client.WithTimeout(time.Hour),
		client.WithUserAgent("myapp/1.2 (+https://example.com)"),
		client.WithLogger(slog.New(slog.DiscardHandler)),
		client.WithPlainHTTP("clerk", "CLERK.internal"),
		client.WithRateLimit(100_000),
		client.WithWriteLimit(1000),
		client.WithoutSizeCheck(),
	}
}

func TestOptionsAtTheirBounds(t *testing.T) {
	t.Parallel()
	_, err := client.New(client.SecretKey(key), goodOptions()...)
	require.NoError(t, err)
	_, err = client.NewFrontend(fapi, goodOptions()...)
	require.NoError(t, err)
	for _, o := range []client.Option{
		client.WithMaxRetries(0), client.WithMaxRetryAfter(0), client.WithBackoff(1, 1), client.WithTimeout(1),
		client.WithAttemptTimeout(1), client.WithRetryBudget(1, math.SmallestNonzeroFloat64), client.WithAttemptTimeout(45 * time.Second),
		client.WithRateLimit(1), client.WithLimiter(&countingLimiter{}),
	} {
		_, err = client.New(client.SecretKey(key), o)
		require.NoError(t, err)
	}
}

func TestOptionsGivenTwice(t *testing.T) {
	t.Parallel()
	once, again := goodOptions(), goodOptions()
	for i := range once {
		_, err := client.New(client.SecretKey(key), append(once[:len(once):len(once)], again[i])...)
		require.ErrorContains(t, err, "is given twice")
	}
	_, err := client.New(client.SecretKey(key), client.WithBaseURL("https://a.example"), client.WithBaseURL("https://a.example"))
	requireInvalid(t, err, "client.New", "WithBaseURL", "is given twice")
}

// Whatever their order, options have the same effect, and all of them have one.
func TestOptionsInAnyOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for range 30 {
			rt := play(answer(503, "", "Retry-After", "3"), roundTripper(hangs), answer(503, ""))
			hooked := 0
			opts := []client.Option{
				client.WithHTTPClient(&http.Client{Transport: rt}),
				client.WithBaseURL("http://clerk:8080/api"),
				client.WithPlainHTTP("clerk"),
				client.WithMaxRetries(2),
				client.WithBackoff(1, 1),
				client.WithMaxRetryAfter(3 * time.Second),
				client.WithAttemptTimeout(4 * time.Second),
				client.WithTimeout(time.Minute),
				client.WithUserAgent("x/1"),
				client.WithAttemptHook(func(context.Context, client.Attempt) { hooked++ }),
				client.WithRetryBudget(2, 0.1),
				client.WithoutSizeCheck(),
			}
			rand.Shuffle(len(opts), func(i, j int) { opts[i], opts[j] = opts[j], opts[i] })
			c, err := client.New(client.SecretKey(key), opts...)
			require.NoError(t, err)
			start := time.Now()
			_, err = update(t.Context(), c)
			e := asFailure(t, err)
			require.Equal(t, clerkerr.StopAttempts, e.Stop)
			require.Equal(t, 3, e.Attempts)
			require.Equal(t, 3, hooked)
			require.InDelta(t, 7*time.Second, time.Since(start), 4)
			require.Equal(t, "http://clerk:8080/api/users/user_1/metadata", rt.seen[0].URL.String())
			require.Equal(t, "clerkmeta-go/"+client.Version+" x/1", rt.seen[0].UserAgent())
			_, err = update(t.Context(), c)
			require.Equal(t, clerkerr.StopBudget, asFailure(t, err).Stop)
		}
	})
}

// Options can be used for several clients: they share nothing.
func TestOptionsShareNothing(t *testing.T) {
	t.Parallel()
	hosts := []string{"clerk"}
	opts := []client.Option{client.WithPlainHTTP(hosts...), client.WithBaseURL("http://clerk"), client.WithRetryBudget(1, 1), atOnce(), client.WithMaxRetries(1)}
	for range 3 {
		_, err := update(t.Context(), newClient(t, answer(503, ""), opts...))
		require.Equal(t, clerkerr.StopAttempts, asFailure(t, err).Stop)
	}
	hosts[0] = "elsewhere" // as it was when the option was made
	_, err := client.New(client.SecretKey(key), opts...)
	require.NoError(t, err)
}

func TestMaxFieldSize(t *testing.T) {
	t.Parallel()
	for want, opts := range map[int][]client.Option{metadata.MaxSize: nil, 0: {client.WithoutSizeCheck()}} {
		c, err := client.New(client.SecretKey("sk_test_fake"), opts...)
		require.NoError(t, err)
		require.Equal(t, want, c.MaxFieldSize())
	}
}
