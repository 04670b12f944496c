// Package ratelimit keeps a client under Clerk's rate limits: a number of requests of an
// instance, and of writes of each entity, in any ten seconds. It knows no HTTP.
package ratelimit

import (
	"context"
	"fmt"
	"maps"
	"math"
	"sync"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

const (
	// Window is the time in which Clerk counts.
	Window = 10 * time.Second
	// Margin is added to the window: of two requests sent a window apart the first may
	// travel longer and arrive in the window of the second. 96.6 % of the limit remains.
	Margin = 350 * time.Millisecond
	// MaxHold bounds how long a 429 holds requests back, whatever its Retry-After.
	MaxHold = time.Minute

	span  = Window + Margin
	never = time.Duration(math.MaxInt64)
)

// Limiter decides when a request may be sent. It is safe for concurrent use; its timer
// runs only while a request waits. The work of each method is logarithmic in the number
// of requests that wait.
type Limiter struct {
	writes int
	start  time.Time

	mu       sync.Mutex // guards what follows
	instance bucket
	reads    *line
	entities map[string]*line
	swept    time.Duration // when idle entities were last forgotten
	came     uint64        // how many have waited
	waiting  queue
	timer    *time.Timer
	wake     time.Duration // when the timer goes off
	// refused is the entity whose write got the last 429, at refusedAt.
	refused   string
	refusedAt time.Duration
}

// New returns a Limiter that allows requests requests of the instance and writes writes
// of each entity in any Window. Both are at least 1.
func New(requests, writes int) *Limiter {
	return &Limiter{
		writes: writes, start: time.Now(), wake: never,
		instance: newBucket(requests), reads: newLine(0), entities: map[string]*line{},
		waiting: newQueue(),
	}
}

// Wait returns nil when the request may be sent: first come, first served among those
// whose entity has room. entity is what it writes to, "" for a read. A wait that cannot
// end before ctx's deadline fails at once with clerkerr.ErrLocalLimit, and with ctx's
// error if ctx ends.
func (l *Limiter) Wait(ctx context.Context, entity string) error {
	w, err := l.take(ctx, entity)
	if w == nil {
		return err
	}
	select {
	case err = <-w.done:
		return err
	case <-ctx.Done():
		return l.leave(ctx, w)
	}
}

// take sends at once, or returns the waiter that waits.
func (l *Limiter) take(ctx context.Context, entity string) (*waiter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Since(l.start)
	l.advance(now)
	l.forget(now)
	of := l.line(entity)
	free := max(l.instance.free(now, 0), of.free(now, 0))
	if free <= now {
		l.instance.send(now)
		of.send(now)
		return nil, nil //nolint:nilnil // nothing to wait for
	}
	l.came++
	w := &waiter{line: of, came: l.came, deadline: never, done: make(chan error, 1)}
	if deadline, ok := ctx.Deadline(); ok {
		w.deadline = deadline.Sub(l.start)
	}
	if err := l.enqueue(now, w); err != nil {
		return nil, err
	}
	if free < l.wake {
		l.arm(now, free)
	}
	return w, nil
}

// enqueue queues w, unless its turn would come too late.
func (l *Limiter) enqueue(now time.Duration, w *waiter) error {
	w.earliest = w.line.free(now, w.line.waiting.root.len())
	if err := l.judge(now, w); err != nil {
		return err
	}
	l.waiting.add(now, w)
	return nil
}

// judge computes whether w's turn comes in time. Those whose entity has room no later,
// and that came before it, go first.
func (l *Limiter) judge(now time.Duration, w *waiter) error {
	turn := max(w.earliest, l.instance.free(now, l.waiting.order.rank(w)))
	if turn >= w.deadline {
		return fmt.Errorf("%w: there is room in %s", clerkerr.ErrLocalLimit, (turn - now).Round(time.Millisecond))
	}
	// A turn moves by no more than the instance is held longer.
	w.bearable = w.deadline - turn + l.instance.held
	return nil
}

// leave removes w from the queue, unless its turn has just come.
func (l *Limiter) leave(ctx context.Context, w *waiter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case err := <-w.done:
		return err
	default:
	}
	l.waiting.remove(time.Since(l.start), w)
	return ctx.Err()
}

// line is the line of the entity, or of all reads.
func (l *Limiter) line(entity string) *line {
	if entity == "" {
		return l.reads
	}
	of := l.entities[entity]
	if of == nil {
		of = newLine(l.writes)
		l.entities[entity] = of
	}
	return of
}

// forget drops idle entities once a span: those that remain were written to, or
// refused, in the last two.
func (l *Limiter) forget(now time.Duration) {
	if now-l.swept < span {
		return
	}
	l.swept = now
	maps.DeleteFunc(l.entities, func(_ string, of *line) bool { return of.waiting.root == nil && of.isIdle(now) })
}

// advance sends those whose turn has come.
func (l *Limiter) advance(now time.Duration) {
	if now < l.wake {
		return
	}
	for l.instance.free(now, 0) <= now {
		w := l.waiting.next(now)
		if w == nil {
			break
		}
		l.instance.send(now)
		w.line.send(now)
		l.waiting.remove(now, w)
		w.done <- nil
	}
	next := l.waiting.opens(now)
	if next != never {
		next = max(next, l.instance.free(now, 0))
	}
	l.arm(now, next)
}

// arm sets the timer, unless wake is never.
func (l *Limiter) arm(now, wake time.Duration) {
	l.wake = wake
	switch {
	case wake == never:
	case l.timer == nil:
		l.timer = time.AfterFunc(wake-now, l.tick)
	default:
		l.timer.Reset(wake - now)
	}
}

func (l *Limiter) tick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance(time.Since(l.start))
}

// TooMany reports a 429. It holds back the entity for retryAfter (a Window if that is
// not positive, MaxHold at most), and the whole instance if a read was refused, or
// another entity in the same Window: the limit was then not the entity's. Requests that
// wait and whose turn now comes too late fail at once.
func (l *Limiter) TooMany(entity string, retryAfter time.Duration) {
	if retryAfter <= 0 {
		retryAfter = Window
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Since(l.start)
	until := now + min(retryAfter, MaxHold)
	second := l.refused != "" && l.refused != entity && now-l.refusedAt < Window
	if entity != "" {
		l.refused, l.refusedAt = entity, now
		l.hold(now, l.line(entity), until)
	}
	if entity == "" || second {
		l.holdAll(now, until)
	}
}

// hold holds back an entity, and queues those that wait for it again.
func (l *Limiter) hold(now time.Duration, of *line, until time.Duration) {
	if until <= of.held {
		return
	}
	of.held = until
	var all []*waiter
	for w := of.waiting.first(); w != nil; w = of.waiting.first() {
		l.waiting.remove(now, w)
		all = append(all, w)
	}
	for _, w := range all {
		if err := l.enqueue(now, w); err != nil {
			w.done <- err
		}
	}
}

// holdAll holds back everything, and judges again those that may now be late.
func (l *Limiter) holdAll(now, until time.Duration) {
	l.instance.held = max(l.instance.held, until)
	for _, w := range l.waiting.hurried(l.instance.held) {
		if err := l.judge(now, w); err != nil {
			l.waiting.remove(now, w)
			w.done <- err
			continue
		}
		l.waiting.hurry(w)
	}
}
