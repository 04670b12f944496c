package docs_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/clerktest"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/metadata"
	"github.com/clerkmeta/clerkmeta-go/users"
)

func TestRateLimitSnippets(t *testing.T) {
	t.Parallel()
	key := client.SecretKey("sk_test_example")
	c, err := client.New(key, client.WithRateLimit(client.ProductionLimit))
	require.NoError(t, err)
	require.NotNil(t, c)
	c, err = client.New(key,
		client.WithRateLimit(client.ProductionLimit/4),
		client.WithWriteLimit(2),
		client.WithRetry(client.Retry{Timeout: 5 * time.Minute}),
	)
	require.NoError(t, err)
	require.NotNil(t, c)
}

// redisClient is what the limiter needs of a Redis client.
type redisClient interface {
	Eval(ctx context.Context, script string, keys []string, args ...any) (int64, error)
	SetPX(ctx context.Context, key string, d time.Duration) error
}

// takeSlot answers 0 if the slot is taken, else the milliseconds to wait.
const takeSlot = `
local t = redis.call('TIME')
local now, span, wait = t[1] * 1000 + math.floor(t[2] / 1000), tonumber(ARGV[1]), 0
for i, key in ipairs(KEYS) do
  wait = math.max(wait, redis.call('PTTL', key .. ':held'))
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - span)
  local oldest = redis.call('ZRANGE', key, -ARGV[2 + i], -ARGV[2 + i], 'WITHSCORES')
  if oldest[2] then wait = math.max(wait, oldest[2] + span - now) end
end
if wait > 0 then return wait end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, now, ARGV[2])
  redis.call('PEXPIRE', key, span)
end
return 0`

// redisLimiter is a client.Limiter.
type redisLimiter struct {
	redis            redisClient
	requests, writes int
}

func (l *redisLimiter) Wait(ctx context.Context, entity string) error {
	keys := []string{"clerk"}
	args := []any{10_350, rand.Text(), l.requests} // the window and a margin, in ms
	if entity != "" {
		keys, args = append(keys, "clerk/"+entity), append(args, l.writes)
	}
	for {
		ms, err := l.redis.Eval(ctx, takeSlot, keys, args...)
		if err != nil || ms == 0 {
			return err
		}
		wait := time.Duration(ms) * time.Millisecond
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return clerkerr.ErrLocalLimit
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (l *redisLimiter) TooMany(entity string, retryAfter time.Duration) {
	key := "clerk:held"
	if entity != "" {
		key = "clerk/" + entity + ":held"
	}
	if retryAfter <= 0 {
		retryAfter = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.redis.SetPX(ctx, key, min(retryAfter, time.Minute)) // at worst there is another 429
}

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

// Two processes, that is two clients with a limiter each, keep to one limit.
func TestLimiterInRedis(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		seed := make([]clerktest.User, 10)
		for i := range seed {
			seed[i].ID = "user_" + string(rune('0'+i))
		}
		clerk := clerktest.Config{Limits: clerktest.LimitsDevelopment}.Start(t, clerktest.Seed{Users: seed})
		redis := &fakeRedis{sets: map[string][]time.Time{}, held: map[string]time.Time{}}
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
		l.TooMany("user/user_0", 0)
		l.TooMany("", 5*time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, l.Wait(ctx, ""), clerkerr.ErrLocalLimit)
		require.NoError(t, ctx.Err(), "at once")
	})
}
