package coalesce

import (
	"errors"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Defaults of the options.
const (
	DefaultInterval   = 100 * time.Millisecond
	DefaultMaxUpdates = 1000
	DefaultMaxBytes   = metadata.MaxSize
	DefaultWorkers    = 8
	DefaultMaxPending = 10_000
)

// Bounds of the options.
const (
	intervalAllowed   = time.Hour
	updatesAllowed    = 100_000
	workersAllowed    = 1000
	maxPendingAllowed = 1_000_000
)

// Option changes what New makes.
type Option struct {
	name  string
	apply func(*config) error
}

type config struct {
	interval   time.Duration
	maxUpdates int
	maxBytes   int
	workers    int
	maxPending int
}

// WithInterval sets how long the first update of a queue waits at most.
func WithInterval(d time.Duration) Option {
	return Option{"WithInterval", func(c *config) error {
		if d <= 0 || d > intervalAllowed {
			return fmt.Errorf("is %s, allowed is over 0 to %s", d, intervalAllowed)
		}
		c.interval = d
		return nil
	}}
}

// WithMaxBatch bounds one request: the updates in it and the bytes of its
// fields together. A queue of so many updates is due at once.
func WithMaxBatch(updates, bytes int) Option {
	return Option{"WithMaxBatch", func(c *config) error {
		if updates < 1 || updates > updatesAllowed || bytes < 1 || bytes > metadata.MaxSize {
			return fmt.Errorf("is %d updates of %d bytes together, allowed are 1 to %d updates and 1 to %d bytes", updates, bytes, updatesAllowed, metadata.MaxSize)
		}
		c.maxUpdates, c.maxBytes = updates, bytes
		return nil
	}}
}

// WithWorkers sets how many requests may be in flight.
func WithWorkers(n int) Option {
	return Option{"WithWorkers", func(c *config) error {
		if n < 1 || n > workersAllowed {
			return fmt.Errorf("is %d, allowed is 1 to %d", n, workersAllowed)
		}
		c.workers = n
		return nil
	}}
}

// WithMaxPending bounds the updates that are queued or in flight.
func WithMaxPending(n int) Option {
	return Option{"WithMaxPending", func(c *config) error {
		if n < 1 || n > maxPendingAllowed {
			return fmt.Errorf("is %d, allowed is 1 to %d", n, maxPendingAllowed)
		}
		c.maxPending = n
		return nil
	}}
}

func configure(constructor string, opts []Option) (config, error) {
	c := config{DefaultInterval, DefaultMaxUpdates, DefaultMaxBytes, DefaultWorkers, DefaultMaxPending}
	given := map[string]bool{}
	for _, o := range opts {
		if o.apply == nil {
			return c, clerkerr.Invalid(constructor, "option", errors.New("is the zero Option"))
		}
		if given[o.name] {
			return c, clerkerr.Invalid(constructor, o.name, errors.New("is given twice"))
		}
		given[o.name] = true
		if err := o.apply(&c); err != nil {
			return c, clerkerr.Invalid(constructor, o.name, err)
		}
	}
	return c, nil
}
