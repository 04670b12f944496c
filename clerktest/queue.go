package clerktest

import (
	"cmp"
	"slices"
	"time"
)

// waiting is a delivery that waits for its time.
type waiting struct {
	*message
	due      time.Time
	order    int // among those that are due at the same time
	attempts int // made so far
}

// queue holds deliveries in the order in which they are due.
type queue struct {
	all     []*waiting
	held    []*waiting // those of all that the next message overtakes
	orders  int
	bytes   int
	dropped int
}

func compareDue(a, b *waiting) int {
	return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.order, b.order))
}

func (q *queue) add(d *waiting) {
	q.orders++
	d.order = q.orders
	i, _ := slices.BinarySearchFunc(q.all, d, compareDue)
	q.all = slices.Insert(q.all, i, d)
	q.bytes += len(d.payload)
}

func (q *queue) remove(d *waiting) {
	i, _ := slices.BinarySearchFunc(q.all, d, compareDue)
	q.all = slices.Delete(q.all, i, i+1)
	q.held = slices.DeleteFunc(q.held, func(other *waiting) bool { return other == d })
	q.bytes -= len(d.payload)
}

// hold adds a delivery that release may make due.
func (q *queue) hold(d *waiting) {
	q.add(d)
	q.held = append(q.held, d)
}

// release makes the deliveries on hold due after what is in the queue for that time.
func (q *queue) release(due time.Time) {
	held := q.held
	q.held = nil
	for _, d := range held {
		q.remove(d)
		d.due = due
		q.add(d)
	}
}

// next removes and returns the first delivery if it is due; otherwise it returns how long
// to wait for it, 0 if there is none.
func (q *queue) next(now time.Time) (*waiting, time.Duration) {
	if len(q.all) == 0 {
		return nil, 0
	}
	d := q.all[0]
	if wait := d.due.Sub(now); wait > 0 {
		return nil, wait
	}
	q.remove(d)
	return d, 0
}

// shorten drops the deliveries that are due first, until at most so many with so many
// bytes are left.
func (q *queue) shorten(most, mostBytes int) {
	for len(q.all) > most || q.bytes > mostBytes {
		q.remove(q.all[0])
		q.dropped++
	}
}
