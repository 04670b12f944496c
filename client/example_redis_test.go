package client_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

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

// redisLimiter is a client.Limiter for several processes that share an instance. Its waiters are in no order, it
// compares a deadline with the next slot only, and a 429 for a second entity does not hold back the instance. It does
// not count the hourly limits of invitations, which r.Operation shows. In a
// Redis cluster, put a hash tag into the keys ({clerk}), so that one node has all of them.
type redisLimiter struct {
	redis            redisClient
	requests, writes int
}

func (l *redisLimiter) Wait(ctx context.Context, r observe.Request) error {
	keys := []string{"clerk"}
	args := []any{10_350, rand.Text(), l.requests} // the window and a margin, in ms
	if r.Entity != "" {
		keys, args = append(keys, "clerk/"+r.Entity), append(args, l.writes)
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

func (l *redisLimiter) TooMany(r observe.Request, retryAfter time.Duration) {
	key := "clerk:held"
	if r.Entity != "" {
		key = "clerk/" + r.Entity + ":held"
	}
	if retryAfter <= 0 {
		retryAfter = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = l.redis.SetPX(ctx, key, min(retryAfter, time.Minute)) // at worst there is another 429
}

// A limit that several processes share counts in one place, here in Redis.
func ExampleLimiter() {
	redis := newFakeRedis() // your Redis client
	c, err := client.New(client.SecretKey("sk_test_example"), client.WithLimiter(&redisLimiter{redis, 1000, 10}))
	fmt.Println(c != nil, err)
	// Output: true <nil>
}
