package ratelimit

import (
	"cmp"
	"slices"
	"time"
)

// line is an entity's bucket, and those that wait for it in order of arrival.
type line struct {
	bucket

	waiting order[*waiter]
	opens   time.Duration
	in      *order[*line] // at place, nil while nobody waits
	place   node[*line]
}

func newLine(limit int, span time.Duration) *line {
	return &line{bucket: newBucket(limit, span), waiting: order[*waiter]{less: cameBefore}}
}

// waiter is a request that has to wait.
type waiter struct {
	line *line
	came uint64
	// Its places: in the line, by when its entity has room, among the urgent.
	inLine, inOrder, inUrgent node[*waiter]
	earliest                  time.Duration // when its entity has room
	deadline                  time.Duration // when it gives up
	bearable                  time.Duration // until when the instance can be held while it stays in time
	done                      chan error    // gets nil when the request may be sent
}

func cameBefore(a, b *waiter) bool { return a.came < b.came }

// queue holds the waiters in every order that is needed.
type queue struct {
	// ready and full are the lines that are not empty: those whose entity has room,
	// by arrival of their first, and the others, by when it will have.
	ready, full order[*line]
	// order is by when the entity has room, as computed when the waiter came.
	order order[*waiter]
	// urgent are those with a deadline, the least bearable first.
	urgent order[*waiter]
}

func newQueue() queue {
	// The arrival, which no two share, makes every order strict.
	return queue{
		ready: order[*line]{less: func(a, b *line) bool { return cameBefore(a.waiting.first(), b.waiting.first()) }},
		full: order[*line]{less: func(a, b *line) bool {
			return a.opens < b.opens || a.opens == b.opens && cameBefore(a.waiting.first(), b.waiting.first())
		}},
		order: order[*waiter]{less: func(a, b *waiter) bool {
			return a.earliest < b.earliest || a.earliest == b.earliest && cameBefore(a, b)
		}},
		urgent: order[*waiter]{less: func(a, b *waiter) bool {
			return a.bearable < b.bearable || a.bearable == b.bearable && cameBefore(a, b)
		}},
	}
}

// add puts w at the end of its line.
func (q *queue) add(now time.Duration, w *waiter) {
	w.line.waiting.insert(&w.inLine, w)
	q.order.insert(&w.inOrder, w)
	q.hurry(w)
	if w.line.waiting.first() == w {
		q.settle(now, w.line)
	}
}

// remove removes w.
func (q *queue) remove(now time.Duration, w *waiter) {
	first := w.line.waiting.first() == w
	if first {
		q.unsettle(w.line) // while its place is what it was
	}
	w.line.waiting.remove(w)
	q.order.remove(w)
	q.urgent.remove(w)
	if first {
		q.settle(now, w.line)
	}
}

// settle puts a line where it belongs.
func (q *queue) settle(now time.Duration, of *line) {
	if of.waiting.root == nil {
		return
	}
	of.opens, of.in = of.free(now, 0), &q.full
	if of.opens <= now {
		of.in = &q.ready
	}
	of.in.insert(&of.place, of)
}

func (q *queue) unsettle(of *line) {
	of.in.remove(of)
	of.in = nil
}

// next returns the waiter that goes next when the instance has room, nil if none can.
func (q *queue) next(now time.Duration) *waiter {
	for of := q.full.first(); of != nil && of.opens <= now; of = q.full.first() {
		q.unsettle(of)
		q.settle(now, of)
	}
	if of := q.ready.first(); of != nil {
		return of.waiting.first()
	}
	return nil
}

// opens returns when an entity that is waited for has room.
func (q *queue) opens(now time.Duration) time.Duration {
	if q.ready.root != nil {
		return now
	}
	if of := q.full.first(); of != nil {
		return of.opens
	}
	return never
}

// hurry adds w to the urgent if it has a deadline.
func (q *queue) hurry(w *waiter) {
	if w.deadline != never {
		q.urgent.insert(&w.inUrgent, w)
	}
}

// hurried removes from the urgent, and returns in order of arrival, those that are late
// if the instance is held until held.
func (q *queue) hurried(held time.Duration) []*waiter {
	var late []*waiter
	for w := q.urgent.first(); w != nil && w.bearable <= held; w = q.urgent.first() {
		late = append(late, w)
		q.urgent.remove(w)
	}
	slices.SortFunc(late, func(a, b *waiter) int { return cmp.Compare(a.came, b.came) })
	return late
}
