package redislimit_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	redislimit "github.com/clerkmeta/clerkmeta-go/contrib/redis"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/redisserver"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// patient is a Limiter that takes no stall of the machine for an outage.
func patient(t *testing.T, rdb redis.UniversalClient, c redislimit.Config) *redislimit.Limiter {
	t.Helper()
	c.Timeout = time.Minute
	l, err := redislimit.New(rdb, c)
	require.NoError(t, err)
	return l
}

func connect(t *testing.T, s *redisserver.Server) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: s.Addr})
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

// late asks for a slot that is not there within d.
func late(t *testing.T, l *redislimit.Limiter, r observe.Request, d time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	err := l.Wait(ctx, r)
	require.ErrorIs(t, err, clerkerr.ErrLocalLimit)
	require.NoError(t, ctx.Err(), "at once")
	return err
}

// calls is how often the server ran a command.
func calls(t *testing.T, rdb *redis.Client, command string) int {
	t.Helper()
	stats := rdb.Info(t.Context(), "commandstats").Val()
	_, rest, found := strings.Cut(stats, "cmdstat_"+command+":calls=")
	if !found {
		return 0
	}
	var n int
	_, err := fmt.Sscanf(rest, "%d", &n)
	require.NoError(t, err)
	return n
}

// A take that need not wait is one round trip, and the script travels once.
func TestOneRoundTrip(t *testing.T) {
	t.Parallel()
	rdb := connect(t, redisserver.Run(t))
	l := patient(t, rdb, redislimit.Config{Limit: 30, WriteLimit: 20})
	for range 20 {
		require.NoError(t, l.Wait(t.Context(), observe.Request{Entity: "user/user_1"}))
	}
	require.Equal(t, 20, calls(t, rdb, "evalsha"))
	require.Equal(t, 1, calls(t, rdb, "eval"), "the first answer was NOSCRIPT")
	err := late(t, l, observe.Request{Entity: "user/user_1"}, 5*time.Second)
	require.ErrorContains(t, err, "there is room in ")
	require.EqualValues(t, 20, l.Stats().Takes)
	require.EqualValues(t, 1, l.Stats().Late)
	require.Positive(t, l.Stats().TakeTime)

	// The keys share a hash tag, hold no id and expire.
	keys := rdb.Keys(t.Context(), "*").Val()
	require.Len(t, keys, 2)
	for _, key := range keys {
		require.True(t, strings.HasPrefix(key, "{clerk}:"), key)
		require.NotContains(t, key, "user_1")
		ttl := rdb.TTL(t.Context(), key).Val()
		require.Positive(t, ttl, key)
		require.LessOrEqual(t, ttl, 12*time.Second)
	}
	require.NoError(t, rdb.ScriptFlush(t.Context()).Err())
	require.NoError(t, l.Wait(t.Context(), observe.Request{}), "a server that has forgotten the script gets it again")
}

// Nobody waits for a Wait that ended: not its caller, and not those behind.
func TestACallThatEnds(t *testing.T) {
	t.Parallel()
	rdb := connect(t, redisserver.Run(t))
	l := patient(t, rdb, redislimit.Config{Limit: 1})
	require.NoError(t, l.Wait(t.Context(), observe.Request{}))
	l.TooMany(t.Context(), observe.Request{}, time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Wait(ctx, observe.Request{}) }()
	require.Eventually(t, func() bool { return rdb.ZCard(t.Context(), "{clerk}:alive").Val() == 1 }, time.Minute, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.ErrorIs(t, l.Wait(ctx, observe.Request{}), context.Canceled)
	require.Eventually(t, func() bool {
		_ = late(t, l, observe.Request{}, 5*time.Second)
		return rdb.ZCard(t.Context(), "{clerk}:alive").Val() == 0
	}, time.Minute, 10*time.Millisecond)
}

// What a 429 holds back in one process is held back in the others.
func TestTooMany(t *testing.T) {
	t.Parallel()
	server := redisserver.Run(t)
	one, other := patient(t, connect(t, server), redislimit.Config{Limit: 100}), patient(t, connect(t, server), redislimit.Config{Limit: 100})
	one.TooMany(t.Context(), observe.Request{Operation: "CreateInvitation"}, 20*time.Minute)
	require.ErrorContains(t, late(t, other, observe.Request{Operation: "CreateInvitation"}, time.Minute), "there is room in ")
	one.TooMany(t.Context(), observe.Request{Entity: "user/user_1"}, 0)
	require.ErrorContains(t, late(t, other, observe.Request{Entity: "user/user_1"}, time.Second), "there is room in ")
	require.NoError(t, other.Wait(t.Context(), observe.Request{Entity: "user/user_2"}))
}

func TestBadConfig(t *testing.T) {
	t.Parallel()
	rdb := redis.NewClient(&redis.Options{})
	t.Cleanup(func() { _ = rdb.Close() })
	for param, c := range map[string]redislimit.Config{
		"Instance":   {Limit: 1, Instance: "a}b"},
		"Limit":      {},
		"WriteLimit": {Limit: 1, WriteLimit: 1001},
		"Reserve":    {Limit: 10, Reserve: 10},
		"Floor":      {Limit: 10, Reserve: 5, Floor: 6},
		"Timeout":    {Limit: 10, Timeout: -1},
	} {
		_, err := redislimit.New(rdb, c)
		var e *clerkerr.Error
		require.ErrorAs(t, err, &e, param)
		require.ErrorIs(t, err, clerkerr.ErrInvalidArgument)
		require.Equal(t, param, e.Param())
	}
	_, err := redislimit.New(nil, redislimit.Config{Limit: 1})
	require.ErrorContains(t, err, "rdb: is nil")
}

// withRedis is what the README shows.
func withRedis(key client.Key, logger *slog.Logger) (*client.Client, error) {
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
	limiter, err := redislimit.New(rdb, redislimit.Config{Limit: client.ProductionLimit, Logger: logger})
	if err != nil {
		return nil, err
	}
	return client.New(key, client.WithLimiter(limiter))
}

func classes(rdb redis.UniversalClient) (*redislimit.Limiter, *redislimit.Limiter, error) {
	config := redislimit.Config{Limit: client.ProductionLimit, Reserve: 200, Floor: 50}
	interactive, err := redislimit.New(rdb, config)
	if err != nil {
		return nil, nil, err
	}
	config.Backfill = true
	backfill, err := redislimit.New(rdb, config)
	return interactive, backfill, err
}

func TestWhatTheReadmeShows(t *testing.T) {
	t.Parallel()
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
	t.Cleanup(func() { _ = rdb.Close() })
	interactive, backfill, err := classes(rdb)
	require.NoError(t, err)
	require.NotSame(t, interactive, backfill)
	c, err := withRedis(client.SecretKey("sk_test_example"), nil)
	require.NoError(t, err)
	require.NotNil(t, c)
}

func ExampleNew() {
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
	limiter, err := redislimit.New(rdb, redislimit.Config{Limit: client.ProductionLimit})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, err := client.New(client.SecretKey("sk_test_example"), client.WithLimiter(limiter))
	fmt.Println(c != nil, err)
	// Clerk's own client shares the limit.
	other := &http.Client{Transport: client.LimitTransport(limiter, nil), Timeout: 45 * time.Second}
	fmt.Println(other != nil)
	// Output:
	// true <nil>
	// true
}
