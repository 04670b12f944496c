package claims

import (
	"context"
	"runtime"

	"golang.org/x/sync/singleflight"
)

// flights make one call at a time for a key, for all requests that need it meanwhile. None
// of them ends the call for the others.
type flights[T any] struct{ group singleflight.Group }

// landing is the end of a call.
type landing[T any] struct {
	value    T
	err      error
	returned bool
	panicked any // nil for a runtime.Goexit
}

// join starts a call, or joins the one under way. Where the caller's code panics in it, each
// request panics that waits for it: singleflight.Group.DoChan would end the process.
func (f *flights[T]) join(key string, call func() (T, error)) <-chan landing[T] {
	landed := make(chan landing[T], 1)
	go func() {
		var l landing[T]
		defer func() {
			if !l.returned {
				l.panicked = recover()
			}
			landed <- l
		}()
		value, err, _ := f.group.Do(key, func() (any, error) { return call() })
		l.value, _ = value.(T)
		l.err, l.returned = err, true
	}()
	return landed
}

// wait returns what a call returned. It ends with ctx, and as the call does if that does not
// return.
func (f *flights[T]) wait(ctx context.Context, landed <-chan landing[T]) (value T, err error) {
	select {
	case <-ctx.Done():
		return value, context.Cause(ctx)
	case l := <-landed:
		if l.panicked != nil {
			panic(l.panicked) //nolint:forbidigo // the caller's own panic, on the goroutine of a request
		}
		if !l.returned {
			runtime.Goexit()
		}
		return l.value, l.err
	}
}
