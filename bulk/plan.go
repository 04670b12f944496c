package bulk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"sync"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
)

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
	// Progress is called after each result with the counts so far, on the
	// goroutine that walks the results.
	Progress func(Counts)
}

const (
	defaultMemory = 8 << 20
	// block is how many changes are read and compared at a time.
	block = 500
	// usersPerRequest is how many users a list request reads.
	usersPerRequest = 100
)

// Plan reads the entities of the changes and tells exactly what each change
// would do, without writing anything: one result for each, in the order of the
// input, with the Diff, Planned or Unchanged, or Failed where the entity cannot
// be read. Users are read 100 a request, organizations and memberships one by
// one. Several changes of one entity are compared one after the other, as Apply
// would make them. A change that holds more than Clerk takes is not found out.
//
// The walk ends early, with an error as the last thing it yields, when ctx ends,
// when the key is refused (clerkerr.ErrUnauthorized) or when changes yields an
// error. Unlike Apply it cancels what is under way when ctx ends.
func Plan(ctx context.Context, c *client.Client, changes iter.Seq2[Change, error], params PlanParams) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		if params.Workers < 0 || params.Workers > MaxWorkers || params.Memory < 0 {
			yield(Result{}, clerkerr.Invalid("bulk.Plan", "Workers", fmt.Errorf("is %d, allowed is 1 to %d, and 0 for %d", params.Workers, MaxWorkers, DefaultWorkers)))
			return
		}
		if params.Workers == 0 {
			params.Workers = DefaultWorkers
		}
		if params.Memory == 0 {
			params.Memory = defaultMemory
		}
		p := &planner{client: c, params: params, known: newOverlay(params.Memory)}
		if err := p.all(ctx, changes, yield); err != nil && !errors.Is(err, errLeft) {
			yield(Result{}, err)
		}
	}
}

// errLeft says that the caller left the loop.
var errLeft = errors.New("left")

type planner struct {
	client *client.Client
	params PlanParams
	known  *overlay
	counts Counts
}

func (p *planner) all(ctx context.Context, changes iter.Seq2[Change, error], yield func(Result, error) bool) error {
	var results []Result
	var index int64
	for change, err := range changes {
		if err != nil {
			return errors.Join(p.block(ctx, results, yield), err)
		}
		result := Result{Index: index, Change: change}
		if p.params.Checkpoint != nil && p.params.Checkpoint.Done(index) {
			result.Outcome = Recorded
		}
		index++
		if results = append(results, result); len(results) == block {
			if err := p.block(ctx, results, yield); err != nil {
				return err
			}
			results = results[:0]
		}
	}
	return p.block(ctx, results, yield)
}

// reading is what came of reading one entity.
type reading struct {
	docs documents
	err  error
}

func (p *planner) block(ctx context.Context, results []Result, yield func(Result, error) bool) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	read := p.read(ctx, p.wanted(results))
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	for _, r := range read {
		if errors.Is(r.err, clerkerr.ErrUnauthorized) {
			return r.err
		}
	}
	for _, result := range results {
		if result.Outcome != Recorded {
			p.compare(&result, read)
		}
		p.counts.Add(result.Outcome)
		if p.params.Progress != nil {
			p.params.Progress(p.counts)
		}
		if !yield(result, nil) {
			return errLeft
		}
	}
	p.known.trim()
	return nil
}

// wanted are the entities to be read.
func (p *planner) wanted(results []Result) []Entity {
	seen := map[Entity]bool{}
	var wanted []Entity
	for _, r := range results {
		e := r.Change.Entity
		if _, known := p.known.get(e); known || seen[e] || r.Outcome == Recorded || r.Change.Check() != nil {
			continue
		}
		seen[e] = true
		wanted = append(wanted, e)
	}
	return wanted
}

// read reads entities, at most Workers requests at once.
func (p *planner) read(ctx context.Context, entities []Entity) map[Entity]reading {
	var mu sync.Mutex
	read := make(map[Entity]reading, len(entities))
	store := func(e Entity, docs documents, err error) {
		mu.Lock()
		defer mu.Unlock()
		read[e] = reading{docs, err}
	}
	var group sync.WaitGroup
	slots := make(chan struct{}, p.params.Workers)
	start := func(f func()) {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			f()
		})
	}
	var ids []string
	flush := func() {
		batch := ids
		ids = nil
		if len(batch) > 0 {
			start(func() { p.readUsers(ctx, batch, store) })
		}
	}
	for _, e := range entities {
		if !e.isUser() {
			start(func() {
				docs, err := fetch(ctx, p.client, e)
				store(e, docs, err)
			})
			continue
		}
		if ids = append(ids, e.UserID); len(ids) == usersPerRequest {
			flush()
		}
	}
	flush()
	group.Wait()
	return read
}

func (p *planner) readUsers(ctx context.Context, ids []string, store func(Entity, documents, error)) {
	found, missing, err := p.client.Users.GetMany(ctx, ids)
	if err != nil {
		for _, id := range ids {
			store(Entity{UserID: id}, documents{}, err)
		}
		return
	}
	for _, u := range found {
		store(Entity{UserID: u.ID}, documentsOfUser(u), nil)
	}
	for _, id := range missing {
		store(Entity{UserID: id}, documents{}, &clerkerr.Error{
			Operation: "GetMany", Status: http.StatusNotFound, Attempts: 1, Outcome: clerkerr.OutcomeNotApplied, Read: true,
		})
	}
}

// compare says what a change would do and remembers what it leaves.
func (p *planner) compare(result *Result, read map[Entity]reading) {
	e := result.Change.Entity
	if result.Err = result.Change.Check(); result.Err != nil {
		result.Outcome = Failed
		return
	}
	docs, known := p.known.get(e)
	if !known {
		r := read[e]
		if r.err != nil {
			result.Outcome, result.Err = Failed, r.err
			return
		}
		docs, result.Approximate = r.docs, p.known.forgot(e)
	}
	after, err := result.Change.after(docs)
	if err == nil {
		result.Diff, err = diff(docs, after)
	}
	switch {
	case err != nil:
		result.Outcome, result.Err = Failed, err
		return
	case result.Diff.Empty():
		result.Outcome = Unchanged
	default:
		result.Outcome = Planned
	}
	p.known.put(e, after)
}
