package writer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
)

// await waits until an update is over. If the context ends before, it takes out an update
// that is its caller's and was not sent.
func (w *Writer[ID, Params, Entity]) await(ctx context.Context, it *item[ID, Entity], own bool) error {
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
func (w *Writer[ID, Params, Entity]) result(ctx context.Context, it *item[ID, Entity], own bool) (*Entity, error) {
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
	return w.kind.clone(it.entity), it.err
}

// closeGrace bounds the wait of Close for requests that it has cancelled.
const closeGrace = 5 * time.Second

// settle waits until all is sent, and if ctx ends first, until the requests that it then
// cancels are over. A request that does not return is an error.
func (w *Writer[ID, Params, Entity]) settle(ctx context.Context, nothing bool) error {
	idle := make(chan struct{})
	go func() {
		w.workers.Wait()
		close(idle)
	}()
	if nothing {
		<-idle // workers may still be returning
		return nil
	}
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
func (w *Writer[ID, Params, Entity]) collect(ctx context.Context, items []*item[ID, Entity], failures failuresError, stop error) error {
	for _, it := range items {
		// After an error too: later ones can be over already.
		if err := w.await(ctx, it, false); err != nil {
			stop = cmp.Or(stop, err)
		} else if it.err != nil {
			failures.add(it.number, it.id, it.err)
		}
	}
	if failures.total > 0 {
		return errors.Join(stop, &failures)
	}
	return stop
}

// refused returns the error of an update that a closed writer did not send.
func (w *Writer[ID, Params, Entity]) refused() error {
	return &clerkerr.Error{Operation: w.kind.operation, Outcome: clerkerr.OutcomeNotApplied, Err: ErrClosed}
}

// stopped returns the error of a wait whose context has ended.
func (w *Writer[ID, Params, Entity]) stopped(outcome clerkerr.Outcome, err error) error {
	return &clerkerr.Error{Operation: w.kind.operation, Outcome: outcome, Stop: clerkerr.StopCanceled, Err: fmt.Errorf("waiting in the writer: %w", err)}
}
