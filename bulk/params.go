package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
)

// Defaults and bounds of the parameters.
const (
	DefaultWorkers     = 32
	MaxWorkers         = 256
	DefaultWindow      = 512
	DefaultMaxFailures = 100_000
	defaultMemory      = 8 << 20
	// MaxInRow bounds the successive changes that fail without an answer, by a fault of
	// Clerk or by the rate limit: the next would fail too.
	MaxInRow = 500
)

// ApplyParams configure Apply. The zero value is right for most.
type ApplyParams struct {
	// Workers is how many changes are sent at once, 1 to MaxWorkers; 0 is DefaultWorkers.
	Workers int
	// Window is how many changes are read ahead into memory, at least Workers; 0 is
	// DefaultWindow, or Workers if that is more.
	Window int
	// SkipUnchanged reads each entity before its change, which costs a request, and sends
	// only what changes something.
	SkipUnchanged bool
	// Checkpoint remembers what was applied; nil is none.
	Checkpoint Checkpoint
	// Resolution has the users of changes that name them otherwise than by id. A
	// Checkpoint, which then has to be a NameKeeper, keeps it before anything is sent.
	Resolution *Resolution
	// UndoLog notes each change before it is sent, for Undo; nil is none. Each entity is then
	// read before its change, as for SkipUnchanged. An error ends the run.
	UndoLog UndoLog
	// MaxFailures bounds the changes that fail or are unknown, and so the memory: one more
	// ends the run with ErrTooManyFailures. 0 is DefaultMaxFailures.
	MaxFailures int
	// Progress is called after each result with the counts so far, on the goroutine that
	// walks the results.
	Progress func(Counts)
}

func (p *ApplyParams) defaults() error {
	err := defaults("bulk.Apply", &p.Workers, &p.MaxFailures, "Window", &p.Window, DefaultWindow)
	p.Window = max(p.Window, p.Workers)
	return err
}

// PlanParams configure Plan. The zero value is right for most.
type PlanParams struct {
	// Workers is how many requests are made at once, 1 to MaxWorkers; 0 is DefaultWorkers.
	Workers int
	// Memory bounds, roughly, the bytes of metadata that are remembered of entities with
	// planned changes, to compare a later change with; 0 is 8 MiB. The Result of an entity
	// that was forgotten is Approximate.
	Memory int
	// Checkpoint names the changes that were applied; nil is none. Plan records nothing.
	Checkpoint Checkpoint
	// Resolution is as for Apply.
	Resolution *Resolution
	// MaxFailures is as for Apply: the plan ends where Apply would.
	MaxFailures int
	// Progress is as for Apply.
	Progress func(Counts)
}

func (p *PlanParams) defaults() error {
	return defaults("bulk.Plan", &p.Workers, &p.MaxFailures, "Memory", &p.Memory, defaultMemory)
}

// defaults checks the parameters that both have and one more, and sets those that are zero.
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

// given checks the arguments that must not be nil.
func given(operation string, ctx context.Context, c *client.Client, changes iter.Seq2[Change, error]) error { //nolint:revive // the operation comes first in every check
	switch {
	case c == nil:
		return clerkerr.Invalid(operation, "client", errNil)
	case changes == nil:
		return clerkerr.Invalid(operation, "changes", errNil)
	default:
		return request.Context(operation, ctx)
	}
}

var errNil = errors.New("is nil")

var errNegative = errors.New("cannot be negative")
