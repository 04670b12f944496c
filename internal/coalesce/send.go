package coalesce

import (
	"errors"
	"runtime/debug"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// work is a worker: it sends what is due until nothing is.
func (w *Writer[K, E]) work() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.ready) > 0 {
		e := w.ready[0]
		w.ready = w.ready[1:]
		e.stopTimer()
		e.taken, e.queue, e.left = e.queue, nil, 0
		e.busy, e.due = true, false
		for len(e.taken) > 0 {
			taken := e.taken
			w.mu.Unlock()
			left := w.sendSome(e.key, taken)
			w.mu.Lock()
			clear(taken[:len(taken)-len(left)]) // frees what is over
			e.taken = left
		}
		e.busy = false
		if e.due {
			w.ready = append(w.ready, e)
		}
		w.forget(e)
	}
	w.running--
}

// sendSome sends what fits into one patch and returns the rest.
func (w *Writer[K, E]) sendSome(key K, items []*item[K, E]) []*item[K, E] {
	var batch []*item[K, E]
	var patches []metadata.Patch
	for i, it := range items {
		if it.over {
			continue // its caller took it out of the queue
		}
		next, fits := w.join(patches, it)
		if len(batch) > 0 && (!fits || len(batch) == w.config.MaxUpdates) {
			w.send(key, batch, patches)
			return items[i:]
		}
		if w.claim(it) {
			batch, patches = append(batch, it), next
		}
	}
	if len(batch) > 0 {
		w.send(key, batch, patches)
	}
	return nil
}

// claim marks an update as sent unless its caller has taken it out.
func (w *Writer[K, E]) claim(it *item[K, E]) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if it.gone {
		w.finish(it, nil, nil)
		return false
	}
	it.sent = true
	return true
}

// join composes what is gathered with one more update. The update does not fit if there is
// no composition, it is too large, or the writer sends nothing any more.
func (w *Writer[K, E]) join(gathered []metadata.Patch, it *item[K, E]) (joined []metadata.Patch, fits bool) {
	if gathered == nil {
		return it.patches, true
	}
	if w.ctx.Err() != nil {
		return nil, false
	}
	size := 0
	for i, p := range it.patches {
		c, err := metadata.Compose(gathered[i], p)
		if err != nil {
			return nil, false
		}
		if c != nil {
			raw, err := c.MarshalJSON()
			if err != nil {
				return nil, false
			}
			size += len(raw)
		}
		joined = append(joined, c)
	}
	return joined, size <= w.config.MaxBytes
}

// send makes one request for a batch, and if Clerk refuses its content, one for each half:
// good updates are applied, in order, and faulty ones are found in few requests.
func (w *Writer[K, E]) send(key K, batch []*item[K, E], patches []metadata.Patch) {
	if w.ctx.Err() != nil {
		w.finishAll(batch, nil, w.refused())
		return
	}
	result, err := w.request(key, patches)
	if len(batch) == 1 || !isContent(err) {
		w.finishAll(batch, result, err)
		return
	}
	middle := len(batch) / 2
	for _, left := range [][]*item[K, E]{batch[:middle], batch[middle:]} {
		for len(left) > 0 {
			left = w.sendSome(key, left)
		}
	}
}

// request makes one request, on a separate goroutine: a panic or a runtime.Goexit in the
// caller's code ends that goroutine and is the error of its updates; the worker continues.
func (w *Writer[K, E]) request(key K, patches []metadata.Patch) (result *E, err error) {
	err = w.panicked(&clerkerr.PanicError{})
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer func() {
			if v := recover(); v != nil {
				err = w.panicked(&clerkerr.PanicError{Value: v, Stack: debug.Stack()})
			}
		}()
		result, err = w.target.Send(w.ctx, key, patches)
	}()
	<-over
	return result, err
}

func (w *Writer[K, E]) panicked(cause *clerkerr.PanicError) error {
	return &clerkerr.Error{Operation: w.target.Operation, Outcome: clerkerr.OutcomeUnknown, Err: cause}
}

func (w *Writer[K, E]) finishAll(batch []*item[K, E], result *E, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, it := range batch {
		w.finish(it, result, err)
	}
}

// isContent reports whether a write was refused for its content, and not applied.
func isContent(err error) bool {
	refused := errors.Is(err, clerkerr.ErrInvalid) || errors.Is(err, clerkerr.ErrTooLarge)
	e, ok := errors.AsType[*clerkerr.Error](err)
	return refused && ok && e.Outcome == clerkerr.OutcomeNotApplied
}
