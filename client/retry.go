package client

import (
	"cmp"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/internal/transport"
)

// None turns off a field of Retry that allows it; 0 is the default.
const None = -1

// Retry says how long a call may take and how it is retried. The zero value of each field
// is its default.
//
// A retry follows a connection error, an answer that is cut short, and the statuses
// 408, 409 with code resource_locked, 425, 429, 500, 502, 503, 504, 520 to 527 and 530
// (the last nine are Cloudflare's, which stands in front of Clerk). A retry sends the same
// request: both PATCH and PUT set absolute values, so that a repeated write has the effect
// of one. A call that creates or revokes something is retried only if nothing was sent, and after 409
// with code resource_locked, 425 and 429.
type Retry struct {
	// MaxRetries is how many attempts may follow the first: 3 by default, at most
	// 10, None for no retry.
	MaxRetries int
	// BaseDelay and MaxDelay bound the waits between attempts (exponential backoff
	// with full jitter): a wait is random, between 0 and BaseDelay doubled with
	// each retry, and never over MaxDelay. They are 500 ms and 8 s by default; one
	// that is set moves the other's default if that contradicts it. At most an
	// hour. BaseDelay None retries at once.
	BaseDelay, MaxDelay time.Duration
	// MaxRetryAfter is the longest Retry-After that a call waits for: 30 s by default,
	// at most an hour. A longer one, with None any, ends the call at once.
	MaxRetryAfter time.Duration
	// AttemptTimeout bounds one attempt, from connecting to the last byte of the
	// answer: 10 s by default, at most Timeout. An attempt that runs out is retried.
	// None leaves an attempt all the time that the call has.
	AttemptTimeout time.Duration
	// Timeout bounds the call with all its attempts and waits: 45 s by default, at
	// most an hour; the context's deadline counts if it is sooner. Clerk counts
	// requests over 10 s, so a call with less time than that may not survive a 429.
	Timeout time.Duration
	// Budget is a token bucket that all calls of a client share, so that retries do
	// not multiply the load when everything fails. It holds Budget tokens, 100 by
	// default and at most a million; a retry takes one, and a call that succeeds
	// puts back Refill of one, 0.2 by default and at most 1. Budget None sets no
	// bound.
	Budget int
	Refill float64
}

const (
	defaultTimeout = 45 * time.Second

	maxRetriesAllowed = 10
	maxWaitAllowed    = time.Hour
	maxBudgetAllowed  = 1_000_000
)

// WithRetry sets the timeouts and the retries of every call. New and NewFrontend
// refuse a value out of the bounds of its field, and values that contradict each
// other.
func WithRetry(r Retry) Option {
	return option("WithRetry", r.check(), func(c *config) { c.retry = r })
}

func (r Retry) check() error {
	switch timeout := cmp.Or(r.Timeout, defaultTimeout); {
	case outside(r.MaxRetries, maxRetriesAllowed):
		return fmt.Errorf("has MaxRetries %d; expected 0 to %d, or None", r.MaxRetries, maxRetriesAllowed)
	case outside(r.BaseDelay, maxWaitAllowed):
		return fmt.Errorf("has BaseDelay %s; expected 0 to %s, or None", r.BaseDelay, maxWaitAllowed)
	case r.MaxDelay < 0 || r.MaxDelay > maxWaitAllowed:
		return fmt.Errorf("has MaxDelay %s; expected 0 to %s", r.MaxDelay, maxWaitAllowed)
	case r.MaxDelay != 0 && r.BaseDelay > r.MaxDelay:
		return fmt.Errorf("has BaseDelay %s, longer than MaxDelay %s", r.BaseDelay, r.MaxDelay)
	case outside(r.MaxRetryAfter, maxWaitAllowed):
		return fmt.Errorf("has MaxRetryAfter %s; expected 0 to %s, or None", r.MaxRetryAfter, maxWaitAllowed)
	case r.Timeout < 0 || r.Timeout > maxWaitAllowed:
		return fmt.Errorf("has Timeout %s; expected 0 to %s", r.Timeout, maxWaitAllowed)
	case outside(r.AttemptTimeout, timeout):
		return fmt.Errorf("has AttemptTimeout %s; expected 0 to %s, which is the Timeout of the whole call, or None", r.AttemptTimeout, timeout)
	case outside(r.Budget, maxBudgetAllowed):
		return fmt.Errorf("has Budget %d; expected 0 to %d, or None", r.Budget, maxBudgetAllowed)
	case !(r.Refill >= 0 && r.Refill <= 1):
		return fmt.Errorf("has Refill %g; expected 0 to 1", r.Refill)
	case r.Budget == None && r.Refill != 0:
		return fmt.Errorf("has Refill %g, but Budget is None", r.Refill)
	}
	return nil
}

func outside[T int | time.Duration](value, most T) bool {
	return value != None && (value < 0 || value > most)
}

// apply sets the transport's part of the configuration, defaults filled in.
func (r Retry) apply(t *transport.Config) {
	t.MaxRetries = max(0, cmp.Or(r.MaxRetries, 3))
	t.MaxDelay = cmp.Or(r.MaxDelay, max(8*time.Second, r.BaseDelay))
	t.BaseDelay = max(0, cmp.Or(r.BaseDelay, min(500*time.Millisecond, t.MaxDelay)))
	t.MaxRetryAfter = max(0, cmp.Or(r.MaxRetryAfter, 30*time.Second))
	t.Timeout = cmp.Or(r.Timeout, defaultTimeout)
	t.AttemptTimeout = cmp.Or(r.AttemptTimeout, 10*time.Second)
	if r.AttemptTimeout == None {
		t.AttemptTimeout = t.Timeout
	}
	if r.Budget != None {
		t.Budget = transport.NewBudget(cmp.Or(r.Budget, 100), cmp.Or(r.Refill, 0.2))
	}
}
