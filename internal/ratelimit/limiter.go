// Package ratelimit keeps a client under Clerk's rate limits: a number of requests of an
// instance, and of writes of each entity, in any ten seconds, and of invitations in any
// hour. It knows no HTTP.
package ratelimit

import (
	"context"
	"fmt"
	"maps"
	"math"
	"sync"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/observe"
)

const (
	// Window is the time in which Clerk counts.
	Window = 10 * time.Second
	// Margin is added to the window: of two requests sent a window apart the first may
	// travel longer and arrive in the window of the second. 96.6 % of the limit remains.
	Margin = 350 * time.Millisecond
	// MaxHold bounds how long a 429 holds requests back, whatever its Retry-After.
	MaxHold = time.Minute
	// InvitationWindow is the time in which Clerk counts invitations. It bounds how long a 429 holds
	// them back.
	InvitationWindow = time.Hour

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
	hourly   map[string]*line // by operation, one for each hourly limit that is in use
	swept    time.Duration    // when idle entities were last forgotten
	came     uint64           // how many have waited
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
		instance: newBucket(requests, span), reads: newLine(0, span), entities: map[string]*line{}, hourly: map[string]*line{},
		waiting: newQueue(),
	}
}

// Wait returns nil when the request may be sent: first come, first served among those
// whose entity or operation has room. A wait that cannot end before ctx's deadline fails
// at once with clerkerr.ErrLocalLimit, and with ctx's error if ctx ends.
func (l *Limiter) Wait(ctx context.Context, r observe.Request) error {
	w, err := l.take(ctx, r)
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
func (l *Limiter) take(ctx context.Context, r observe.Request) (*waiter, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Since(l.start)
	l.advance(now)
	l.forget(now)
	of := l.line(r)
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

// Hourly is how many requests of an operation Clerk documents to take in an hour, 0 for
// one without such a limit. That a bulk request counts once is a guess.
func Hourly(operation string) int {
	switch operation {
	case "CreateInvitation":
		return 100
	case "CreateInvitations":
		return 25
	case "CreateOrganizationInvitation":
		return 250
	case "CreateOrganizationInvitations":
		return 50
	}
	return 0
}

// line is the line of the operation if it has an hourly limit, else of the entity or of
// all that counts for the instance only.
func (l *Limiter) line(r observe.Request) *line {
	lines, key, limit, window := l.entities, r.Entity, l.writes, span
	if n := Hourly(r.Operation); n > 0 {
		lines, key, limit, window = l.hourly, r.Operation, n, InvitationWindow+Margin
	}
	if key == "" {
		return l.reads
	}
	of := lines[key]
	if of == nil {
		of = newLine(limit, window)
		lines[key] = of
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
		l.timer = time.AfterFunc(wake-now, func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.advance(time.Since(l.start))
		})
	default:
		l.timer.Reset(wake - now)
	}
}

// TooMany reports a 429. It holds back the entity for retryAfter (a Window if that is
// not positive, MaxHold at most), and the whole instance if a read was refused, or
// another entity in the same Window: the limit was then not the entity's. Requests that
// wait and whose turn now comes too late fail at once. A 429 of an operation with an hourly
// limit holds back that operation alone, for InvitationWindow at most.
func (l *Limiter) TooMany(_ context.Context, r observe.Request, retryAfter time.Duration) {
	if retryAfter <= 0 {
		retryAfter = Window
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Since(l.start)
	if Hourly(r.Operation) > 0 {
		l.hold(now, l.line(r), now+min(retryAfter, InvitationWindow))
		return
	}
	until := now + min(retryAfter, MaxHold)
	second := l.refused != "" && l.refused != r.Entity && now-l.refusedAt < Window
	if r.Entity != "" {
		l.refused, l.refusedAt = r.Entity, now
		l.hold(now, l.line(r), until)
	}
	if r.Entity == "" || second {
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
