package bulk

import (
	"cmp"
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
	defaultMemory      = 8 << 20
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

// PlanParams say how Plan works. The zero value is good for most.
type PlanParams struct {
	// Workers is how many requests are made at once, 1 to MaxWorkers; 0 is
	// DefaultWorkers.
	Workers int
	// Memory is about how many bytes of metadata are remembered of entities that
	// were changed before, so that a later change of the same entity is compared
	// with what it will then find; 0 is 8 MiB. Where an entity comes again after
	// it was forgotten, its Result is Approximate.
	Memory int
	// Checkpoint names the changes that were applied already; nil is none. Plan
	// records nothing.
	Checkpoint Checkpoint
	// MaxFailures is as for Apply: the plan ends where it would.
	MaxFailures int
	// Progress is called after each result with the counts so far, on the
	// goroutine that walks the results.
	Progress func(Counts)
}

func (p *PlanParams) defaults() error {
	switch {
	case p.Workers < 0 || p.Workers > MaxWorkers:
		return clerkerr.Invalid("bulk.Plan", "Workers", fmt.Errorf("is %d, allowed is 1 to %d, and 0 for %d", p.Workers, MaxWorkers, DefaultWorkers))
	case p.Memory < 0 || p.MaxFailures < 0:
		return clerkerr.Invalid("bulk.Plan", "Memory and MaxFailures", errors.New("cannot be negative"))
	}
	p.Workers = cmp.Or(p.Workers, DefaultWorkers)
	p.Memory = cmp.Or(p.Memory, defaultMemory)
	p.MaxFailures = cmp.Or(p.MaxFailures, DefaultMaxFailures)
	return nil
}
