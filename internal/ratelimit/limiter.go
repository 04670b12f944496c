// Package ratelimit keeps a client under Clerk's rate limits: so many requests in
// any ten seconds of an instance as a whole, and so many writes of each entity.
// It knows no HTTP, only moments and names.
package ratelimit

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

const (
	// Window is the time over which Clerk counts.
	Window = 10 * time.Second
	// Margin is added to the window. Clerk counts arrivals and we count sends:
	// of two requests a window apart the first may travel longer, over a new
	// connection say, and arrive inside the window of the second. It leaves
	// 96.6 % of the limit in use.
	Margin = 350 * time.Millisecond
	// MaxHold bounds how long a 429 holds requests back, so that one absurd
	// Retry-After does not stop a process.
	MaxHold = time.Minute

	span  = Window + Margin
	never = time.Duration(math.MaxInt64)
)

// Limiter says when a request may be sent. It is safe for concurrent use; its
// timer runs only while someone waits.
type Limiter struct {
	writes int
	start  time.Time

	mu       sync.Mutex // guards what follows
	instance *bucket
	entities map[string]*bucket
	swept    time.Duration // when idle entities were last forgotten
	waiting  []*waiter     // in the order they came
	timer    *time.Timer
	wake     time.Duration // when the timer goes off
	// refused is the entity whose write got the last 429, at refusedAt.
	refused   string
	refusedAt time.Duration
}

// waiter is a request that has to wait.
type waiter struct {
	bucket *bucket // of its entity, nil for a read
	// earliest is when its entity has room, deadline when it gives up.
	earliest, deadline time.Duration
	// done gets nil when the request may be sent.
	done chan error
}

// New returns a Limiter for so many requests of the instance, and so many writes
// of each entity, in any Window. Both are at least 1.
func New(requests, writes int) *Limiter {
	return &Limiter{
		writes: writes, start: time.Now(), wake: never,
		instance: newBucket(requests), entities: map[string]*bucket{},
	}
}

// Wait returns nil when the request may be sent, first come, first served among
// those that nothing else holds back. entity is what it writes to, "" for a read.
// A wait that cannot end before ctx's deadline fails at once with
// clerkerr.ErrLocalLimit, one that is broken off with ctx's error.
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

// take sends at once, or returns the waiter to wait for.
func (l *Limiter) take(ctx context.Context, entity string) (*waiter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Since(l.start)
	l.advance(now)
	l.forget(now)
	b := l.bucket(entity)
	free := l.free(now, b)
	if free <= now {
		l.send(now, b)
		return nil, nil //nolint:nilnil // nothing to wait for
	}
	w := &waiter{bucket: b, deadline: never, done: make(chan error, 1)}
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

// enqueue lets w wait, unless its turn would come too late.
func (l *Limiter) enqueue(now time.Duration, w *waiter) error {
	others := 0
	if w.bucket != nil {
		others = w.bucket.queued
	}
	w.earliest = w.bucket.free(now, others)
	// Those that came before and whose entity has room no later go first.
	ahead := 0
	for _, other := range l.waiting {
		if other.earliest <= w.earliest {
			ahead++
		}
	}
	if turn := max(w.earliest, l.instance.free(now, ahead)); turn >= w.deadline {
		return fmt.Errorf("%w: there is room in %s", clerkerr.ErrLocalLimit, (turn - now).Round(time.Millisecond))
	}
	w.bucket.queue(1)
	l.waiting = append(l.waiting, w)
	return nil
}

// leave takes w out of the queue, unless its turn has just come.
func (l *Limiter) leave(ctx context.Context, w *waiter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case err := <-w.done:
		return err
	default:
	}
	w.bucket.queue(-1)
	l.waiting = slices.DeleteFunc(l.waiting, func(other *waiter) bool { return other == w })
	return ctx.Err()
}

func (l *Limiter) free(now time.Duration, b *bucket) time.Duration {
	return max(l.instance.free(now, 0), b.free(now, 0))
}

func (l *Limiter) send(now time.Duration, b *bucket) {
	l.instance.send(now)
	b.send(now)
}

// bucket is the entity's, nil for a read.
func (l *Limiter) bucket(entity string) *bucket {
	if entity == "" {
		return nil
	}
	b := l.entities[entity]
	if b == nil {
		b = newBucket(l.writes)
		l.entities[entity] = b
	}
	return b
}

// forget drops idle entities once a span, so that there are never more than were
// written to, or refused, in the last two.
func (l *Limiter) forget(now time.Duration) {
	if now-l.swept < span {
		return
	}
	l.swept = now
	maps.DeleteFunc(l.entities, func(_ string, b *bucket) bool { return b.isIdle(now) })
}

// advance lets those go whose turn has come.
func (l *Limiter) advance(now time.Duration) {
	if now < l.wake {
		return
	}
	next := never
	l.waiting = slices.DeleteFunc(l.waiting, func(w *waiter) bool {
		if free := l.free(now, w.bucket); free > now {
			next = min(next, free)
			return false
		}
		l.send(now, w.bucket)
		w.bucket.queue(-1)
		w.done <- nil
		return true
	})
	l.arm(now, next)
}

// arm sets the timer; never leaves it alone, since it then has nothing to do.
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

// TooMany tells the limiter of a 429: the entity is held back for retryAfter (a
// Window where that is not positive, MaxHold at most), and so is the whole
// instance if a read was refused, or another entity in the same Window: then it
// was not the entity's limit. Whoever waits and can no longer make it in time
// fails at once.
func (l *Limiter) TooMany(entity string, retryAfter time.Duration) {
	if retryAfter <= 0 {
		retryAfter = Window
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Since(l.start)
	until := now + min(retryAfter, MaxHold)
	second := l.refused != "" && l.refused != entity && now-l.refusedAt < Window
	if entity == "" || second {
		l.instance.held = max(l.instance.held, until)
	}
	if entity != "" {
		b := l.bucket(entity)
		b.held = max(b.held, until)
		l.refused, l.refusedAt = entity, now
	}
	l.requeue(now)
}

// requeue judges anew who can make it in time. The timer may now go off too
// early, and is then set again.
func (l *Limiter) requeue(now time.Duration) {
	old := l.waiting
	l.waiting = make([]*waiter, 0, len(old))
	for _, w := range old {
		w.bucket.queue(-1)
	}
	for _, w := range old {
		if err := l.enqueue(now, w); err != nil {
			w.done <- err
		}
	}
}
