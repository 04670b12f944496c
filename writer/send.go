package writer

import (
	"errors"
	"runtime/debug"

	"github.com/clerkmeta/clerkmeta-go/clerkerr"
	"github.com/clerkmeta/clerkmeta-go/metadata"
)

// work is a worker: it sends what is due until nothing is.
func (w *Writer[ID, Params, Entity]) work() {
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
			left := w.sendSome(e.id, taken)
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
func (w *Writer[ID, Params, Entity]) sendSome(id ID, items []*item[ID, Entity]) []*item[ID, Entity] {
	var batch []*item[ID, Entity]
	var patches []metadata.Patch
	for i, it := range items {
		if it.over {
			continue // its caller took it out of the queue
		}
		next, fits := w.join(patches, it)
		if len(batch) > 0 && (!fits || len(batch) == w.config.MaxUpdates) {
			w.send(id, batch, patches)
			return items[i:]
		}
		if w.claim(it) {
			batch, patches = append(batch, it), next
		}
	}
	if len(batch) > 0 {
		w.send(id, batch, patches)
	}
	return nil
}

// claim marks an update as sent unless its caller has taken it out.
func (w *Writer[ID, Params, Entity]) claim(it *item[ID, Entity]) bool {
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
func (w *Writer[ID, Params, Entity]) join(gathered []metadata.Patch, it *item[ID, Entity]) (joined []metadata.Patch, fits bool) {
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
func (w *Writer[ID, Params, Entity]) send(id ID, batch []*item[ID, Entity], patches []metadata.Patch) {
	var result *Entity
	err := w.refused()
	if w.ctx.Err() == nil {
		result, err = w.request(id, patches)
	}
	if middle := len(batch) / 2; middle > 0 && isContent(err) {
		for _, left := range [][]*item[ID, Entity]{batch[:middle], batch[middle:]} {
			for len(left) > 0 {
				left = w.sendSome(id, left)
			}
		}
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, it := range batch {
		w.finish(it, result, err)
	}
}

// request makes one request, on a separate goroutine: a panic or a runtime.Goexit in the
// caller's code ends that goroutine and is the error of its updates; the worker continues.
func (w *Writer[ID, Params, Entity]) request(id ID, patches []metadata.Patch) (result *Entity, err error) {
	cause := &clerkerr.PanicError{}
	err = &clerkerr.Error{Operation: w.kind.operation, Outcome: clerkerr.OutcomeUnknown, Err: cause}
	over := make(chan struct{})
	go func() {
		defer close(over)
		defer func() {
			if v := recover(); v != nil {
				cause.Value, cause.Stack = v, debug.Stack()
			}
		}()
		result, err = w.kind.send(w.ctx, id, patches)
	}()
	<-over
	return result, err
}

// isContent reports whether a write was refused for its content, and not applied.
func isContent(err error) bool {
	refused := errors.Is(err, clerkerr.ErrInvalid) || errors.Is(err, clerkerr.ErrTooLarge)
	e, ok := errors.AsType[*clerkerr.Error](err)
	return refused && ok && e.Outcome == clerkerr.OutcomeNotApplied
}
