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
	err := defaults("bulk.Apply", &p.Workers, &p.MaxFailures, "Window", &p.Window, DefaultWindow)
	p.Window = max(p.Window, p.Workers)
	return err
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
	return defaults("bulk.Plan", &p.Workers, &p.MaxFailures, "Memory", &p.Memory, defaultMemory)
}

// defaults checks the parameters that both have and one more, named name,
// and fills in what is zero.
func defaults(operation string, workers, maxFailures *int, name string, own *int, usual int) error {
	switch {
	case *workers < 0 || *workers > MaxWorkers:
		return clerkerr.Invalid(operation, "Workers", fmt.Errorf("is %d, allowed is 1 to %d, and 0 for %d", *workers, MaxWorkers, DefaultWorkers))
	case *own < 0:
		return clerkerr.Invalid(operation, name, errNegative)
	case *maxFailures < 0:
		return clerkerr.Invalid(operation, "MaxFailures", errNegative)
	}
	*workers = cmp.Or(*workers, DefaultWorkers)
	*maxFailures = cmp.Or(*maxFailures, DefaultMaxFailures)
	*own = cmp.Or(*own, usual)
	return nil
}

var errNegative = errors.New("cannot be negative")
