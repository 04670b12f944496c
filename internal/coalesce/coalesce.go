// Package coalesce combines many small merges of an entity into few, in order, for
// package writer. It knows no HTTP.
//
// An update waits in its entity's queue until the entity is due: an interval after the
// first update, when the queue is long enough, or on Flush and Close. Then a worker takes
// the queue and sends it as few patches, one after the other, while new updates gather in
// another queue.
package coalesce

import (
	"cmp"
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

// ErrClosed is writer.ErrClosed.
var ErrClosed = errors.New("the writer is closed")

// Target sends the updates of entities E, which keys K name.
type Target[K comparable, E any] struct {
	// Operation is the call's name, for errors.
	Operation string
	// Send makes one request. Many goroutines call it, one at a time for a key. The
	// entity is nil unless the write is known to be applied.
	Send func(ctx context.Context, key K, patches []metadata.Patch) (*E, error)
	// Copy makes a copy that shares no memory.
	Copy func(*E) *E
}

// Writer queues updates and sends them. It is safe for concurrent use, and has
// goroutines only while something is due or in flight.
type Writer[K comparable, E any] struct {
	target Target[K, E]
	config Config
	// slots holds one element for each update that takes up memory.
	slots   chan struct{}
	closing chan struct{}
	// ctx is that of the requests, which carry the updates of many callers. It ends
	// with the context of Close.
	ctx     context.Context
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu       sync.Mutex
	entities map[K]*entity[K, E]
	ready    []*entity[K, E] // due, not busy, in the order they became so
	running  int             // workers
	closed   bool
	next     uint64
	// unseen are the failures that no caller has received. Close takes them.
	unseen FailuresError
}

// New returns a writer. A configuration out of bounds is a *clerkerr.Error.
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

// Update is writer.Writer's. Fields are encoded patches, one for each metadata field, nil
// to leave it alone.
func (w *Writer[K, E]) Update(ctx context.Context, key K, fields ...json.RawMessage) (*E, error) {
	it, err := w.queue(ctx, key, fields, 1)
	if err != nil {
		return nil, err
	}
	return w.result(ctx, it, true)
}

// Submit is writer.Writer's, with fields as in Update.
func (w *Writer[K, E]) Submit(ctx context.Context, key K, fields ...json.RawMessage) (func(context.Context) (*E, error), error) {
	it, err := w.queue(ctx, key, fields, 0)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*E, error) {
		if err := request.Context(w.target.Operation, ctx); err != nil {
			return nil, err
		}
		w.mu.Lock()
		it.watchers++
		w.mu.Unlock()
		return w.result(ctx, it, false)
	}, nil
}

// queue waits for room and puts an update behind the others of its entity.
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

// await waits until an update is over. If the context ends before, it takes out an update
// that is its caller's and was not sent.
func (w *Writer[K, E]) await(ctx context.Context, it *item[K, E], own bool) error {
	select {
	case <-it.done:
		return nil
	case <-ctx.Done():
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case it.over:
		return nil // the select had both cases
	case own && w.takeOut(it):
		return w.stopped(clerkerr.OutcomeNotApplied, ctx.Err())
	default:
		it.watchers--
		return w.stopped(clerkerr.OutcomeUnknown, ctx.Err())
	}
}

// result waits for the result of an update, for one caller.
func (w *Writer[K, E]) result(ctx context.Context, it *item[K, E], own bool) (*E, error) {
	if err := w.await(ctx, it, own); err != nil {
		return nil, err
	}
	w.mu.Lock()
	if it.unseen && !w.closed {
		w.unseen.remove(it.number)
	}
	it.unseen = false
	w.mu.Unlock()
	if it.entity == nil {
		return nil, it.err
	}
	return w.target.Copy(it.entity), it.err
}

// Flush is writer.Writer's. The error is a *FailuresError, joined with a *clerkerr.Error
// if ctx has ended.
func (w *Writer[K, E]) Flush(ctx context.Context) error {
	if err := request.Context(w.target.Operation, ctx); err != nil {
		return err
	}
	w.mu.Lock()
	items := w.unfinished()
	w.mu.Unlock()
	return w.collect(ctx, items, FailuresError{}, nil)
}

// Close is writer.Writer's. Its errors are of the types of Flush's.
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
	stop := w.settle(ctx, len(items) == 0)
	w.cancel()
	return w.collect(ctx, items, failures, stop)
}

// closeGrace bounds the wait of Close for requests that it has cancelled.
const closeGrace = 5 * time.Second

// settle waits until all is sent, and if ctx ends first, until the requests that it then
// cancels are over. A request that does not return is an error.
func (w *Writer[K, E]) settle(ctx context.Context, nothing bool) error {
	if nothing {
		w.workers.Wait() // they may still be returning
		return nil
	}
	idle := make(chan struct{})
	go func() {
		w.workers.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	w.cancel()
	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-idle:
		return w.stopped(clerkerr.OutcomeUnknown, ctx.Err())
	case <-grace.C:
		return w.stopped(clerkerr.OutcomeUnknown, fmt.Errorf("%w, and a request that was cancelled has not returned", ctx.Err()))
	}
}

// collect waits for updates, and returns the failures among them and before, joined with
// stop or what stopped the waiting.
func (w *Writer[K, E]) collect(ctx context.Context, items []*item[K, E], failures FailuresError, stop error) error {
	for _, it := range items {
		// After an error too: later ones can be over already.
		if err := w.await(ctx, it, false); err != nil {
			stop = cmp.Or(stop, err)
		} else if it.err != nil {
			failures.add(it.number, it.key, it.err)
		}
	}
	if failures.Total > 0 {
		return errors.Join(stop, &failures)
	}
	return stop
}

// refused returns the error of an update that a closed writer did not send.
func (w *Writer[K, E]) refused() error {
	return &clerkerr.Error{Operation: w.target.Operation, Outcome: clerkerr.OutcomeNotApplied, Err: ErrClosed}
}

// stopped returns the error of a wait whose context has ended.
func (w *Writer[K, E]) stopped(outcome clerkerr.Outcome, err error) error {
	return &clerkerr.Error{Operation: w.target.Operation, Outcome: outcome, Stop: clerkerr.StopCanceled, Err: fmt.Errorf("waiting in the writer: %w", err)}
}
