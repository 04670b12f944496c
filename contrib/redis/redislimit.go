// Package redislimit keeps all processes that use one Clerk instance under its rate limits
// together. They count in Redis.
//
//	limiter, err := redislimit.New(rdb, redislimit.Config{Limit: client.ProductionLimit})
//	if err != nil { … }
//	c, err := client.New(key, client.WithLimiter(limiter))
//
// The limiter counts what the limiter of client.WithRateLimit counts: requests of the
// instance, writes of each entity, and invitations, each in a sliding window, in one atomic
// step by the clock of the Redis server. The clocks of the processes have no part in it. The
// keys hold digests in place of ids, share one hash tag, so that one node of a cluster has
// all of them, and expire. It uses commands of Redis 6.2.
package redislimit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// Config says what is counted. All processes that share a limit must have the same Instance,
// Limit, WriteLimit, Reserve and Floor.
type Config struct {
	// Instance names the Clerk instance in the keys, if several share a Redis; "clerk" by
	// default. It holds no braces.
	Instance string
	// Limit is how many requests the instance may get in any ten seconds, such as
	// client.ProductionLimit. It is required.
	Limit client.Limit
	// WriteLimit is how many writes one user, organization or membership may get in any ten
	// seconds, 1 to 1000; client.DefaultWriteLimit by default.
	WriteLimit int

	// Backfill puts the requests of this Limiter into the class of the backfill: they go when
	// no interactive request, which others are, waits for the instance. A program with both
	// makes two Limiters.
	Backfill bool
	// Reserve is how many requests of Limit a backfill leaves to interactive requests in any
	// ten seconds, so that these need not wait; 0 by default.
	Reserve int
	// Floor is how many requests of Limit a backfill that waits gets in any ten seconds before
	// interactive requests go first; 0 by default. Reserve and Floor together are at most Limit.
	Floor int

	// Fallback decides while Redis is out of reach. With nil, which fails closed, Wait returns
	// ErrUnavailable. FailOpen sends without a limit. A Limiter of client.NewLimiter counts a
	// fixed share in this process, such as client.ProductionLimit/32 for one of 32.
	Fallback client.Limiter
	// Timeout is how long Redis may take for an answer before it counts as out of reach; 500
	// ms by default.
	Timeout time.Duration
	// Logger gets a record of level Debug for each request, of Warn when Redis is out of reach
	// and of Info when it is back; nil for none. No record holds an id.
	Logger *slog.Logger
}

// ErrUnavailable reports that Redis is out of reach and that Config.Fallback is nil. Nothing was sent.
var ErrUnavailable = errors.New("redislimit: Redis is out of reach, and Config.Fallback is not set")

const (
	defaultInstance = "clerk"
	defaultTimeout  = 500 * time.Millisecond
	maxLimit        = 100_000
	maxWriteLimit   = 1000
)

// Limiter is a client.Limiter that counts in Redis. It is safe for concurrent use.
type Limiter struct {
	config Config
	redis  redis.Scripter
	prefix string
	id     string // of this Limiter
	asked  atomic.Uint64
	now    func() time.Time // in tests, in place of the server's clock

	outage outage
	counts counts
	asking chan struct{} // one element for each take that is under way

	mu   sync.Mutex
	seen map[string]int64 // by log, the latest moment that the server is known to have counted
}

// New returns a Limiter. It does no I/O. The error satisfies clerkerr.ErrInvalidArgument.
func New(rdb redis.UniversalClient, config Config) (*Limiter, error) {
	if config.Instance == "" {
		config.Instance = defaultInstance
	}
	if config.WriteLimit == 0 {
		config.WriteLimit = client.DefaultWriteLimit
	}
	if config.Timeout == 0 {
		config.Timeout = defaultTimeout
	}
	if rdb == nil {
		return nil, invalid("rdb", errors.New("is nil"))
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	return &Limiter{
		config: config, redis: rdb, prefix: "{" + config.Instance + "}:",
		id: rand.Text(), seen: map[string]int64{}, asking: make(chan struct{}, maxAsking),
	}, nil
}

func invalid(param string, err error) error { return clerkerr.Invalid("redislimit.New", param, err) }

func (c Config) check() error {
	limit := int(c.Limit)
	switch {
	case strings.ContainsAny(c.Instance, "{}"):
		return invalid("Instance", errors.New("holds a brace, which ends the hash tag of the keys"))
	case limit < 1 || limit > maxLimit:
		return invalid("Limit", fmt.Errorf("is %d; expected 1 to %d", limit, maxLimit))
	case c.WriteLimit < 1 || c.WriteLimit > maxWriteLimit:
		return invalid("WriteLimit", fmt.Errorf("is %d; expected 1 to %d", c.WriteLimit, maxWriteLimit))
	case c.Reserve < 0 || c.Reserve >= limit:
		return invalid("Reserve", fmt.Errorf("is %d; expected 0 to %d, below Limit", c.Reserve, limit-1))
	case c.Floor < 0 || c.Floor > limit-c.Reserve:
		return invalid("Floor", fmt.Errorf("is %d; expected 0 to %d, which Reserve leaves", c.Floor, limit-c.Reserve))
	case c.Timeout < 0:
		return invalid("Timeout", fmt.Errorf("is %s; expected a positive duration", c.Timeout))
	}
	return nil
}

// Wait returns nil when the request may be sent: first come, first served in its class among
// those whose entity or operation has room; the order of a class is that in which Redis was
// first asked. A wait that cannot end before ctx's deadline fails at once with
// clerkerr.ErrLocalLimit, and with ctx's error if ctx ends. A request that waits asks Redis
// four times a second, and leaves the queue within a second of its last question.
func (l *Limiter) Wait(ctx context.Context, r observe.Request) error {
	started := time.Now()
	fellBack, err := l.wait(ctx, r)
	waited := time.Since(started)
	l.counts.add(fellBack, waited, err)
	l.log(ctx, r, fellBack, waited, err)
	return err
}

// wait reports whether Redis had no part in the decision.
func (l *Limiter) wait(ctx context.Context, r observe.Request) (fellBack bool, err error) {
	q := l.question(r)
	for {
		if err := l.enter(ctx); err != nil {
			return false, err
		}
		if !l.outage.mayAsk(time.Now()) {
			l.leave()
			return true, l.without(ctx, r)
		}
		a, err := l.take(ctx, q, left(ctx))
		switch {
		case ctx.Err() != nil && a.status != taken:
			return false, ctx.Err()
		case err != nil:
			return true, l.without(ctx, r)
		case a.status == taken:
			return false, nil
		case a.status == late:
			return false, fmt.Errorf("%w: there is room in %s", clerkerr.ErrLocalLimit, a.wait.Round(time.Millisecond))
		}
		q.arrival = a.arrival
		sleep(ctx, min(a.wait, beat))
	}
}

// enter waits until another take may be under way; leave ends it.
func (l *Limiter) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case l.asking <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *Limiter) leave() { <-l.asking }

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// without decides without Redis.
func (l *Limiter) without(ctx context.Context, r observe.Request) error {
	if l.config.Fallback == nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, l.outage.reason())
	}
	return l.config.Fallback.Wait(ctx, r)
}

// TooMany reports a 429, which holds back all processes as it holds back one with the limiter
// of client.WithRateLimit: the entity, the whole instance if a read or a second entity in ten
// seconds was refused, or the operation if it is an invitation. Requests that wait, and whose
// turn now comes too late, fail within a quarter of a second. It returns after Config.Timeout or
// when ctx ends, at the latest; the report reaches Redis all the same.
func (l *Limiter) TooMany(ctx context.Context, r observe.Request, retryAfter time.Duration) {
	l.counts.holds.Add(1)
	if l.outage.mayAsk(time.Now()) && l.hold(ctx, r, retryAfter) == nil {
		return
	}
	if l.config.Fallback != nil {
		l.config.Fallback.TooMany(ctx, r, retryAfter)
	}
}

// FailOpen returns a Limiter for Config.Fallback that sends everything at once.
func FailOpen() client.Limiter { return open{} }

type open struct{}

// Wait returns ctx's error.
func (open) Wait(ctx context.Context, _ observe.Request) error { return ctx.Err() }

// TooMany does nothing.
func (open) TooMany(context.Context, observe.Request, time.Duration) {}

// nextID names one question and its repetitions.
func (l *Limiter) nextID() string { return l.id + strconv.FormatUint(l.asked.Add(1), 36) }
