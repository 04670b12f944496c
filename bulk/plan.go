package bulk

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"sync"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/kinds"
)

const (
	// block is how many changes are read and compared at a time.
	block = 500
	// usersPerRequest is how many users a list request reads.
	usersPerRequest = 100
)

// Plan reads the entities of the changes, writes nothing, and yields what each change
// would do: one result for each, in the order of the input, Planned or Unchanged, with the
// Diff. It reads users 100 a request, organizations and memberships one by one. It compares
// several changes of one entity in the order in which Apply would make them.
//
// A change is Failed if Apply or Clerk would refuse it: for what Check finds, an entity
// that does not exist or cannot be read, and a field of more than the client's MaxFieldSize
// (clerkerr.ErrTooLarge; that Clerk measures each field separately and after the merge is a
// guess). An edit is a Conflict where Apply would find
// one. Later changes of that entity are HeldBack, as in Apply. A plan is no promise:
// others can write meanwhile, and Clerk has checks that are not public. Apply sends an
// Unchanged change unless it reads the entity before (ApplyParams.SkipUnchanged); then a
// field that is null may become an empty object.
//
// The walk ends early, with an error as the last thing it yields, when ctx ends, when the
// key is refused (clerkerr.ErrUnauthorized), when changes yields an error, or with
// ErrTooManyFailures as in Apply. Unlike Apply it cancels what is under way when ctx ends.
// It walks changes as Apply does.
func Plan(ctx context.Context, c *client.Client, changes iter.Seq2[Change, error], params PlanParams) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		if err := cmp.Or(given("bulk.Plan", ctx, c, changes), params.defaults()); err != nil {
			yield(Result{}, err)
			return
		}
		p := &planner{client: c, params: params, known: newOverlay(params.Memory), failed: newFailures(params.MaxFailures)}
		if err := p.all(ctx, params.Resolution.of(changes), yield); err != nil && !errors.Is(err, errLeft) {
			yield(Result{}, err)
		}
	}
}

// errLeft reports that the caller left the loop.
var errLeft = errors.New("left")

type planner struct {
	client *client.Client
	params PlanParams
	known  *overlay
	failed *failures
	counts Counts
}

func (p *planner) all(ctx context.Context, changes iter.Seq2[Change, error], yield func(Result, error) bool) error {
	input := newFeed(changes)
	defer input.leave()
	var results []Result
	for index := int64(0); ; index++ {
		var it item
		var more bool
		select {
		case it, more = <-input.items:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		switch {
		case it.escaped != nil:
			it.escaped.raise()
		case it.err != nil:
			return errors.Join(p.block(ctx, results, yield), it.err)
		case !more:
			return p.block(ctx, results, yield)
		}
		results = append(results, p.begin(index, it.change))
		if len(results) == block {
			if err := p.block(ctx, results, yield); err != nil {
				return err
			}
			results = results[:0]
		}
	}
}

// begin returns what is known of a result without a request: an outcome, an error, or
// neither.
func (p *planner) begin(index int64, change Change) Result {
	result := Result{Index: index, Change: change, Err: change.valid()}
	switch {
	case result.Err == nil && change.doesNothing():
		result.Outcome = Unchanged
		return result
	case p.params.Checkpoint != nil && p.params.Checkpoint.Done(index):
		result.Outcome, result.Err = Recorded, nil
		return result
	}
	result.Err = cmp.Or(result.Err, change.unresolved)
	return result
}

// reading is the result of reading one entity.
type reading struct {
	record *entity.Record
	err    error
}

func (p *planner) block(ctx context.Context, results []Result, yield func(Result, error) bool) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	read, escaped := p.read(ctx, results)
	if escaped != nil {
		escaped.raise()
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, r := range read {
		if errors.Is(r.err, clerkerr.ErrUnauthorized) {
			return r.err
		}
	}
	for _, result := range results {
		tooMany := result.Outcome == "" && p.compare(&result, read)
		p.counts.Add(result.Outcome)
		if p.params.Progress != nil {
			p.params.Progress(p.counts)
		}
		if !yield(result, nil) {
			return errLeft
		}
		if tooMany {
			return ErrTooManyFailures
		}
	}
	p.known.trim()
	return nil
}

// read reads the entities of results that it does not know, at most Workers requests at
// once.
func (p *planner) read(ctx context.Context, results []Result) (map[Entity]reading, *escape) {
	var mu sync.Mutex
	var escaped *escape
	read := map[Entity]reading{}
	store := func(e Entity, r *entity.Record, err error) {
		mu.Lock()
		defer mu.Unlock()
		read[e] = reading{r, err}
	}
	var group sync.WaitGroup
	slots := make(chan struct{}, p.params.Workers)
	start := func(f func()) {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			guarded(f, func(e *escape) {
				mu.Lock()
				defer mu.Unlock()
				escaped = cmp.Or(escaped, e)
			})
		})
	}
	seen := map[Entity]bool{}
	var users []string
	for _, result := range results {
		e := result.Change.entity
		if p.known.records[e] != nil || seen[e] || result.Outcome != "" || result.Err != nil || p.failed.has(e) {
			continue
		}
		seen[e] = true
		if e.kind() == entity.User {
			users = append(users, e.UserID)
			continue
		}
		start(func() {
			r, err := storeOf(p.client).Get(ctx, entity.ID(e))
			store(e, r, err)
		})
	}
	for ids := range slices.Chunk(users, usersPerRequest) {
		start(func() { p.readUsers(ctx, ids, store) })
	}
	group.Wait()
	return read, escaped
}

func (p *planner) readUsers(ctx context.Context, ids []string, store func(Entity, *entity.Record, error)) {
	found, missing, err := p.client.Users.GetMany(ctx, ids)
	if err != nil {
		for _, id := range ids {
			store(Entity{UserID: id}, nil, err)
		}
		return
	}
	for _, u := range found {
		store(Entity{UserID: u.ID}, kinds.OfUser(u), nil)
	}
	for _, id := range missing {
		store(Entity{UserID: id}, nil, &clerkerr.Error{
			Operation: "GetMany", Entity: id, Outcome: clerkerr.OutcomeNotApplied, Read: true, Err: clerkerr.ErrNotFound,
		})
	}
}

// compare completes the result of a change and remembers the state after it. It reports
// whether too many have failed.
func (p *planner) compare(result *Result, read map[Entity]reading) (tooMany bool) {
	e := result.Change.entity
	if p.failed.has(e) {
		result.Outcome, result.Err = HeldBack, ErrHeldBack
		return false
	}
	stored := p.known.records[e]
	if stored == nil && result.Err == nil {
		stored, result.Err = read[e].record, read[e].err
		result.Approximate = result.Err == nil && p.known.forgot(e)
	}
	var f foresight
	if result.Err == nil {
		f, result.Err = result.Change.foresee(stored, p.client.MaxFieldSize())
	}
	result.Before, result.After, result.Kept = stateOf(f.before), stateOf(f.after), f.kept
	if result.Err != nil {
		result.Outcome = refusalOf(result.Err)
		return p.failed.add(e, result.Err)
	}
	result.Outcome, result.Diff = Planned, f.diff
	if f.diff.Empty() {
		result.Outcome = Unchanged
	}
	p.failed.success()
	p.known.put(e, f.after)
	return false
}
