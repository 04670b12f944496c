package bulk

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"sync"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/client"
)

// Apply makes the changes and yields one result for each, in the order in which
// they are done. Changes of one entity are made one at a time and in the order
// of the input, at the same time as those of others. Once a change of an entity
// failed or is unknown, the rest of that entity is held back.
//
// The walk ends with the input. It ends early, with an error as the last thing
// it yields, when ctx ends (its cause), when the key is refused
// (clerkerr.ErrUnauthorized), when the input or the checkpoint has an error
// (theirs), or with ErrTooManyFailures, which MaxInRow causes too. Then, and when the loop is left, nothing
// new is sent and what is under way is finished: ctx does not cancel a request,
// the client's timeouts bound it. What was read ahead and not sent gets no
// result.
//
// changes is walked on a goroutine of its own, which has ended when the walk
// has. The sequence can be walked as often as changes can.
func Apply(ctx context.Context, c *client.Client, changes iter.Seq2[Change, error], params ApplyParams) iter.Seq2[Result, error] {
	return func(yield func(Result, error) bool) {
		if err := params.defaults(); err != nil {
			yield(Result{}, err)
			return
		}
		r := &run{
			client: c, params: params, yield: yield,
			seed: maphash.MakeSeed(), lanes: map[Entity]*lane{}, failed: map[uint64]struct{}{},
			work: make(chan job), finished: make(chan job),
		}
		r.all(ctx, changes)
	}
}

// run is one Apply. All but the workers and the feed happens on the goroutine
// that walks the results, so that nothing here needs a lock.
type run struct {
	client *client.Client
	params ApplyParams
	yield  func(Result, error) bool

	seed   maphash.Seed
	lanes  map[Entity]*lane
	ready  []*lane             // lanes with work and none under way, in the order of the input
	failed map[uint64]struct{} // hashes of entities of which a change failed: 8 bytes where ids take 50
	held   int                 // changes in lanes
	busy   int
	inRow  int // failures one after the other that another change would meet too
	counts Counts
	index  int64

	work, finished chan job

	end  error // why nothing new is sent
	left bool  // the caller left the loop
}

// lane holds the changes of one entity that were read and are not done, the one
// under way included.
type lane struct {
	queue []Result
}

// job is the first change of a lane, on its way to a worker and back.
type job struct {
	lane   *lane
	result Result
}

// item is a change as the input gave it.
type item struct {
	change Change
	err    error
}

func (r *run) all(ctx context.Context, changes iter.Seq2[Change, error]) {
	var group sync.WaitGroup
	input, stop := make(chan item), make(chan struct{})
	defer func() {
		close(stop)
		close(r.work)
		group.Wait()
	}()
	group.Go(func() {
		defer close(input)
		for change, err := range changes {
			select {
			case input <- item{change, err}:
			case <-stop:
				return
			}
		}
	})
	calls := context.WithoutCancel(ctx)
	for range r.params.Workers {
		group.Go(func() {
			for j := range r.work {
				j.result.Outcome, j.result.Diff, j.result.Err = execute(calls, r.client, j.result.Change, r.params.SkipUnchanged)
				r.finished <- j
			}
		})
	}
	r.loop(ctx, input)
	if r.end != nil && !r.left {
		r.yield(Result{}, r.end)
	}
}

// loop takes in, hands out and takes back until nothing is left.
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
		if going && len(r.ready) > 0 {
			to, next = r.work, job{r.ready[0], r.ready[0].queue[0]}
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
			r.finish(j.lane, j.result)
		case <-ended:
			ended = nil
		}
	}
}

func (r *run) stop(err error) {
	if r.end == nil {
		r.end = err
	}
}

// take puts a change into the lane of its entity.
func (r *run) take(it item) {
	if it.err != nil {
		r.stop(it.err)
		return
	}
	result := Result{Index: r.index, Change: it.change}
	r.index++
	if r.params.Checkpoint != nil && r.params.Checkpoint.Done(result.Index) {
		result.Outcome = Recorded
		r.tell(result)
		return
	}
	if _, failed := r.failed[r.hash(it.change.Entity)]; failed {
		r.hold(result)
		return
	}
	l := r.lanes[it.change.Entity]
	if l == nil {
		l = &lane{}
		r.lanes[it.change.Entity] = l
		r.ready = append(r.ready, l)
	}
	l.queue = append(l.queue, result)
	r.held++
}

// finish deals with the first change of a lane, which a worker has done.
func (r *run) finish(l *lane, result Result) {
	l.queue = l.queue[1:]
	r.held--
	entity := result.Change.Entity
	if !result.OK() {
		r.failed[r.hash(entity)] = struct{}{}
		delete(r.lanes, entity)
		r.held -= len(l.queue)
		r.tell(result)
		for _, later := range l.queue {
			r.hold(later)
		}
		if errors.Is(result.Err, clerkerr.ErrUnauthorized) {
			r.stop(result.Err)
		}
		if r.outage(result.Err) || r.counts.Failed+r.counts.Unknown > int64(r.params.MaxFailures) {
			r.stop(ErrTooManyFailures)
		}
		return
	}
	r.inRow = 0
	// Recorded before the entity's next change can be sent.
	if r.params.Checkpoint != nil {
		if err := r.params.Checkpoint.Record(result.Index); err != nil {
			r.stop(fmt.Errorf("the checkpoint cannot be written: %w", err))
		}
	}
	if len(l.queue) > 0 {
		r.ready = append(r.ready, l)
	} else {
		delete(r.lanes, entity)
	}
	r.tell(result)
}

// outage counts failures that say nothing of their change, one after the other.
func (r *run) outage(err error) bool {
	if !errors.Is(err, clerkerr.ErrTransport) && !errors.Is(err, clerkerr.ErrServer) && !errors.Is(err, clerkerr.ErrRateLimited) {
		r.inRow = 0
		return false
	}
	r.inRow++
	return r.inRow >= MaxInRow
}

func (r *run) hold(result Result) {
	result.Outcome, result.Err = HeldBack, ErrHeldBack
	r.tell(result)
}

// tell yields a result while somebody listens.
func (r *run) tell(result Result) {
	r.counts.Add(result.Outcome)
	if r.params.Progress != nil {
		r.params.Progress(r.counts)
	}
	if !r.left && !r.yield(result, nil) {
		r.left = true
	}
}

func (r *run) hash(e Entity) uint64 { return maphash.Comparable(r.seed, e) }
