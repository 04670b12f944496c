package redislimit

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/testkit/redisserver"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// inBubble is a limiter in a bubble of synctest, whose clock stands still while a real server
// answers.
func inBubble(t *testing.T, addr string, c Config) *Limiter {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{
		Addr: addr, ReadTimeout: time.Minute, DisableIdentity: true,
		// No call waits for a connection: those that wait share timers with all clients of the
		// process, outside the bubble.
		PoolSize: 1000,
		// They would resolve names, outside the bubble.
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	t.Cleanup(func() { _ = rdb.Close() })
	c.Timeout = time.Minute
	l, err := New(rdb, c)
	require.NoError(t, err)
	return l
}

// Many processes, that is as many clients with a Limiter each, keep to the limits of the
// in-process Clerk, which counts by the same clock as the server, and use them.
func TestAFleetKeepsClerkContent(t *testing.T) {
	t.Parallel()
	server := redisserver.Run(t)
	synctest.Test(t, func(t *testing.T) {
		const people, processes, calls = 100, 8, 30
		seed := make([]clerktest.User, people)
		for i := range seed {
			seed[i].ID = fmt.Sprint("user_", i)
		}
		clerk := clerktest.Config{Limits: clerktest.LimitsDevelopment}.Start(t, clerktest.Seed{Users: seed})
		start := time.Now()
		var wg sync.WaitGroup
		for process := range processes {
			l := inBubble(t, server.Addr, Config{Limit: client.DevelopmentLimit, Backfill: process%4 == 3, Floor: 20})
			l.now = time.Now
			c := clerk.Client(client.WithLimiter(l), client.WithRetry(client.Retry{Timeout: time.Hour, MaxRetries: client.None}))
			for i := range calls {
				wg.Go(func() {
					id := seed[(process*calls+i*i)%people].ID
					_, err := c.Users.UpdateUserMetadata(t.Context(), id, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"i": i}})
					require.NoError(t, err)
				})
			}
		}
		wg.Wait()
		requests := clerk.Requests()
		require.Len(t, requests, processes*calls)
		for _, r := range requests {
			require.Equal(t, http.StatusOK, r.Status)
		}
		require.LessOrEqual(t, time.Since(start), 2*span+beat, "the limit is used: 100 go at once, 100 after a window, 40 after another")
	})
}

// The clock of this process, which is in the year 2000 and moves only when all sleep, has no
// part in what is counted.
func TestClocksOfProcessesDoNotMatter(t *testing.T) {
	t.Parallel()
	server := redisserver.Run(t)
	synctest.Test(t, func(t *testing.T) {
		one, other := inBubble(t, server.Addr, Config{Limit: 6}), inBubble(t, server.Addr, Config{Limit: 6})
		for range 3 {
			require.NoError(t, one.Wait(t.Context(), observe.Request{}))
			time.Sleep(time.Hour)
			require.NoError(t, other.Wait(t.Context(), observe.Request{}))
		}
		for _, l := range []*Limiter{one, other} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			require.ErrorIs(t, l.Wait(ctx, observe.Request{}), clerkerr.ErrLocalLimit)
			cancel()
		}
	})
}
