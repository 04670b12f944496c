package writer

import (
	"cmp"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// Config bounds a writer. The zero value is right for most.
type Config struct {
	// Interval is how long an update waits for others of the same entity, up to an
	// hour; 0 is 100 ms. It counts from the first update that waits, so that two
	// requests for an entity begin no closer to each other, unless patches could not
	// be combined, a queue was full (MaxUpdates) or Flush was called. With a second
	// or more, a writer alone stays within Clerk's ten writes in ten seconds.
	Interval time.Duration
	// MaxUpdates is how many updates one request holds, up to 100,000; 0 is 1,000. As
	// soon as so many wait for an entity they are sent.
	MaxUpdates int
	// MaxBytes is the size of one request's metadata fields together, up to
	// metadata.MaxSize; 0 is metadata.MaxSize. An update that is larger alone is sent
	// alone.
	MaxBytes int
	// Workers is how many requests, each for another entity, may be in flight at a
	// time, up to 1,000; 0 is 8.
	Workers int
	// MaxPending is how many updates may wait or be in flight, of all entities
	// together, up to 1,000,000; 0 is 10,000. When there are so many, Update and
	// Submit wait for room.
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
