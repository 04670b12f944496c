package coalesce

import (
	"cmp"
	"slices"
	"time"

	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// entity is a key for which something is queued or in flight. The writer's mutex guards
// it.
type entity[K comparable, E any] struct {
	key K
	// queue waits. Its first update has started the timer.
	queue []*item[K, E]
	left  int // those in queue that their callers have taken out
	timer *time.Timer
	// taken is what a worker has taken and not finished.
	taken []*item[K, E]
	busy  bool // has a worker
	due   bool // the queue is to be sent as soon as possible
}

// item is one update. done is closed after entity and err are set; the writer's mutex
// guards the fields below them. patches is nil once it is over, since a caller can keep
// what Submit returned.
type item[K comparable, E any] struct {
	key     K
	patches []metadata.Patch
	number  uint64
	done    chan struct{}
	entity  *E
	err     error

	sent     bool
	gone     bool // taken out by its caller
	over     bool
	unseen   bool // failed, and no caller has received it
	watchers int  // callers that receive the result
}

// push queues an update. The caller holds the mutex.
func (w *Writer[K, E]) push(it *item[K, E]) {
	e := w.entities[it.key]
	if e == nil {
		e = &entity[K, E]{key: it.key}
		w.entities[it.key] = e
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
func (w *Writer[K, E]) makeDue(e *entity[K, E]) {
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

func (e *entity[K, E]) stopTimer() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}

// forget drops an entity without work. The caller holds the mutex.
func (w *Writer[K, E]) forget(e *entity[K, E]) {
	if !e.busy && !e.due && len(e.queue) == 0 {
		e.stopTimer()
		delete(w.entities, e.key)
	}
}

// takeOut removes an update unless it was sent. The caller holds the mutex.
func (w *Writer[K, E]) takeOut(it *item[K, E]) bool {
	if it.sent {
		return false
	}
	it.gone = true
	e := w.entities[it.key]
	if len(e.queue) > 0 && it.number >= e.queue[0].number {
		w.finish(it, nil, nil)
		// Deleting each at once would move all that follow it.
		if e.left++; 2*e.left > len(e.queue) {
			e.queue = slices.DeleteFunc(e.queue, func(it *item[K, E]) bool { return it.over })
			e.left = 0
		}
		w.forget(e)
	}
	// What a worker has taken keeps its slot until then, so that the slots bound memory.
	return true
}

// finish ends an update and frees its slot. The caller holds the mutex.
func (w *Writer[K, E]) finish(it *item[K, E], result *E, err error) {
	it.entity, it.err, it.over, it.patches = result, err, true, nil
	close(it.done)
	<-w.slots
	if err != nil && it.watchers == 0 {
		it.unseen = true
		w.unseen.add(it.number, it.key, err)
	}
}

// unfinished makes everything due and returns it, watched, with what is in flight, in the
// order in which it was queued. The caller holds the mutex.
func (w *Writer[K, E]) unfinished() []*item[K, E] {
	var items []*item[K, E]
	for _, e := range w.entities {
		for _, it := range e.taken {
			if !it.over {
				items = append(items, it)
			}
		}
		items = append(items, e.queue...)
	}
	slices.SortFunc(items, func(a, b *item[K, E]) int { return cmp.Compare(a.number, b.number) })
	for _, it := range items {
		it.watchers++
		w.makeDue(w.entities[it.key])
	}
	return items
}
