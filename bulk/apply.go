package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// Apply makes the changes and yields one result for each, as they are done. It makes the
// changes of one entity one at a time in the order of the input, concurrently with those
// of others. After a change that failed or is unknown it holds back the rest of that
// entity. A change that does nothing is Unchanged at once: it is neither sent nor
// recorded.
//
// The walk ends with the input. It ends early, with an error as the last thing it yields,
// when ctx ends (its cause), when the key is refused (clerkerr.ErrUnauthorized), when the
// input, the checkpoint or the undo log fails (their error), or with ErrTooManyFailures,
// which MaxInRow causes too. Then, and when the loop is left in any way, Apply sends nothing
// new, and finishes and records what is under way: ctx does not cancel a request, the
// client's timeouts bound it. A change that was read ahead and not sent gets no result.
//
// Apply walks changes on a separate goroutine, which takes no step after the walk has
// ended. It leaves one that blocks for more than a second behind: an input that can block
// must return when ctx ends. A panic or runtime.Goexit of changes, or of a hook of the
// client, ends the goroutine that walks the results in the same way. The sequence can be
// walked as often as changes can.
func Apply(ctx context.Context, c *client.Client, changes iter.Seq2[Change, error], params ApplyParams) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		err := cmp.Or(given("bulk.Apply", ctx, c, changes), params.defaults())
		if err == nil {
			err = params.Resolution.keep(params.Checkpoint)
		}
		if err != nil {
			yield(Result{}, err)
			return
		}
		r := &run{
			client: c, params: params, yield: yield,
			lanes: map[Entity]*lane{}, failed: newFailures(params.MaxFailures),
			work: make(chan job), finished: make(chan job, params.Workers),
		}
		r.all(ctx, params.Resolution.of(changes))
	}
}

// run is one Apply. All but the workers and the feed runs on the goroutine that walks the
// results, so it needs no lock.
type run struct {
	client *client.Client
	params ApplyParams
	yield  func(Result, error) bool

	lanes  map[Entity]*lane
	ready  []*lane // lanes with work and none under way, in the order of the input
	failed *failures
	held   int // changes in lanes
	busy   int
	counts Counts
	index  int64

	work     chan job
	finished chan job // with room for every worker, so that none waits for the walk

	end        error // why nothing new is sent
	left       bool  // the caller left the loop
	unrecorded bool  // the checkpoint failed, so nothing more may be recorded
}

// lane has the changes of one entity that were read and are not done.
type lane struct {
	queue []Result
}

// job is the first change of a lane, on its way to a worker and back.
type job struct {
	lane    *lane
	result  Result
	escaped *escape // how the caller's code ended, unless it returned
}

func (r *run) all(ctx context.Context, changes iter.Seq2[Change, error]) {
	input := newFeed(changes)
	calls := context.WithoutCancel(ctx)
	var workers sync.WaitGroup
	for range r.params.Workers {
		workers.Go(func() {
			for j := range r.work {
				r.execute(calls, j)
			}
		})
	}
	// Deferred: the loop's body, Progress and the checkpoint can panic or exit.
	defer func() {
		close(r.work)
		workers.Wait()
		close(r.finished)
		input.leave()
		r.recordRest()
	}()
	r.loop(ctx, input.items)
	if r.end != nil && !r.left {
		r.yield(Result{}, r.end)
	}
}

func (r *run) execute(ctx context.Context, j job) {
	guarded(func() {
		execute(ctx, r.client, &j.result, r.params)
	}, func(escaped *escape) {
		j.escaped = escaped
		r.finished <- j
	})
}

// recordRest records what was under way when a panic or an exit ended the walk.
func (r *run) recordRest() {
	for j := range r.finished {
		if j.escaped == nil && j.result.OK() {
			r.record(j.result)
		}
	}
}

// loop reads changes, hands them to workers and takes their results until none is left.
func (r *run) loop(ctx context.Context, input <-chan item) {
	ended := ctx.Done()
	for {
		if ctx.Err() != nil { // a select would choose at random
			r.stop(context.Cause(ctx))
		}
		going := r.end == nil && !r.left
		var from <-chan item
		if going && r.held < r.params.Window {
			from = input
		}
		var to chan<- job
		var next job
		// A worker is free once its result is dealt with: a refused key then stops what follows.
		if going && len(r.ready) > 0 && r.busy < r.params.Workers {
			to, next = r.work, job{lane: r.ready[0], result: r.ready[0].queue[0]}
		}
		if from == nil && to == nil && r.busy == 0 {
			return
		}
		select {
		case it, ok := <-from:
			if ok {
				r.take(it)
			} else {
				input = nil
			}
		case to <- next:
			r.ready = r.ready[1:]
			r.busy++
		case j := <-r.finished:
			r.busy--
			if j.escaped != nil {
				j.escaped.raise()
			}
			r.finish(j.lane, j.result)
		case <-ended:
			ended = nil
		}
	}
}

func (r *run) stop(err error) { r.end = cmp.Or(r.end, err) }

// take puts a change into the lane of its entity.
func (r *run) take(it item) {
	if it.escaped != nil {
		it.escaped.raise()
	}
	if it.err != nil {
		r.stop(it.err)
		return
	}
	result := Result{Index: r.index, Change: it.change}
	r.index++
	switch {
	case it.change.doesNothing() && it.change.valid() == nil:
		result.Outcome = Unchanged
		r.report(result)
		return
	case r.params.Checkpoint != nil && r.params.Checkpoint.Done(result.Index):
		result.Outcome = Recorded
		r.report(result)
		return
	case r.failed.has(it.change.entity):
		r.hold(result)
		return
	}
	l := r.lanes[it.change.entity]
	if l == nil {
		l = &lane{}
		r.lanes[it.change.entity] = l
		r.ready = append(r.ready, l)
	}
	l.queue = append(l.queue, result)
	r.held++
}

// finish deals with the first change of a lane, which a worker has done.
func (r *run) finish(l *lane, result Result) {
	l.queue = l.queue[1:]
	r.held--
	entity := result.Change.entity
	if !result.OK() {
		tooMany := r.failed.add(entity, result.Err)
		delete(r.lanes, entity)
		r.held -= len(l.queue)
		r.report(result)
		for _, later := range l.queue {
			r.hold(later)
		}
		if errors.Is(result.Err, clerkerr.ErrUnauthorized) || errors.Is(result.Err, errUndoLog) {
			r.stop(result.Err)
		}
		if tooMany {
			r.stop(ErrTooManyFailures)
		}
		return
	}
	r.failed.success()
	r.record(result) // before the entity's next change can be sent
	if len(l.queue) > 0 {
		r.ready = append(r.ready, l)
	} else {
		delete(r.lanes, entity)
	}
	r.report(result)
}

// record records that a change is done. After a failure it records nothing more.
func (r *run) record(result Result) {
	if r.params.Checkpoint == nil || r.unrecorded {
		return
	}
	r.unrecorded = true // and stays so where Record panics
	if err := r.params.Checkpoint.Record(result.Index); err != nil {
		r.stop(fmt.Errorf("the checkpoint cannot be written: %w", err))
		return
	}
	r.unrecorded = false
}

func (r *run) hold(result Result) {
	result.Outcome, result.Err = HeldBack, ErrHeldBack
	r.report(result)
}

// report yields a result while the caller listens.
func (r *run) report(result Result) {
	r.counts.Add(result.Outcome)
	if r.params.Progress != nil {
		r.params.Progress(r.counts)
	}
	if !r.left && !r.yield(result, nil) {
		r.left = true
	}
}
