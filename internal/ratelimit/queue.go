package ratelimit

import (
	"cmp"
	"container/list"
	"slices"
	"time"
)

// line is an entity's bucket, and those that wait for it in order of arrival.
type line struct {
	bucket

	waiting *list.List // of *waiter
	opens   time.Duration
	in      *ranked[*line] // the heap that it is in, nil while nobody waits
	place   int            // in the heap
}

func newLine(limit int) *line {
	return &line{bucket: newBucket(limit), waiting: list.New(), place: -1}
}

// first is the waiter that waits longest, nil if there is none.
func (of *line) first() *waiter {
	front := of.waiting.Front()
	if front == nil {
		return nil
	}
	w, _ := front.Value.(*waiter) // add pushes only these
	return w
}

// waiter is a request that has to wait.
type waiter struct {
	node

	line *line
	at   *list.Element // in the line
	came uint64
	// earliest is when its entity has room, deadline when it gives up.
	earliest, deadline time.Duration
	// bearable is until when the instance can be held while w stays in time.
	bearable time.Duration
	hurry    int // place among the urgent
	// done gets nil when the request may be sent.
	done chan error
}

// queue holds the waiters in every order that is needed.
type queue struct {
	// ready and full are the lines that are not empty: those whose entity has room,
	// by arrival of their first, and the others, by when it will have.
	ready, full ranked[*line]
	// order is by when the entity has room, as computed when the waiter came.
	order order
	// urgent are those with a deadline, the least bearable first.
	urgent ranked[*waiter]
}

func newQueue() queue {
	place := func(of *line) *int { return &of.place }
	return queue{
		ready: ranked[*line]{place: place, less: func(a, b *line) bool { return a.first().came < b.first().came }},
		full:  ranked[*line]{place: place, less: func(a, b *line) bool { return a.opens < b.opens }},
		order: order{less: func(a, b *waiter) bool {
			return cmp.Or(cmp.Compare(a.earliest, b.earliest), cmp.Compare(a.came, b.came)) < 0
		}},
		urgent: ranked[*waiter]{
			place: func(w *waiter) *int { return &w.hurry },
			less:  func(a, b *waiter) bool { return a.bearable < b.bearable },
		},
	}
}

// add puts w at the end of its line.
func (q *queue) add(now time.Duration, w *waiter) {
	w.at = w.line.waiting.PushBack(w)
	q.order.insert(w)
	q.hurry(w)
	if w.line.waiting.Len() == 1 {
		q.settle(now, w.line)
	}
}

// remove removes w.
func (q *queue) remove(now time.Duration, w *waiter) {
	first := w.line.first() == w
	if first {
		// The heap compares lines by their first: leave it before that changes.
		q.unsettle(w.line)
	}
	w.line.waiting.Remove(w.at)
	q.order.remove(w)
	q.urgent.remove(w)
	if first {
		q.settle(now, w.line)
	}
}

// settle puts a line into the heap that it belongs to.
func (q *queue) settle(now time.Duration, of *line) {
	if of.waiting.Len() == 0 {
		return
	}
	of.opens, of.in = of.free(now, 0), &q.full
	if of.opens <= now {
		of.in = &q.ready
	}
	of.in.add(of)
}

func (q *queue) unsettle(of *line) {
	of.in.remove(of)
	of.in = nil
}

// next is the waiter that goes next when the instance has room, nil if none can.
func (q *queue) next(now time.Duration) *waiter {
	for !q.full.isEmpty() && q.full.first().opens <= now {
		of := q.full.first()
		q.unsettle(of)
		q.settle(now, of)
	}
	if q.ready.isEmpty() {
		return nil
	}
	return q.ready.first().first()
}

// opens is when an entity that is waited for has room.
func (q *queue) opens(now time.Duration) time.Duration {
	switch {
	case !q.ready.isEmpty():
		return now
	case !q.full.isEmpty():
		return q.full.first().opens
	}
	return never
}

// hurry adds w to the urgent if it has a deadline.
func (q *queue) hurry(w *waiter) {
	if w.deadline != never {
		q.urgent.add(w)
	}
}

// hurried removes from the urgent, and returns in order of arrival, those that are late
// if the instance is held until held.
func (q *queue) hurried(held time.Duration) []*waiter {
	var late []*waiter
	for !q.urgent.isEmpty() && q.urgent.first().bearable <= held {
		late = append(late, q.urgent.first())
		q.urgent.remove(q.urgent.first())
	}
	slices.SortFunc(late, func(a, b *waiter) int { return cmp.Compare(a.came, b.came) })
	return late
}
