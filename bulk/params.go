package bulk

import (
	"errors"
	"fmt"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// Defaults and bounds of the parameters.
const (
	DefaultWorkers     = 32
	MaxWorkers         = 256
	DefaultWindow      = 512
	DefaultMaxFailures = 100_000
	// MaxInRow is how many changes one after the other may fail for want of an
	// answer, by a fault of Clerk's or by the rate limit: more would too.
	MaxInRow = 500
)

// ApplyParams say how Apply works. The zero value is good for most.
type ApplyParams struct {
	// Workers is how many changes are sent at once, 1 to MaxWorkers; 0 is
	// DefaultWorkers.
	Workers int
	// Window is how many changes are read ahead and held in memory, at least
	// Workers; 0 is DefaultWindow, or Workers where that is more.
	Window int
	// SkipUnchanged reads each entity before its change, which costs a request,
	// and sends nothing where nothing would change.
	SkipUnchanged bool
	// Checkpoint remembers what was applied; nil is none.
	Checkpoint Checkpoint
	// MaxFailures ends the run with ErrTooManyFailures once more changes than
	// that have failed or are unknown, which also bounds the memory; 0 is
	// DefaultMaxFailures.
	MaxFailures int
	// Progress is called after each result with the counts so far, on the
	// goroutine that walks the results.
	Progress func(Counts)
}

func (p *ApplyParams) defaults() error {
	switch {
	case p.Workers < 0 || p.Workers > MaxWorkers:
		return clerkerr.Invalid("bulk.Apply", "Workers", fmt.Errorf("is %d, allowed is 1 to %d, and 0 for %d", p.Workers, MaxWorkers, DefaultWorkers))
	case p.Window < 0 || p.MaxFailures < 0:
		return clerkerr.Invalid("bulk.Apply", "Window and MaxFailures", errors.New("cannot be negative"))
	}
	if p.Workers == 0 {
		p.Workers = DefaultWorkers
	}
	if p.Window == 0 {
		p.Window = DefaultWindow
	}
	p.Window = max(p.Window, p.Workers)
	if p.MaxFailures == 0 {
		p.MaxFailures = DefaultMaxFailures
	}
	return nil
}
