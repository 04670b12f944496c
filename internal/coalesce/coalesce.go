// Package coalesce is what the writers of the services have in common: it turns
// many small merges of the same entity into few, in order. It knows no HTTP.
//
// An update waits in its entity's queue until the entity is due: an interval
// after the first that waits, or when the queue is long enough, or on Flush and
// Close. Then a worker takes the queue as it is and sends it as few patches one
// after the other, while new updates gather in another queue. So there is
// one request in flight for an entity and updates are applied in the order in
// which they were queued.
package coalesce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// ErrClosed is wrapped by the error of an update that a writer did not take, or
// did not send, because it was closed.
var ErrClosed = errors.New("the writer is closed")

// Target is what a writer writes to: entities E, named by keys K.
type Target[K comparable, E any] struct {
	// Operation is the call's name, for errors.
	Operation string
	// Send makes one request. It is called from many goroutines, but never for
	// the same key at the same time. The entity is nil unless the write is
	// known to be applied.
	Send func(ctx context.Context, key K, patches []metadata.Patch) (*E, error)
	// Copy makes a copy that shares no memory.
	Copy func(*E) *E
}

// Writer queues updates and sends them. It is safe for concurrent use. It has
// goroutines only while something is due or in flight.
type Writer[K comparable, E any] struct {
	target Target[K, E]
	config Config
	// slots holds one element for each update that takes up memory.
	slots   chan struct{}
	closing chan struct{}
	// ctx is that of the requests: no caller's, since a request carries the
	// changes of many. It ends when Close loses patience.
	ctx     context.Context
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu       sync.Mutex
	entities map[K]*entity[K, E]
	ready    []*entity[K, E] // due, not busy, in the order they became so
	running  int             // workers
	closed   bool
	next     uint64
	// unseen are the failures that nobody has learned of. Close takes them,
	// and after it there are none.
	unseen FailuresError
}

// New makes a writer. The error is that of the configuration, a *clerkerr.Error.
func New[K comparable, E any](constructor string, target Target[K, E], config Config) (*Writer[K, E], error) {
	c, err := config.withDefaults(constructor)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:gosec // Close calls it
	return &Writer[K, E]{
		target: target, config: c,
		slots:   make(chan struct{}, c.MaxPending),
		closing: make(chan struct{}),
		ctx:     ctx, cancel: cancel,
		entities: map[K]*entity[K, E]{},
	}, nil
}

// Update queues a change and waits until it is applied or has failed. Fields are
// encoded patches, one a metadata field and nil where it is left alone.
func (w *Writer[K, E]) Update(ctx context.Context, key K, fields ...json.RawMessage) (*E, error) {
	it, err := w.queue(ctx, key, fields, 1)
	if err != nil {
		return nil, err
	}
	if err := w.await(ctx, it, w.takeOut); err != nil {
		return nil, err
	}
	return w.result(it)
}

// Submit queues a change and does not wait for it; ctx bounds the wait for
// room. The function that it returns waits: when its context ends first, the
// change stays where it is.
func (w *Writer[K, E]) Submit(ctx context.Context, key K, fields ...json.RawMessage) (func(context.Context) (*E, error), error) {
	it, err := w.queue(ctx, key, fields, 0)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*E, error) {
		if err := request.Context(w.target.Operation, ctx); err != nil {
			return nil, err
		}
		w.watch(it)
		if err := w.await(ctx, it, w.leave); err != nil {
			return nil, err
		}
		return w.result(it)
	}, nil
}

// queue waits for room and puts a change behind the others of its entity.
func (w *Writer[K, E]) queue(ctx context.Context, key K, fields []json.RawMessage, watchers int) (*item[K, E], error) {
	it := &item[K, E]{key: key, done: make(chan struct{}), watchers: watchers}
	for _, raw := range fields {
		var p metadata.Patch
		if raw != nil {
			var err error
			if p, err = metadata.ParsePatch(raw); err != nil {
				return nil, clerkerr.Invalid(w.target.Operation, "", err)
			}
		}
		it.patches = append(it.patches, p)
	}
	// Of several cases that are ready select takes any.
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

// await waits until an update is over. Where the context ends before, giveUp is
// asked, with the mutex held, whether the update was taken out.
func (w *Writer[K, E]) await(ctx context.Context, it *item[K, E], giveUp func(*item[K, E]) bool) error {
	select {
	case <-it.done:
		return nil
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case it.over:
		return nil // Of two cases that are ready select takes either.
	case giveUp(it):
		return w.stopped(clerkerr.OutcomeNotApplied, ctx.Err())
	default:
		it.watchers--
		return w.stopped(clerkerr.OutcomeUnknown, ctx.Err())
	}
}

// leave leaves an update where it is.
func (w *Writer[K, E]) leave(*item[K, E]) bool { return false }

// watch makes a failure of the update known to somebody.
func (w *Writer[K, E]) watch(it *item[K, E]) {
	w.mu.Lock()
	defer w.mu.Unlock()
	it.watchers++
}

// seen takes note that somebody has learned of a failure after all.
func (w *Writer[K, E]) seen(it *item[K, E]) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if it.unseen && !w.closed {
		w.unseen.remove(it.number)
	}
	it.unseen = false
}

// result is that of an update that is over, for one caller.
func (w *Writer[K, E]) result(it *item[K, E]) (*E, error) {
	w.seen(it)
	if it.entity == nil {
		return nil, it.err
	}
	return w.target.Copy(it.entity), it.err
}

// Flush sends what is queued now, without waiting for the interval, and returns
// when it and what was in flight is over. It returns the failures among them, a
// *FailuresError, joined with a *clerkerr.Error where ctx has ended, which stops
// nothing but the waiting.
func (w *Writer[K, E]) Flush(ctx context.Context) error {
	if err := request.Context(w.target.Operation, ctx); err != nil {
		return err
	}
	w.mu.Lock()
	items := w.unfinished()
	w.mu.Unlock()
	var failures FailuresError
	stop := w.collect(ctx, items, &failures)
	return errors.Join(stop, failures.asError())
}

// Close takes no more updates, sends what is queued and returns when all is
// over and no goroutine is left. When ctx ends before, the requests in flight
// are cancelled and the rest is not sent; one that does not return within
// closeGrace is left behind. It returns what Flush does, with the failures before
// that nobody has learned of.
func (w *Writer[K, E]) Close(ctx context.Context) error {
	if err := request.Context(w.target.Operation, ctx); err != nil {
		return err
	}
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.closing)
	}
	failures := w.unseen
	w.unseen = FailuresError{}
	items := w.unfinished()
	w.mu.Unlock()
	stop, over := w.settle(ctx)
	if over {
		ctx = context.WithoutCancel(ctx)
	}
	_ = w.collect(ctx, items, &failures)
	w.cancel()
	return errors.Join(stop, failures.asError())
}

// closeGrace is how long Close waits for requests that it has cancelled.
const closeGrace = 5 * time.Second

// settle waits until all is sent, and where ctx ends first, until what was
// cancelled then is over. A request that continues because an http.RoundTripper, a hook
// or a Limiter does not return is an error.
func (w *Writer[K, E]) settle(ctx context.Context) (stop error, over bool) { //nolint:revive // the error is one of two results, not of the waiting
	w.mu.Lock()
	running := w.running
	w.mu.Unlock()
	if running == 0 {
		w.workers.Wait() // for their last steps
		return nil, true
	}
	idle := make(chan struct{})
	go func() {
		w.workers.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil, true
	case <-ctx.Done():
	}
	w.cancel()
	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-idle:
		return w.stopped(clerkerr.OutcomeUnknown, ctx.Err()), true
	case <-grace.C:
		return w.stopped(clerkerr.OutcomeUnknown, fmt.Errorf("%w, and a request that was cancelled has not returned", ctx.Err())), false
	}
}

// collect waits for updates and gathers the failures among them.
func (w *Writer[K, E]) collect(ctx context.Context, items []*item[K, E], failures *FailuresError) error {
	var stop error
	for _, it := range items {
		// The rest is looked at even so, for what is over already.
		if err := w.await(ctx, it, w.leave); err != nil {
			stop = err
		} else if it.err != nil {
			failures.add(it.number, it.key, it.err)
		}
	}
	return stop
}

// refused is the error of what a closed writer did not send.
func (w *Writer[K, E]) refused() error {
	return &clerkerr.Error{Operation: w.target.Operation, Outcome: clerkerr.OutcomeNotApplied, Err: ErrClosed}
}

// stopped is the error of a wait whose context has ended.
func (w *Writer[K, E]) stopped(outcome clerkerr.Outcome, err error) error {
	return &clerkerr.Error{Operation: w.target.Operation, Outcome: outcome, Stop: clerkerr.StopCanceled, Err: fmt.Errorf("waiting in the writer: %w", err)}
}
