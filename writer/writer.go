// Package writer turns many small updates of metadata into few requests.
//
// A Writer comes from Users, Organizations or Memberships. Updates of one entity that
// arrive within an interval become one PATCH (metadata.Compose, field by field), in the
// order in which they arrived:
//
//	w, err := writer.Users(c.Users, writer.Config{Interval: time.Second})
//	…
//	user, err := w.Update(ctx, "user_1", users.UpdateUserMetadataParams{
//		PublicMetadata: metadata.Patch{"progress": 7},
//	})
//	…
//	err = w.Close(ctx)
//
// # Order
//
// A writer has one request for an entity in flight at a time, and up to Config.Workers for
// different ones. The updates of an entity are applied in the order in which Update and
// Submit took them. Two updates that no single patch can express ({"a":1} and then
// {"a":{"b":2}}, see metadata.Compose), or that are too large together, are sent one after
// the other.
//
// A writer does not order its updates against those of another writer or against calls
// beside it: the later write of a key wins.
//
// # Results
//
// Each caller gets a copy of the entity as Clerk answered the PATCH that held its update,
// and perhaps later ones. When Clerk refuses a combined patch for its content
// (clerkerr.ErrInvalid, clerkerr.ErrTooLarge), the writer sends its halves apart, and
// theirs, so that only the updates at fault fail. An update that Clerk would refuse alone
// succeeds where a later one of its batch overrides its fault. Any other error, a panic
// below the request included (clerkerr.PanicError), is that of every update in the PATCH.
//
// Requests are retried as the client is configured, and carry no caller's context. Updates
// that wait are lost with the process: Close sends them.
package writer

import (
	"context"
	"errors"
	"sync"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/internal/request"
)

// ErrClosed is wrapped by the error of an update that a writer did not take, or did
// not send, because it was closed.
var ErrClosed = errors.New("the writer is closed")

// Writer combines updates, Params, of entities that an ID names. It is safe for concurrent
// use, and has goroutines only while requests are due. Close it when it is no longer needed.
// Every call of a nil or zero Writer is clerkerr.ErrInvalidArgument.
type Writer[ID comparable, Params, Entity any] struct {
	kind   kind[ID, Params, Entity]
	config Config
	// slots holds one element for each update that takes up memory.
	slots   chan struct{}
	closing chan struct{}
	// ctx is that of the requests. It ends with the context of Close.
	ctx     context.Context
	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu       sync.Mutex
	backlogs map[ID]*backlog[ID, Entity]
	ready    []*backlog[ID, Entity] // due, not busy, in the order they became so
	running  int                    // workers
	closed   bool
	next     uint64
	// unseen are the failures that no caller has received. Close takes them.
	unseen failuresError
}

// Update merges params into the entity's metadata, as the service's update does, together
// with other updates, and returns when they are applied or have failed. It waits for room
// if the writer is full (Config.MaxPending), and keeps no reference to params.
//
// Errors are those of the service's update; what that refuses before any request is
// refused before the update is queued. When ctx ends, its error is wrapped in a
// *clerkerr.Error: an update that was not sent is taken out (clerkerr.OutcomeNotApplied);
// one that was sent stays sent (clerkerr.OutcomeUnknown). Other callers are not disturbed
// in either case. After Close the error wraps ErrClosed.
func (w *Writer[ID, Params, Entity]) Update(ctx context.Context, id ID, params Params) (*Entity, error) {
	it, err := w.queue(ctx, id, params, 1)
	if err != nil {
		return nil, err
	}
	return w.result(ctx, it, true)
}

// Submit is Update for a caller that does not wait: it returns as soon as the writer has
// taken the update, so that one goroutine can make many that are combined. ctx bounds
// only the wait for room.
//
// The function that it returns waits for the result; it can be called any number of
// times, from any goroutine, or not at all. When its context ends, the update stays
// queued or sent (clerkerr.OutcomeUnknown). Close reports a failure that no caller has
// received.
func (w *Writer[ID, Params, Entity]) Submit(ctx context.Context, id ID, params Params) (wait func(context.Context) (*Entity, error), err error) {
	it, err := w.queue(ctx, id, params, 0)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*Entity, error) {
		if err := request.Context(w.kind.operation, ctx); err != nil {
			return nil, err
		}
		w.mu.Lock()
		it.watchers++
		w.mu.Unlock()
		return w.result(ctx, it, false)
	}, nil
}

// Flush sends what waits now, whatever the interval, and returns when that and what
// was in flight is over. The end of ctx stops only the waiting. The error joins that
// of ctx and, with the entity named, those of the updates that failed: the first 16,
// in order, and the number of the rest.
func (w *Writer[ID, Params, Entity]) Flush(ctx context.Context) error {
	if err := w.check("Flush", ctx); err != nil {
		return err
	}
	w.mu.Lock()
	items := w.unfinished()
	w.mu.Unlock()
	return w.collect(ctx, items, failuresError{}, nil)
}

// Close takes no more updates, sends those that wait and returns when all are over; no
// goroutine is left then. Callers that wait for room get ErrClosed. The error is as
// Flush's, and includes earlier failures that no caller has received. When ctx ends
// first, Close cancels the requests in flight and does not send the rest: the errors of
// their callers, and this one, name them. It leaves behind a request that has not returned
// 5 s after that, because the Transport of the client's http.Client or a hook ignores its
// context, and its error says so. A writer can be closed again.
func (w *Writer[ID, Params, Entity]) Close(ctx context.Context) error {
	if err := w.check("Close", ctx); err != nil {
		return err
	}
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.closing)
	}
	failures := w.unseen
	w.unseen = failuresError{}
	items := w.unfinished()
	w.mu.Unlock()
	stop := w.settle(ctx, len(items) == 0)
	w.cancel()
	return w.collect(ctx, items, failures, stop)
}

// check refuses a writer that no constructor made, and a nil context.
func (w *Writer[ID, Params, Entity]) check(method string, ctx context.Context) error { //nolint:revive // as request.Context
	if w == nil || w.backlogs == nil {
		return clerkerr.Invalid("writer."+method, "writer", errors.New("is nil or zero: make it with writer.Users, writer.Organizations or writer.Memberships"))
	}
	return request.Context(w.kind.operation, ctx)
}
