package writer

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/entity"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// backlog is what is queued or in flight for an entity. It is due an interval after the
// first update in queue, when MaxUpdates wait, and on Flush and Close. Then a worker takes
// the queue and sends it as few patches, one after the other, while updates gather in
// another. The writer's mutex guards it.
type backlog[ID comparable, Entity any] struct {
	id ID
	// queue waits. Its first update has started the timer.
	queue []*item[ID, Entity]
	left  int // those in queue that their callers have taken out
	timer *time.Timer
	// taken is what a worker has taken and not finished.
	taken []*item[ID, Entity]
	busy  bool // has a worker
	due   bool // the queue is to be sent as soon as possible
}

// item is one update. done is closed after entity and err are set; the writer's mutex
// guards the fields below them. patches is nil once it is over, since a caller can keep
// what Submit returned.
type item[ID comparable, Entity any] struct {
	id      ID
	patches []metadata.Patch
	number  uint64
	done    chan struct{}
	entity  *Entity
	err     error

	sent     bool
	gone     bool // taken out by its caller
	over     bool
	unseen   bool // failed, and no caller has received it
	watchers int  // callers that receive the result
}

// queue checks an update as the call itself would, waits for room and puts the update
// behind the others of its entity.
func (w *Writer[ID, Params, Entity]) queue(ctx context.Context, id ID, params Params, watchers int) (*item[ID, Entity], error) {
	if err := w.check("Update", ctx); err != nil {
		return nil, err
	}
	patches, err := w.encode(id, params)
	if err != nil {
		return nil, err
	}
	it := &item[ID, Entity]{id: id, patches: patches, done: make(chan struct{}), watchers: watchers}
	// A select takes any of the cases that are ready.
	if err := ctx.Err(); err != nil {
		return nil, w.stopped(clerkerr.OutcomeNotApplied, err)
	}
	select {
	case w.slots <- struct{}{}:
	case <-w.closing:
		return nil, w.refused()
	case <-ctx.Done():
		return nil, w.stopped(clerkerr.OutcomeNotApplied, ctx.Err())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		<-w.slots
		return nil, w.refused()
	}
	w.next++
	it.number = w.next
	w.push(it)
	return it, nil
}

// encode checks an update and returns a copy of its patches.
func (w *Writer[ID, Params, Entity]) encode(id ID, params Params) ([]metadata.Patch, error) {
	f := request.Fields{Operation: w.kind.operation}
	f.Check(w.kind.check(f.Operation, id))
	var patches []metadata.Patch
	for i, p := range w.kind.fields(&params) {
		var own metadata.Patch
		if raw := f.Patch(entity.Field(i), *p); raw != nil {
			var err error
			if own, err = metadata.ParsePatch(raw); err != nil {
				f.Check(clerkerr.Invalid(f.Operation, entity.Field(i), err))
			}
		}
		patches = append(patches, own)
	}
	return patches, f.Err()
}

// push queues an update. The caller holds the mutex.
func (w *Writer[ID, Params, Entity]) push(it *item[ID, Entity]) {
	e := w.backlogs[it.id]
	if e == nil {
		e = &backlog[ID, Entity]{id: it.id}
		w.backlogs[it.id] = e
	}
	e.queue = append(e.queue, it)
	if waiting := len(e.queue) - e.left; waiting >= w.config.MaxUpdates {
		w.makeDue(e)
	} else if waiting == 1 {
		var timer *time.Timer
		timer = time.AfterFunc(w.config.Interval, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			// An older queue's timer can fire after it was stopped.
			if e.timer == timer {
				w.makeDue(e)
			}
		})
		e.timer = timer
	}
}

// makeDue makes an entity's queue due. The caller holds the mutex.
func (w *Writer[ID, Params, Entity]) makeDue(e *backlog[ID, Entity]) {
	e.stopTimer()
	if e.due || len(e.queue) == 0 {
		return
	}
	e.due = true
	if e.busy {
		return // its worker makes it ready
	}
	w.ready = append(w.ready, e)
	if w.running < w.config.Workers {
		w.running++
		w.workers.Go(w.work)
	}
}

func (e *backlog[ID, Entity]) stopTimer() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}

// forget drops an entity without work. The caller holds the mutex.
func (w *Writer[ID, Params, Entity]) forget(e *backlog[ID, Entity]) {
	if !e.busy && !e.due && len(e.queue) == 0 {
		e.stopTimer()
		delete(w.backlogs, e.id)
	}
}

// takeOut removes an update unless it was sent. The caller holds the mutex.
func (w *Writer[ID, Params, Entity]) takeOut(it *item[ID, Entity]) bool {
	if it.sent {
		return false
	}
	it.gone = true
	e := w.backlogs[it.id]
	if len(e.queue) > 0 && it.number >= e.queue[0].number {
		w.finish(it, nil, nil)
		// Deleting each at once would move all that follow it.
		if e.left++; 2*e.left > len(e.queue) {
			e.queue = slices.DeleteFunc(e.queue, func(it *item[ID, Entity]) bool { return it.over })
			e.left = 0
		}
		w.forget(e)
	}
	// What a worker has taken keeps its slot until then, so that the slots bound memory.
	return true
}

// finish ends an update and frees its slot. The caller holds the mutex.
func (w *Writer[ID, Params, Entity]) finish(it *item[ID, Entity], result *Entity, err error) {
	it.entity, it.err, it.over, it.patches = result, err, true, nil
	close(it.done)
	<-w.slots
	if err != nil && it.watchers == 0 {
		it.unseen = true
		w.unseen.add(it.number, it.id, err)
	}
}

// unfinished makes everything due and returns it, watched, with what is in flight, in the
// order in which it was queued. The caller holds the mutex.
func (w *Writer[ID, Params, Entity]) unfinished() []*item[ID, Entity] {
	var items []*item[ID, Entity]
	for _, e := range w.backlogs {
		for _, it := range e.taken {
			if !it.over {
				items = append(items, it)
			}
		}
		items = append(items, e.queue...)
	}
	slices.SortFunc(items, func(a, b *item[ID, Entity]) int { return cmp.Compare(a.number, b.number) })
	for _, it := range items {
		it.watchers++
		w.makeDue(w.backlogs[it.id])
	}
	return items
}
