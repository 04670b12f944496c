package client_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/observe"
	"github.com/clerkmeta/clerkmeta-go/users"
)

// fakeRedis does what takeSlot says.
type fakeRedis struct {
	mu   sync.Mutex
	sets map[string][]time.Time
	held map[string]time.Time
}

func (r *fakeRedis) Eval(ctx context.Context, _ string, keys []string, args ...any) (int64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, span := time.Now(), time.Duration(args[0].(int))*time.Millisecond
	wait := time.Duration(0)
	for i, key := range keys {
		wait = max(wait, r.held[key+":held"].Sub(now))
		if over := len(r.sets[key]) - args[2+i].(int); over >= 0 {
			wait = max(wait, r.sets[key][over].Add(span).Sub(now))
		}
	}
	if wait > 0 {
		return int64((wait + time.Millisecond - 1) / time.Millisecond), ctx.Err()
	}
	for _, key := range keys {
		r.sets[key] = append(r.sets[key], now)
	}
	return 0, ctx.Err()
}

func (r *fakeRedis) SetPX(ctx context.Context, key string, d time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[key] = time.Now().Add(d)
	return ctx.Err()
}

func newFakeRedis() *fakeRedis {
	return &fakeRedis{sets: map[string][]time.Time{}, held: map[string]time.Time{}}
}

// Two processes, that is two clients with a limiter each, keep to one limit.
func TestLimiterInRedis(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seed := make([]clerktest.User, 10)
		for i := range seed {
			seed[i].ID = "user_" + string(rune('0'+i))
		}
		clerk := clerktest.Config{Limits: clerktest.LimitsDevelopment}.Start(t, clerktest.Seed{Users: seed})
		redis := newFakeRedis()
		var wg sync.WaitGroup
		for range 2 {
			c := clerk.Client(client.WithLimiter(&redisLimiter{redis, 100, 10}), client.WithRetry(client.Retry{Timeout: time.Hour}))
			for i := range 150 {
				wg.Go(func() {
					_, err := c.Users.UpdateUserMetadata(t.Context(), seed[i%10].ID, users.UpdateUserMetadataParams{PublicMetadata: metadata.Patch{"i": i}})
					require.NoError(t, err)
				})
			}
		}
		wg.Wait()
		require.Len(t, clerk.Requests(), 300, "no 429")

		l := &redisLimiter{redis, 100, 10}
		l.TooMany(observe.Request{Entity: "user/user_0"}, 0)
		l.TooMany(observe.Request{}, 5*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, l.Wait(ctx, observe.Request{}), clerkerr.ErrLocalLimit)
		require.NoError(t, ctx.Err(), "at once")
	})
}
