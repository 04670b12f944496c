package client_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
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
	for _, tc := range []struct {
		param  string
		says   string
		option client.Option
	}{
		{"option", "zero Option", client.Option{}},
		{"WithBaseURL", "is empty", client.WithBaseURL("")},
		{"WithHTTPClient", "is nil", client.WithHTTPClient(nil)},
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
	_, err := client.NewFrontend(fapi, client.WithBaseURL("https://api.clerk.com"))
	requireInvalid(t, err, "client.NewFrontend", "WithBaseURL", "is for client.New")
}

func goodOptions() []client.Option {
	return []client.Option{
		client.WithHTTPClient(&http.Client{}),
		client.WithRetry(client.Retry{MaxRetries: 10}),
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
				client.WithRetry(client.Retry{
					MaxRetries: 2, BaseDelay: client.None, MaxRetryAfter: 3 * time.Second,
					AttemptTimeout: 4 * time.Second, Timeout: time.Minute, Budget: 2, Refill: 0.1,
				}),
				client.WithUserAgent("x/1"),
				client.WithAttemptHook(func(context.Context, observe.Attempt) { hooked++ }),
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
			require.Equal(t, 7*time.Second, time.Since(start))
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
	opts := []client.Option{client.WithPlainHTTP(hosts...), client.WithBaseURL("http://clerk"), quick(client.Retry{MaxRetries: 1, Budget: 1, Refill: 1})}
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
