package coalesce

import (
	"cmp"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Config bounds a writer. A zero field takes its default.
type Config struct {
	// Interval is how long the first update of a queue waits at most.
	Interval time.Duration
	// MaxUpdates and MaxBytes bound one request: the updates in it and the bytes
	// of its fields together. A queue of MaxUpdates is due at once.
	MaxUpdates int
	MaxBytes   int
	// Workers is how many requests may be in flight.
	Workers int
	// MaxPending bounds the updates that are queued or in flight.
	MaxPending int
}

// withDefaults checks c and fills in what is zero.
func (c Config) withDefaults(constructor string) (Config, error) {
	for _, f := range []struct {
		name        string
		value       *int
		usual, most int
	}{
		{"MaxUpdates", &c.MaxUpdates, 1000, 100_000},
		{"MaxBytes", &c.MaxBytes, metadata.MaxSize, metadata.MaxSize},
		{"Workers", &c.Workers, 8, 1000},
		{"MaxPending", &c.MaxPending, 10_000, 1_000_000},
	} {
		if *f.value < 0 || *f.value > f.most {
			return c, clerkerr.Invalid(constructor, f.name, fmt.Errorf("is %d: expected 1 to %d, or 0 for %d", *f.value, f.most, f.usual))
		}
		*f.value = cmp.Or(*f.value, f.usual)
	}
	const usual, most = 100 * time.Millisecond, time.Hour
	if c.Interval < 0 || c.Interval > most {
		return c, clerkerr.Invalid(constructor, "Interval", fmt.Errorf("is %s: expected up to %s, or 0 for %s", c.Interval, most, usual))
	}
	c.Interval = cmp.Or(c.Interval, usual)
	return c, nil
}
