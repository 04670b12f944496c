package redislimit_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	redislimit "github.com/clerkmeta/clerkmeta-go/contrib/redis"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/redisserver"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

var errRefused = errors.New("connection refused")

// unreachable is a client of a Redis that refuses connections, or accepts them and does not
// answer; dials counts them.
func unreachable(t *testing.T, hangs bool, dials *atomic.Int64) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{
		Addr: "127.0.0.1:6379", MaxRetries: -1, DialerRetries: 1, PoolSize: 1000, DisableIdentity: true,
		// They would resolve names, outside the bubble of the test.
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		Dialer: func(context.Context, string, string) (net.Conn, error) {
			dials.Add(1)
			if !hangs {
				return nil, errRefused
			}
			ours, theirs := net.Pipe()
			go func() { _, _ = io.Copy(io.Discard, theirs) }()
			return ours, nil
		},
	})
	t.Cleanup(func() { _ = rdb.Close() })
	return rdb
}

func withoutRedis(t *testing.T, hangs bool, fallback client.Limiter) (*redislimit.Limiter, *atomic.Int64) {
	t.Helper()
	var dials atomic.Int64
	l, err := redislimit.New(unreachable(t, hangs, &dials), redislimit.Config{Limit: 100, Fallback: fallback})
	require.NoError(t, err)
	return l, &dials
}

func TestFailClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, _ := withoutRedis(t, false, nil)
		start := time.Now()
		err := l.Wait(t.Context(), observe.Request{})
		require.ErrorIs(t, err, redislimit.ErrUnavailable)
		require.ErrorIs(t, err, errRefused)
		require.Zero(t, time.Since(start))
		require.ErrorIs(t, l.Wait(t.Context(), observe.Request{}), redislimit.ErrUnavailable)
		l.TooMany(t.Context(), observe.Request{}, time.Second)
		require.Equal(t, redislimit.Stats{Fallbacks: 2, Outages: 1, Holds: 1}, l.Stats())
		time.Sleep(time.Minute)
	})
}

func TestFailOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, _ := withoutRedis(t, false, redislimit.FailOpen())
		for range 500 {
			require.NoError(t, l.Wait(t.Context(), observe.Request{}))
		}
		l.TooMany(t.Context(), observe.Request{}, time.Hour)
		require.NoError(t, l.Wait(t.Context(), observe.Request{}))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, l.Wait(ctx, observe.Request{}), context.Canceled)
		time.Sleep(time.Minute)
	})
}

func TestAFixedShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		share, err := client.NewLimiter(3, 1)
		require.NoError(t, err)
		l, _ := withoutRedis(t, false, share)
		start := time.Now()
		for range 3 {
			require.NoError(t, l.Wait(t.Context(), observe.Request{}))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		require.ErrorIs(t, l.Wait(ctx, observe.Request{}), clerkerr.ErrLocalLimit)
		require.Zero(t, time.Since(start))
		l.TooMany(t.Context(), observe.Request{}, 20*time.Second)
		require.NoError(t, l.Wait(t.Context(), observe.Request{}))
		require.Equal(t, 20*time.Second, time.Since(start), "a 429 holds back the share")
		time.Sleep(time.Minute)
	})
}

// While Redis does not answer, no call takes longer than Config.Timeout or its deadline, and
// few connections are opened.
func TestNoPileUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l, dials := withoutRedis(t, true, redislimit.FailOpen())
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				start := time.Now()
				require.NoError(t, l.Wait(t.Context(), observe.Request{}))
				require.Equal(t, 500*time.Millisecond, time.Since(start))
			})
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				start := time.Now()
				require.ErrorIs(t, l.Wait(ctx, observe.Request{}), context.DeadlineExceeded)
				require.Equal(t, 100*time.Millisecond, time.Since(start))
			})
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				start := time.Now()
				l.TooMany(ctx, observe.Request{}, time.Second)
				require.Equal(t, 50*time.Millisecond, time.Since(start))
			})
		}
		wg.Wait()
		before := dials.Load()
		start := time.Now()
		for time.Since(start) < 10*time.Second {
			require.NoError(t, l.Wait(t.Context(), observe.Request{}))
			time.Sleep(time.Millisecond)
		}
		require.LessOrEqual(t, dials.Load()-before, int64(10), "one question a second")
		time.Sleep(time.Minute)
	})
}

// A server that is started again without its log holds back everything for one window, and
// the outage is logged with its end.
func TestARestart(t *testing.T) {
	t.Parallel()
	server := redisserver.Run(t)
	var log syncBuffer
	l := patient(t, connect(t, server), redislimit.Config{Limit: 10, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	require.NoError(t, l.Wait(t.Context(), observe.Request{Operation: "UpdateUserMetadata", Entity: "user/user_1"}))
	server.Kill()
	require.ErrorIs(t, l.Wait(t.Context(), observe.Request{}), redislimit.ErrUnavailable)
	require.NoError(t, server.Restart())
	require.Eventually(t, func() bool { // it is asked again after a second
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		err := l.Wait(ctx, observe.Request{})
		require.Error(t, err, "the log is lost")
		return errors.Is(err, clerkerr.ErrLocalLimit)
	}, time.Minute, 10*time.Millisecond)
	require.NoError(t, l.Wait(t.Context(), observe.Request{}))
	require.EqualValues(t, 1, l.Stats().Outages)
	for _, part := range []string{"operation=UpdateUserMetadata", "Redis is out of reach", "fallback=true", "Redis is back", "there is room in"} {
		require.Contains(t, log.String(), part)
	}
	require.NotContains(t, log.String(), "user_1")
}

type syncBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}
