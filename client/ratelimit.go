package client

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/ratelimit"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

// Limit is how many requests an instance may get in any ten seconds, 1 to 100000, such as
// client.ProductionLimit/2.
type Limit int

// The limits that Clerk publishes.
const (
	// DevelopmentLimit is the limit of a development instance.
	DevelopmentLimit Limit = 100
	// ProductionLimit is the limit of a production instance.
	ProductionLimit Limit = 1000
	// DefaultWriteLimit is how many writes a user, organization or membership may
	// get in any ten seconds. That PATCH and PUT count together is a guess.
	DefaultWriteLimit = 10
)

// A unit of a limit takes eight bytes, for each entity in use.
const (
	maxLimit      = 100_000
	maxWriteLimit = 1000
)

// Limiter decides when an attempt may be sent. WithRateLimit and NewLimiter make one that
// counts within this process, and the module contrib/redis one that counts in Redis, for
// processes that share an instance. It must be safe for concurrent use.
type Limiter interface {
	// Wait returns nil when the attempt may be sent, and counts it. It is called
	// before each attempt, retries included.
	//
	// An error ends the call without sending the attempt: at once one that satisfies
	// clerkerr.ErrLocalLimit if the wait cannot end before ctx's deadline, and ctx's
	// error if ctx ends, which the timeout of the call does at the latest. A Limiter
	// that fails returns an error to send nothing, or nil to send without a limit.
	Wait(ctx context.Context, r observe.Request) error
	// TooMany reports an attempt that was answered with 429. retryAfter is the wait
	// that Clerk asked for, 0 if it asked for none. The call waits for TooMany, which
	// returns when ctx ends at the latest.
	TooMany(ctx context.Context, r observe.Request, retryAfter time.Duration)
}

// NewLimiter returns a Limiter as WithRateLimit(limit) and WithWriteLimit(writes) make it,
// for several clients of this process that share an instance. The error satisfies
// clerkerr.ErrInvalidArgument.
func NewLimiter(limit Limit, writes int) (Limiter, error) {
	const operation = "client.NewLimiter"
	if err := checkLimit(int(limit), maxLimit); err != nil {
		return nil, clerkerr.Invalid(operation, "limit", err)
	}
	if err := checkLimit(writes, maxWriteLimit); err != nil {
		return nil, clerkerr.Invalid(operation, "writes", err)
	}
	return ratelimit.New(int(limit), writes), nil
}

// HourlyLimit returns how many requests of an operation, by its name in observe.Request,
// Clerk documents to take in an hour, besides the limits of the instance: 100 of
// CreateInvitation and 25 of CreateInvitations, 250 of CreateOrganizationInvitation and 50
// of CreateOrganizationInvitations. It is 0 for every other. That a bulk request counts
// once is a guess.
func HourlyLimit(operation string) int { return ratelimit.Hourly(operation) }

// WithRateLimit makes attempts wait so that at most limit are sent in any ten seconds,
// and at most DefaultWriteLimit writes of each user, organization or membership. It also
// keeps to Clerk's hourly limits of invitations (HourlyLimit). The default is no limit.
//
//	client.New(key, client.WithRateLimit(client.ProductionLimit))
//
// The wait counts against the timeout of the call and the context's deadline, not against
// the timeout of the attempt. A call whose turn would come too late fails at once with
// clerkerr.ErrLocalLimit; for many writes of one entity at once, raise Retry.Timeout. A
// 429 that comes nevertheless holds back its entity for as long as Clerk says, and the
// whole client if a read or a second entity is refused as well. A 429 of an invitation
// holds back invitations of that kind alone.
//
// The Frontend API has no published limits, and its writes name no entity: with
// NewFrontend limit counts all requests alike.
func WithRateLimit(limit Limit) Option {
	return option("WithRateLimit", checkLimit(int(limit), maxLimit), func(c *config) { c.limit = limit })
}

// WithWriteLimit sets how many writes of one user, organization or membership
// WithRateLimit allows in any ten seconds, 1 to 1000; DefaultWriteLimit by default.
func WithWriteLimit(writes int) Option {
	return option("WithWriteLimit", checkLimit(writes, maxWriteLimit), func(c *config) { c.writeLimit = writes })
}

// WithLimiter makes attempts wait for l, which other clients, or other processes, may
// share. It replaces WithRateLimit.
func WithLimiter(l Limiter) Option {
	fault := refuse(l == nil, "is nil: leave the option out for no limit")
	return option("WithLimiter", fault, func(c *config) { c.transport.Limiter = l })
}

// limitRate makes the limiter of WithRateLimit and WithWriteLimit.
func (c *config) limitRate(operation string) error {
	switch {
	case c.limit != 0 && c.transport.Limiter != nil:
		return invalid(operation, "WithLimiter", "is given together with WithRateLimit, which it replaces")
	case c.limit != 0:
		c.transport.Limiter = ratelimit.New(int(c.limit), cmp.Or(c.writeLimit, DefaultWriteLimit))
	case c.writeLimit != 0:
		return invalid(operation, "WithWriteLimit", "is given without WithRateLimit")
	}
	return nil
}

func checkLimit(n, most int) error {
	if n < 1 || n > most {
		return fmt.Errorf("is %d; expected 1 to %d", n, most)
	}
	return nil
}
