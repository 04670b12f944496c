package client

import (
	"context"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/ratelimit"
)

// Limit is how many requests an instance may get in any ten seconds, 1 to
// 100000. A part of a published one is written as a part of it:
// client.ProductionLimit/2.
type Limit int

// The limits that Clerk publishes.
const (
	// DevelopmentLimit is that of a development instance.
	DevelopmentLimit Limit = 100
	// ProductionLimit is that of a production instance.
	ProductionLimit Limit = 1000
	// DefaultWriteLimit is how many writes a single user, organization or
	// membership may get in any ten seconds; that PATCH and PUT count together is
	// a guess.
	DefaultWriteLimit = 10
)

// Every unit of a limit takes a few bytes, for every entity in use.
const (
	maxLimit      = 100_000
	maxWriteLimit = 1000
)

// Limiter decides when an attempt may be sent. WithRateLimit and NewLimiter make
// one that counts within this process; write one of your own where several
// processes share an instance, and give it to each of them with WithLimiter. It
// must be safe for concurrent use.
//
// A Limiter in Redis keeps a sorted set of send times for the instance and one
// for each entity. A Lua script, which Redis runs as one step, removes what is
// older than the window and either adds the attempt to both sets and answers 0,
// or answers how long until there is room. Wait calls the script until it answers
// 0 and sleeps in between. TooMany sets a key that the script looks at, and that
// expires with the wait. docs/rate-limits.md has the whole of it.
type Limiter interface {
	// Wait returns nil when the attempt may be sent; the slot is then taken.
	// Each attempt asks, retries too. entity is what the attempt writes to
	// ("user/user_1", "organization/org_1", "membership/org_1/user_1"), and ""
	// for a read, which counts for the instance only.
	//
	// An error ends the call, and nothing is sent. Where the wait cannot end
	// before ctx's deadline, Wait returns an error that satisfies
	// clerkerr.ErrLocalLimit, at once; where ctx ends, ctx's error. ctx ends with
	// the call's overall timeout, if not sooner. The timeout of the attempt
	// begins after the wait. For a Limiter that is itself out of order, return an
	// error to send nothing, or nil to send without a limit.
	Wait(ctx context.Context, entity string) error
	// TooMany reports an attempt that was answered with 429. retryAfter is the
	// wait that Clerk asked for, 0 where it asked for none. The call waits for
	// TooMany to return.
	TooMany(entity string, retryAfter time.Duration)
}

// NewLimiter returns a Limiter that lets so many requests of the instance
// through in any ten seconds, and so many writes of each entity, for several
// clients of this process that share an instance; WithRateLimit makes the same
// for one client. The error satisfies clerkerr.ErrInvalidArgument.
func NewLimiter(limit Limit, writes int) (Limiter, error) {
	const operation = "client.NewLimiter"
	if err := checkLimit(int(limit), maxLimit); err != nil {
		return nil, invalid(operation, "limit", err.Error())
	}
	if err := checkLimit(writes, maxWriteLimit); err != nil {
		return nil, invalid(operation, "writes", err.Error())
	}
	return ratelimit.New(int(limit), writes), nil
}

// WithRateLimit makes attempts wait so that no more than limit are sent in any
// ten seconds, wherever the ten seconds begin, and no more than
// DefaultWriteLimit writes of each user, organization or membership. Nothing is
// limited otherwise.
//
//	client.New(key, client.WithRateLimit(client.ProductionLimit))
//
// The wait counts against the timeout of the call and the context's deadline,
// not against the timeout of the attempt. A call whose turn would come too late
// fails at once with clerkerr.ErrLocalLimit; for many writes of one entity at
// once, raise Retry.Timeout. A 429 that comes all the same holds back that entity
// for every goroutine, for as long as Clerk says, and the whole client where a
// read or a second entity is refused as well.
//
// The Frontend API has no published limits, and its writes name no entity: with
// NewFrontend limit counts all requests alike.
func WithRateLimit(limit Limit) Option {
	return Option{optionRateLimit, func(c *config) error {
		c.limit = limit
		return checkLimit(int(limit), maxLimit)
	}}
}

// WithWriteLimit sets how many writes of one user, organization or membership
// WithRateLimit lets through in any ten seconds, 1 to 1000; DefaultWriteLimit otherwise.
func WithWriteLimit(writes int) Option {
	return Option{optionWriteLimit, func(c *config) error {
		c.writeLimit = writes
		return checkLimit(writes, maxWriteLimit)
	}}
}

// WithLimiter makes attempts wait for l, which can be shared with other clients
// and, if it is your own, with other processes. It takes the place of
// WithRateLimit.
func WithLimiter(l Limiter) Option {
	return Option{optionLimiter, func(c *config) error {
		if l == nil {
			return fmt.Errorf("is nil: leave the option out for no limit")
		}
		c.transport.Limiter = l
		return nil
	}}
}

const (
	optionRateLimit  = "WithRateLimit"
	optionWriteLimit = "WithWriteLimit"
	optionLimiter    = "WithLimiter"
)

// limitRate makes the limiter that the options ask for.
func (c *config) limitRate(operation string, opts []Option) error {
	switch limited := given(opts, optionRateLimit); {
	case limited && given(opts, optionLimiter):
		return invalid(operation, optionLimiter, "is given together with WithRateLimit: it takes its place")
	case limited:
		c.transport.Limiter = ratelimit.New(int(c.limit), c.writeLimit)
	case given(opts, optionWriteLimit):
		return invalid(operation, optionWriteLimit, "is given without WithRateLimit")
	}
	return nil
}

func checkLimit(n, most int) error {
	if n < 1 || n > most {
		return fmt.Errorf("is %d, allowed is 1 to %d", n, most)
	}
	return nil
}
