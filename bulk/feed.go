package bulk

import (
	"iter"
	"runtime"
	"time"
)

// escape is the end of a function that did not return: a panic or a runtime.Goexit.
type escape struct{ panicked any }

// raise ends the calling goroutine in the same way.
func (e *escape) raise() {
	if e.panicked != nil {
		panic(e.panicked) //nolint:forbidigo // the caller's own panic, on the caller's own goroutine
	}
	runtime.Goexit()
}

// guarded runs the caller's code on a goroutine of this package, where a panic would end
// the process and a Goexit would go unseen. ended gets nil if f returned.
func guarded(f func(), ended func(*escape)) {
	returned := false
	defer func() {
		if returned {
			ended(nil)
			return
		}
		ended(&escape{panicked: recover()})
	}()
	f()
	returned = true
}

// item is a step of the input: a change, an error, or an escape.
type item struct {
	change  Change
	err     error
	escaped *escape
}

// feed walks the input on a separate goroutine, so that an input that blocks does not
// block the walk of the results.
type feed struct {
	items       chan item // closed behind the last item
	stop, ended chan struct{}
}

// inputGrace bounds the wait for a step of the input at the end of a walk.
const inputGrace = time.Second

func newFeed(changes iter.Seq2[Change, error]) *feed {
	f := &feed{items: make(chan item), stop: make(chan struct{}), ended: make(chan struct{})}
	go guarded(func() {
		for change, err := range changes {
			if !f.give(item{change: change, err: err}) {
				return
			}
		}
	}, func(escaped *escape) {
		if escaped != nil {
			f.give(item{escaped: escaped})
		}
		close(f.items)
		close(f.ended)
	})
	return f
}

func (f *feed) give(it item) bool {
	select {
	case f.items <- it:
		return true
	case <-f.stop:
		return false
	}
}

// leave takes no further step, and waits up to inputGrace for the current one.
func (f *feed) leave() {
	close(f.stop)
	timer := time.NewTimer(inputGrace)
	defer timer.Stop()
	select {
	case <-f.ended:
	case <-timer.C:
	}
}
